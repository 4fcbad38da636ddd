"""When the disk takes no more, pages keep their own number, and afterwards everything goes on."""

from __future__ import annotations

import asyncio
from pathlib import Path

from callspring.records import Dropped, NumberGranted, Swapped, VisitBegan
from tests.doors import House, Visitor, e164, open_doors
from tests.stores.disk import LIMIT, files_end_at


def test_a_full_disk_leaves_the_pages_number_and_says_so(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_doors(tmp_path) as house:
            ann = Visitor(house)
            await ann.see()
            token, before = ann.token, house.records()
            house.fill_disk(LIMIT)
            with files_end_at():
                answer = await ann.load("/more")
                assert (answer.status, answer.reason, answer.numbers) == (200, "disk_full", [])
                assert ann.token == token, "the cookie stays as it was"
                stranger = await Visitor(house).load()
                assert (stranger.reason, stranger.numbers) == ("disk_full", [])
                beacon = await ann.beacon({"kind": "swapped", "places": {"20": 3}})
                assert (beacon.status, beacon.reason) == (507, "disk_full")
            assert house.records() == before, "nothing half-written"
            assert await ann.see() == e164(201), "and once there is room the same number again"

    asyncio.run(story())


def test_everybody_of_the_same_instant_is_told(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_doors(tmp_path) as house:
            house.fill_disk(LIMIT)
            before = house.records()
            with files_end_at():
                answers = await asyncio.gather(*(Visitor(house).load() for _ in range(5)))
            assert [(answer.reason, answer.numbers) for answer in answers] == [("disk_full", [])] * 5
            assert house.records() == before

    asyncio.run(story())


def test_what_was_dropped_meanwhile_is_counted_when_there_is_room(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_doors(tmp_path) as house:
            house.fill_disk(LIMIT)
            with files_end_at():
                for _ in range(3):
                    await Visitor(house).load()
                house.doors._tick(house.clock.now)
        found = [record for record in house.records() if isinstance(record, Dropped)]
        assert [(drop.reason, drop.count, drop.host) for drop in found] == [("disk_full", 3, "pool.example")]

    asyncio.run(story())


def test_without_a_visit_number_the_page_keeps_its_own(tmp_path: Path) -> None:
    """No file can be written at all: a company's first block of visit numbers cannot be reserved either."""

    async def story() -> None:
        async with open_doors(tmp_path) as house:
            with files_end_at(0):
                answer = await Visitor(house).load()
            assert (answer.status, answer.reason) == (200, "disk_full")
            assert (await Visitor(house).load()).body["visit"] == 1

    asyncio.run(story())


def test_a_door_that_starts_after_it_was_full_reads_what_was_kept(tmp_path: Path) -> None:
    async def full(house: House) -> str:
        number = await Visitor(house).see()
        house.fill_disk(LIMIT)
        with files_end_at():
            assert (await Visitor(house).load()).reason == "disk_full"
        await house.crash()
        return number

    async def story() -> None:
        async with open_doors(tmp_path) as house:
            number = await full(house)
        async with open_doors(tmp_path) as house:
            kinds = [type(record) for record in house.records() if not isinstance(record, Dropped)]
            assert VisitBegan in kinds
            assert {NumberGranted, Swapped} <= set(kinds)
            assert (await Visitor(house).load()).number != number

    asyncio.run(story())
