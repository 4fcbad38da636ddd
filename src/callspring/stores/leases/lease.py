"""A visitor's number, as long as anything may still come of it."""

from __future__ import annotations

from dataclasses import dataclass

from callspring.pools.holder import Holder
from callspring.stores.leases.port import UNCONFIRMED_SECONDS


@dataclass(slots=True, eq=False)
class Lease(Holder):
    """A visitor's number. `live` until its end was noticed; `due` is its place in the heap of ends.

    `is_past`: its expected later calls stand in the number's past.
    """

    visit: str = ""
    number: int = 0
    hold: int = 0
    active_at: float = 0.0
    confirmed: bool = False
    live: bool = True
    due: float = 0.0
    is_past: bool = False

    def ends(self) -> float:
        """When the hold is over, if nothing more is heard."""
        return self.active_at + (self.hold if self.confirmed else UNCONFIRMED_SECONDS)
