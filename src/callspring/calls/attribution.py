"""Which of a visitor's touches does a call count for, and with what weight? Pure.

Weights are whole millionths that make up a million, so that the shares of calls add up to the calls exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import fsum

from callspring.visits.touch import Channel, Source

WHOLE = 1_000_000
HALF_LIFE = 7 * 86_400.0  # seconds after which a touch weighs half
FIRST_AND_LAST = 0.4  # of a position-based credit each; the touches between share the rest


class Model(StrEnum):
    """How a call is put down to the touches before it."""

    FIRST = "first"
    LAST = "last"
    LAST_NON_DIRECT = "last_non_direct"
    LINEAR = "linear"
    POSITION = "position"
    TIME_DECAY = "time_decay"


SHARING = (Model.LINEAR, Model.POSITION, Model.TIME_DECAY)  # a call may count for several sources


@dataclass(frozen=True, slots=True)
class Touch:
    """One arrival of the visitor: when (Unix seconds), and from where."""

    at: float
    source: Source


@dataclass(frozen=True, slots=True)
class Share:
    """What a source has of a call, in millionths."""

    source: Source
    weight: int


def shares(model: Model, touches: Sequence[Touch], at: float) -> tuple[Share, ...]:
    """What each source has of a call placed at `at` (Unix seconds), heaviest first; of equals, the later touch.

    `touches` are in order of time. Without any the call counts for the unknown source.
    """
    if not touches:
        return (Share(Source(), WHOLE),)
    sums: dict[Source, int] = {}
    for touch, weight in zip(reversed(touches), reversed(weights(model, touches, at)), strict=True):
        sums[touch.source] = sums.get(touch.source, 0) + weight
    found = [Share(source, weight) for source, weight in sums.items() if weight]
    return tuple(sorted(found, key=lambda share: -share.weight))


def weights(model: Model, touches: Sequence[Touch], at: float) -> list[int]:
    """The weight of each touch in millionths, in their order; they make up a million."""
    return _whole(_PARTS[model](touches, at))


def _first(touches: Sequence[Touch], _at: float) -> list[float]:
    return [1.0, *[0.0] * (len(touches) - 1)]


def _last(touches: Sequence[Touch], _at: float) -> list[float]:
    return [*[0.0] * (len(touches) - 1), 1.0]


def _last_non_direct(touches: Sequence[Touch], at: float) -> list[float]:
    """Who only ever came directly came directly."""
    found = [place for place, touch in enumerate(touches) if touch.source.channel != Channel.DIRECT]
    if not found:
        return _last(touches, at)
    return [float(place == found[-1]) for place in range(len(touches))]


def _linear(touches: Sequence[Touch], _at: float) -> list[float]:
    return [1.0] * len(touches)


def _position(touches: Sequence[Touch], at: float) -> list[float]:
    between = len(touches) - 2
    if between < 1:
        return _linear(touches, at)
    return [FIRST_AND_LAST, *[(1 - 2 * FIRST_AND_LAST) / between] * between, FIRST_AND_LAST]


def _time_decay(touches: Sequence[Touch], at: float) -> list[float]:
    """By age over the newest touch's: of touches that are all years old, the newest still weighs something."""
    ages = [max(0.0, at - touch.at) for touch in touches]
    return [0.5 ** ((age - min(ages)) / HALF_LIFE) for age in ages]


_PARTS = {
    Model.FIRST: _first,
    Model.LAST: _last,
    Model.LAST_NON_DIRECT: _last_non_direct,
    Model.LINEAR: _linear,
    Model.POSITION: _position,
    Model.TIME_DECAY: _time_decay,
}


def _whole(parts: Sequence[float]) -> list[int]:
    """Millionths in proportion to the parts; what rounding leaves goes to the largest remainders, later ones first."""
    total = fsum(parts)
    exact = [part / total * WHOLE for part in parts]
    found = [int(each) for each in exact]
    by_remainder = sorted(range(len(parts)), key=lambda place: (found[place] - exact[place], -place))
    for place in by_remainder[: WHOLE - sum(found)]:
        found[place] += 1
    return found
