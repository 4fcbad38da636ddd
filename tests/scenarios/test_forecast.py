"""The forecasts of sizing, against replays of made-up traffic through the real engine."""

from __future__ import annotations

import random
from functools import cache
from math import erf, log, sqrt

import pytest

from callspring.pools.replay import CallRow, VisitRow, replay
from callspring.pools.timing import Timing
from callspring.scenarios.sizing import (
    FULL,
    MOST_NUMBERS,
    Calls,
    Traffic,
    accuracy,
    calls_of,
    certainty,
    curve,
    forecast,
    measured_traffic,
    needed,
    peak_traffic,
)

HOLD = 150.0
PEAK = 100


def later(seconds: float) -> float:
    """The share of later calls that comes after so many seconds; half of them after twenty minutes."""
    return 0.5 - erf((log(max(seconds, 1e-9)) - log(1200)) / 1.8 / sqrt(2)) / 2


CALLS = Calls(0.78, later)


@cache
def played() -> tuple[list[VisitRow], list[CallRow]]:
    """Poisson arrivals for ten days, nearly half of whom leave at once; three in a hundred call."""
    chance = random.Random(11)
    visits: list[VisitRow] = []
    calls: list[CallRow] = []
    now = 0.0
    while now < 10 * 86400:
        now += chance.expovariate(PEAK / 3600)
        bounces = chance.random() < 0.45
        length = min(3600.0, chance.expovariate(1 / 12) if bounces else chance.lognormvariate(log(150), 1))
        visitor, tapped = f"v{len(visits)}", None
        if chance.random() < (0.0047 if bounces else 0.0507):
            if chance.random() < CALLS.viewing:
                at = now + length * chance.uniform(0.3, 1)
                tapped = at - 3 if chance.random() < 0.6 else None
            else:
                at = now + length + chance.lognormvariate(log(1200), 1.8)
            calls.append(CallRow(visitor, at))
        source = f"s{chance.choices(range(8), [1 / n for n in range(1, 9)])[0]}"
        visits.append(VisitRow(visitor, now, now + length, source, "mobile" if tapped else "desktop", tapped))
    return visits, sorted(calls, key=lambda call: call.time)


def traffic() -> Traffic:
    visits, _ = played()
    return peak_traffic(PEAK, sum(visit.end - visit.start for visit in visits) / len(visits), HOLD)


@pytest.mark.parametrize(("numbers", "tolerance"), [(10, 0.05), (11, 0.03), (13, 0.02), (15, 0.01), (20, 0.002)])
def test_accuracy_comes_out_as_forecast(numbers: int, tolerance: float) -> None:
    """Where accuracy is worth having, from 80 % up, within three points; from 90 % up within two."""
    visits, _ = played()
    found = replay(visits, [], numbers=numbers, policy="callspring").as_dict()["exclusive_share"]
    assert found == pytest.approx(accuracy(traffic(), numbers), abs=tolerance)


@pytest.mark.parametrize("numbers", [15, 25, 50, 100])
def test_certainty_comes_out_as_forecast(numbers: int) -> None:
    """Calls are credited to the right visitor as often as forecast, within four points."""
    visits, calls = played()
    found = replay(visits, calls, numbers=numbers, policy="callspring").as_dict()["right_visitor"]
    assert found == pytest.approx(certainty(traffic(), numbers, CALLS), abs=0.04)


def test_where_nobody_shares_it_is_erlangs_loss() -> None:
    """Erlang's own table: 10 erlangs on 15 lines lose 3.65 %."""
    load = Traffic(((120.0, 1.0),), 150, 150, shares=False)
    assert 1 - accuracy(load, 15) == pytest.approx(0.0365, abs=0.0001)


def test_more_numbers_never_make_it_worse() -> None:
    found = [forecast(traffic(), numbers, CALLS) for numbers in range(1, 60)]
    assert [one.accuracy for one in found] == sorted(one.accuracy for one in found)
    assert [one.certainty for one in found] == sorted(one.certainty for one in found)
    assert all(0 <= one.accuracy <= 1 and 0 <= one.certainty <= 1 for one in found)


@pytest.mark.parametrize("target", [0.01, 0.5, 0.9, 0.99, 1.0])
def test_as_many_as_needed_and_no_more(target: float) -> None:
    numbers = needed(traffic(), target)
    assert accuracy(traffic(), numbers) >= min(target, FULL)
    assert numbers == 1 or accuracy(traffic(), numbers - 1) < target


def test_a_quarter_of_the_peak_is_more_than_enough_for_short_visits() -> None:
    assert accuracy(traffic(), PEAK // 4) > FULL
    assert needed(traffic(), FULL) < PEAK // 4


def test_hours_of_different_traffic_count_by_their_shows() -> None:
    quiet, busy = peak_traffic(2, 100, HOLD), peak_traffic(120, 100, HOLD)
    both = measured_traffic([2] * 60 + [0] * 9 + [120], 100, HOLD)
    assert both is not None
    assert both.busiest == 120
    assert accuracy(both, 8) == pytest.approx((accuracy(quiet, 8) + accuracy(busy, 8)) / 2)
    assert measured_traffic([0, 0], 100, HOLD) is None


def test_a_thousand_kinds_of_hours_keep_their_mean_and_their_peak() -> None:
    merged = measured_traffic(range(1, 1001), 100, HOLD)
    assert merged is not None
    assert len(merged.levels) < 60
    assert sum(shows * hours for shows, hours in merged.levels) == pytest.approx(500_500)
    assert merged.busiest == 1000


def test_a_curve_has_what_was_marked() -> None:
    sizes = curve(traffic(), CALLS, marked=(17, 25))
    assert {17, 25} <= {size.numbers for size in sizes}
    assert sizes[0].numbers == 1
    assert sizes[-1].accuracy > FULL


def test_a_site_that_knows_nothing_of_its_calls_has_a_forecast() -> None:
    calls = calls_of(Timing())
    assert calls.viewing == 0.75
    assert 0.7 < certainty(traffic(), 25, calls) < 1


def test_pools_of_no_numbers_and_of_a_million_are_refused() -> None:
    for numbers in (0, 1_000_000):
        with pytest.raises(ValueError, match="a pool has"):
            forecast(traffic(), numbers, CALLS)


def test_great_pools_are_quick() -> None:
    assert needed(peak_traffic(60_000, 140, HOLD), 0.99) < 6000


@pytest.mark.parametrize(
    ("peak", "visit", "hold"), [(20_000, 2_700, 150), (10_000, 6_000, 150), (20_000, 7_200, 7_200)]
)
def test_the_curve_ends_where_pools_do(peak: int, visit: int, hold: int) -> None:
    sizes = curve(peak_traffic(peak, visit, hold), CALLS, [5_000], points=3)
    assert sizes[-1].numbers == MOST_NUMBERS
    assert 5_000 in [size.numbers for size in sizes]
