"""The port: what a lease store can do. Its conformance tests are `tests/stores/lease_contract.py`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import msgspec

UNCONFIRMED_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Pool:
    """A scenario's pool as published. `id` is the scenario's; `numbers` are ids; `hold` is in seconds (P4)."""

    id: int
    numbers: tuple[int, ...]
    hold: int
    overflow: str


class Asker(msgspec.Struct, frozen=True, gc=False):
    """Who asks. `own` is the number this visitor had last, 0 for none; `source` is compared when sharing."""

    visitor: str
    visit: str
    source: str
    own: int = 0


class Choice(msgspec.Struct, frozen=True, gc=False):
    """The number given and why; `number` 0 means: leave the page's own. `fresh` is false while an old lease goes on.

    Reasons: `held` (the visitor still holds it), `own_last`, `next_in_line`, and, when all numbers are held,
    `shared_source`, `shared` or `left`.
    """

    number: int
    reason: str
    fresh: bool
    overflow: bool = False


class LeaseStore(Protocol):
    """Leases of all pools. Times are Unix seconds and may step back; a lease never ends earlier because they did."""

    async def lease(self, pool: Pool, asker: Asker, now: float) -> Choice:
        """Give the asker a number. While the pool has a free number, no two visitors hold one."""

    async def confirm(self, pool: int, visitor: str, number: int, now: float) -> bool:
        """The snippet swapped at least one place: the lease becomes a show and is held.

        False, and nothing is done, when the visitor's lease of this number is lost: it had ended and somebody else
        took the number, or the visitor has another one by now. A lease that ended and that nobody took goes on.
        """

    async def renew(self, pool: int, visitor: str, number: int, now: float) -> bool:
        """The visitor is active: the hold begins anew from now. False as for `confirm`."""

    async def release(self, pool: int, visitor: str) -> None:
        """Free the visitor's number at once."""

    async def holders(self, pool: int, number: int, now: float) -> list[str]:
        """The visitors who hold a number now."""
