"""Whose call is it: probabilities of holders, sources and strangers."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from callspring.pools.holder import Holder
from callspring.pools.posterior import WORTH_NAMING, cautious, judge, learn
from callspring.pools.timing import Timing

NOW = 1_000_000.0


@some.composite
def holders(draw: some.DrawFn) -> Holder:
    start = draw(some.floats(NOW - 1e6, NOW))
    left = draw(some.none() | some.floats(start, NOW))
    return Holder(
        str(draw(some.integers(0, 99))),
        draw(some.sampled_from(["ads", "search", "direct"])),
        draw(some.sampled_from(["mobile", "desktop"])),
        start,
        left,
        tapped=draw(some.none() | some.floats(start, NOW)),
        called=draw(some.floats(0, 1)),
        called_at=start,
    )


@settings(max_examples=40, deadline=None)
@given(some.lists(holders(), max_size=30))
def test_probabilities_and_the_strangers_share_sum_to_one(found: list[Holder]) -> None:
    posterior = judge(found, NOW, Timing())
    assert sum(posterior.probabilities) + posterior.stranger == pytest.approx(1)
    assert sum(posterior.sources().values()) + posterior.stranger == pytest.approx(1)
    assert posterior.stranger > 0


@settings(max_examples=40, deadline=None)
@given(some.lists(holders(), min_size=1, max_size=15), some.randoms(use_true_random=False))
def test_the_order_of_holders_does_not_matter(found: list[Holder], chance: random.Random) -> None:
    shuffled = found.copy()
    chance.shuffle(shuffled)
    one, other = judge(found, NOW, Timing()), judge(shuffled, NOW, Timing())
    assert dict(zip(one.holders, one.probabilities, strict=True)) == dict(
        zip(other.holders, other.probabilities, strict=True)
    )
    assert one.source == other.source
    assert one.best is not None
    assert other.best is not None
    assert one.best[1] == other.best[1]


@settings(deadline=None)
@given(some.floats(60, 1e6), some.floats(60, 1e6))
def test_of_two_who_left_the_later_one_is_not_less_likely(one: float, other: float) -> None:
    sooner, later = sorted((one, other))
    found = [Holder("a", "ads", "mobile", NOW - ago - 60, NOW - ago) for ago in (sooner, later)]
    first, second = judge(found, NOW, Timing()).probabilities
    assert first >= second


def test_many_visits_of_one_source_outweigh_a_likelier_single_one() -> None:
    single = Holder("a", "ads", "desktop", NOW - 500, NOW - 400)
    many = [Holder(str(n), "search", "desktop", NOW - 600 - n, NOW - 500 - n) for n in range(5)]
    posterior = judge([single, *many], NOW, Timing())
    assert posterior.best is not None
    assert posterior.best[0] is single
    assert posterior.source is not None
    assert posterior.source[0] == "search"


@given(some.lists(some.floats(0, 1), max_size=20))
def test_caution_keeps_the_sum_and_the_order(parts: list[float]) -> None:
    weighed = [part / max(1.0, sum(parts)) for part in parts]
    found = cautious(weighed)
    assert sum(found) == pytest.approx(sum(weighed))
    assert all(0 <= probability <= 1 for probability in found)
    for before, after in zip(weighed, found, strict=True):
        assert all(after >= found[place] for place, other in enumerate(weighed) if before > other)


def test_of_several_the_likeliest_is_said_with_caution() -> None:
    first, second, faint = cautious([0.9, 0.09, WORTH_NAMING / 2])
    assert 0.85 < first < 0.9
    assert second > 0.09
    assert faint == WORTH_NAMING / 2
    assert cautious([0.97, WORTH_NAMING / 2]) == [0.97, WORTH_NAMING / 2]


def test_the_model_learns_from_what_it_has_and_not_from_its_caution() -> None:
    tapping = Holder("a", "ads", "mobile", NOW - 60, tapped=NOW - 3)
    other = Holder("b", "ads", "mobile", NOW - 60, tapped=NOW - 50)
    timing = Timing()
    posterior = judge([tapping, other], NOW, timing)
    learn(posterior, NOW, timing)
    assert posterior.probabilities[0] < posterior.weighed[0] == pytest.approx(timing.after_tap[1])


def test_nobody_ever_held_the_number() -> None:
    posterior = judge([], NOW, Timing())
    assert (posterior.best, posterior.source, posterior.stranger) == (None, None, 1.0)


def test_holders_remember_that_they_may_have_called() -> None:
    timing = Timing()
    holder = Holder("a", "ads", "mobile", NOW - 60, tapped=NOW - 3)
    learn(judge([holder], NOW, timing), NOW, timing)
    assert holder.called > 0.9
    assert holder.called_at == NOW
    assert timing.tapped_calls["mobile"] > 0.9
