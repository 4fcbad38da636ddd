"""A page that is open for longer than segments are kept is still known after a restart; all three agree on leases."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from callspring.edge import lease_log
from callspring.ingest.run import KEEP_SECONDS
from callspring.records import LeasesHeld, decode
from callspring.stores.spool.files import segments
from callspring.stores.spool.reader import Position, read, remove_before
from tests.doors import NOW, POOL_SCENARIO, House, Visitor, e164, open_doors, pool_site
from tests.edge.test_recovery import held

MANY = tuple(range(1000, 1007))


def begin_segment(house: House) -> None:
    """As the writer does when a segment is full."""
    house.doors.spool._rotate()


def remove_ingested(house: House) -> None:
    """As the ingester does with what has long been in the record."""
    folder = house.config.spools / "doors-1"
    newest = segments(folder)[-1]
    for path in folder.glob("*.seg"):
        if int(path.stem) < newest:
            os.utime(path, (0, 0))
    remove_before(folder, Position(newest, 0), KEEP_SECONDS)
    assert segments(folder) == [newest]


def test_a_page_open_for_an_hour_keeps_its_number_over_a_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease_log, "AT_ONCE", 2)

    async def story() -> None:
        async with open_doors(tmp_path, pool_site(MANY)) as house:
            readers = [Visitor(house) for _ in range(5)]
            numbers = [await reader.see() for reader in readers]
            gone = Visitor(house)
            await gone.see()
            hidden = Visitor(house)
            await hidden.load()
            for minute in range(70):
                house.clock.now += 60
                if minute % 20 == 0:
                    begin_segment(house)
                    house.doors._tick(house.clock.now)
                for reader in readers:
                    await reader.beacon({"kind": "beat"})
            begin_segment(house)
            house.doors._tick(house.clock.now)
            before = [await held(house, MANY, house.clock.now + later) for later in (0, 100, 149, 150)]
            remove_ingested(house)
            now = house.clock.now
            await house.crash()
        async with open_doors(tmp_path, pool_site(MANY)) as house:
            assert [await held(house, MANY, now + later) for later in (0, 100, 149, 150)] == before
            house.clock.now = now + 30
            for reader in readers:
                reader.house = house
                answer = await reader.beacon({"kind": "beat", "places": {str(POOL_SCENARIO): 1}})
                assert answer.status == 204, "the number is still theirs"
            assert (await Visitor(house).load()).number not in numbers

    asyncio.run(story())


def test_leases_are_written_once_for_each_segment(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_doors(tmp_path) as house:
            await Visitor(house).see()
            for _ in range(3):
                house.doors._tick(NOW)
            begin_segment(house)
            for _ in range(3):
                house.doors._tick(NOW)
            logged = [record for record in everything(house) if isinstance(record, LeasesHeld)]
            assert [[one.number for one in record.leases] for record in logged] == [[201]]
            assert logged[0].leases[0].confirmed

    asyncio.run(story())


def everything(house: House) -> list[object]:
    found: list[object] = []
    position = Position()
    while True:
        batch = read(house.config.spools / "doors-1", position)
        found += [record for payload, _ in batch.payloads for record in decode(payload)]
        if batch.end == position:
            return found
        position = batch.end


def test_a_number_that_left_the_pool_meanwhile_is_nobodys(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_doors(tmp_path, pool_site(MANY)) as house:
            ann = Visitor(house)
            assert await ann.see() == e164(1000)
            begin_segment(house)
            house.doors._tick(NOW)
            remove_ingested(house)
            await house.crash()
        async with open_doors(tmp_path, pool_site(MANY[1:])) as house:
            assert await held(house, MANY, NOW) == [[]] * len(MANY)

    asyncio.run(story())


@pytest.mark.parametrize(("seconds", "lives"), [(14, True), (15, False)])
def test_another_view_lengthens_a_lease_that_is_not_confirmed_yet(tmp_path: Path, seconds: int, lives: bool) -> None:
    """As another page load does; the door that starts again agrees."""

    async def story() -> None:
        async with open_doors(tmp_path, pool_site()) as house:
            ann = Visitor(house)
            await ann.load()
            house.clock.now += seconds
            await ann.beacon({"kind": "view", "url": "https://pool.example/next", "title": "Next"})
            expected = [bool(await house.doors.edge.leases.holders(POOL_SCENARIO, 201, NOW + seconds + 14))]
            assert expected == [lives]
            await house.crash()
        async with open_doors(tmp_path, pool_site()) as house:
            assert [bool(await house.doors.edge.leases.holders(POOL_SCENARIO, 201, NOW + seconds + 14))] == expected

    asyncio.run(story())
