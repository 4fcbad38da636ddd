"""When people call: what the model says before it has learnt anything, and what it makes of what it learns."""

from __future__ import annotations

import json
import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from callspring.pools import prior
from callspring.pools.doubts import MOST_CASES, Doubts
from callspring.pools.holder import Holder
from callspring.pools.timing import Timing

HOUR = 3600.0


def left(ago: float, *, seconds: float = 120.0, now: float = 0.0) -> Holder:
    return Holder("v", "ads", "desktop", now - ago - seconds, now - ago)


def about_three_hours(timing: Timing) -> float:
    """The share of later calls that come then."""
    return timing.still(2 * HOUR) - timing.still(4.5 * HOUR)


def rates(timing: Timing) -> list[float]:
    return [timing.rate(left(ago), 0.0) for ago in (10.0, 600.0, HOUR, 24 * HOUR)]


@settings(deadline=None)
@given(some.lists(some.floats(0, 1e8), min_size=2, max_size=30))
def test_the_longer_ago_the_fewer_calls_are_still_to_come(delays: list[float]) -> None:
    timing = Timing()
    still = [timing.still(delay) for delay in sorted(delays)]
    assert all(1 >= earlier >= later > 0 for earlier, later in pairwise(still))


def test_three_calls_do_not_upset_the_prior() -> None:
    timing, prior = Timing(), Timing()
    for model in (timing, prior):
        for _ in range(300):
            model.visit_ended(left(0.0), 120.0)
    for _ in range(3):
        timing.learn(left(5 * HOUR), 0.0, 1.0)
    for model in (timing, prior):
        model.fit()
        model.refresh()
    for learnt, before in zip(rates(timing), rates(prior), strict=True):
        assert before / 5 < learnt < before * 5


@settings(max_examples=40, deadline=None)
@given(
    some.lists(
        some.tuples(some.floats(-1e9, 1e9), some.floats(0, 1e10), some.floats(0, 1e6), some.floats(-5, 5)), max_size=25
    )
)
def test_whatever_it_learns_its_rates_stay_rates(calls: list[tuple[float, float, float, float]]) -> None:
    timing = Timing()
    for start, after, seconds, weight in calls:
        timing.learn(Holder("v", "ads", "mobile", start, start + seconds), start + after, weight)
        timing.learn_call(
            [Holder("v", "ads", "mobile", start, start + seconds)], [min(1.0, abs(weight))], start + after
        )
    timing.fit()
    timing.refresh()
    assert all(0 < rate < 1 for rate in rates(timing))
    assert sum(timing.delays.shares) == pytest.approx(1, abs=1e-6)


def test_many_late_calls_move_the_curve_to_where_they_are() -> None:
    timing = Timing()
    chance = random.Random(3)
    for _ in range(400):
        timing.learn(left(chance.gauss(20 * HOUR, HOUR)), 0.0, 1.0)
    timing.fit()
    assert 12 * HOUR < timing.delays.median() < 30 * HOUR


def test_doubtful_calls_show_the_delay_that_explains_them_all() -> None:
    """Each call could be anybody's of thirty who left at various times; one of them always left three hours ago."""
    timing, chance = Timing(), random.Random(4)
    for call in range(300):
        now = call * 1e6
        ages = [chance.uniform(10, 8 * HOUR) for _ in range(29)] + [3 * HOUR * chance.uniform(0.9, 1.1)]
        holders = [left(age, now=now) for age in ages]
        rates = timing.rates(holders, now)
        timing.learn_call(holders, [rate / sum(rates) for rate in rates], now)
        timing.refresh()
    assert about_three_hours(timing) > 2 * about_three_hours(Timing())


def test_what_old_doubts_say_is_kept() -> None:
    timing = Timing()
    holders = [left(100.0), left(2 * HOUR)]
    for _ in range(MOST_CASES + 10):
        timing.learn_call(holders, [0.5, 0.5], 0.0)
    assert len(timing.doubts.cases) == MOST_CASES
    assert any(timing.doubts.evidence)
    assert sum(timing.delays.steps) == 0, "nothing is certain yet"


def test_a_forgotten_call_leaves_no_doubt_behind() -> None:
    timing = Timing()
    timing.learn_call([left(100.0), left(200.0)], [0.5, 0.5], 0.0)
    timing.learn_call([left(100.0, now=50.0)], [1.0], 50.0)
    timing.forget_call(0.0)
    assert [case.time for case in timing.doubts.cases] == [50.0]


def test_a_tap_weighs_more_than_anything_else() -> None:
    timing = Timing()
    viewing = Holder("v", "ads", "mobile", -60.0)
    tapping = Holder("w", "ads", "mobile", -60.0, tapped=-4.0)
    assert timing.rate(tapping, 0.0) > 100 * timing.rate(viewing, 0.0)
    assert timing.rate(tapping, 600.0) == timing.rate(viewing, 600.0)
    assert timing.rate(tapping, -5.0) == timing.rate(viewing, -5.0), "a tap that is still to come is not known"


def test_visits_of_one_visitor_add_up() -> None:
    timing = Timing()
    again = left(600.0)
    once = timing.rate(again, 0.0)
    again.follow(left(2 * HOUR))
    assert timing.rate(again, 0.0) == pytest.approx(once + timing.rate(left(2 * HOUR), 0.0))
    assert timing.remaining(again, 0.0) > timing.remaining(left(600.0), 0.0)


def test_who_has_called_is_less_likely_to_call() -> None:
    timing = Timing()
    caller = Holder("v", "ads", "desktop", -300.0, called=1.0, called_at=-200.0)
    assert timing.rate(caller, 0.0) < timing.rate(Holder("w", "ads", "desktop", -300.0), 0.0) / 2


def test_it_is_stored_as_json_and_comes_back_the_same() -> None:
    timing = Timing()
    for call in range(40):
        now = call * HOUR
        timing.learn_call([left(90.0, now=now), left(HOUR, now=now)], [0.7, 0.3], now)
    timing.visit_ended(Holder("v", "ads", "mobile", 0.0), 200.0)
    timing.vouched(stranger=True)
    timing.refresh()
    stored = json.loads(json.dumps(timing.to_dict()))
    again = Timing.from_dict(stored)
    timing.fit()
    assert again.to_dict() == stored
    assert rates(again) == pytest.approx(rates(timing), rel=0.02)


@pytest.mark.parametrize("version", [3, 4])
def test_what_older_versions_stored_is_read(version: int) -> None:
    """Of 3 nothing was known by source; of 4 nothing by hour, and who called again was counted by guesses."""
    timing = Timing()
    for call in range(40):
        timing.learn_call([left(90.0, now=call), left(HOUR, now=call)], [0.7, 0.3], call)
    timing.refresh()
    stored = json.loads(json.dumps({**timing.to_dict(), "version": version, "called": 40.0, "again_calls": 12.0}))
    for later in ("hours", "again", *(("source_calls", "source_visits") if version == 3 else ())):
        del stored[later]
    again = Timing.from_dict(stored)
    timing.fit()
    unknown = {"hours": Timing().hours.sums()}
    assert again.to_dict() == {**timing.to_dict(), **unknown}
    assert again.again == prior.AGAIN
    assert rates(again) == pytest.approx(rates(timing), rel=0.02)


def test_what_another_version_stored_is_refused() -> None:
    with pytest.raises(ValueError, match="version 1"):
        Timing.from_dict({**Timing().to_dict(), "version": 1})
    with pytest.raises(ValueError, match="cases"):
        Doubts().take("AAAA")
