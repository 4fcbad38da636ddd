"""How long after leaving the site do people call? A heavy-tailed curve. Pure.

The curve is a share for each doubling of the delay (1 s, 3 s, 7 s … months). Before anything is learnt it is the mean
of many normal curves of the delay's logarithm (`CURVES`), by how usual each is; what calls say makes some likelier than
others (`doubts` works that out), so that three calls do not upset it and three hundred can bend it as they like.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate, pairwise
from math import erf, exp, log, log2, sqrt
from operator import mul

from callspring.pools.hours import Waiting

STEPS = 24  # 2²⁴ s are 194 days
BEND_CALLS = 40.0  # how many calls it takes to bend the shares away from the curves
TRUST = 0.3  # what calls say of the curves counts so much: none of the curves is quite right

# The curves that are weighed: medians from half a minute to three days, standard deviations of the logarithm. A narrow
# curve is sure of itself, so it must be earned; with a wide one two thirds of the calls are within a factor of e^2.3.
_USUAL_MEDIAN, _USUAL_SPREAD = 900.0, 1.5
_MEDIANS = [30.0 * 2**doubling for doubling in range(14)]
_SPREADS = {0.6: 0.002, 0.9: 0.01, 1.3: 0.05, 1.8: 0.3, 2.3: 0.4, 3.0: 0.24}
_LEAST_SHARE = 1e-6
_LEAST_WEIGHT = 1e-4

CELLS_PER_STEP = 8
_CELLS = CELLS_PER_STEP * STEPS
_EDGES = [2 ** (cell / CELLS_PER_STEP) - 1 for cell in range(_CELLS + 1)]
_WIDTHS = [high - low for low, high in pairwise(_EDGES)]
_MIDDLES = [(step + 0.5) * log(2) for step in range(STEPS)]
_WITHIN_STEP = log(2) ** 2 / 12  # variance of the logarithm inside one step
_LEAST = 1e-7


def _logarithm(seconds: float) -> int:
    return min(_CELLS - 1, int(CELLS_PER_STEP * log2(1 + seconds)))


# Cells by whole seconds for an hour, beyond that by every 256: a third of the time that a logarithm takes.
_NEAR_SECONDS, _FAR_PART, _FAR_SECONDS = 4096, 256, 2**24
_NEAR = [_logarithm(second + 0.5) for second in range(_NEAR_SECONDS)]
_FAR = [_logarithm((part + 0.5) * _FAR_PART) for part in range(_FAR_SECONDS // _FAR_PART)]


def cell_of(seconds: float) -> int:
    """The cell of the tables in which a delay falls; never outside them."""
    if seconds < _NEAR_SECONDS:
        return _NEAR[int(seconds)] if seconds > 0 else 0
    return _FAR[int(seconds / _FAR_PART)] if seconds < _FAR_SECONDS else _CELLS - 1


def step_of(seconds: float) -> int:
    """The step, a doubling of the delay, in which it falls."""
    return cell_of(seconds) // CELLS_PER_STEP


class Delays:
    """The curve. `density` (per second) and `still` (share of calls yet to come) are tables by `cell_of`.

    `steps` counts calls whose delay is known for certain.
    """

    def __init__(self) -> None:
        self.steps = [0.0] * STEPS
        self.shares = likely([0.0] * len(CURVES))
        self.density: list[float] = []
        self.still: list[float] = []
        self._tabulate()

    def take_shares(self, shares: Sequence[float]) -> None:
        """Take these shares of the steps for the curve."""
        whole = sum(shares)
        self.shares = [share / whole for share in shares]
        self._tabulate()

    def median(self) -> float:
        """Half of the later calls come within so many seconds."""
        return next((_EDGES[cell] for cell, still in enumerate(self.still) if still < 0.5), _EDGES[-1])

    def per_second(self, ago: float, waiting: Waiting | None) -> float:
        """The share of later calls that come in this second, so long after the visit; with those who waited for the
        business to open: calls that would have come while it was closed.
        """
        rate = self.density[cell_of(ago)]
        if waiting is None or ago <= waiting.opened:
            return rate
        still = self.still
        return rate + waiting.each * (still[cell_of(ago - waiting.closed)] - still[cell_of(ago - waiting.opened)])

    def by_step(self, ago: float, waiting: Waiting | None) -> list[tuple[int, float]]:
        """Which steps explain a later call how well; the parts sum to 1. Of who waited it is known only that the call
        would have come between closing and opening.
        """
        cell = cell_of(ago)
        if waiting is None or ago <= waiting.opened:
            return [(cell // CELLS_PER_STEP, 1.0)]
        whole = self.per_second(ago, waiting)
        found = [(cell // CELLS_PER_STEP, self.density[cell] / whole)]
        since, until = cell_of(ago - waiting.closed), cell_of(ago - waiting.opened)
        most, least = self.still[since], self.still[until]
        for step in range(since // CELLS_PER_STEP, until // CELLS_PER_STEP + 1):
            part = min(most, self._bounds[step]) - max(least, self._bounds[step + 1])
            if part > 0:
                found.append((step, waiting.each * part / whole))
        return found

    def _tabulate(self) -> None:
        masses = _by_cell(self.shares)
        self._bounds = [1.0, *(1 - before for before in accumulate(self.shares))]
        self.density = [mass / width for mass, width in zip(masses, _WIDTHS, strict=True)]
        before = [0.0, *accumulate(masses)]
        self.still = [max(_LEAST, 1 - before[cell] - masses[cell] / 2) for cell in range(_CELLS)]


def likely(evidence: Sequence[float]) -> list[float]:
    """The mean of all curves, each by how usual it is and by what calls say of it (a logarithm)."""
    logs = [usual + TRUST * said for (_, usual), said in zip(CURVES, evidence, strict=True)]
    most = max(logs)
    weights = [exp(one - most) for one in logs]
    whole = sum(weights)
    shares = [0.0] * STEPS
    for (curve, _), weight in zip(CURVES, weights, strict=True):
        if weight > _LEAST_WEIGHT * whole:
            for step, share in enumerate(curve):
                shares[step] += weight * share
    found = sum(shares)
    return [share / found for share in shares]


def bent(counts: Sequence[float], curve: Sequence[float]) -> list[float]:
    """The shares of the steps by these counts, drawn to the curve."""
    positive = [max(0.0, count) for count in counts]
    calls = sum(positive) + BEND_CALLS
    return [(count + BEND_CALLS * share) / calls for count, share in zip(positive, curve, strict=True)]


def _normal(mean: float, spread: float, doublings: Iterable[float]) -> list[float]:
    """The mass of a normal curve of the logarithm between these doublings of the delay; sums to 1, none is 0."""
    below = [erf((doubling * log(2) - mean) / (spread * sqrt(2))) for doubling in doublings]
    whole = below[-1] - below[0]
    return [max((high - low) / whole, 1e-9) for low, high in pairwise(below)]


def _curves() -> list[tuple[list[float], float]]:
    """Shares of the steps, and the logarithm of how usual they are."""
    found = []
    for median in _MEDIANS:
        for spread, usual in _SPREADS.items():
            shares = [max(share, _LEAST_SHARE) for share in _normal(log(median), spread, range(STEPS + 1))]
            found.append((shares, log(usual) - (log(median / _USUAL_MEDIAN) / _USUAL_SPREAD) ** 2 / 2))
    return found


def _by_cell(shares: Sequence[float]) -> list[float]:
    """Each step's share over its cells, as the normal curve that fits them best runs inside the step."""
    mean = sum(map(mul, shares, _MIDDLES))
    around = sum(share * ((middle - mean) ** 2 + _WITHIN_STEP) for share, middle in zip(shares, _MIDDLES, strict=True))
    curve = _normal(mean, max(0.5, sqrt(around)), (cell / CELLS_PER_STEP for cell in range(_CELLS + 1)))
    masses = []
    for step, share in enumerate(shares):
        inside = curve[step * CELLS_PER_STEP : (step + 1) * CELLS_PER_STEP]
        whole = sum(inside)
        masses += [share * mass / whole for mass in inside]
    return masses


CURVES = _curves()
