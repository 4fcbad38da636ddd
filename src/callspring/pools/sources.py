"""Sources are unlike: who searched for "plumber near me" calls, who followed a picture seldom does. Pure.

How many times as likely as others a source's visitors are to call is learnt from calls while the page is open, of which
it is nearly certain whose they are: so what is believed does not come true by itself. It goes for later calls just as
well. A source of which little is known is taken to be like all others, and the longer so the more alike they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from operator import add, mul
from zlib import crc32

from callspring.pools import prior
from callspring.pools.prior import DEVICES

PLACES = 500  # so many sources are told apart; those that share a place are taken for one
UNKNOWN = 0  # the place of visitors whose source is not known
NEARLY_CERTAIN = 0.5
LEAST, MOST = 0.1, 10.0

Sums = Mapping[str, Sequence[float]]  # by device, then by place


@lru_cache(maxsize=4096)
def place_of(source: str) -> int:
    """Where a source's figures stand, the same in every process: 1 to `PLACES`; 0 where it is not known."""
    return 1 + crc32(source.encode(errors="replace")) % PLACES if source else UNKNOWN


def nobody_yet() -> dict[str, list[float]]:
    """A sum for each place, by device."""
    return {device: [0.0] * (PLACES + 1) for device in DEVICES}


def times_as_likely(calls: Sums, usual: Sums) -> list[float]:
    """By place, how many times as likely as others visitors are to call: from calls while the page was open, and from
    what visits as long as theirs usually bring, in any unit.
    """
    times = [1.0] * (PLACES + 1)
    counted = {place: counts for place, counts in enumerate(_counts(calls, usual)) if place and counts[1] > 0}
    worth = _worth(counted.values())
    for place, (found, expected) in counted.items():
        times[place] = min(MOST, max(LEAST, (max(0.0, found) + worth) / (expected + worth)))
    return times


def _counts(calls: Sums, usual: Sums) -> Iterable[tuple[float, float]]:
    """For each place its calls, and how many were to be expected if all sources were alike."""
    expected = [0.0] * (PLACES + 1)
    for device in DEVICES:
        rate = max(0.0, sum(calls[device])) / max(sum(usual[device]), 1e-9)
        expected = list(map(add, expected, map(mul, usual[device], [rate] * (PLACES + 1))))
    return zip(map(add, *(calls[device] for device in DEVICES)), expected, strict=True)


def _worth(counted: Iterable[tuple[float, float]]) -> float:
    """How many expected calls it takes to tell a source from the others: few, where sources turn out to be unlike.

    It is one through the variance between them, which is what their calls vary more than by chance (a Poisson count
    varies by itself), drawn to what is usual. As all are measured by their mean, a source with most of the calls says
    little.
    """
    counted = list(counted)
    whole = sum(expected for _, expected in counted) or 1.0
    parts = [expected / whole for _, expected in counted]
    even = sum(part * part for part in parts)
    excess = sum((found - expected) ** 2 - found for found, expected in counted)
    weight = whole * whole * sum(part * part * (1 - 2 * part + even) for part in parts)
    usual, worth = prior.SOURCES_VARIANCE, prior.SOURCES_PRIOR_CALLS**2
    return (weight + worth) / (max(0.0, excess) + usual * worth)
