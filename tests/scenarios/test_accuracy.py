"""Accuracy (P4), against its definition taken literally."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from callspring.scenarios.accuracy import Hold, Tally, tallies
from tests.stories import NOON


def hold(start: int, seconds: int, visitor: str, number: int = 1, scenario: int = 1, overflow: bool = False) -> Hold:
    begin = NOON + timedelta(seconds=start)
    return Hold(scenario, number, visitor, begin, begin + timedelta(seconds=seconds), overflow)


holds = st.lists(
    st.builds(
        hold,
        start=st.integers(0, 30),
        seconds=st.integers(0, 12),
        visitor=st.sampled_from("abcd"),
        number=st.integers(1, 3),
        scenario=st.integers(1, 2),
        overflow=st.booleans(),
    ),
    max_size=25,
)


def overlap(one: Hold, other: Hold) -> bool:
    """The longer way: they have a second in common (all times here are whole seconds)."""
    seconds = [
        {h.start + timedelta(seconds=s) for s in range(int((h.until - h.start).total_seconds()))} for h in (one, other)
    ]
    return bool(seconds[0] & seconds[1])


@given(holds)
def test_it_is_the_share_of_shows_that_no_other_visitor_overlapped(found: list[Hold]) -> None:
    ordered = sorted(found, key=lambda h: (h.number, h.start))
    shows, exclusive = Counter(h.scenario for h in found), Counter[int]()
    for one in found:
        met = any(o.number == one.number and o.visitor != one.visitor and overlap(one, o) for o in found)
        exclusive[one.scenario] += not met and not one.overflow
    assert {scenario: (tally.shows, tally.exclusive) for scenario, tally in tallies(ordered).items()} == {
        scenario: (shows[scenario], exclusive[scenario]) for scenario in shows
    }


def test_the_same_visitor_may_come_again() -> None:
    assert tallies([hold(0, 60, "a"), hold(30, 60, "a")])[1].accuracy == 1.0


def test_one_who_comes_in_the_second_the_other_leaves_meets_nobody() -> None:
    assert tallies([hold(0, 60, "a"), hold(60, 60, "b")])[1].accuracy == 1.0


def test_an_overflow_is_never_exclusive() -> None:
    assert tallies([hold(0, 60, "a", overflow=True)])[1].accuracy == 0.0


def test_before_the_first_show_there_is_none() -> None:
    assert tallies([]) == {}
    assert Tally().accuracy is None
