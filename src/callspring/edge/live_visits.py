"""When each live visit was last active, as far as this door knows more than the visitor's token does."""

from __future__ import annotations

from callspring.visits.continuity import IDLE_SECONDS


class LiveVisits:
    """Last activity per visit (Unix seconds), in two generations: nothing is older than twice the idle time."""

    def __init__(self) -> None:
        self._young: dict[str, float] = {}
        self._old: dict[str, float] = {}
        self._turned = 0.0

    def touch(self, visit: str, now: float) -> None:
        """The visit is active."""
        if now - self._turned > IDLE_SECONDS:
            self._old, self._young, self._turned = self._young, {}, now
        self._young[visit] = now

    def last_activity(self, visit: str) -> float:
        """When the visit was last active, 0 when this door has not heard of it lately."""
        return self._young.get(visit) or self._old.get(visit, 0.0)
