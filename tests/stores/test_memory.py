"""The embedded profile's lease store: the contract, and its recovery."""

from __future__ import annotations

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from callspring.stores.leases.memory import MemoryLeases
from callspring.stores.leases.port import LeaseStore
from tests.stores.lease_contract import HOLD, LINE, NOW, VISITORS, LeaseContract, ask
from tests.stores.lease_machine import LeaseMachine

STEPS = st.tuples(
    st.sampled_from(["ask", "ask again", "confirm", "renew", "copy"]),
    st.sampled_from(VISITORS),
    st.sampled_from([0, 1, 14, 40, HOLD]),
)


class TestMemory(LeaseContract):
    def make(self) -> LeaseStore:
        return MemoryLeases()


class MemoryMachine(LeaseMachine):
    def make(self) -> LeaseStore:
        return MemoryLeases()


MemoryMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestInvariants = MemoryMachine.TestCase


@settings(max_examples=60)
@given(st.lists(STEPS, max_size=25), st.lists(STEPS, max_size=8))
def test_a_store_put_back_from_its_log_answers_the_same(
    before: list[tuple[str, str, int]], after: list[tuple[str, str, int]]
) -> None:
    """What the log has is what the spool has: grants, swaps and signs of life."""
    asyncio.run(live_twice(before, after))


async def live_twice(before: list[tuple[str, str, int]], after: list[tuple[str, str, int]]) -> None:
    store, restored, now = MemoryLeases(), MemoryLeases(), NOW
    given: dict[str, int] = {}
    for verb, visitor, seconds in before:
        now += seconds
        if verb.startswith("ask"):
            asker = ask(visitor, visit=verb)
            choice = await store.lease(LINE, asker, now)
            given[visitor] = choice.number
            if choice.fresh:
                restored.restore(LINE, asker, choice.number, now, held=choice.reason == "held")
            else:
                restored.restore_page(LINE.id, visitor, now)
        elif verb == "copy":  # a segment begins, and nothing older is left
            copied = MemoryLeases()
            for held in restored.leases():
                copied.put_back(LINE, held)
            keep_order(restored, copied)
            restored = copied
        else:
            number = given.get(visitor, 0)
            for each in (store, restored):
                await (each.confirm if verb == "confirm" else each.renew)(LINE.id, visitor, number, now)
    for verb, visitor, seconds in [("look", "ann", 0), *after]:
        now += seconds
        if verb.startswith("ask"):
            asker = ask(visitor, visit=verb)
            assert await store.lease(LINE, asker, now) == await restored.lease(LINE, asker, now)
        for number in LINE.numbers:
            holders = [sorted(await each.holders(LINE.id, number, now)) for each in (store, restored)]
            assert holders[0] == holders[1]


def keep_order(old: MemoryLeases, new: MemoryLeases) -> None:
    """Which number is next in line depends on all that were ever given, which no log holds for ever."""
    if LINE.id in old.pools and LINE.id in new.pools:
        before, after = old.pools[LINE.id], new.pools[LINE.id]
        after._given, after._count = dict(before._given), before._count
        after.line_up(LINE)
