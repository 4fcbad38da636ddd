"""How long after leaving the site do people call? A heavy-tailed curve, learnt from a prior. Pure.

The curve is a share for each doubling of the delay (1 s, 3 s, 7 s … months), drawn to the normal curve of the delay's
logarithm that fits these shares best, so that three calls do not upset it and three hundred can bend it as they like.

Most late calls leave it open whose they were, and so how late. Whoever learns from today's best guess of that only
learns what they guessed. So the latest doubtful calls are kept as `Case`s, and the shares are fitted to all of them
together (expectation maximisation, https://www.jstor.org/stable/2984875): the delay that explains many calls at once
wins.
"""

from __future__ import annotations

import struct
from base64 import b64decode, b64encode
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from math import erf, log, log2, sqrt
from operator import mul

MEDIAN_SECONDS = 900.0
SPREAD = 2.0  # standard deviation of the logarithm: two thirds of the calls within a factor of e² of the median
PRIOR_CALLS = 10.0
SPREAD_CALLS = 120.0  # doubtful calls make a curve look narrower than it is: the prior holds against that
LEAST_SPREAD = 0.5
CURVE_CALLS = 100.0  # how many calls it takes to bend the shares away from the normal curve
MOST_CASES = 400
ROUNDS = 20
LEAST_NEWS, NEWS_SHARE, MOST_NEWS = 4, 0.15, 50  # doubtful calls until the next fit

STEPS = 24  # 2²⁴ s are 194 days
_CELLS_PER_STEP = 8
_CELLS = _CELLS_PER_STEP * STEPS
_EDGES = [2 ** (cell / _CELLS_PER_STEP) - 1 for cell in range(_CELLS + 1)]
_WIDTHS = [high - low for low, high in pairwise(_EDGES)]
_MIDDLES = [(step + 0.5) * log(2) for step in range(STEPS)]
_WITHIN_STEP = log(2) ** 2 / 12  # variance of the logarithm inside one step
_LEAST = 1e-7


def _logarithm(seconds: float) -> int:
    return min(_CELLS - 1, int(_CELLS_PER_STEP * log2(1 + seconds)))


# Cells by whole seconds for an hour, beyond that by every 256: a third of the time that a logarithm takes.
_NEAR_SECONDS, _FAR_PART, _FAR_SECONDS = 4096, 256, 2**24
_NEAR = [_logarithm(second + 0.5) for second in range(_NEAR_SECONDS)]
_FAR = [_logarithm((part + 0.5) * _FAR_PART) for part in range(_FAR_SECONDS // _FAR_PART)]
_HEAD, _PART = struct.Struct("<dfB"), struct.Struct("<Be")


def cell_of(seconds: float) -> int:
    """The cell of the tables in which a delay falls; never outside them."""
    if seconds < _NEAR_SECONDS:
        return _NEAR[int(seconds)] if seconds > 0 else 0
    return _FAR[int(seconds / _FAR_PART)] if seconds < _FAR_SECONDS else _CELLS - 1


def step_of(seconds: float) -> int:
    """The step, a doubling of the delay, in which it falls."""
    return cell_of(seconds) // _CELLS_PER_STEP


@dataclass(frozen=True, slots=True)
class Case:
    """One doubtful call, at `time`. It was somebody's who had left by (step, weight) × that step's share, or by `rest`
    none of these. Weights are relative to each other.
    """

    time: float
    rest: float
    parts: tuple[tuple[int, float], ...]
    packed: bytes = field(default=b"", compare=False)

    @staticmethod
    def of(time: float, rest: float, parts: Iterable[tuple[int, float]]) -> Case:
        """A case, as it will be stored; `parts` must not be empty."""
        found = sorted(parts)
        most = max(weight for _, weight in found)
        kept = tuple((step, weight / most) for step, weight in found)
        rest /= most
        packed = _HEAD.pack(time, rest, len(kept)) + b"".join(_PART.pack(step, weight) for step, weight in kept)
        return Case(time, rest, kept, packed)


class Delays:
    """The curve. `density` (per second) and `still` (share of calls yet to come) are tables by `cell_of`.

    `steps` counts calls whose delay is known, as far as it is; `cases` are those still in doubt.
    """

    def __init__(self) -> None:
        self.steps = [0.0] * STEPS
        self.cases: deque[Case] = deque()
        self.news = 0
        self.shares = _drawn([0.0] * STEPS)
        self.density: list[float] = []
        self.still: list[float] = []
        self._tabulate()

    def count(self, step: int, weight: float) -> None:
        """A call came so late, as far as `weight` says; negative takes back. Shows after `refresh`."""
        self.steps[step] += weight
        self.news += 1

    def doubt(self, case: Case) -> None:
        """A call came whose delay is in doubt. The oldest cases turn into counts, by what is known by then."""
        self.cases.append(case)
        self.news += 1
        if len(self.cases) > MOST_CASES:
            _add_responsibilities(self.steps, self.cases.popleft(), self.shares)

    def forget(self, time: float) -> None:
        """Take back the cases of a call at this time."""
        self.cases = deque(case for case in self.cases if case.time != time)

    def refresh(self) -> None:
        """Fit the curve anew once there are enough news."""
        if self.news >= min(MOST_NEWS, max(LEAST_NEWS, NEWS_SHARE * len(self.cases))):
            self.fit()

    def fit(self) -> None:
        """Fit the shares to counts and cases, from where they are."""
        self.news = 0
        for _ in range(ROUNDS if self.cases else 1):
            counts = self.steps.copy()
            for case in self.cases:
                _add_responsibilities(counts, case, self.shares)
            self.shares = _drawn(counts)
        self._tabulate()

    def median(self) -> float:
        """Half of the later calls come within so many seconds."""
        return next((_EDGES[cell] for cell, still in enumerate(self.still) if still < 0.5), _EDGES[-1])

    def stored_cases(self) -> str:
        """The cases as text; `take_cases` takes them back."""
        return b64encode(b"".join(case.packed for case in self.cases)).decode()

    def take_cases(self, stored: str) -> None:
        """Take back what `stored_cases` gave. Raises `ValueError` for anything else."""
        try:
            self.cases = deque(list(_unpacked(b64decode(stored, validate=True)))[-MOST_CASES:])
        except (struct.error, IndexError) as error:
            raise ValueError("the timing model's cases cannot be read") from error

    def _tabulate(self) -> None:
        masses = _by_cell(self.shares)
        self.density = [mass / width for mass, width in zip(masses, _WIDTHS, strict=True)]
        before = [0.0, *accumulate(masses)]
        self.still = [max(_LEAST, 1 - before[cell] - masses[cell] / 2) for cell in range(_CELLS)]


def _add_responsibilities(counts: list[float], case: Case, shares: Sequence[float]) -> None:
    """Share one call out over the steps by which explains it how well."""
    parts = [(step, weight * shares[step]) for step, weight in case.parts]
    whole = case.rest
    for _, part in parts:
        whole += part
    for step, part in parts:
        counts[step] += part / whole


def _drawn(counts: Sequence[float]) -> list[float]:
    """The shares of the steps by these counts, drawn to the normal curve that fits them and the prior best."""
    positive = [max(0.0, count) for count in counts]
    normal = _normal(*_fitted(positive), range(STEPS + 1))
    calls = sum(positive) + CURVE_CALLS
    return [(count + CURVE_CALLS * share) / calls for count, share in zip(positive, normal, strict=True)]


def _fitted(counts: Sequence[float]) -> tuple[float, float]:
    """Mean and standard deviation of the delay's logarithm."""
    prior = log(MEDIAN_SECONDS)
    calls = sum(counts)
    mean = (PRIOR_CALLS * prior + sum(map(mul, counts, _MIDDLES))) / (PRIOR_CALLS + calls)
    around = sum(count * ((middle - mean) ** 2 + _WITHIN_STEP) for count, middle in zip(counts, _MIDDLES, strict=True))
    return mean, sqrt(max(LEAST_SPREAD**2, (SPREAD_CALLS * SPREAD**2 + around) / (SPREAD_CALLS + calls)))


def _normal(mean: float, spread: float, doublings: Iterable[float]) -> list[float]:
    """The mass of a normal curve of the logarithm between these doublings of the delay; sums to 1, none is 0."""
    below = [erf((doubling * log(2) - mean) / (spread * sqrt(2))) for doubling in doublings]
    whole = below[-1] - below[0]
    return [max((high - low) / whole, 1e-9) for low, high in pairwise(below)]


def _by_cell(shares: Sequence[float]) -> list[float]:
    """Each step's share over its cells, as the fitted normal curve runs inside the step."""
    curve = _normal(*_fitted([share * 1e6 for share in shares]), (cell / _CELLS_PER_STEP for cell in range(_CELLS + 1)))
    masses = []
    for step, share in enumerate(shares):
        inside = curve[step * _CELLS_PER_STEP : (step + 1) * _CELLS_PER_STEP]
        whole = sum(inside)
        masses += [share * mass / whole for mass in inside]
    return masses


def _unpacked(stored: bytes) -> Iterable[Case]:
    at = 0
    while at < len(stored):
        time, rest, count = _HEAD.unpack_from(stored, at)
        at += _HEAD.size
        parts = [_PART.unpack_from(stored, at + number * _PART.size) for number in range(count)]
        if any(step >= STEPS for step, _ in parts):
            raise ValueError("the timing model's cases cannot be read")
        at += count * _PART.size
        yield Case.of(time, rest, parts)
