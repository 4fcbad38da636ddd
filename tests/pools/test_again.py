"""Who has called may call again: how many do, learnt without guesses, and who is credited with it."""

from __future__ import annotations

import pytest

from callspring.pools import prior
from callspring.pools.again import SURELY
from callspring.pools.holder import Holder
from callspring.pools.posterior import judge, learn
from callspring.pools.timing import Timing

NOW = 1_000_000.0


def viewing(
    visitor: str, now: float, *, tapped: float | None = None, called: float = 0.0, called_at: float = 0.0
) -> Holder:
    return Holder(visitor, "ads", "desktop", now - 60, None, tapped, called, called_at)


def test_a_guess_does_not_teach_that_people_call_again() -> None:
    """One of two who had left minutes before calls, over and over; whoever is guessed once is guessed again."""
    timing = Timing()
    for call in range(100):
        now = NOW + call * 300
        guessed = [
            Holder(name, "ads", "desktop", now - 700, now - 600, called=0.5, called_at=now - 30) for name in "ab"
        ]
        learn(judge(guessed, now, timing), now, timing)
    timing.refresh()
    assert timing.callers.sums() == {"callers": 0.0, "further": 0.0}
    assert timing.again == prior.AGAIN


@pytest.mark.parametrize("further", [0, 40])
def test_certain_callers_teach_how_many_call_again(further: int) -> None:
    timing = Timing()
    timing.time_passed(2e7)
    for call in range(200):
        now = NOW + call * 1e5
        holder = viewing("v", now, tapped=now - 3)
        learn(judge([holder], now, timing), now, timing)
        assert holder.called > SURELY
        holder.left = now + 30
        if call < further:
            learn(judge([holder], now + 600, timing), now + 600, timing)
    timing.refresh()
    assert timing.again == pytest.approx((further + 1) / 220, rel=0.2)


def test_what_is_believed_of_calling_again_does_not_come_true_by_itself() -> None:
    """A caller and somebody else are equally likely: what is learnt of it does not grow with what was learnt."""
    found = []
    for believed in (1.0, 8.0):
        timing = Timing()
        timing.callers.share = believed * prior.AGAIN
        timing.callers.learn(1.0, 0.0, believed / (1 + believed))
        found.append(timing.callers.further)
    assert found[1] == pytest.approx(found[0]) == 0.5


def test_who_calls_again_from_an_open_page_that_nobody_else_saw_is_credited() -> None:
    """With so many calls in so short a time that strangers seem to call every number every minute."""
    timing = Timing()
    for call in range(500):
        timing.learn_call([viewing("v", NOW + call / 10)], [1.0], NOW + call / 10)
    timing.refresh()
    assert timing.again < prior.AGAIN
    for ago in (5.0, 30.0, 55.0):
        posterior = judge([viewing("v", NOW, called=1.0, called_at=NOW - ago)], NOW, timing)
        assert posterior.probabilities[0] > 2 * posterior.stranger


def test_a_press_on_the_link_after_a_call_is_as_good_as_any() -> None:
    timing = Timing()
    first, second = (viewing("v", NOW, tapped=NOW - ago, called=1.0, called_at=NOW - 10) for ago in (12.0, 3.0))
    fresh = timing.rate(viewing("w", NOW, tapped=NOW - 3), NOW)
    assert timing.rate(second, NOW) > 0.9 * fresh
    assert timing.rate(first, NOW) < 0.05 * fresh
