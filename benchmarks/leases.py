"""Leases: a visitor's lease, show and renewal, in the process and on a real Valkey, each against the bare store.

The bare store is a dictionary that takes a value and gives it back, and a script that finds nothing to do, sent just as
ours are. CPU time judges; on Valkey the client's and the server's together. Visitors come so often that four in five
numbers are held, and every hold ends: what that costs is in the figures. Garbage is collected as in the doors process.
"""

from __future__ import annotations

import asyncio
import gc
import random
import time
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from typing import Any

import psutil

from callspring.stores.leases import link
from callspring.stores.leases.memory import MemoryLeases
from callspring.stores.leases.port import Asker, LeaseStore, Pool

POOLS = (20, 200, 2000)
VISITORS = 12_000
ON_SERVER = 4_000
AT_ONCE = 32
HOLD = 150
HELD = 0.8
MOST_GROWTH = 2.5  # from 20 numbers to 2,000: nothing looks at the whole pool (100), but memory is farther away
ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Result:
    """One line; `goal` is the most that `value` may be, None for people to know."""

    name: str
    value: float
    unit: str
    goal: float | None = None
    more: str = ""

    @property
    def missed(self) -> bool:
        """Whether it is too much."""
        return self.goal is not None and self.value > self.goal

    def __str__(self) -> str:
        goal = f" (goal {self.goal:g})" if self.goal is not None else ""
        return f"{self.name:60} {self.value:8.2f} {self.unit}{goal}  {self.more}{'   MISSED' if self.missed else ''}"


def run() -> Iterator[Result]:
    """Both stores."""
    before = gc.get_threshold()
    gc.set_threshold(20_000, 20, 50)
    yield from _measure()
    gc.set_threshold(*before)


def _measure() -> Iterator[Result]:
    bare = min(_bare_dict() for _ in range(ROUNDS))
    memory = {numbers: min(_in_process(numbers) for _ in range(ROUNDS)) for numbers in POOLS}
    for numbers, spent in memory.items():
        more = f"{1e6 / spent:,.0f} per second"
        yield Result(f"in the process, lease + show + renewal, {numbers:,} numbers", spent, "µs", None, more)
    yield Result("  2,000 numbers against 20", memory[2000] / memory[20], "times", MOST_GROWTH)
    yield Result("  200 numbers against a dictionary's put and get", memory[200] / bare, "times")
    ours, nothing = _on_server()
    yield Result("Valkey, lease + renewal, 200 numbers", ours, "µs", None, f"{1e6 / ours:,.0f} per second")
    yield Result("  against two scripts that find nothing to do", ours / nothing, "times", None, f"{nothing:.0f} µs")


def _visitors(count: int) -> list[Asker]:
    chance = random.Random(1)
    return [Asker(f"visitor {n}", f"visit {n}", f"source {chance.randrange(8)}") for n in range(count)]


def _pool(numbers: int) -> Pool:
    return Pool(1, tuple(range(1, numbers + 1)), HOLD, "share")


def _bare_dict() -> float:
    """µs of CPU."""
    visitors, kept = _visitors(VISITORS), dict[str, int]()

    async def live() -> None:
        for visitor in visitors:
            kept[visitor.visitor] = 1
            kept.get(visitor.visitor)

    return _cpu(live()) / VISITORS * 1e6


def _in_process(numbers: int) -> float:
    """µs of CPU for one visitor, once every number has a past."""
    pool, visitors = _pool(numbers), _visitors(2 * VISITORS)
    step, store = (HOLD + 1) / numbers / HELD, MemoryLeases()
    _cpu(_live(store, pool, visitors[:VISITORS], 1e9, step))
    return _cpu(_live(store, pool, visitors[VISITORS:], 1e9 + VISITORS * step, step)) / VISITORS * 1e6


async def _live(store: LeaseStore, pool: Pool, visitors: list[Asker], now: float, step: float) -> None:
    for visitor in visitors:
        now += step
        choice = await store.lease(pool, visitor, now)
        await store.confirm(pool.id, visitor.visitor, choice.number, now)
        await store.renew(pool.id, visitor.visitor, choice.number, now + 1)


def _cpu(work: Coroutine[Any, Any, None]) -> float:
    begun = time.process_time()
    asyncio.run(work)
    return time.process_time() - begun


def _on_server() -> tuple[float, float]:
    """µs of CPU, the client's and the server's, for our two operations and for two empty ones."""
    from tests.valkey_server import valkey

    with valkey() as server:
        (process,) = [one for one in psutil.Process().children() if one.name().startswith("valkey")]
        return asyncio.run(_compare(server.url, process))


async def _compare(address: str, server: psutil.Process) -> tuple[float, float]:
    from callspring.stores.leases.valkey import ValkeyLeases

    line = link.Link(address, timeout=20)
    store, pool, visitors = ValkeyLeases(line), _pool(200), _visitors(ON_SERVER)
    step = (HOLD + 1) / len(pool.numbers) / HELD

    async def ours(at: int) -> None:
        now = 1e9 + at * step
        choice = await store.lease(pool, visitors[at], now)
        await store.renew(pool.id, visitors[at].visitor, choice.number, now)

    async def nothing(at: int) -> None:
        await line.run("release", 2, f"nobody {at}", "")
        await line.run("release", 2, f"nobody {at}", "")

    await ours(0)
    found = [await _spent(server, one) for one in (ours, nothing)]
    await store.close()
    return found[0], found[1]


async def _spent(server: psutil.Process, work: Callable[[int], Coroutine[Any, Any, None]]) -> float:
    def both() -> float:
        times = server.cpu_times()
        return time.process_time() + float(times.user + times.system)

    begun = both()
    for first in range(0, ON_SERVER, AT_ONCE):
        await asyncio.gather(*(work(at) for at in range(first, min(first + AT_ONCE, ON_SERVER))))
    return (both() - begun) / ON_SERVER * 1e6
