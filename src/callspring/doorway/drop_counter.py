"""Counts dropped requests by reason between two writes to the spool, so that a flood costs a line and not a disk."""

from __future__ import annotations

from collections.abc import Iterable

from callspring.records import Dropped

MOST_KINDS = 500


class DropCounter:
    """Counts by (company, reason, host). Hosts are hostile: past `MOST_KINDS` kinds the host is left out."""

    def __init__(self) -> None:
        self._counts: dict[tuple[int, str, str], int] = {}

    def count(self, reason: str, company: int = 0, host: str = "", times: int = 1) -> None:
        """One more request dropped, or `times` more."""
        kind = (company, reason, host)
        if kind not in self._counts and len(self._counts) >= MOST_KINDS:
            kind = (company, reason, "")
        self._counts[kind] = self._counts.get(kind, 0) + times

    def put_back(self, taken: Iterable[Dropped]) -> None:
        """What `take` gave could not be written: it counts next time."""
        for dropped in taken:
            self.count(dropped.reason, dropped.company, dropped.host, dropped.count)

    def take(self, now: float) -> list[Dropped]:
        """What was counted since the last call."""
        counts, self._counts = self._counts, {}
        return [
            Dropped(at=now, reason=reason, count=count, company=company, host=host)
            for (company, reason, host), count in counts.items()
        ]
