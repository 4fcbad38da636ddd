"""Which source decides: the first one that was stored, or, where the company says so, the newest that is not direct."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec

from callspring.records import NumberGranted, VisitBegan
from tests.doors import POOL_NUMBERS, STRATEGY_SITE, House, Visitor, e164, number_shown, open_doors, pool_site

ARRIVALS = ("https://www.google.com/", "", "https://www.partner.example/", "")


async def come_and_come_back(house: House) -> tuple[list[str], list[str]]:
    """The numbers of four visits, a day apart, and the sources stored at each."""
    visitor = Visitor(house, "shop.example")
    numbers = []
    for referrer in ARRIVALS:
        numbers.append((await visitor.load("/", referrer)).number)
        house.clock.now += 86_400
    return numbers, [record.stored.source for record in house.records() if isinstance(record, VisitBegan)]


def test_the_first_source_decides(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_doors(tmp_path) as house:
            assert await come_and_come_back(house) == ([number_shown("web_search")] * 4, ["google"] * 4)

    asyncio.run(story())


def test_the_newest_source_that_is_not_direct_decides(tmp_path: Path) -> None:
    newest = msgspec.structs.replace(STRATEGY_SITE, newest_source=True)
    search, partner = number_shown("web_search"), number_shown("specific_referrer")

    async def story() -> None:
        async with open_doors(tmp_path, newest) as house:
            numbers, stored = await come_and_come_back(house)
            assert numbers == [search, search, partner, partner]
            assert stored == ["google", "google", "partner.example", "partner.example"]

    asyncio.run(story())


def test_a_new_source_takes_no_pool_number_away(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_doors(tmp_path, msgspec.structs.replace(pool_site(), newest_source=True)) as house:
            ann = Visitor(house)
            assert await ann.see("/", referrer="https://www.google.com/") == e164(POOL_NUMBERS[0])
            house.clock.now += 86_400
            assert await ann.see("/?utm_source=mail&utm_medium=email") == e164(POOL_NUMBERS[0])
            granted = [record for record in house.records() if isinstance(record, NumberGranted)]
            assert [record.reason for record in granted] == ["unmarked", "own_last"]

    asyncio.run(story())
