"""The embedded profile's lease store: the contract, and its recovery."""

from __future__ import annotations

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from callspring.records import LeasesHeld, decode, encode
from callspring.stores.leases.memory import MemoryLeases
from callspring.stores.leases.port import LeaseStore, Pool
from tests.stores.lease_contract import HOLD, LINE, NOW, VISITORS, LeaseContract, ask
from tests.stores.lease_machine import LeaseMachine
from tests.stores.line_contract import LineContract

STEPS = st.tuples(
    st.sampled_from(["ask", "ask again", "confirm", "renew", "leave", "release", "copy"]),
    st.sampled_from(VISITORS),
    st.sampled_from([0, 1, 14, 40, HOLD]),
)


class TestMemory(LeaseContract):
    def make(self) -> LeaseStore:
        return MemoryLeases()


class TestLine(LineContract):
    def make(self) -> LeaseStore:
        return MemoryLeases()

    def restart(self, pool: Pool) -> LeaseStore:
        assert isinstance(self.store, MemoryLeases)
        return put_back(self.store, pool, NOW)


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
            restored = put_back(restored, LINE, now)
        else:
            for each in (store, restored):
                await hear(each, verb, visitor, given.get(visitor, 0), now)
    for verb, visitor, seconds in [("look", "ann", 0), *after]:
        now += seconds
        if verb.startswith("ask"):
            asker = ask(visitor, visit=verb)
            assert await store.lease(LINE, asker, now) == await restored.lease(LINE, asker, now)
        for number in LINE.numbers:
            holders = [sorted(await each.holders(LINE.id, number, now)) for each in (store, restored)]
            assert holders[0] == holders[1]


def put_back(store: MemoryLeases, pool: Pool, now: float) -> MemoryLeases:
    """Another store, from what a segment of the spool begins with."""
    again = MemoryLeases()
    for record in decode(encode(LeasesHeld(now, list(store.leases())))):
        assert isinstance(record, LeasesHeld)
        for held in record.leases:
            again.put_back(pool, held)
    return again


async def hear(store: MemoryLeases, verb: str, visitor: str, number: int, now: float) -> None:
    if verb == "release":
        await store.release(LINE.id, visitor)
    else:
        heard = {"confirm": store.confirm, "renew": store.renew, "leave": store.leave}[verb]
        await heard(LINE.id, visitor, number, now)
