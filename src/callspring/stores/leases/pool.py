"""One pool's live leases: who holds what, when holds end, and which number comes next. Pure: time comes in.

Holds end when somebody asks, from a heap: no operation looks at the whole pool. What may still come of a hold that has
ended is left with its number (`callspring.pools.past`); a lease that nobody ever saw leaves nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from heapq import heappop, heappush

from callspring.pools.chooser import Chooser, Chosen, share
from callspring.pools.holder import device_class
from callspring.pools.lines import Lines
from callspring.pools.timing import Timing
from callspring.stores.leases.lease import Lease
from callspring.stores.leases.port import Asker, Choice, Held, Pool, without_lease
from callspring.stores.leases.turns import Turns

PRIOR = Timing()
NOBODY = Asker("", "", "")
MOST_LOST = 4  # visitors remembered for each number of the pool, though somebody else has been given theirs
NEXT_IN_LINE = "next_in_line"


class PoolState:
    """The leases of one pool.

    `of_visitor` and `of_number` have the live leases and those that ended and whose number nobody has taken since;
    `lost` has the latest of the others, so that what is expected of them can follow their visitors to another number.
    """

    def __init__(self) -> None:
        self.pool: Pool | None = None
        self.lines = Lines(())
        self.chooser = Chooser(self.lines, PRIOR)
        self.of_visitor: dict[str, Lease] = {}
        self.of_number: dict[int, list[Lease]] = {}
        self.lost: dict[str, Lease] = {}
        self.known_until = 0.0  # what ended until then is in the pasts that were put back
        self.told_until = 0.0  # what ended until then is in the pasts that there are now
        self._due: list[tuple[float, int, Lease]] = []
        self._count = 0
        self.turns = Turns()

    # -- operations ---------------------------------------------------------------------------------------------

    def lease(self, pool: Pool, asker: Asker, now: float) -> Choice:
        """Give the asker a number (see `LeaseStore`)."""
        if pool is not self.pool:  # published pools are immutable
            self.follow(pool)
        self.end_holds(now)
        current = self.of_visitor.get(asker.visitor)
        if current is not None and current.live and current.number in self.lines.holding:
            return self.go_on(current, asker, now)
        if not self.lines.free and (pool.overflow != "share" or not self.lines.holding):
            return without_lease(pool)
        former = current or self.lost.get(asker.visitor)
        if former is not None and former.is_past:
            self._take_back(former, now)
        chosen = self.choose(asker, now)
        self.give(asker, chosen.number, pool.hold, now)
        return Choice(chosen.number, chosen.reason, fresh=True, overflow=chosen.overflow)

    def confirm(self, visitor: str, number: int, now: float) -> bool:
        """The lease becomes a show, unless it is lost."""
        lease = self.of_visitor.get(visitor)
        if lease is None or lease.number != number:
            return False
        lease.confirmed = True
        self._heard(lease, now)
        return True

    def renew(self, visitor: str, number: int, now: float, viewed: bool) -> bool:
        """The hold begins anew, unless the lease is lost."""
        lease = self.of_visitor.get(visitor)
        if lease is None or lease.number != number:
            return False
        if lease.confirmed or (viewed and lease.ends() > now):
            self._heard(lease, now)
        return True

    def leave(self, visitor: str, number: int, now: float) -> bool:
        """The hold begins anew for the last time, unless the lease is lost."""
        kept = self.renew(visitor, number, now, viewed=False)
        lease = self.of_visitor.get(visitor)
        if kept and lease is not None and lease.confirmed:
            lease.left = lease.active_at
            self._place(lease)
        return kept

    def release(self, visitor: str, now: float | None = None) -> None:
        """Free the visitor's number."""
        lease = self.of_visitor.get(visitor)
        if lease is not None:
            if lease.live:
                self._end(lease, lease.active_at if now is None else max(now, lease.active_at))
            self._forget(lease)

    def peek(self, pool: Pool, now: float) -> int:
        """What a newcomer would be given."""
        self.follow(pool)
        self.end_holds(now)
        if not self.lines.free and (pool.overflow != "share" or not self.lines.holding):
            return without_lease(pool).number
        mixing = self.chooser.mixing
        chosen = self.choose(NOBODY, now)
        self.chooser.mixing = mixing  # nobody came, so nothing is learnt of who comes
        return chosen.number

    def holders(self, number: int, now: float) -> list[str]:
        """The visitors who hold a number now."""
        return [one.visitor for one in self.of_number.get(number, ()) if one.live and one.ends() > now]

    # -- recovery -----------------------------------------------------------------------------------------------

    def restore(self, pool: Pool, asker: Asker, number: int, at: float, *, held: bool, turn: int = 0) -> None:
        """Give the visitor just this number, as was done then (`held`: the lease they had went on)."""
        self.follow(pool)
        self.end_holds(at)
        current = self.of_visitor.get(asker.visitor)
        if held and current is not None and current.number == number:
            self.go_on(current, asker, at)
        elif number in self.lines.free or number in self.lines.holding:
            former = current or self.lost.get(asker.visitor)
            if former is not None and former.is_past:
                self._take_back(former, at)
            self.give(asker, number, pool.hold, at, turn or self.turns.after(at))

    def restore_page(self, visitor: str, at: float) -> None:
        """A page was loaded: the lease went on, if it lasted until then or was a show that nobody had replaced."""
        lease = self.of_visitor.get(visitor)
        if lease is not None and (lease.confirmed or lease.ends() > at):
            self._heard(lease, at)

    def put_back(self, pool: Pool, held: Held) -> None:
        """Put back a lease just as it stood; it is left out where its number is in the pool no more."""
        self.follow(pool)
        lease = self.of_visitor.get(held.visitor)
        in_pool = held.number in self.lines.free or held.number in self.lines.holding
        if held.visitor and in_pool and (lease is None or lease.number != held.number):
            asker = Asker(held.visitor, held.visit, held.source, 0, held.device)
            lease = self.give(asker, held.number, held.hold, held.active_at, held.turn)
        elif held.turn:
            self.turns.put_back(held.number, held.turn, self.lines.free)
        if lease is None or lease.number != held.number:
            return
        lease.visit, lease.active_at, lease.confirmed = held.visit, held.active_at, held.confirmed
        lease.start, lease.left = held.start or held.active_at, held.left
        if not lease.live:
            self._revive(lease, held.active_at)
        self._queue(lease)
        self._place(lease)

    def replace(self, pool: Pool, leases: Iterable[Held], turns: Mapping[int, int]) -> None:
        """Take these leases and turns for all there are; what is known of pasts stays."""
        self.follow(pool)
        self.of_visitor.clear()
        self.of_number.clear()
        self._due.clear()
        self.known_until = max(self.known_until, self.told_until)
        self.turns.replace(turns)
        self.line_up(pool)
        # Held numbers stand in two lines (`Lines.place`): by when they were left, else by when they were handed out.
        for held in sorted(leases, key=lambda one: (one.left is None, one.turn if one.left is None else one.left)):
            self.put_back(pool, held)

    def leases(self) -> Iterator[Held]:
        """Every lease, also those that ended and whose number nobody has taken since: a page may come back to it."""
        pool, given = self.pool.id if self.pool is not None else 0, self.turns.given
        for one in self.of_visitor.values():
            yield Held(
                pool, one.number, one.visitor, one.visit, one.source, one.hold, one.active_at, one.confirmed,
                one.device, one.start, one.left, given.get(one.number, 0),
            )  # fmt: skip

    def turns_of_nobody(self) -> Iterator[Held]:
        """With next-in-line, the turns of numbers whose last visitor is no longer known, as leases of nobody."""
        pool = self.pool
        if pool is not None and pool.policy == NEXT_IN_LINE:
            for number, turn in self.turns.handed():
                if not self.of_number.get(number):
                    yield Held(pool.id, number, "", "", "", 0, 0.0, False, turn=turn)

    # -- what they are made of ----------------------------------------------------------------------------------

    def follow(self, pool: Pool) -> None:
        """Take over the pool as published."""
        if pool is self.pool:
            return
        before, self.pool = self.pool, pool
        self.chooser.timing = pool.timing or PRIOR
        if before is None or pool.numbers != before.numbers or pool.policy != before.policy:
            self.line_up(pool)

    def line_up(self, pool: Pool) -> None:
        """Put the pool's numbers into new lines: those never given first, the others in the order they stood in."""
        old, wanted = self.lines, dict.fromkeys(pool.numbers)
        new = [number for number in wanted if number not in old.free and number not in old.holding]
        kept = [n for n in (*old.free, *old.held[True], *old.held[False]) if n in wanted]
        self.lines = self.chooser.lines = Lines(())
        for number in (*new, *kept):
            self.lines.release(number, self.chooser.home(number))
            for lease in self.of_number.get(number, ()):
                if lease.live:
                    self.lines.hold(number, lease)
        if len(self.chooser.pasts) > 2 * len(wanted) + 100:
            self.chooser.pasts = {number: past for number, past in self.chooser.pasts.items() if number in wanted}
        self.turns.line_up(wanted, self.lines.free)

    def end_holds(self, now: float) -> None:
        """Let every hold end whose time has come. Each costs a logarithm, once."""
        due = self._due
        while due and due[0][0] <= now:
            at, _, lease = heappop(due)
            if not lease.live or lease.due != at:
                continue
            ends = lease.ends()
            if ends > now:
                self._queue(lease)
            else:
                self._end(lease, ends)
                self.told_until = ends

    def give(self, asker: Asker, number: int, hold: int, now: float, turn: int = 0) -> Lease:
        """The asker holds this number of the pool from now on. Those whose hold of it is over have lost it."""
        visitor = asker.visitor
        lease = Lease(visitor, asker.source, device_class(asker.device), now)
        lease.visit, lease.number, lease.hold, lease.active_at = asker.visit, number, hold, now
        former = self.of_visitor.get(visitor)
        if former is not None:
            lease.follow(former)
            self._forget(former)
        elif visitor in self.lost:
            lease.follow(self.lost.pop(visitor))
        others = self.of_number.get(number)
        if others is None:
            self.of_number[number] = [lease]
        else:
            for other in [one for one in others if not one.live]:
                self._lose(other)
            others.append(lease)
        self.of_visitor[visitor] = lease
        self.lines.hold(number, lease)
        turns = self.turns
        if turn:
            turns.take(number, turn)
        else:  # the next one, without a call: every visitor would pay for it
            turns.given[number] = turns.count = turns.count + 1
        self._queue(lease)
        return lease

    def go_on(self, lease: Lease, asker: Asker, now: float) -> Choice:
        """The visitor still holds the number; another visit of theirs is another show."""
        same_visit = lease.visit == asker.visit
        self._heard(lease, now)
        if not same_visit:
            lease.visit = asker.visit
            lease.left = lease.active_at
            lease.follow(lease)
            lease.start, lease.left = now, None
        shared = len(self.lines.holding.get(lease.number, ())) > 1
        return Choice(lease.number, "held", fresh=not same_visit, overflow=shared)

    def choose(self, asker: Asker, now: float) -> Chosen:
        """The number for somebody who holds none: a free one, else one to share. The pool has numbers."""
        if self.pool is None or self.pool.policy != NEXT_IN_LINE:
            return self.chooser.choose(asker.source, device_class(asker.device), asker.own, now)
        if asker.own in self.lines.free:
            return Chosen(asker.own, "own_last")
        if not self.lines.free:
            return share(self.lines, asker.source)
        return Chosen(self.turns.first(self.lines.free), NEXT_IN_LINE)

    def _heard(self, lease: Lease, now: float) -> None:
        """A sign of life. The heap is told when it comes to the lease."""
        lease.active_at = max(lease.active_at, now)
        if not lease.live:
            self._revive(lease, now)
        elif lease.left is not None:
            lease.left = None
            self._place(lease)

    def _queue(self, lease: Lease) -> None:
        lease.due = lease.ends()
        self._count += 1
        heappush(self._due, (lease.due, self._count, lease))

    def _place(self, lease: Lease) -> None:
        if lease.live and lease.number in self.lines.holding:
            self.lines.place(lease.number)

    def _revive(self, lease: Lease, now: float) -> None:
        """A lease that ended and that nobody took goes on."""
        if lease.is_past:
            self.end_holds(now)
            self._take_back(lease, now)
        lease.live, lease.left = True, None
        if lease.number in self.lines.free or lease.number in self.lines.holding:
            self.lines.hold(lease.number, lease)
        self._queue(lease)

    def _end(self, lease: Lease, at: float) -> None:
        """The hold is over: later calls are to be expected, which stay with the number."""
        lease.live = False
        number, chooser = lease.number, self.chooser
        if lease.confirmed:
            if lease.left is None:
                lease.left = lease.active_at
            if at > self.known_until:
                mass = chooser.timing.remaining(lease, at)
                chooser.hold_ended(number, lease.source, mass, at - lease.left, at)
            lease.is_past = True
        self._let_go(lease)

    def _let_go(self, lease: Lease) -> None:
        """The number is free, unless somebody shares it."""
        number, lines = lease.number, self.lines
        if number in lines.holding and lines.drop(number, lease):
            lines.release(number, self.chooser.home(number))
            if self.pool is not None and self.pool.policy == NEXT_IN_LINE:
                self.turns.offer(number)

    def _take_back(self, lease: Lease, now: float) -> None:
        """What was expected of the visitor comes with them, wherever they are shown a number now."""
        lease.is_past = False
        if now > self.known_until:
            self.told_until = now
            expected = self.chooser.timing.remaining(lease, now)
            self.chooser.came_back(lease.number, lease.source, expected, now)

    def _forget(self, lease: Lease) -> None:
        """The visitor has nothing to do with the number any more."""
        del self.of_visitor[lease.visitor]
        self.of_number[lease.number].remove(lease)
        if lease.live:
            lease.live = False
            self._let_go(lease)

    def _lose(self, lease: Lease) -> None:
        """Somebody else takes the number."""
        self._forget(lease)
        if lease.is_past:
            self.lost[lease.visitor] = lease
            if self.pool is not None and len(self.lost) > MOST_LOST * len(self.pool.numbers):
                del self.lost[next(iter(self.lost))]
