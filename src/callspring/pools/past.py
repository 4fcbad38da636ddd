"""What a number's earlier visitors still mean for whoever gets it next: later calls to come, by source. Pure.

Kept as one mass and one age for each source, so that it stays small and quick however many visitors a number had.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from callspring.pools.delays import cell_of
from callspring.pools.timing import Timing

MOST_SOURCES = 16
_LEAST_AGE = 1.0


@dataclass(slots=True, eq=False)
class Past:
    """`masses`: source → [calls that were to be expected at first, when who may place them has left (Unix seconds),
    calls still to be expected as of `at`].

    `total` (calls still to come), `age` (seconds since who may still call has left) and `home` (the source with most
    of them) sum up as of `at`, the last `settle`; `scale` is what `total` is of the share still to come at that age.
    """

    at: float = 0.0
    masses: dict[str, list[float]] = field(default_factory=dict)
    total: float = 0.0
    scale: float = 0.0
    age: float = _LEAST_AGE
    home: str | None = None

    def add(self, source: str, mass: float, age: float, now: float, timing: Timing) -> None:
        """A visitor's hold has ended, so long (`age`) after leaving; `mass` later calls are still to be expected."""
        still = timing.delays.still
        age = max(age, _LEAST_AGE)
        kept = self.masses.get(source)
        if kept is not None:
            before = now - kept[1]
            already = kept[0] * still[cell_of(before)]
            whole = already + mass
            age = (already * before + mass * age) / whole if whole > 0 else age
            mass = whole
        self.masses[source] = [mass / still[cell_of(age)], now - age, mass]
        if len(self.masses) > MOST_SOURCES:
            del self.masses[min(self.masses, key=lambda one: self.masses[one][0])]

    def take(self, source: str, mass: float, now: float, timing: Timing) -> None:
        """A visitor has come back and holds another number now: calls that were expected here will go there."""
        kept = self.masses.get(source)
        if kept is not None:
            kept[0] = max(0.0, kept[0] - mass / timing.delays.still[cell_of(now - kept[1])])

    def settle(self, now: float, timing: Timing) -> None:
        """Sum up, for the choices until the next visitor."""
        still = timing.delays.still
        total = aged = most = 0.0
        home = None
        for source, kept in self.masses.items():
            left = kept[1]
            mass = kept[2] = kept[0] * still[cell_of(now - left)]
            total += mass
            aged += mass * (now - left)
            if mass > most:
                most, home = mass, source
        self.at, self.total, self.home = now, total, home
        self.age = aged / total if total > 0 else _LEAST_AGE
        self.scale = 1 / still[cell_of(self.age)]
