"""A press on a `tel:` link, and the call that follows it within seconds. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from callspring.pools import prior
from callspring.pools.prior import shrunk

TAP_WINDOW = 60.0
AFTER_TAP = (2.0, 4.0, 8.0, 15.0, 30.0)

_WIDTHS = tuple(high - low for low, high in zip((0.0, *AFTER_TAP), (*AFTER_TAP, TAP_WINDOW), strict=True))


def part_after(tapped: float | None, now: float) -> int | None:
    """The part of the window after a press (`AFTER_TAP`) in which `now` is; None outside it."""
    return None if tapped is None or not 0 <= now - tapped < TAP_WINDOW else bisect_right(AFTER_TAP, now - tapped)


def rates_after(calls: Sequence[float], taps: float) -> list[float]:
    """Calls per second by the part of the window, from the calls that came in each, after so many presses."""
    followed = shrunk(sum(calls), taps, prior.TAP_CALLS, prior.TAP_PRIOR_CALLS)
    counts = [max(0.0, n) + usual for n, usual in zip(calls, prior.AFTER_TAP_PRIOR, strict=True)]
    return [min(1.0, followed) * count / sum(counts) / width for count, width in zip(counts, _WIDTHS, strict=True)]
