"""The embedded profile's lease store: dictionaries in the doors process, rebuilt from the spool at start."""

from __future__ import annotations

from dataclasses import dataclass

from callspring.stores.leases.port import UNCONFIRMED_SECONDS, Asker, Choice, Pool


@dataclass(slots=True)
class _Lease:
    visitor: str
    visit: str
    number: int
    source: str
    hold: int
    active_at: float
    confirmed: bool = False

    def ends(self) -> float:
        return self.active_at + (self.hold if self.confirmed else UNCONFIRMED_SECONDS)


class _PoolState:
    """One pool: each visitor's lease, each number's leases, and the order in which numbers were last given."""

    def __init__(self) -> None:
        self.of_visitor: dict[str, _Lease] = {}
        self.of_number: dict[int, list[_Lease]] = {}
        # Numbers in the order they are handed out next; a dict because it keeps order and removes in O(1).
        self.line: dict[int, None] = {}
        self.followed: tuple[int, ...] | None = None

    def follow(self, numbers: tuple[int, ...]) -> None:
        """Take over the published list: new numbers go to the end of the line, removed ones leave it."""
        if numbers is self.followed:  # published pools are immutable: the same tuple is the same list
            return
        self.followed = numbers
        wanted = dict.fromkeys(numbers)
        kept = {number: None for number in self.line if number in wanted}
        self.line = kept | wanted

    def held(self, number: int, now: float, besides: str = "") -> bool:
        for lease in self.of_number.get(number, ()):  # noqa: SIM110 - a generator would double the time
            if lease.visitor != besides and lease.ends() > now:
                return True
        return False

    def give(self, lease: _Lease, now: float) -> None:
        self.forget(lease.visitor)
        leases = self.of_number.setdefault(lease.number, [])
        for ended in [other for other in leases if other.ends() <= now]:
            self.forget(ended.visitor)
        leases.append(lease)
        self.of_visitor[lease.visitor] = lease
        if lease.number in self.line:
            del self.line[lease.number]
            self.line[lease.number] = None

    def forget(self, visitor: str) -> None:
        lease = self.of_visitor.pop(visitor, None)
        if lease is not None:
            self.of_number[lease.number].remove(lease)


class MemoryLeases:
    """`LeaseStore` for one process. Memory is bounded by the numbers of all pools plus the live sharers."""

    def __init__(self) -> None:
        self._pools: dict[int, _PoolState] = {}

    async def lease(self, pool: Pool, asker: Asker, now: float) -> Choice:
        """Give the asker a number (see `LeaseStore`)."""
        state = self._pools.get(pool.id)
        if state is None:
            state = self._pools[pool.id] = _PoolState()
        state.follow(pool.numbers)
        current = state.of_visitor.get(asker.visitor)
        if current is not None and current.ends() > now and current.number in state.line:
            return self._go_on(state, current, asker, now)
        choice = _choose(state, pool, asker, now)
        if choice.number:
            state.give(_Lease(asker.visitor, asker.visit, choice.number, asker.source, pool.hold, now), now)
        return choice

    async def confirm(self, pool: int, visitor: str, number: int, now: float) -> bool:
        """The lease becomes a show, unless it is lost."""
        lease = self._lease_of(pool, visitor)
        if lease is None or lease.number != number:
            return False
        lease.confirmed = True
        lease.active_at = max(lease.active_at, now)
        return True

    async def renew(self, pool: int, visitor: str, number: int, now: float) -> bool:
        """The hold begins anew, unless the lease is lost."""
        lease = self._lease_of(pool, visitor)
        if lease is None or lease.number != number:
            return False
        if lease.confirmed:
            lease.active_at = max(lease.active_at, now)
        return True

    async def release(self, pool: int, visitor: str) -> None:
        """Free the visitor's number."""
        state = self._pools.get(pool)
        if state is not None:
            state.forget(visitor)

    async def holders(self, pool: int, number: int, now: float) -> list[str]:
        """The visitors who hold a number now."""
        state = self._pools.get(pool)
        leases = state.of_number.get(number, []) if state else []
        return [lease.visitor for lease in leases if lease.ends() > now]

    def restore(self, pool: Pool, asker: Asker, number: int, at: float, *, held: bool) -> None:
        """Put back a lease that the spool remembers; later records of it confirm and renew it as they did then.

        `held`: it was no new lease, the visitor's old one went on in another visit.
        """
        state = self._pools.setdefault(pool.id, _PoolState())
        state.follow(pool.numbers)
        current = state.of_visitor.get(asker.visitor)
        if held and current is not None and current.number == number:
            self._go_on(state, current, asker, at)
        elif number in state.line:
            state.give(_Lease(asker.visitor, asker.visit, number, asker.source, pool.hold, at), at)

    def restore_page(self, pool: int, visitor: str, at: float) -> None:
        """A page was loaded: the lease went on, if it lasted until then or was a show that nobody had replaced."""
        lease = self._lease_of(pool, visitor)
        if lease is not None and (lease.confirmed or lease.ends() > at):
            lease.active_at = max(lease.active_at, at)

    def _lease_of(self, pool: int, visitor: str) -> _Lease | None:
        state = self._pools.get(pool)
        return state.of_visitor.get(visitor) if state else None

    @staticmethod
    def _go_on(state: _PoolState, lease: _Lease, asker: Asker, now: float) -> Choice:
        lease.active_at = max(lease.active_at, now)
        same_visit = lease.visit == asker.visit
        lease.visit = asker.visit
        shared = state.held(lease.number, now, besides=asker.visitor)
        return Choice(lease.number, "held", fresh=not same_visit, overflow=shared)


def _choose(state: _PoolState, pool: Pool, asker: Asker, now: float) -> Choice:
    if asker.own in state.line and not state.held(asker.own, now):
        return Choice(asker.own, "own_last", fresh=True)
    for number in state.line:
        if not state.held(number, now):
            return Choice(number, "next_in_line", fresh=True)
    return _overflow(state, pool, asker, now)


def _overflow(state: _PoolState, pool: Pool, asker: Asker, now: float) -> Choice:
    """All numbers are held. Sharing takes the one whose holders were active longest ago, same source first (P3)."""
    if pool.overflow != "share" or not state.line:
        return Choice(0, "left", fresh=True, overflow=True)

    def idle(number: int) -> tuple[bool, float]:
        leases = [lease for lease in state.of_number[number] if lease.ends() > now]
        foreign = any(lease.source != asker.source for lease in leases)
        return foreign, max(lease.active_at for lease in leases)

    number = min(state.line, key=idle)
    foreign, _ = idle(number)
    return Choice(number, "shared" if foreign else "shared_source", fresh=True, overflow=True)
