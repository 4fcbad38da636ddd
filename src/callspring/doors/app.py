"""One ASGI application for the doors process: routes to edge and voice, and looks after the stores they share."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Iterable, Iterator

from callspring.config import Config, assets
from callspring.doorway.drop_counter import DropCounter
from callspring.doorway.http import Receive, Scope, Send, send_answer
from callspring.edge.app import Edge
from callspring.edge.door import EdgeDoor
from callspring.edge.flood import MOST_EVENTS, MOST_PAGES, Flood
from callspring.edge.lease_log import LeaseLog
from callspring.edge.live_visits import CarriedVisits, LiveVisits
from callspring.edge.recover import recover
from callspring.edge.site import ReadySite
from callspring.edge.token import Seal
from callspring.edge.whereabouts import Whereabouts
from callspring.records import Tick, encode
from callspring.stores.leases import pasts
from callspring.stores.leases.opening import open_leases
from callspring.stores.snapshot.reader import Snapshot
from callspring.stores.snippet_versions import built, keep
from callspring.stores.spool.writer import SpoolFull, SpoolWriter
from callspring.stores.visit_numbers import VisitNumbers
from callspring.visits import device
from callspring.visits.client_ip import Proxies
from callspring.visits.location import Locator
from callspring.voice.app import Voice
from callspring.voice.door import VoiceDoor
from callspring.voice.position import PositionSeal

log = logging.getLogger(__name__)
REFRESH_SECONDS = 0.25
TICK_SECONDS = 1.0
SAVE_SECONDS = 60.0
SLICE_SECONDS = 0.001


class Doors:
    """The doors of one process. `name` is the name of its spool, its own for as long as the volume lives."""

    def __init__(self, config: Config, name: str = "doors-1") -> None:
        self._folder = config.spools / name
        self.spool = SpoolWriter(self._folder)
        self.drops = DropCounter()
        self.snapshot: Snapshot[ReadySite] = Snapshot(config.snapshots, ReadySite, ReadySite.take_timing)
        self.visit_numbers = VisitNumbers(config.visit_numbers)
        proxies = Proxies(config.trusted_proxies)
        leases, view = open_leases(config.leases)
        self.edge = EdgeDoor(
            snapshot=self.snapshot,
            leases=leases,
            view=view,
            spool=self.spool,
            visit_numbers=self.visit_numbers,
            live=LiveVisits(),
            carried=CarriedVisits(),
            drops=self.drops,
            seal=Seal(config.secret),
            whereabouts=Whereabouts(proxies, Locator(config.city_file or assets() / "geo" / "country.mmdb")),
            pages=Flood(MOST_PAGES),
            events=Flood(MOST_EVENTS),
        )
        self.voice = VoiceDoor(
            snapshot=self.snapshot,
            spool=self.spool,
            drops=self.drops,
            seal=PositionSeal(config.secret),
            public_url=config.doors_url,
            proxies=proxies,
            sounds=config.sounds,
        )
        self._lease_log = LeaseLog(self.edge.view, self.spool)
        version = built(assets() / "snippet")
        self._edge_app = Edge(self.edge, version.first, keep(config.snippets, version))
        self._voice_app = Voice(self.voice)
        self._housekeeping: asyncio.Task[None] | None = None

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """The ASGI entry point: finds who answers. No coroutine of its own, each one would cost every visitor."""
        if scope["type"] == "lifespan":
            return self._lifespan(receive, send)
        path: str = scope["path"]
        if path.startswith("/voice/"):
            return self._voice_app(scope, receive, send)
        if path == "/healthz":
            return send_answer(send, 200, ((b"content-type", b"text/plain"),), b"ok\n")
        return self._edge_app(scope, receive, send)

    async def start(self) -> None:
        """Load the snapshot, recover leases from the spool, begin housekeeping."""
        device.load()
        self.snapshot.refresh()
        pools = {
            pool.id: pool
            for by_host in self.snapshot.sites.values()
            for s in by_host.values()
            for pool in s.pools.values()
        }
        pasts.load(self.edge.view, self._folder, pools)
        count = await recover(self.edge, self._folder)
        log.info("recovered from %d spooled records; %d sites published", count, len(self.snapshot.sites))
        self._tick(time.time())
        self._housekeeping = asyncio.create_task(self._keep_house())

    async def stop(self) -> None:
        """End housekeeping; make everything durable."""
        if self._housekeeping is not None:
            self._housekeeping.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._housekeeping
        self._tick(time.time())
        await self._in_slices(self._save_pasts())
        await self.edge.leases.close()
        self.spool.close()
        self.visit_numbers.close()

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self.start()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await self.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _keep_house(self) -> None:
        """Follow the snapshot; once a second write what was dropped, and that time has passed."""
        ticked, saved = 0.0, time.monotonic()
        while True:
            await asyncio.sleep(REFRESH_SECONDS)
            try:
                await self.follow_snapshot()
            except Exception:  # whatever it is, ending would leave this door with old numbers and no ticks
                log.exception("the snapshot cannot be read; what was known before stays in force")
            if time.monotonic() - ticked >= TICK_SECONDS:
                ticked = time.monotonic()
                self._tick(time.time())
            if time.monotonic() - saved >= SAVE_SECONDS:
                saved = time.monotonic()
                await self._in_slices(self._save_pasts())

    async def follow_snapshot(self) -> None:
        """Load what is new: a full publication must not keep pages waiting."""
        await self._in_slices(self.snapshot.steps())

    async def _in_slices(self, steps: Iterable[object]) -> None:
        """Take the steps, a moment at a time."""
        begun = time.perf_counter()
        for _ in steps:
            if time.perf_counter() - begun > SLICE_SECONDS:
                await asyncio.sleep(0)
                begun = time.perf_counter()

    def _save_pasts(self) -> Iterator[None]:
        try:
            yield from pasts.save(self.edge.view, self._folder)
        except OSError as error:
            log.warning("what is known of numbers' earlier visitors cannot be saved (%s)", error)

    def _tick(self, now: float) -> None:
        dropped = self.drops.take(now)
        try:
            self._lease_log.write(now)
            self.spool.append(*map(encode, (*dropped, Tick(now))))
        except SpoolFull as error:
            self.drops.put_back(dropped)
            log.error("the spool is full: pages keep their own numbers until there is room again (%s)", error)
