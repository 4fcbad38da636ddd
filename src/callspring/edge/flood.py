"""Too much from one place: what a person, an office or a mobile carrier never sends takes no numbers (W11).

A page load counts for the network it comes from, what happens on pages for its visitor. A network is one connection to
the internet; behind one there may be an office, or some hundred customers of a mobile carrier.
"""

from __future__ import annotations

from collections.abc import Hashable

SECONDS = 60.0
MOST_PAGES = 600  # page loads of one network on one company's sites in a minute
MOST_EVENTS = 1200  # events of one visitor in a minute; an open page sends some forty
MOST_KEYS = 100_000


class Flood:
    """Counts by key from minute to minute. Memory is bounded: past `MOST_KEYS` keys a new minute begins early."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._counts: dict[Hashable, int] = {}
        self._began = self._ends = 0.0

    def is_over(self, key: Hashable, now: float, times: int = 1) -> bool:
        """Whether these are more than may come of `key` in a minute; they count. `now` (Unix seconds) may step back."""
        if now >= self._ends or now < self._began:
            self._counts, self._began, self._ends = {}, now, now + SECONDS
        counts = self._counts
        count = counts.get(key, 0) + times
        if count == times and len(counts) >= MOST_KEYS:  # a new key, and there is no room
            counts = self._counts = {}
        counts[key] = count
        return count > self._most
