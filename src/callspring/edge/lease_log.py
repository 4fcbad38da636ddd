"""Leases in the spool: written once more when a segment begins, for a door that starts again.

Old segments are removed, and with them the record of who was given a number that a page, open for hours, still shows.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from callspring.records import LeasesHeld, encode
from callspring.stores.leases.memory import MemoryLeases
from callspring.stores.spool.writer import SpoolWriter

AT_ONCE = 500  # leases in a record: far below the longest that the spool takes, whatever the names of their sources


class LeaseLog:
    """Knows for which segment the leases are written."""

    def __init__(self, leases: MemoryLeases, spool: SpoolWriter) -> None:
        self._leases = leases
        self._spool = spool
        self._segment = 0

    def write(self, now: float) -> None:
        """Write all leases, if the segment has none yet. Raises `SpoolFull`; then the next call tries again."""
        segment = self._spool.segment
        if segment != self._segment:
            for payload in self._payloads(now):
                self._spool.append(payload)
            self._segment = segment

    def _payloads(self, now: float) -> Iterator[bytes]:
        leases = self._leases.leases()
        while some := list(islice(leases, AT_ONCE)):
            yield encode(LeasesHeld(now, some))
