"""What this door knows of live visits beyond their visitors' tokens: when they were last active, where they went on."""

from __future__ import annotations

from callspring.visits.continuity import IDLE_SECONDS

CARRIED_AGE = 12 * 3600.0  # seconds; a page that is open for longer carries nothing
MOST_CARRIED = 100_000


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


class CarriedVisits:
    """Which visits were carried to which host, for as long as their tokens can be (`CARRIED_AGE`), in two generations.

    Memory is bounded: past `MOST_CARRIED` the older generation goes early. A door that starts again knows nothing.
    """

    def __init__(self) -> None:
        self._young: set[tuple[str, str]] = set()
        self._old: set[tuple[str, str]] = set()
        self._turned = 0.0

    def is_first(self, visit: str, host: str, now: float) -> bool:
        """Whether it is the first time that this visit comes to this host."""
        if now - self._turned > CARRIED_AGE or len(self._young) >= MOST_CARRIED:
            self._old, self._young, self._turned = self._young, set(), now
        key = visit, host
        if key in self._young or key in self._old:
            return False
        self._young.add(key)
        return True
