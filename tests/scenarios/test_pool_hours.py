"""Figures by the hour, against what they mean taken literally."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from callspring.scenarios.accuracy import tallies
from callspring.scenarios.pool_hours import Given, hour_of, hour_tallies
from tests.stories import NOON

QUARTER = timedelta(minutes=15)


def hold(start: int, quarters: int, visitor: str, number: int, scenario: int, overflow: bool) -> Given:
    at = NOON + start * QUARTER
    return Given(scenario, number, visitor, at, at + quarters * QUARTER, overflow, given=at - QUARTER / 3)


holds = st.lists(
    st.builds(
        hold,
        start=st.integers(0, 16),
        quarters=st.integers(0, 9),
        visitor=st.sampled_from("abcd"),
        number=st.integers(1, 3),
        scenario=st.integers(1, 2),
        overflow=st.booleans(),
    ),
    max_size=25,
).map(lambda found: sorted(found, key=lambda one: (one.number, one.start)))


@given(holds)
def test_all_hours_together_are_the_scenarios_tally(found: list[Given]) -> None:
    by_hour, whole = hour_tallies(found), tallies(found)
    shows, exclusive = Counter[int](), Counter[int]()
    for (scenario, _hour), tally in by_hour.items():
        shows[scenario] += tally.shows
        exclusive[scenario] += tally.exclusive
        assert 0 <= tally.exclusive <= tally.shows - tally.overflows
    assert {one: (shows[one], exclusive[one]) for one in whole} == {
        one: (tally.shows, tally.exclusive) for one, tally in whole.items()
    }


@given(holds)
def test_how_many_numbers_are_held_quarter_by_quarter(found: list[Given]) -> None:
    one_scenario = [Given(1, h.number, h.visitor, h.start, h.until, given=h.given) for h in found]
    held: dict[datetime, set[int]] = {}
    for one in one_scenario:
        at = one.start
        while at < one.until:
            held.setdefault(at, set()).add(one.number)
            at += QUARTER
    seconds, most = Counter[datetime](), Counter[datetime]()
    for at, numbers in held.items():
        hour = hour_of(at)
        seconds[hour] += 900 * len(numbers)
        most[hour] = max(most[hour], len(numbers))
    by_hour = hour_tallies(one_scenario)
    assert {hour: tally.held_seconds for (_, hour), tally in by_hour.items() if tally.held_seconds} == seconds
    assert {hour: tally.held_most for (_, hour), tally in by_hour.items() if tally.held_most} == most


def test_number_0_is_nobodys() -> None:
    """Overflows that were given none of the pool's numbers do not hold one together."""
    left = [Given(1, 0, v, NOON, NOON + QUARTER, True, given=NOON) for v in "ab"]
    tally = hour_tallies(left)[1, hour_of(NOON)]
    assert (tally.shows, tally.exclusive, tally.overflows, tally.held_most) == (2, 0, 2, 0)
    assert (tally.held_seconds, tally.timed, tally.visit_seconds) == (0, 0, 0)


def test_how_long_visitors_stayed_is_without_what_each_hold_added() -> None:
    holds = [
        Given(1, 1, "a", NOON, NOON + timedelta(seconds=200), given=NOON, added=150),
        Given(1, 2, "b", NOON, NOON + timedelta(seconds=650), given=NOON, added=600),
        Given(1, 3, "c", NOON, NOON + timedelta(seconds=20), given=NOON, added=150),  # taken back early
    ]
    tally = hour_tallies(holds)[1, hour_of(NOON)]
    assert (tally.timed, tally.visit_seconds) == (3, 100)
