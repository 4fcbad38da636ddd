"""A door that starts again reads its own spool and knows the live leases and visits as if it had never stopped.

No database is asked. Segments are kept for longer than a visit lasts without a sign of life (`callspring.ingest.run`),
and each says near its beginning which leases there are (`callspring.edge.lease_log`): a page can stay open for days.
"""

from __future__ import annotations

import logging
from pathlib import Path

import msgspec

from callspring.edge.door import EdgeDoor
from callspring.edge.site import ReadySite
from callspring.records import (
    Beat,
    Forgot,
    LeasesHeld,
    NumberGranted,
    PageViewed,
    Record,
    Swapped,
    VisitBegan,
    VisitorDid,
    decode,
)
from callspring.stores.leases.port import Asker, Pool
from callspring.stores.spool.reader import Position, read

log = logging.getLogger(__name__)


async def recover(door: EdgeDoor, spool: Path) -> int:
    """Replay a spool into the door's leases and live visits; returns how many records were read."""
    pools = {pool.id: pool for site in _sites(door) for pool in site.pools.values()}
    shown: dict[str, dict[int, int]] = {}  # by visitor: each pool's number
    count, position = 0, Position()
    while True:
        batch = read(spool, position)
        for payload, _ in batch.payloads:
            try:
                for record in decode(payload):
                    await _replay(door, pools, shown, record)
                    count += 1
            except msgspec.MsgspecError:
                log.warning("a record of another version is skipped while recovering leases")
        if batch.end == position:
            return count
        position = batch.end


async def _replay(door: EdgeDoor, pools: dict[int, Pool], shown: dict[str, dict[int, int]], record: Record) -> None:
    match record:
        case NumberGranted() if record.dynamic and record.number and record.scenario in pools:
            asker = Asker(record.visitor, record.visit, record.source)
            held = record.reason == "held"
            door.view.restore(pools[record.scenario], asker, record.number, record.at, held=held)
            shown.setdefault(record.visitor, {})[record.scenario] = record.number
        case VisitBegan():
            door.live.touch(record.id, record.at)
        case PageViewed():
            door.live.touch(record.visit, record.at)
            for scenario_id in shown.get(record.visitor, {}).keys() - set(record.lost):
                door.view.restore_page(scenario_id, record.visitor, record.at)
        case Swapped() | Beat() | VisitorDid():
            await _replay_beacon(door, shown.get(record.visitor, {}), record)
        case Forgot():
            for scenario in shown.pop(record.visitor, {}):
                await door.view.release(scenario, record.visitor)
        case LeasesHeld():
            _put_back(door, pools, shown, record)
        case _:
            pass


def _put_back(door: EdgeDoor, pools: dict[int, Pool], shown: dict[str, dict[int, int]], record: LeasesHeld) -> None:
    for held in record.leases:
        if held.pool in pools:
            door.view.put_back(pools[held.pool], held)
            shown.setdefault(held.visitor, {})[held.pool] = held.number


async def _replay_beacon(door: EdgeDoor, numbers: dict[int, int], record: Swapped | Beat | VisitorDid) -> None:
    """As `callspring.edge.beacon_path` did: the visitor is there, and a confirmed swap is a show."""
    door.live.touch(record.visit, record.at)
    places = record.places if isinstance(record, Swapped) else {}
    left = isinstance(record, Beat) and record.left
    for scenario in numbers.keys() - set(record.lost):
        view = door.view
        goes_on = view.confirm if places.get(str(scenario)) else view.leave if left else view.renew
        await goes_on(scenario, record.visitor, numbers[scenario], record.at)


def _sites(door: EdgeDoor) -> list[ReadySite]:
    return [site for by_host in door.snapshot.sites.values() for site in by_host.values()]
