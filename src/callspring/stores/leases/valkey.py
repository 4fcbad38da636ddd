"""The lease store of installations with several doors: Valkey or Redis decides, each door keeps a local view.

The view is `MemoryLeases`, fed by what the server says happened. The chooser ranks some numbers by it, and the server's
script takes the first that is still free, so that a stale view costs at most a number that is not quite the best.
Next-in-line the server chooses itself: the line is one, whichever door is asked. When the server does not answer, the
view goes on alone; when the server has forgotten everything, views put it back.
"""

from __future__ import annotations

from hashlib import blake2b
from itertools import islice
from secrets import token_hex
from typing import Any

import msgspec

from callspring.pools.chooser import LOOK_SHARED, share
from callspring.stores.leases.link import Link, Unreachable
from callspring.stores.leases.memory import MemoryLeases
from callspring.stores.leases.pool import NEXT_IN_LINE, PoolState
from callspring.stores.leases.port import Asker, Choice, Held, Pool, without_lease

CANDIDATES = 8
TRIES = 4  # while a publication is on its way, doors may know different numbers
DOWN = "store_down"


class ValkeyLeases:
    """`LeaseStore` on a server. `view` is what this door knows: recovered from its spool, then following the server."""

    def __init__(self, link: Link) -> None:
        self.view = MemoryLeases()
        self._link = link
        self._me = token_hex(8)
        self._epochs: dict[int, str] = {}
        self._cursors: dict[int, int] = {}
        self._prints: dict[int, tuple[Pool, str]] = {}
        self._asking: set[int] = set()

    async def lease(self, pool: Pool, asker: Asker, now: float) -> Choice:
        """Give the asker a number (see `LeaseStore`)."""
        try:
            for _ in range(TRIES):
                choice = await self._lease(pool, asker, now)
                if choice is not None:
                    return choice
        except Unreachable:
            pass
        return self._without(pool, asker, now)

    async def _lease(self, pool: Pool, asker: Asker, now: float) -> Choice | None:
        """None where the server had to be told of the pool first. Raises `Unreachable`."""
        state, candidates, sharers = self._ranked(pool, asker, now)
        # Of those who ask in one turn, one brings the news: else each would bring all that the others do.
        first = pool.id not in self._asking
        self._asking.add(pool.id)
        try:
            said = await self._link.run(
                "lease", pool.id, repr(now), asker.visitor, self._print(pool), self._me,
                self._cursors.get(pool.id, 0) if first else -1, self._epochs.get(pool.id, ""), asker.visit,
                asker.source, asker.device, pool.hold, int(pool.overflow == "share"), asker.own or "",
                _words(candidates), _words(sharers),
            )  # fmt: skip
        finally:
            if first:
                self._asking.discard(pool.id)
        if said[0] == b"unknown":
            await self._introduce(pool, said[1].decode(), now)
            return None
        number, reason, fresh, overflow, count, events = said
        why = self._why(state, number, asker.source) if reason == b"free" else reason.decode()
        if first:
            await self._follow(pool, count, events)
        if not number:
            return without_lease(pool)
        state.restore(pool, asker, number, now, held=why == "held", turn=count)
        return Choice(number, why, bool(fresh), bool(overflow))

    async def confirm(self, pool: int, visitor: str, number: int, now: float) -> bool:
        """The lease becomes a show, unless it is lost."""
        return await self._heard("confirm", pool, visitor, number, now)

    async def renew(self, pool: int, visitor: str, number: int, now: float, *, viewed: bool = False) -> bool:
        """The hold begins anew, unless the lease is lost."""
        return await self._heard("view" if viewed else "renew", pool, visitor, number, now)

    async def leave(self, pool: int, visitor: str, number: int, now: float) -> bool:
        """The hold begins anew for the last time, unless the lease is lost."""
        return await self._heard("leave", pool, visitor, number, now)

    async def release(self, pool: int, visitor: str) -> None:
        """Free the visitor's number. Where the server does not answer, it ends there with its hold."""
        await self.view.release(pool, visitor)
        try:
            await self._link.run("release", pool, visitor, self._me)
        except Unreachable:
            self._epochs.pop(pool, None)

    async def peek(self, pool: Pool, now: float) -> int:
        """What a newcomer would be given."""
        known = await self.view.peek(pool, now)
        candidates = "" if pool.policy == NEXT_IN_LINE else str(known)
        try:
            number = await self._link.run("peek", pool.id, repr(now), self._print(pool), candidates)
        except Unreachable:
            return known
        if number == 0 and pool.overflow != "share":
            return without_lease(pool).number
        return number if number > 0 else known

    async def holders(self, pool: int, number: int, now: float) -> list[str]:
        """The visitors who hold a number now."""
        try:
            return [visitor.decode() for visitor in await self._link.run("holders", pool, number, repr(now))]
        except Unreachable:
            return await self.view.holders(pool, number, now)

    async def close(self) -> None:
        """Hang up."""
        await self._link.close()

    # -- ranking ------------------------------------------------------------------------------------------------

    def _ranked(self, pool: Pool, asker: Asker, now: float) -> tuple[PoolState, list[int], list[int]]:
        """The pool's view, the numbers to try in this order, and those to share if all are held."""
        state = self.view.state(pool.id)
        state.follow(pool)
        state.end_holds(now)
        lines = state.lines
        if pool.policy == NEXT_IN_LINE:
            return state, [], [share(lines, asker.source).number] if lines.holding else []
        best = [state.choose(asker, now).number] if lines.free or lines.holding else []
        of_source = (lines.shared.get((asker.source, left), {}) for left in (True, False))
        same = [number for line in of_source for number in islice(reversed(line), LOOK_SHARED)]
        if not lines.free:
            return state, [], [*best, *same]
        return state, [*best, *islice(lines.free, CANDIDATES - 1)], same

    @staticmethod
    def _why(state: PoolState, number: int, source: str) -> str:
        if state.pool is not None and state.pool.policy == NEXT_IN_LINE:
            return NEXT_IN_LINE
        home = state.chooser.home(number)
        if home is None:
            return "unmarked"
        return "same_source" if home == source else "least_loss"

    # -- signs of life ------------------------------------------------------------------------------------------

    async def _heard(self, verb: str, pool: int, visitor: str, number: int, now: float) -> bool:
        state = self.view.state(pool)
        known = _hear(state, verb, visitor, number, now)
        try:
            theirs, epoch = await self._link.run("heard", pool, repr(now), visitor, number, self._me, verb)
            if not theirs and state.pool is not None and epoch.decode() != self._epochs.get(pool):
                await self._introduce(state.pool, epoch.decode(), now)
                theirs, _ = await self._link.run("heard", pool, repr(now), visitor, number, self._me, verb)
        except Unreachable:
            self._epochs.pop(pool, None)
            lease = state.of_visitor.get(visitor)
            return known or (lease is None and state.pool is None)  # who knows: better not to disturb the page
        return bool(theirs)

    # -- the view follows the server ----------------------------------------------------------------------------

    def _print(self, pool: Pool) -> str:
        """What tells one list of numbers from another, and whether they are handed out in line (`lua/common.lua`)."""
        known = self._prints.get(pool.id)
        if known is None or known[0] is not pool:
            text = blake2b(repr(pool.numbers).encode(), digest_size=12).hexdigest()
            known = self._prints[pool.id] = pool, f"line {text}" if pool.policy == NEXT_IN_LINE else text
        return known[1]

    async def _introduce(self, pool: Pool, epoch: str, now: float) -> None:
        """Say the numbers; to a server that is new to this door, or has forgotten, all else too. Then look at all."""
        state = self.view.state(pool.id)
        state.follow(pool)
        new = not epoch or epoch != self._epochs.get(pool.id)
        leases = [word for held in state.leases() for word in (held.visitor, _packed(held))] if new else []
        turns = [word for turn in state.turns.handed() for word in turn] if new else []
        words = _words(pool.numbers), *map(msgspec.msgpack.encode, (leases, turns))
        said = await self._link.run("register", pool.id, repr(now), self._print(pool), token_hex(8), *words)
        if new:
            self._epochs[pool.id] = said.decode()
            await self._look(pool)

    async def _look(self, pool: Pool) -> None:
        """Take the server's leases as they are; what was known of pasts stays."""
        epoch, count, found, holders = await self._link.run("state", pool.id)
        turns = _turns(holders)
        leases = [_held(pool.id, turns, *found[at : at + 2]) for at in range(0, len(found), 2)]
        self.view.state(pool.id).replace(pool, leases, turns)
        self._epochs[pool.id], self._cursors[pool.id] = epoch.decode(), count

    async def _follow(self, pool: Pool, count: int, events: list[Any]) -> None:
        """Let the view see what happened since it was last told."""
        cursor = self._cursors.get(pool.id, 0)
        if count <= cursor:
            return
        if not events or int(events[0][0].partition(b"-")[0]) > cursor + 1:
            await self._look(pool)
            return
        state = self.view.state(pool.id)
        for name, fields in events:
            at = int(name.partition(b"-")[0])
            if at > cursor:
                packed = fields[b"e"] if isinstance(fields, dict) else fields[1]
                self._see(state, pool, at, *msgspec.msgpack.decode(packed))
        self._cursors[pool.id] = count

    def _see(
        self, state: PoolState, pool: Pool, event: int, kind: str, origin: str, visitor: str, number: int, *more: Any
    ) -> None:
        if origin == self._me:  # seen when it was done
            return
        if kind in ("grant", "went_on"):
            now, visit, source, device = more
            asker = Asker(visitor, visit, source, 0, device)
            state.restore(pool, asker, number, float(now), held=kind == "went_on", turn=event)
        elif kind == "release":
            state.release(visitor)
        else:
            _hear(state, kind, visitor, number, float(more[0]))

    # -- without the server -------------------------------------------------------------------------------------

    def _without(self, pool: Pool, asker: Asker, now: float) -> Choice:
        """Whoever has a number keeps it, unless somebody else is known to hold it; others may share (P3)."""
        self._epochs.pop(pool.id, None)
        state = self.view.state(pool.id)
        state.follow(pool)
        state.end_holds(now)
        current = state.of_visitor.get(asker.visitor)
        if (current is not None and current.live) or asker.own in state.lines.free:
            return state.lease(pool, asker, now)
        choice = state.lease(pool, asker, now) if pool.overflow == "share" else without_lease(pool)
        return Choice(choice.number, DOWN, fresh=True, overflow=True)


def _hear(state: PoolState, verb: str, visitor: str, number: int, now: float) -> bool:
    if verb == "confirm":
        return state.confirm(visitor, number, now)
    if verb == "leave":
        return state.leave(visitor, number, now)
    return state.renew(visitor, number, now, viewed=verb == "view")


def _words(numbers: Any) -> str:
    return " ".join(map(str, numbers))


def _packed(held: Held) -> list[Any]:
    """As the scripts keep a lease (`lua/common.lua`)."""
    left = -1 if held.left is None else held.left
    return [
        held.number, held.active_at, held.hold, int(held.confirmed), 1, held.visit, held.source, held.device,
        held.start, left,
    ]  # fmt: skip


def _turns(holders: list[bytes]) -> dict[int, int]:
    """Each number's turn: it stands before its visitors (`lua/common.lua`)."""
    found = zip(holders[::2], map(msgspec.msgpack.decode, holders[1::2]), strict=True)
    return {int(number): turn for number, (turn, *_) in found if isinstance(turn, int) and turn}


def _held(pool: int, turns: dict[int, int], visitor: bytes, packed: bytes) -> Held:
    number, active, hold, confirmed, _, visit, source, device, start, left = msgspec.msgpack.decode(packed)
    gone = None if left == -1 else float(left)
    return Held(
        pool, int(number), visitor.decode(), visit, source, int(hold), float(active), bool(confirmed), device,
        float(start), gone, turns.get(int(number), 0),
    )  # fmt: skip
