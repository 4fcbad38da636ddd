"""What no lease store may do in any order of operations: looks for interleavings that break the invariants.

It knows nothing of how a store works: it keeps what each visitor was promised at least, and what a number can be held
at most.
"""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from callspring.stores.leases.port import UNCONFIRMED_SECONDS, Asker, Choice, Pool
from tests.stores.lease_contract import HOLD, NOW, NUMBERS, POOL, REASONS, VISITORS, StoreUser


class LeaseMachine(StoreUser, RuleBasedStateMachine):
    """Invariants 1 and 2 of design.md: any order of operations, time passing or stepping back, a changing pool."""

    visitor = st.sampled_from(VISITORS)
    policy = st.sampled_from(["callspring", "next_in_line"])

    @initialize(
        numbers=st.sets(st.sampled_from(NUMBERS), min_size=1),
        overflow=st.sampled_from(["share", "leave"]),
        policy=policy,
    )
    def open(self, numbers: set[int], overflow: str, policy: str) -> None:
        self.store = self.make()
        self.pool = Pool(POOL.id, tuple(sorted(numbers)), HOLD, overflow, policy)
        self.now = NOW
        # What each visitor was promised at least: (number, until when); confirmed or not.
        self.promised: dict[str, tuple[int, float, bool]] = {}
        # What each visitor was given last: what their page shows.
        self.given: dict[str, int] = {}
        # Until when each number can be held at most, by whom.
        self.at_most: dict[int, dict[str, float]] = {number: {} for number in NUMBERS}

    def promise_of(self, visitor: str) -> int:
        """The number a visitor must get if they ask now, 0 for none in particular."""
        number, until, _ = self.promised.get(visitor, (0, 0.0, False))
        return number if self.now < until and number in self.pool.numbers else 0

    @rule(
        visitor=visitor, visit=st.sampled_from("xy"), source=st.sampled_from("ab"), own=st.sampled_from((0, *NUMBERS))
    )
    def asks(self, visitor: str, visit: str, source: str, own: int) -> None:
        kept = self.promise_of(visitor)
        choice = self.run(self.store.lease(self.pool, Asker(visitor, visit, source, own), self.now))
        if kept:
            assert choice.number == kept, "a visitor who is back within the hold keeps the number"
        if not kept:
            self.check_exclusive(visitor, choice)
        assert choice.reason in REASONS, "every number given has its reason in the record"
        assert choice.fresh or choice.number == self.given.get(visitor), "another number is news"
        self.given[visitor] = choice.number
        if choice.number:
            again = self.run(self.store.lease(self.pool, Asker(visitor, visit, source, own), self.now))
            assert (again.number, again.reason, again.fresh) == (choice.number, "held", False), "twice is once"
        if not choice.number:
            self.promised.pop(visitor, None)
            return
        assert choice.number in self.pool.numbers
        _, until, confirmed = self.promised.get(visitor, (0, 0.0, False)) if kept else (0, 0.0, False)
        until = max(until, self.now + (HOLD if confirmed else UNCONFIRMED_SECONDS))
        self.promised[visitor] = choice.number, until, confirmed
        self.touched(visitor, choice.number)

    def check_exclusive(self, visitor: str, choice: Choice) -> None:
        rivals = [name for name in self.promised if name != visitor]
        held = {self.promised[name][0] for name in rivals if self.now < self.promised[name][1]}
        if not choice.overflow:
            assert choice.number not in held, "no two live holders share while a number is free"
        if choice.overflow and choice.reason != "held":  # held: shared when all were held, and goes on since
            surely_free = [n for n in self.pool.numbers if all(end <= self.now for end in self.at_most[n].values())]
            assert not surely_free, "a free number is given before any is shared"

    @rule(visitor=visitor)
    def confirms(self, visitor: str) -> None:
        number = self.given.get(visitor, 0)
        self.goes_on(visitor, self.run(self.store.confirm(self.pool.id, visitor, number, self.now)), confirmed=True)

    @rule(visitor=visitor)
    def leaves(self, visitor: str) -> None:
        number = self.given.get(visitor, 0)
        self.goes_on(visitor, self.run(self.store.leave(self.pool.id, visitor, number, self.now)), confirmed=False)

    @rule(visitor=visitor)
    def is_active(self, visitor: str) -> None:
        number = self.given.get(visitor, 0)
        self.goes_on(visitor, self.run(self.store.renew(self.pool.id, visitor, number, self.now)), confirmed=False)

    def goes_on(self, visitor: str, kept: bool, *, confirmed: bool) -> None:
        number, until, before = self.promised.get(visitor, (0, 0.0, False))
        assert kept or not number or self.now >= until, "a lease is not lost within the hold"
        holders = self.run(self.store.holders(self.pool.id, self.given.get(visitor, 0), self.now))
        assert kept or visitor not in holders, "who lost the lease holds nothing"
        if kept:  # also a lease that had ended and that nobody had taken: it goes on, promised or not
            self.touched(visitor, self.given[visitor])
        if number and self.now < until and (confirmed or before):
            self.promised[visitor] = number, max(until, self.now + HOLD), True
        elif kept and confirmed:  # it had ended, and from now on it is held again
            self.promised[visitor] = self.given[visitor], self.now + HOLD, True

    def touched(self, visitor: str, number: int) -> None:
        ends = self.at_most[number]
        ends[visitor] = max(ends.get(visitor, 0.0), self.now + HOLD)

    @rule(visitor=visitor)
    def goes(self, visitor: str) -> None:
        self.run(self.store.release(self.pool.id, visitor))
        self.promised.pop(visitor, None)

    @rule(seconds=st.sampled_from([0.5, 14, 16, 100, HOLD, 1000]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @rule(seconds=st.sampled_from([1, 60, 600]))
    def the_clock_steps_back(self, seconds: float) -> None:
        # Which of two stale leases a clock of the past makes live again is nobody's promise.
        self.promised = {name: p for name, p in self.promised.items() if self.now < p[1]}
        self.now -= seconds

    @rule(numbers=st.sets(st.sampled_from(NUMBERS), min_size=1), policy=policy)
    def the_pool_changes(self, numbers: set[int], policy: str) -> None:
        self.pool = Pool(POOL.id, tuple(sorted(numbers)), HOLD, self.pool.overflow, policy)

    @rule(number=st.sampled_from(NUMBERS))
    def holders_are_those_promised(self, number: int) -> None:
        holders = self.run(self.store.holders(self.pool.id, number, self.now))
        assert len(set(holders)) == len(holders)
        promised = {name for name, (n, until, _) in self.promised.items() if n == number and self.now < until}
        assert promised <= set(holders)
        assert set(holders) <= {name for name, until in self.at_most[number].items() if self.now < until}
