"""What choosing a number needs of a timing model: how many calls are to be expected of whom. Pure.

A model learns from sums and doubtful calls; what it says comes down to some forty figures, and one for each source.
These are what the back publishes and doors read (`stores.snapshot`): small, quick to take in, and the same while
nothing worth it was learnt.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

from callspring.pools.delays import STEPS
from callspring.pools.prior import DEVICES
from callspring.pools.sources import LEAST, MOST, PLACES
from callspring.pools.timing import LENGTHS, Timing

DIGITS = 3
SOURCE_DIGITS = 2
NEARLY = 0.02  # rounded shares need not sum to 1 exactly


@dataclass(frozen=True, slots=True)
class Expectations:
    """`later`: calls after a visit, by its length (`timing.LENGTHS`). `again`: further calls of who has called.
    `untapped`: calls per second of an open page that no press on a link precedes, by device (`timing.DEVICES`).
    `shares` of the later calls that come within each doubling of the delay (`delays.STEPS`). `sources`: by place, how
    many times as likely as others visitors are to call (`sources.place_of`); those left out are like the others.
    """

    later: tuple[float, ...]
    again: float
    untapped: tuple[float, ...]
    shares: tuple[float, ...]
    sources: tuple[tuple[int, float], ...] = ()


def expectations_of(timing: Timing) -> Expectations:
    """What the model expects, to three digits; one call of a visit at most, as where calls are learnt before visits."""
    times = ((place, float(f"{found:.{SOURCE_DIGITS}g}")) for place, found in enumerate(timing.times))
    return Expectations(
        _rounded(timing.later_by_length),
        min(1.0, float(f"{timing.again:.{DIGITS}g}")),
        _rounded([timing.untapped(device) for device in DEVICES]),
        _rounded(timing.delays.shares),
        tuple((place, found) for place, found in times if found != 1),
    )


def timing_of(found: Expectations) -> Timing:
    """A model that expects just this, to choose by; it has no sums to learn from. Raises `ValueError`."""
    if (len(found.later), len(found.untapped), len(found.shares)) != (len(LENGTHS) + 1, len(DEVICES), STEPS):
        raise ValueError("these expectations are of another version of the program")
    figures = (*found.later, found.again, *found.untapped, *found.shares)
    if not all(isfinite(figure) and 0 <= figure <= 1 for figure in figures) or abs(sum(found.shares) - 1) > NEARLY:
        raise ValueError("these expectations cannot be: they are no shares or rates")
    if not all(0 < place <= PLACES and LEAST <= found <= MOST for place, found in found.sources):
        raise ValueError("these expectations cannot be: no source is so unlike the others")
    timing = Timing()
    timing.later_by_length = list(found.later)
    timing.again = found.again
    for place, times in found.sources:
        timing.times[place] = times
    timing.untapped_by_device = dict(zip(DEVICES, found.untapped, strict=True))
    timing.delays.take_shares(found.shares)
    return timing


def _rounded(figures: Sequence[float]) -> tuple[float, ...]:
    return tuple(min(1.0, float(f"{figure:.{DIGITS}g}")) for figure in figures)
