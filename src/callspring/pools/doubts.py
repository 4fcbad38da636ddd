"""Calls that could have been several people's, and what all of them say together. Pure.

Whoever learns from today's best guess only learns what they guessed: how late people call, and how many of them call
from the page. So the latest doubtful calls are kept as `Case`s, and what explains all of them best is worked out anew:
the rate on the page, how many call later, and how late (expectation maximisation,
https://www.jstor.org/stable/2984875). Of older cases it is kept how well each curve of delays explained them.
"""

from __future__ import annotations

import struct
from base64 import b64decode, b64encode
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from math import log
from operator import mul

from callspring.pools import prior
from callspring.pools.delays import CURVES, STEPS, bent, likely
from callspring.pools.prior import DEVICES, shrunk

MOST_CASES = 400
ROUNDS = 8
WEIGHED_EVERY = 4  # rounds
LEAST_NEWS, NEWS_SHARE, MOST_NEWS = 4, 0.15, 80  # doubtful calls until the next fit
LATER = len(DEVICES)  # the place of later calls beside those from each device
KINDS = LATER + 1

_HEAD, _PART = struct.Struct("<d6fB"), struct.Struct("<Be")
_TOGETHER = 16  # likelihoods multiplied before a logarithm is taken


@dataclass(frozen=True, slots=True)
class Rates:
    """What doubtful calls are weighed by: calls per second of an open page without a tap, by device; how many call
    later, of those who usually do; and the shares of the steps of their delay.
    """

    viewing: tuple[float, ...]
    level: float
    shares: Sequence[float]


@dataclass(slots=True)
class Found:
    """What a call adds to the page (by device) and to the steps of the delay."""

    viewing: list[float] = field(default_factory=lambda: [0.0] * len(DEVICES))
    late: dict[int, float] = field(default_factory=dict)

    def add_late(self, steps: Iterable[tuple[int, float]], weight: float) -> None:
        """So much of the call came so late; by parts of the whole, where it is not known how late."""
        for step, part in steps:
            self.late[step] = self.late.get(step, 0.0) + weight * part


@dataclass(frozen=True, slots=True)
class Case:
    """One doubtful call, at `time`. It came from an open page by `viewing` × that device's rate, or later by
    (step, weight) × that step's share × the level, or by `rest` neither. Weights are relative to each other.

    `counted`: the share that went into the sums at once, for each device and for later.
    """

    time: float
    rest: float
    viewing: tuple[float, ...]
    parts: tuple[tuple[int, float], ...]
    counted: tuple[float, ...]
    by_curve: tuple[float, ...] = field(compare=False)
    packed: bytes = field(compare=False)

    @staticmethod
    def of(
        time: float, rest: float, viewing: Sequence[float], parts: Iterable[tuple[int, float]], counted: Sequence[float]
    ) -> Case:
        """A case, as it will be stored; `parts` must not be empty."""
        found = sorted(parts)
        most = max(weight for _, weight in found)
        kept = tuple((step, weight / most) for step, weight in found)
        rest, viewing = rest / most, tuple(weight / most for weight in viewing)
        packed = _HEAD.pack(time, rest, *viewing, *counted, len(kept))
        packed += b"".join(_PART.pack(step, weight) for step, weight in kept)
        by_curve = tuple(sum(weight * curve[step] for step, weight in kept) for curve, _ in CURVES)
        return Case(time, rest, viewing, kept, tuple(counted), by_curve, packed)

    def elsewhere(self, rates: Rates) -> float:
        """How likely the call was no later one, as its weights go."""
        return self.rest + float(sum(map(mul, self.viewing, rates.viewing)))

    def share_out(self, rates: Rates, steps: list[float], kinds: list[float]) -> None:
        """Add the call to the steps and the kinds (devices, later) by which explains it how well."""
        level, shares = rates.level, rates.shares
        later = 0.0
        for step, weight in self.parts:
            later += weight * shares[step]
        whole = self.elsewhere(rates) + level * later
        each = level / whole
        for step, weight in self.parts:
            steps[step] += weight * shares[step] * each
        for kind, weight in enumerate(self.viewing):
            kinds[kind] += weight * rates.viewing[kind] / whole
        kinds[LATER] += later * each


@dataclass(frozen=True, slots=True)
class Sure:
    """What is counted beside the cases: `calls` of each kind, what they came from (`exposure`: seconds on the page by
    device, later calls that would be usual), and `steps` of certain delays.
    """

    calls: Sequence[float]
    exposure: Sequence[float]
    steps: Sequence[float]


class Doubts:
    """The latest cases, and of older ones `evidence` (for each curve the logarithm of how well it explained them) and
    `more` (calls of each kind beyond what was counted at once).

    `moved` is the same as `more` for the cases that are kept, by the latest fit.
    """

    def __init__(self) -> None:
        self.cases: deque[Case] = deque()
        self.evidence = [0.0] * len(CURVES)
        self.more = [0.0] * KINDS
        self.moved = [0.0] * KINDS
        self.news = 0

    def add(self, case: Case, rates: Rates) -> None:
        """A call came that is in doubt. The oldest case goes when there are too many: what it says is known by now."""
        self.cases.append(case)
        self.news += 1
        if len(self.cases) > MOST_CASES:
            self._let_go(self.cases.popleft(), rates)

    def forget(self, time: float) -> None:
        """Take back the cases of a call at this time."""
        self.cases = deque(case for case in self.cases if case.time != time)

    def is_due(self) -> bool:
        """There are enough news to fit anew."""
        return self.news >= min(MOST_NEWS, max(LEAST_NEWS, NEWS_SHARE * len(self.cases)))

    def fit(self, sure: Sure, rates: Rates) -> Rates:
        """What explains all cases best, beside what is sure; from where the rates are."""
        self.news = 0
        counted = [sum(case.counted[kind] for case in self.cases) for kind in range(KINDS)]
        beside = [calls - part for calls, part in zip(sure.calls, counted, strict=True)]
        curve, kinds = self._curve(sure.steps, rates), counted
        for number in range(ROUNDS if self.cases else 1):
            if number and not number % WEIGHED_EVERY:
                curve = self._curve(sure.steps, rates)
            steps, kinds = list(sure.steps), [0.0] * KINDS
            for case in self.cases:
                case.share_out(rates, steps, kinds)
            calls = [known + found for known, found in zip(beside, kinds, strict=True)]
            rates = _rates(calls, sure.exposure, bent(steps, curve))
        self.moved = [found - part for found, part in zip(kinds, counted, strict=True)]
        return rates

    def stored(self) -> str:
        """The cases as text; `take` takes them back."""
        return b64encode(b"".join(case.packed for case in self.cases)).decode()

    def take(self, stored: str) -> None:
        """Take back what `stored` gave. Raises `ValueError` for anything else."""
        try:
            self.cases = deque(list(_unpacked(b64decode(stored, validate=True)))[-MOST_CASES:])
        except (struct.error, IndexError) as error:
            raise ValueError("the timing model's cases cannot be read") from error

    def _let_go(self, case: Case, rates: Rates) -> None:
        kinds = [0.0] * KINDS
        case.share_out(rates, [0.0] * STEPS, kinds)
        for kind in range(KINDS):
            self.more[kind] += kinds[kind] - case.counted[kind]
        other = case.elsewhere(rates)
        for place, late in enumerate(case.by_curve):
            self.evidence[place] += log(other + rates.level * late)

    def _curve(self, steps: Sequence[float], rates: Rates) -> list[float]:
        """The mean of the curves, by how well each explains the cases and the certain delays."""
        said = self.evidence.copy()
        level, cases = rates.level, list(self.cases)
        for at in range(0, len(cases), _TOGETHER):
            products = [1.0] * len(CURVES)
            for case in cases[at : at + _TOGETHER]:
                other = case.elsewhere(rates) / level  # of the same scale for all cases, so it may be left out
                products = [product * (other + late) for product, late in zip(products, case.by_curve, strict=True)]
            said = [one + log(max(product, 1e-300)) for one, product in zip(said, products, strict=True)]
        certain = [(step, count) for step, count in enumerate(steps) if count > 0]
        if certain:
            for place, (curve, _) in enumerate(CURVES):
                said[place] += sum(count * log(curve[step]) for step, count in certain)
        return likely(said)


def _rates(calls: Sequence[float], exposure: Sequence[float], shares: Sequence[float]) -> Rates:
    viewing = tuple(
        shrunk(calls[kind], exposure[kind], prior.UNTAPPED[device], prior.ON_PAGE_PRIOR_SECONDS)
        for kind, device in enumerate(DEVICES)
    )
    return Rates(viewing, shrunk(calls[LATER], exposure[LATER], 1.0, prior.LATER_PRIOR_CALLS), shares)


def _unpacked(stored: bytes) -> Iterator[Case]:
    at = 0
    while at < len(stored):
        time, rest, *weights, count = _HEAD.unpack_from(stored, at)
        at += _HEAD.size
        parts = [_PART.unpack_from(stored, at + number * _PART.size) for number in range(count)]
        if any(step >= STEPS for step, _ in parts) or not parts:
            raise ValueError("the timing model's cases cannot be read")
        at += count * _PART.size
        yield Case.of(time, rest, weights[:LATER], parts, weights[LATER:])
