"""The embedded profile's lease store: each pool's leases in the doors process, rebuilt from the spool at start."""

from __future__ import annotations

from collections.abc import Iterator

from callspring.stores.leases.pool import PoolState
from callspring.stores.leases.port import Asker, Choice, Held, Pool


class MemoryLeases:
    """`LeaseStore` for one process. Memory is bounded by the numbers of all pools plus the live sharers."""

    def __init__(self) -> None:
        self.pools: dict[int, PoolState] = {}

    async def lease(self, pool: Pool, asker: Asker, now: float) -> Choice:
        """Give the asker a number (see `LeaseStore`)."""
        state = self.pools.get(pool.id)
        if state is None:
            state = self.pools[pool.id] = PoolState()
        return state.lease(pool, asker, now)

    async def confirm(self, pool: int, visitor: str, number: int, now: float) -> bool:
        """The lease becomes a show, unless it is lost."""
        state = self.pools.get(pool)
        return state is not None and state.confirm(visitor, number, now)

    async def renew(self, pool: int, visitor: str, number: int, now: float, *, viewed: bool = False) -> bool:
        """The hold begins anew, unless the lease is lost."""
        state = self.pools.get(pool)
        return state is not None and state.renew(visitor, number, now, viewed)

    async def leave(self, pool: int, visitor: str, number: int, now: float) -> bool:
        """The hold begins anew for the last time, unless the lease is lost."""
        state = self.pools.get(pool)
        return state is not None and state.leave(visitor, number, now)

    async def release(self, pool: int, visitor: str) -> None:
        """Free the visitor's number."""
        state = self.pools.get(pool)
        if state is not None:
            state.release(visitor)

    async def peek(self, pool: Pool, now: float) -> int:
        """What a newcomer would be given."""
        return self.state(pool.id).peek(pool, now)

    async def holders(self, pool: int, number: int, now: float) -> list[str]:
        """The visitors who hold a number now."""
        state = self.pools.get(pool)
        return state.holders(number, now) if state is not None else []

    async def close(self) -> None:
        """Nothing is open."""

    def restore(self, pool: Pool, asker: Asker, number: int, at: float, *, held: bool) -> None:
        """Put back a lease that the spool remembers; later records of it confirm and renew it as they did then.

        `held`: it was no new lease, the visitor's old one went on in another visit.
        """
        self.state(pool.id).restore(pool, asker, number, at, held=held)

    def restore_page(self, pool: int, visitor: str, at: float) -> None:
        """A page was loaded: the lease went on, if it lasted until then or was a show that nobody had replaced."""
        state = self.pools.get(pool)
        if state is not None:
            state.restore_page(visitor, at)

    def leases(self) -> Iterator[Held]:
        """Every lease, also those that ended and whose number nobody has taken since: a page may come back to it.

        Numbers that nobody is known to have had, but that were handed out, follow with no visitor (`Held.turn`).
        """
        for state in self.pools.values():
            yield from state.leases()
            yield from state.turns_of_nobody()

    def put_back(self, pool: Pool, held: Held) -> None:
        """Put back a lease just as it stood; it is left out where its number is in the pool no more."""
        self.state(pool.id).put_back(pool, held)

    def state(self, pool: int) -> PoolState:
        """A pool's leases; an empty one where it is not known yet."""
        state = self.pools.get(pool)
        if state is None:
            state = self.pools[pool] = PoolState()
        return state
