"""The port: what a lease store can do. Its conformance tests are `tests/stores/lease_contract.py`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import msgspec

from callspring.pools.timing import Timing

UNCONFIRMED_SECONDS = 15.0
OVERFLOW_NUMBER = "overflow_number"


@dataclass(frozen=True, slots=True)
class Pool:
    """A scenario's pool as published. `id` is the scenario's; `numbers` are ids; `hold` is in seconds (P4).

    `policy` is `callspring` (P2) or `next_in_line` (N5). `timing` is what the site has learnt, None for the prior.
    `overflow_number` is none of `numbers` and never leased: with `overflow` "number" it is shown while all are held.
    """

    id: int
    numbers: tuple[int, ...]
    hold: int
    overflow: str
    policy: str = "callspring"
    timing: Timing | None = None
    overflow_number: int = 0


class Asker(msgspec.Struct, frozen=True, gc=False):
    """Who asks. `own` is the number this visitor had last, 0 for none; `source` is what numbers are chosen by.

    `device` is a kind of device as `callspring.visits.device` says it.
    """

    visitor: str
    visit: str
    source: str
    own: int = 0
    device: str = ""


class Choice(msgspec.Struct, frozen=True, gc=False):
    """The number given and why; `number` 0 means: leave the page's own. `fresh` is false while an old lease goes on.

    Reasons: `held` (the visitor still holds it), `own_last`, `unmarked`, `same_source` or `least_loss` (see
    `callspring.pools.chooser`), `next_in_line`, and, when all numbers are held, `shared_source`, `shared`,
    `overflow_number` or `left`.
    """

    number: int
    reason: str
    fresh: bool
    overflow: bool = False


class Held(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A lease as it stands, to be written down and put back. `pool` is the scenario's id, `number` the number's.

    The spool holds these as arrays: a field may be added at the end with a default, none may move or go. `start` is
    when the visit began, `left` when its page was left, None while it is open. `turn` is the number's place in line by
    when it was last handed out, 0 where it is not known; with no visitor, there is nothing but that to say of a number.
    """

    pool: int
    number: int
    visitor: str
    visit: str
    source: str
    hold: int
    active_at: float
    confirmed: bool
    device: str = ""
    start: float = 0.0
    left: float | None = None
    turn: int = 0


def without_lease(pool: Pool) -> Choice:
    """All numbers are held and none is shared: the overflow number, else the page's own (P3)."""
    if pool.overflow_number:
        return Choice(pool.overflow_number, OVERFLOW_NUMBER, fresh=True, overflow=True)
    return Choice(0, "left", fresh=True, overflow=True)


class LeaseStore(Protocol):
    """Leases of all pools. Times are Unix seconds and may step back; a lease never ends earlier because they did."""

    async def lease(self, pool: Pool, asker: Asker, now: float) -> Choice:
        """Give the asker a number. While the pool has a free number, no two visitors hold one."""

    async def confirm(self, pool: int, visitor: str, number: int, now: float) -> bool:
        """The snippet swapped at least one place: the lease becomes a show and is held.

        False, and nothing is done, when the visitor's lease of this number is lost: it had ended and somebody else
        took the number, or the visitor has another one by now. A lease that ended and that nobody took goes on.
        """

    async def renew(self, pool: int, visitor: str, number: int, now: float, *, viewed: bool = False) -> bool:
        """The visitor is active: the hold begins anew from now. False as for `confirm`.

        `viewed`: they see another page, which may yet show the number. So a lease that is not confirmed goes on too,
        unless it has ended.
        """

    async def leave(self, pool: int, visitor: str, number: int, now: float) -> bool:
        """The visitor has left the page: the last sign of life, from which the hold runs (P4). False as for `confirm`.

        Should another page of theirs be open, its next `renew` says so.
        """

    async def release(self, pool: int, visitor: str) -> None:
        """Free the visitor's number at once."""

    async def peek(self, pool: Pool, now: float) -> int:
        """The number that somebody new would be given now, 0 where the page's own would be left. Nobody is given it."""

    async def close(self) -> None:
        """Let go of what the store holds open."""

    async def holders(self, pool: int, number: int, now: float) -> list[str]:
        """The visitors who hold a number now."""
