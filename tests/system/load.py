"""The load: visitors and callers in a process of their own, `python -m tests.system.load --help`.

About 100 page loads a second, each followed by a beacon, and 5 calls a second through the sandbox carrier. It speaks
to a loopback address only, ends by itself after `--seconds`, and sooner on SIGTERM; before it ends, everybody who has
a token asks once more.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import signal
from collections.abc import Coroutine
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import msgspec

from tests.system.acknowledged import Ended, Log, now
from tests.system.callers import Carrier
from tests.system.visitors import Crowd
from tests.system.world import World

TICK = 0.02  # seconds
MOST_AT_ONCE = 200
LAST_CALLS_SECONDS = 20.0


class Load:
    """Keeps `visits` page loads and `calls` calls a second going."""

    def __init__(self, crowd: Crowd, carrier: Carrier, log: Log, visits: float, calls: float) -> None:
        self._crowd, self._carrier, self._log = crowd, carrier, log
        self._rates = {"visit": visits, "call": calls}
        self._running: set[asyncio.Task[None]] = set()
        self._skipped = 0
        self.stop = asyncio.Event()

    async def run(self, seconds: float) -> None:
        """Offer load until the time is over or `stop` is set, let calls end, and have everybody come back."""
        loop = asyncio.get_running_loop()
        begin = loop.time()
        begun = dict.fromkeys(self._rates, 0)
        while not self.stop.is_set() and (elapsed := loop.time() - begin) < seconds:
            for what, rate in self._rates.items():
                while begun[what] < elapsed * rate:
                    begun[what] += 1
                    self._begin(what)
            await asyncio.sleep(TICK)
        if self._running:
            await asyncio.wait(self._running, timeout=LAST_CALLS_SECONDS)
        known, returned = await self._crowd.everybody_returns()
        self._log.write(Ended(now(), known, returned, self._skipped))

    def _begin(self, what: str) -> None:
        if what == "visit" and len(self._running) >= MOST_AT_ONCE:
            self._skipped += 1
            return
        work: Coroutine[None, None, None] | None = self._crowd.visit() if what == "visit" else self._call()
        if work is not None:
            task = asyncio.create_task(work)
            self._running.add(task)
            task.add_done_callback(self._ended)

    def _call(self) -> Coroutine[None, None, None] | None:
        person = self._crowd.somebody_looking()
        return None if person is None else self._carrier.call(person.id, person.shown)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """A mistake of the load's own ends it: a half-dead load would make a test pass that saw nothing."""
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.stop.set()
            raise SystemExit(f"the load failed: {error!r}")


async def run(options: argparse.Namespace) -> None:
    world = msgspec.json.decode(options.world.read_bytes(), type=World)
    chance = random.Random(options.seed)
    limits = httpx.Limits(max_connections=100, max_keepalive_connections=20)
    async with httpx.AsyncClient(base_url=options.doors, trust_env=False, timeout=5, limits=limits) as client:
        with Log(options.log) as log:
            crowd = Crowd(client, world, log, chance)
            load = Load(crowd, Carrier(client, world, log, chance), log, options.visits, options.calls)
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, load.stop.set)
            await load.run(options.seconds)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.system.load", description=__doc__)
    parser.add_argument("--doors", required=True, help="the doors' address, on loopback")
    parser.add_argument("--world", required=True, type=Path, help="what tests.system.world printed")
    parser.add_argument("--log", required=True, type=Path, help="where acknowledged requests are written")
    parser.add_argument("--seconds", type=float, default=30.0, help="at most 600")
    parser.add_argument("--visits", type=float, default=100.0, help="page loads a second")
    parser.add_argument("--calls", type=float, default=5.0, help="calls a second")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if urlsplit(options.doors).hostname not in ("127.0.0.1", "::1", "localhost"):
        parser.error("--doors must be on loopback")
    if not 0 < options.seconds <= 600:
        parser.error("--seconds must be between 0 and 600")
    asyncio.run(run(options))


if __name__ == "__main__":
    main()
