"""Which number a visitor gets, whatever happened before."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from callspring.pools.holder import Holder
from callspring.pools.policies import NAMES, Callspring, Policy, make

VISITORS = [f"v{number}" for number in range(12)]
SOURCES = ["ads", "search", "mail", "direct"]


@dataclass
class Held:
    number: int
    holder: Holder


class Pool(RuleBasedStateMachine):
    """Visitors come, leave, lose their hold and come back in any order, at a pool of any policy."""

    @initialize(policy=some.sampled_from(NAMES), numbers=some.integers(1, 6))
    def open(self, policy: str, numbers: int) -> None:
        self.numbers = set(range(numbers))
        self.policy: Policy = make(policy, numbers, [(VISITORS[0], 1e9), (VISITORS[3], 500.0)])
        self.held: dict[str, Held] = {}
        self.last: dict[str, int] = {}
        self.now = 1000.0

    @rule(visitor=some.sampled_from(VISITORS), source=some.sampled_from(SOURCES), waited=some.floats(0, 4000))
    def visit(self, visitor: str, source: str, waited: float) -> None:
        self.now += waited
        holder = Holder(visitor, source, "mobile", self.now)
        held = self.held.get(visitor)
        if held is not None:
            self.policy.goes_on(held.number, held.holder, holder, self.now)
            self.held[visitor] = Held(held.number, holder)
            return
        own = self.last.get(visitor)
        if own is not None:
            self.policy.comes_back(own, holder, self.now)
        free = self.numbers - {one.number for one in self.held.values()}
        chosen = self.policy.choose(holder, own, self.now)
        assert chosen.number in (free or self.numbers), "a held number is given only when there is no free one"
        assert chosen.overflow == (not free)
        if own in free:
            assert chosen.number == own
        if chosen.reason == "shared_source":
            assert source in {one.holder.source for one in self.held.values() if one.number == chosen.number}
        self.policy.shown(chosen.number, holder, self.now)
        self.held[visitor] = Held(chosen.number, holder)
        self.last[visitor] = chosen.number

    @rule(visitor=some.sampled_from(VISITORS), stayed=some.floats(0, 4000))
    def leave(self, visitor: str, stayed: float) -> None:
        held = self.held.get(visitor)
        if held is not None and held.holder.left is None:
            self.now += stayed
            held.holder.left = self.now
            self.policy.left(held.number, held.holder, self.now - held.holder.start)

    @rule(visitor=some.sampled_from(VISITORS))
    def hold_ends(self, visitor: str) -> None:
        held = self.held.get(visitor)
        if held is not None and held.holder.left is not None:
            del self.held[visitor]
            self.now += 150
            self.policy.hold_ended(held.number, held.holder, self.now)

    @rule(number=some.integers(0, 5), waited=some.floats(0, 1e6))
    def call(self, number: int, waited: float) -> None:
        if number in self.last.values():
            self.now += waited
            credited = self.policy.credit(number, self.now)
            assert self.last[credited.holder.visitor] == number, "credited is who was shown it last"
            assert credited.probability is None or 0 < credited.probability <= 1

    @invariant()
    def free_and_held_are_all_numbers(self) -> None:
        if hasattr(self, "policy"):
            lines = self.policy.lines
            held = {one.number for one in self.held.values()}
            assert set(lines.free) == self.numbers - held
            assert set(lines.holding) == held
            assert set(lines.held[True]) | set(lines.held[False]) == held
            assert {number for line in lines.homes.values() for number in line} <= set(lines.free)


TestPool = Pool.TestCase
TestPool.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


def visited(policy: Callspring, visitor: str, source: str, at: float, number: int) -> None:
    """Somebody was shown this number for two minutes, and their hold is over."""
    holder = Holder(visitor, source, "desktop", at)
    policy.shown(number, holder, at)
    holder.left = at + 120
    policy.left(number, holder, 120)
    policy.hold_ended(number, holder, at + 270)


def test_a_number_that_nobody_will_call_comes_first() -> None:
    policy = Callspring(2)
    visited(policy, "a", "ads", 0.0, 0)
    chosen = policy.choose(Holder("b", "ads", "desktop", 300.0), None, 300.0)
    assert (chosen.number, chosen.reason) == (1, "unmarked")


def test_one_of_its_own_source_comes_before_one_of_another() -> None:
    policy = Callspring(2)
    visited(policy, "a", "ads", 0.0, 0)
    visited(policy, "b", "mail", 300.0, 1)
    chosen = policy.choose(Holder("c", "mail", "desktop", 600.0), None, 600.0)
    assert (chosen.number, chosen.reason) == (1, "same_source")


def test_else_the_one_that_is_idle_longest() -> None:
    policy = Callspring(2)
    visited(policy, "a", "ads", 0.0, 0)
    visited(policy, "b", "mail", 3000.0, 1)
    chosen = policy.choose(Holder("c", "direct", "desktop", 3300.0), None, 3300.0)
    assert (chosen.number, chosen.reason) == (0, "least_loss")


def test_who_came_back_and_got_another_number_spoils_the_first_no_longer() -> None:
    policy = Callspring(3)
    visited(policy, "a", "ads", 0.0, 0)
    policy.shown(0, Holder("b", "ads", "desktop", 300.0), 300.0)  # the visitor's own number is taken
    before = policy.chooser.pasts[0].total
    again = Holder("a", "mail", "desktop", 400.0)
    policy.comes_back(0, again, 400.0)
    assert policy.choose(again, 0, 400.0).number != 0
    assert policy.chooser.pasts[0].total < before / 2


@pytest.mark.parametrize(("source", "number"), [("mail", 1), ("ads", 0)])
def test_a_page_that_is_open_is_shared_sooner_by_its_own_source(source: str, number: int) -> None:
    policy = Callspring(2)
    visited(policy, "a", "search", 0.0, 1)
    visited(policy, "b", "direct", 300.0, 1)  # two may still call this number
    policy.shown(0, Holder("c", "ads", "desktop", 600.0), 600.0)  # nobody has had that one before
    gone = Holder("d", "ads", "desktop", 600.0)
    policy.shown(1, gone, 600.0)
    gone.left = 610.0
    policy.left(1, gone, 10.0)
    chosen = policy.choose(Holder("e", source, "desktop", 620.0), None, 620.0)
    assert (chosen.number, chosen.overflow) == (number, True)


def test_an_unknown_policy_is_refused() -> None:
    with pytest.raises(ValueError, match="choose one of next-in-line"):
        make("random", 3, [])
