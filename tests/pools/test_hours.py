"""Hours in which nobody calls: found from counts, and what they mean for calls when the business opens."""

from __future__ import annotations

import random
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from callspring.pools.holder import Holder
from callspring.pools.hours import CLEARLY, HOUR, WEEK, Hours, hour_of, likeliest_runs
from callspring.pools.posterior import judge
from callspring.pools.timing import Timing

DAY = 24 * HOUR
MONDAY = 2600 * WEEK * HOUR  # weeks as `hour_of` counts them


def is_open(time: float) -> bool:
    """From 8 to 18, on the first five days of the week."""
    hour = hour_of(time)
    return hour // 24 < 5 and 8 <= hour % 24 < 18


def soon(_seconds: float) -> float:
    """Nobody calls later than an hour after a visit."""
    return 0.0


def busy(hours: Hours, *, days: int, visits: float, calls: float, always: bool = False, seed: int = 1) -> Hours:
    """So many visits and calls in an hour, as chance has it; all calls while it is open, if it is not `always`."""
    chance = random.Random(seed)
    for hour in range(days * 24):
        time = MONDAY + (hour + 0.5) * HOUR
        hours.visited(time, visits)
        if always or is_open(time):
            hours.called(time, sum(chance.random() < calls / 20 for _ in range(20)))
    hours.work_out(0.3, soon)
    return hours


def opened() -> Timing:
    """The model of a business that is known to be closed at night and on two days."""
    timing = Timing()
    busy(timing.hours, days=28, visits=5, calls=3)
    return timing


def night_visitor(left: float) -> Holder:
    return Holder(str(left), "ads", "desktop", left - 120, left)


def test_a_business_that_is_closed_at_night_is_found_out() -> None:
    found = busy(Hours(), days=14, visits=5, calls=3)
    assert [not found.is_closed(MONDAY + hour * HOUR) for hour in range(WEEK)] == [
        is_open(MONDAY + hour * HOUR) for hour in range(WEEK)
    ]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("calls", [0.1, 3.0])
def test_chance_closes_no_hour(calls: float, seed: int) -> None:
    assert not any(busy(Hours(), days=20, visits=5, calls=calls, always=True, seed=seed).closed)


@settings(deadline=None, max_examples=50)
@given(
    some.lists(some.floats(0, 100 * DAY), max_size=3),
    some.lists(some.tuples(some.floats(0, 100 * DAY), some.floats(0, 100)), max_size=30),
    some.floats(0, 1),
)
def test_three_calls_close_nothing(calls: list[float], visits: list[tuple[float, float]], later: float) -> None:
    hours = Hours()
    for time, interest in visits:
        hours.visited(time, interest)
    for time in calls:
        hours.called(time, 1.0)
    hours.work_out(later, Timing().still)
    assert not any(hours.closed)


@settings(deadline=None, max_examples=60)
@given(some.lists(some.floats(-9, 9), min_size=1, max_size=8))
def test_no_other_runs_are_likelier(said: list[float]) -> None:
    said = [-100.0, *said]  # surely open: no run goes across it

    def worth(runs: tuple[bool, ...] | list[bool]) -> float:
        begun = sum(one and not before for before, one in zip((runs[-1], *runs), runs, strict=False))
        return sum(one for one, chosen in zip(said, runs, strict=True) if chosen) - CLEARLY * begun

    assert worth(likeliest_runs(said)) == pytest.approx(max(map(worth, product([False, True], repeat=len(said)))))


def test_who_came_at_night_calls_when_it_opens() -> None:
    """Of two visitors the one long before opening is as likely; without knowing the hours, hardly at all."""
    late, just = night_visitor(MONDAY + DAY - HOUR), night_visitor(MONDAY + DAY + 7.9 * HOUR)
    now = MONDAY + DAY + 8.1 * HOUR
    for timing, least, most in ((opened(), 0.5, 5.0), (Timing(), 0.0, 0.1)):
        assert least < timing.rate(late, now) / timing.rate(just, now) < most
        assert timing.rates([late, just], now) == pytest.approx([timing.rate(late, now), timing.rate(just, now)])


def test_the_burst_at_opening_is_not_put_down_to_who_called_before() -> None:
    now = MONDAY + DAY + 8.2 * HOUR
    caller = Holder("caller", "ads", "desktop", now - 900, now - 600, called=1.0, called_at=now - 500)
    night = [night_visitor(MONDAY + DAY + 8 * HOUR - hours * 1500.0) for hours in range(1, 31)]
    known, unknown = (judge([caller, *night], now, timing).probabilities[0] for timing in (opened(), Timing()))
    assert known < 0.2
    assert unknown > 0.4


def test_in_the_afternoon_nobody_waits_any_more() -> None:
    timing, night = opened(), night_visitor(MONDAY + DAY - HOUR)
    opening, afternoon = MONDAY + DAY + 8.1 * HOUR, MONDAY + DAY + 16 * HOUR
    assert timing.rate(night, afternoon) < timing.rate(night, opening) / 50
    assert timing.rate(night, afternoon) < timing.rate(night_visitor(afternoon - HOUR), afternoon) / 5


def test_a_night_of_waiting_is_not_taken_for_a_long_delay() -> None:
    """Every morning the only visitor of the evening before calls."""
    knowing, unknowing = opened(), Timing()
    for morning in range(60):
        now = MONDAY + (7 * (morning // 4) + 1 + morning % 4) * DAY + 8.1 * HOUR
        for timing in (knowing, unknowing):
            timing.learn_call([night_visitor(now - 12 * HOUR)], [1.0], now)
    for timing in (knowing, unknowing):
        timing.fit()
    assert knowing.delays.median() < HOUR < 4 * HOUR < unknowing.delays.median()


def test_a_page_that_is_open_while_it_is_closed_is_no_time_to_call() -> None:
    timing = opened()
    timing.visit_ended(night_visitor(MONDAY + 2 * HOUR), 120.0)
    assert not any(timing.on_page_seconds["desktop"])
    timing.visit_ended(night_visitor(MONDAY + 12 * HOUR), 120.0)
    assert sum(timing.on_page_seconds["desktop"]) == 120
    assert sum(timing.visits) == 2
