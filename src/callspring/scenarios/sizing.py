"""How many numbers a pool needs, and what that many would give (P5). Pure.

Visitors come at random and each holds a number for a while: that is a queue with as many servers as numbers. It matters
only how long a hold is on average, not how holds differ (Erlang's loss formula is insensitive to that).

*Accuracy* as P4 defines it: a show is exclusive if a number was free when it was given, and if nobody was let in on
it afterwards. The first is one less Erlang's B. For the second, one show is followed through its hold: whenever all
numbers are held, whoever comes shares one of them. See docs/accuracy.md for the derivation and how well it fits.

*Call certainty*: a call from the page is certain as far as the show is exclusive; a later one if it comes before its
number is given to the next visitor, which the free numbers take turns at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import sqrt

from callspring.pools.timing import Timing

FULL = 0.9995  # what is shown as 100.0 %
MOST_LEVELS = 48
MOST_NUMBERS = 20_000
FAR = 9.0  # standard deviations from the mean that are as good as never
HOUR = 3600.0
VIEWING, VIEWING_PRIOR_CALLS = 0.75, 20.0


@dataclass(frozen=True, slots=True)
class Traffic:
    """Who wants numbers. `levels` are (shows in an hour, how many such hours); times are mean seconds.

    `visit` runs from the show to the last activity, `hold` is what is added to it. `shares` is false where whoever
    comes too late is given none of the pool's numbers (overflow policies "number" and "leave").
    """

    levels: tuple[tuple[float, float], ...]
    visit: float
    hold: float
    shares: bool = True

    @property
    def held(self) -> float:
        """How long a number is held for one show, on average."""
        return self.visit + self.hold

    @property
    def busiest(self) -> float:
        """Shows in the busiest hour."""
        return max(shows for shows, _ in self.levels)

    def at_peak(self) -> Traffic:
        """As if every hour were the busiest."""
        return Traffic(((self.busiest, 1.0),), self.visit, self.hold, self.shares)


@dataclass(frozen=True, slots=True)
class Calls:
    """When people call. `viewing` is the share of calls from the page; of the later ones `still(t)` is the share that
    is yet to come t seconds after leaving: it falls from 1 and never rises."""

    viewing: float
    still: Callable[[float], float]


@dataclass(frozen=True, slots=True)
class Size:
    """A pool of so many numbers, and the forecast for it (both from 0 to 1)."""

    numbers: int
    accuracy: float
    certainty: float


def calls_of(timing: Timing) -> Calls:
    """When people of a site call, as sizing wants it."""
    on_page = sum(map(sum, timing.on_page_calls.values())) + sum(timing.tapped_calls.values())
    known = max(0.0, on_page) + max(0.0, sum(timing.later_calls))
    viewing = (max(0.0, on_page) + VIEWING * VIEWING_PRIOR_CALLS) / (known + VIEWING_PRIOR_CALLS)
    return Calls(viewing, timing.still)


def pool_size(peak: int) -> int:
    """A quarter of the visits in the busiest hour, rounded up (N4). Raises `ValueError` below 1."""
    if peak < 1:
        raise ValueError("the busiest hour has at least one visit")
    return -(-peak // 4)


def peak_traffic(peak: float, visit: float, hold: float, *, shares: bool = True) -> Traffic:
    """Traffic of which only the busiest hour is known."""
    return Traffic(((peak, 1.0),), visit, hold, shares)


def measured_traffic(shows: Iterable[int], visit: float, hold: float, *, shares: bool = True) -> Traffic | None:
    """Traffic from the shows counted in each hour; hours alike are taken together. None where nobody came."""
    counts = sorted(count for count in shows if count > 0)
    if not counts:
        return None
    bounds = [len(counts) * part // MOST_LEVELS for part in range(MOST_LEVELS + 1)]
    groups = [counts[first:last] for first, last in pairwise(bounds) if first < last]
    # The busiest hour stays what it was: it decides.
    *others, last = groups
    levels = [(sum(group) / len(group), float(len(group))) for group in (*others, last[:-1]) if group]
    return Traffic((*levels, (float(counts[-1]), 1.0)), visit, hold, shares)


def accuracy(traffic: Traffic, numbers: int) -> float:
    """The share of shows that will be exclusive, from 0 to 1; each hour counts by its shows."""
    held = traffic.held / HOUR
    weight = sum(shows * hours for shows, hours in traffic.levels)
    right = sum(
        shows * hours * _exclusive(round(shows * held, 4), numbers, traffic.shares) for shows, hours in traffic.levels
    )
    return right / weight


def certainty(traffic: Traffic, numbers: int, calls: Calls) -> float:
    """The mean probability of the credited visit, from 0 to 1."""
    held, weight = traffic.held / HOUR, sum(shows * hours for shows, hours in traffic.levels)
    # Of a hold that is shared, the other one is on the page as long as visits are of holds; then it may be either.
    viewing_when_shared = 1 - traffic.visit / traffic.held / 2
    total = 0.0
    for shows, hours in traffic.levels:
        alone = _exclusive(round(shows * held, 4), numbers, traffic.shares)
        on_page = alone + (1 - alone) * viewing_when_shared
        turn = max(traffic.hold, numbers * HOUR / shows - traffic.visit)
        total += shows * hours * (calls.viewing * on_page + (1 - calls.viewing) * (1 - calls.still(turn)))
    return total / weight


def forecast(traffic: Traffic, numbers: int, calls: Calls) -> Size:
    """What so many numbers will give. Raises `ValueError` below 1 and above 20,000."""
    if not 1 <= numbers <= MOST_NUMBERS:
        raise ValueError(f"a pool has 1 to {MOST_NUMBERS} numbers")
    return Size(numbers, accuracy(traffic, numbers), certainty(traffic, numbers, calls))


def needed(traffic: Traffic, target: float) -> int:
    """The fewest numbers whose forecast accuracy is `target` (at most 0.9995) or better; at most 20,000."""
    target = min(target, FULL)
    few, many = 0, 1
    while many < MOST_NUMBERS and accuracy(traffic, many) < target:
        few, many = many, min(2 * many, MOST_NUMBERS)
    while many - few > 1:
        middle = (few + many) // 2
        few, many = (few, middle) if accuracy(traffic, middle) >= target else (middle, many)
    return many


def curve(traffic: Traffic, calls: Calls, marked: Sequence[int] = (), points: int = 24) -> list[Size]:
    """Forecasts from one number to a little more than anybody needs (at most 20,000); those `marked` are among them."""
    end = min(max(needed(traffic, FULL) * 5 // 4 + 2, *marked, 4), MOST_NUMBERS)
    sizes = {1 + (end - 1) * part // points for part in range(points + 1)} | {one for one in marked if one >= 1}
    return [forecast(traffic, numbers, calls) for numbers in sorted(sizes)]


@lru_cache(maxsize=20_000)
def _exclusive(load: float, numbers: int, shares: bool) -> float:
    """The share of exclusive shows where `load` holds would be under way at once if there were numbers for all."""
    if numbers > load + FAR * sqrt(load) + FAR:
        return 1.0
    least = max(0, int(min(load, numbers) - FAR * sqrt(load)))
    held = _held(load, least, numbers)
    if not shares:
        return 1 - held[-1]
    stays = _stays_exclusive(load, least, numbers)
    return min(1.0, sum(share * stay for share, stay in zip(held, stays, strict=False)))


def _held(load: float, least: int, numbers: int) -> list[float]:
    """How often `least`, …, `numbers` numbers are held: Erlang's distribution. The last is his B."""
    weights = [1.0]
    for held in range(least + 1, numbers + 1):
        weights.append(weights[-1] * load / held)
        if weights[-1] > 1e200:
            weights = [weight / 1e200 for weight in weights]
    total = sum(weights)
    return [weight / total for weight in weights]


def _stays_exclusive(load: float, least: int, numbers: int) -> list[float]:
    """For a show that begins while `least`, …, `numbers` - 1 others are held: how likely nobody is let in on it.

    One hold long on average, others come at rate `load` and go at rate 1 each. While all are held, whoever comes is
    let in on each number equally likely. With `h(j)` for j others held, what comes next gives
    (up + j + 1) h(j) = up' h(j + 1) + j h(j - 1) + 1, a tridiagonal system, solved downwards.
    """
    factors, rests = [0.0], [0.0]  # h(j) = factor * h(j + 1) + rest
    for others in range(least, numbers):
        full = others == numbers - 1
        down = others if others > least else 0.0
        comes = load / numbers if full else load
        scale = comes + down + 1 - down * factors[-1]
        factors.append(0.0 if full else load / scale)
        rests.append((1 + down * rests[-1]) / scale)
    stays, after = [], 0.0
    for factor, rest in zip(reversed(factors[1:]), reversed(rests[1:]), strict=True):
        after = factor * after + rest
        stays.append(after)
    return stays[::-1]
