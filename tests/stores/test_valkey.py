"""The lease store on a real server: the contract, with one door and with several, alone and on a Cluster."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Coroutine, Iterator
from contextlib import ExitStack
from typing import Any, TypeVar

import msgspec
import pytest
from hypothesis import settings

from callspring.stores.leases.link import Link
from callspring.stores.leases.port import Asker, Choice, LeaseStore, Pool
from callspring.stores.leases.valkey import DOWN, ValkeyLeases
from tests.stores.lease_contract import HOLD, LINE, NOW, POOL, LeaseContract, ask
from tests.stores.lease_machine import LeaseMachine
from tests.stores.line_contract import LineContract
from tests.valkey_server import Server, cluster, valkey

Result = TypeVar("Result")
MANY = Pool(3, tuple(range(100, 140)), HOLD, "share")
_running = ExitStack()
_servers: dict[str, list[Server]] = {}


@pytest.fixture(autouse=True, scope="module")
def servers_end() -> Iterator[None]:
    yield
    _servers.clear()
    _running.close()


def servers(kind: str) -> list[Server]:
    """One server, or a Cluster; started when first asked for."""
    if kind not in _servers:
        _servers[kind] = [_running.enter_context(valkey())] if kind == "one" else _running.enter_context(cluster())
    return _servers[kind]


def door(kind: str = "one") -> ValkeyLeases:
    """Waits long enough for a busy machine; pages do not."""
    return ValkeyLeases(Link(servers(kind)[0].url, timeout=20))


def empty(kind: str) -> None:
    for server in servers(kind):
        server.client().flushall()


class Several:
    """Doors that take turns, as when each request comes to another one."""

    def __init__(self, kind: str, count: int) -> None:
        self.kind = kind
        self.doors = [door(kind) for _ in range(count)]
        self.turn = 0

    def next(self) -> ValkeyLeases:
        self.turn += 1
        return self.doors[self.turn % len(self.doors)]

    async def lease(self, pool: Pool, asker: Asker, now: float) -> Choice:
        return await self.next().lease(pool, asker, now)

    async def confirm(self, pool: int, visitor: str, number: int, now: float) -> bool:
        return await self.next().confirm(pool, visitor, number, now)

    async def renew(self, pool: int, visitor: str, number: int, now: float, *, viewed: bool = False) -> bool:
        return await self.next().renew(pool, visitor, number, now, viewed=viewed)

    async def leave(self, pool: int, visitor: str, number: int, now: float) -> bool:
        return await self.next().leave(pool, visitor, number, now)

    async def release(self, pool: int, visitor: str) -> None:
        await self.next().release(pool, visitor)

    async def peek(self, pool: Pool, now: float) -> int:
        return await self.next().peek(pool, now)

    async def holders(self, pool: int, number: int, now: float) -> list[str]:
        return await self.next().holders(pool, number, now)

    async def restart(self) -> None:
        """The next door is started again, and all that it knew is gone."""
        at = (self.turn + 1) % len(self.doors)
        await self.doors[at].close()
        self.doors[at] = door(self.kind)

    async def close(self) -> None:
        for one in self.doors:
            await one.close()


class OnServer:
    """An empty server, and one loop for the doors that share it."""

    kind, doors, several = "one", 1, False
    loop: asyncio.AbstractEventLoop | None = None
    opened: LeaseStore

    def make(self) -> LeaseStore:
        empty(self.kind)
        self.opened = Several(self.kind, self.doors) if self.doors > 1 or self.several else door(self.kind)
        return self.opened

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        if self.loop is None:
            self.loop = asyncio.new_event_loop()
        return self.loop.run_until_complete(work)

    def end(self) -> None:
        if self.loop is not None:
            self.run(self.opened.close())
            self.loop.close()


class TestOneServer(OnServer, LeaseContract):
    def teardown_method(self) -> None:
        self.end()


class TestCluster(TestOneServer):
    kind = "cluster"


class TestLineOfOneDoor(OnServer, LineContract):
    several, doors = True, 1

    def restart(self, pool: Pool) -> LeaseStore:  # noqa: ARG002  what is kept is on the server
        assert isinstance(self.opened, Several)
        self.run(self.opened.restart())
        return self.opened

    def teardown_method(self) -> None:
        self.end()


class TestLineOfTwoDoors(TestLineOfOneDoor):
    doors = 2


class TestLineOfTwoDoorsOnCluster(TestLineOfTwoDoors):
    kind = "cluster"


class OneDoor(OnServer, LeaseMachine):
    def teardown(self) -> None:
        self.end()


class ThreeDoors(OneDoor):
    doors = 3


class ThreeDoorsOnCluster(ThreeDoors):
    kind = "cluster"


for machine, examples in ((OneDoor, 25), (ThreeDoors, 25), (ThreeDoorsOnCluster, 10)):
    machine.TestCase.settings = settings(max_examples=examples, stateful_step_count=30, deadline=None)
TestOneDoor, TestThreeDoors, TestThreeDoorsOnCluster = (
    OneDoor.TestCase, ThreeDoors.TestCase, ThreeDoorsOnCluster.TestCase,
)  # fmt: skip


@pytest.mark.parametrize("kind", ["one", "cluster"])
def test_eight_doors_at_once_never_share_while_numbers_are_free(kind: str) -> None:
    """Forty visitors and forty numbers; who comes back comes to any door, and some have to go."""

    async def story() -> None:
        empty(kind)
        doors, chance, now = [door(kind) for _ in range(8)], random.Random(7), NOW
        here: dict[str, int] = {}
        for round_ in range(12):
            now += 30
            gone = chance.sample(sorted(here), len(here) // 4)
            await asyncio.gather(*(chance.choice(doors).release(MANY.id, name) for name in gone))
            for name in gone:
                del here[name]
            new = [f"{round_}-{n}" for n in range(40 - len(here))]
            names = chance.sample([*here, *new], 40)
            asked = [chance.choice(doors).lease(MANY, ask(name, source=name[-1]), now) for name in names]
            choices = dict(zip(names, await asyncio.gather(*asked), strict=True))
            assert sorted(choice.number for choice in choices.values()) == list(MANY.numbers)
            assert not any(choice.overflow for choice in choices.values())
            assert {name: choices[name].number for name in here} == here, "who comes back keeps the number"
            here = {name: choice.number for name, choice in choices.items()}
            seen = [chance.choice(doors).confirm(MANY.id, name, number, now) for name, number in here.items()]
            assert all(await asyncio.gather(*seen))
        for one in doors:
            await one.close()

    asyncio.run(story())


def test_a_second_door_chooses_by_what_the_first_one_saw() -> None:
    async def story() -> None:
        empty("one")
        first, second = door(), door()
        for at, (name, source) in enumerate({"ann": "google", "ben": "mail", "cid": "radio"}.items()):
            choice = await first.lease(POOL, ask(name, source=source), NOW + at)
            await first.confirm(POOL.id, name, choice.number, NOW + at)
        await second.lease(POOL, ask("ann"), NOW + 5)  # the second door has seen where they are
        late = NOW + HOLD + 10
        assert await second.lease(POOL, ask("dot", source="mail"), late) == Choice(12, "same_source", fresh=True)
        for one in (first, second):
            await one.close()

    asyncio.run(story())


def test_a_server_that_lost_everything_is_told_again() -> None:
    async def story() -> None:
        empty("one")
        first, second = door(), door()
        ann = (await first.lease(POOL, ask("ann"), NOW)).number
        ben = (await second.lease(POOL, ask("ben"), NOW)).number
        assert await first.confirm(POOL.id, "ann", ann, NOW)
        assert await second.confirm(POOL.id, "ben", ben, NOW)
        empty("one")
        assert await second.renew(POOL.id, "ben", ben, NOW + 20), "the lease is rebuilt from the sign of life"
        assert await first.lease(POOL, ask("ann"), NOW + 21) == Choice(ann, "held", fresh=False)
        assert (await second.lease(POOL, ask("cid"), NOW + 22)).number == 13
        assert await second.holders(POOL.id, ben, NOW + 20 + HOLD - 1) == ["ben"]
        for one in (first, second):
            await one.close()

    asyncio.run(story())


@pytest.mark.parametrize("doors_too", [False, True])
def test_a_server_that_lost_everything_is_told_the_line(doors_too: bool) -> None:
    """By doors that have seen it, or that started again from what their spools say (`MemoryLeases.leases`)."""

    async def story() -> None:
        empty("one")
        doors = [door(), door()]
        for at, name in enumerate(("ann", "ben")):
            number = (await doors[at].lease(LINE, ask(name), NOW + at)).number
            await doors[at].confirm(LINE.id, name, number, NOW + at)
        for at, name in ((90, "ann"), (3, "ben")):
            await doors[0].leave(LINE.id, name, 11 if name == "ann" else 12, NOW + at)
        assert (await doors[0].lease(LINE, ask("ann"), NOW + 95)).reason == "held", "and now it has seen all"
        empty("one")
        if doors_too:
            doors = [await put_back(one) for one in doors]
        late = [await doors[at % 2].lease(LINE, ask(name), NOW + 400) for at, name in enumerate(("cid", "dot", "eve"))]
        assert [choice.number for choice in late] == [13, 11, 12]
        for one in doors:
            await one.close()

    asyncio.run(story())


async def put_back(old: ValkeyLeases) -> ValkeyLeases:
    """The door, started again: it has read its spool."""
    await old.close()
    new = door()
    for held in old.view.leases():
        new.view.put_back(LINE, held)
    return new


def test_what_an_earlier_version_left_on_the_server_is_understood() -> None:
    """It kept no turns: a number's visitors alone, and counts that begin with 1."""

    async def story() -> None:
        empty("one")
        first, second = door(), door()
        for name in ("ann", "ben"):
            number = (await first.lease(LINE, ask(name), NOW)).number
            await first.confirm(LINE.id, name, number, NOW)
        server, key = servers("one")[0], f"callspring:{{pool {LINE.id}}}"
        for number in (11, 12):
            visitors = msgspec.msgpack.decode(bytes(server.say("HGET", f"{key}:holders", number)))[1:]
            server.say("HSET", f"{key}:holders", number, msgspec.msgpack.encode(visitors))
        server.say("HSET", f"{key}:meta", "count", 4)
        server.say("DEL", f"{key}:events")
        assert await second.lease(LINE, ask("ann"), NOW + 1) == Choice(11, "held", fresh=False)
        given = [(await second.lease(LINE, ask(name), NOW + 400)).number for name in ("cid", "dot", "eve")]
        assert sorted(given) == [11, 12, 13]
        late = [(await second.lease(LINE, ask(name), NOW + 800)).number for name in ("fay", "gil", "hal")]
        assert late == given, "and from then on they go in line"
        for one in (first, second):
            await one.close()

    asyncio.run(story())


def test_without_the_server_numbers_are_kept_and_others_share() -> None:
    async def story() -> None:
        with valkey() as server:
            leases = ValkeyLeases(Link(server.url, timeout=1.0))
            ann = await leases.lease(POOL, ask("ann"), NOW)
            assert await leases.confirm(POOL.id, "ann", ann.number, NOW)
            server.kill()
            begun = time.monotonic()
            assert await leases.lease(POOL, ask("ann"), NOW + 5) == Choice(ann.number, "held", fresh=False)
            assert await leases.renew(POOL.id, "ann", ann.number, NOW + 10)
            assert (await leases.lease(POOL, ask("ben", own=13), NOW + 10)).number == 13, "their token says so"
            cid = await leases.lease(POOL, ask("cid"), NOW + 10)
            assert (cid.reason, cid.overflow) == (DOWN, True)
            left = await leases.lease(Pool(4, (21,), HOLD, "leave"), ask("cid"), NOW + 10)
            assert left == Choice(0, DOWN, fresh=True, overflow=True)
            assert time.monotonic() - begun < 10
            server.start()
            await asyncio.sleep(1.1)
            assert await leases.lease(POOL, ask("ann"), NOW + 20) == Choice(ann.number, "held", fresh=False)
            assert (await leases.lease(POOL, ask("dot"), NOW + 20)).number not in (ann.number, 13)
            await leases.close()

    asyncio.run(story())


def test_a_server_that_hangs_keeps_no_page_waiting() -> None:
    async def story() -> None:
        with valkey() as server:
            leases = ValkeyLeases(Link(server.url, timeout=1.0))
            assert (await leases.lease(POOL, ask("ann"), NOW)).number
            server.client().client_pause(20_000)
            begun = time.monotonic()
            assert (await leases.lease(POOL, ask("ann"), NOW + 1)).reason == "held"
            assert time.monotonic() - begun < 10
            await leases.close()

    asyncio.run(story())
