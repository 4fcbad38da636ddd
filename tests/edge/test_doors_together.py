"""Restart, crash, a clock that steps back and a second doors process in the middle of leases: nobody's number moves."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from callspring.records import NumberGranted
from callspring.stores.leases import link
from tests.doors import NOW, POOL_SCENARIO, House, Visitor, open_doors, pool_site
from tests.valkey_server import valkey

MANY = tuple(range(1000, 1012))
SITE = pool_site(MANY)


async def come(*houses: House) -> tuple[list[Visitor], list[str]]:
    """As many visitors as there are numbers, the doors in turn."""
    visitors = [Visitor(houses[at % len(houses)]) for at in range(len(MANY))]
    numbers = [await visitor.see() for visitor in visitors]
    assert len(set(numbers)) == len(MANY), "while a number is free nobody shares"
    return visitors, numbers


async def seen(visitors: list[Visitor], *houses: House) -> list[str]:
    """What they see when they come back, each to another of these doors."""
    for at, visitor in enumerate(reversed(visitors)):
        visitor.house = houses[at % len(houses)]
    return [await visitor.see() for visitor in visitors]


async def newcomer_shares(house: House) -> None:
    """All numbers are held, and the door knows it."""
    await Visitor(house).load()
    granted = [record for record in house.records() if isinstance(record, NumberGranted)][-1]
    assert (granted.scenario, granted.overflow, granted.reason) == (POOL_SCENARIO, True, "shared_source")


def test_a_crash_while_the_clock_steps_back_moves_no_number(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_doors(tmp_path, SITE) as house:
            visitors, numbers = await come(house)
            house.clock.now -= 3600
            assert await seen(visitors, house) == numbers
            await house.crash()
        async with open_doors(tmp_path, SITE) as house:
            house.clock.now = NOW - 7200
            await newcomer_shares(house)
            assert await seen(visitors, house) == numbers

    asyncio.run(story())


def test_two_doors_share_a_server_and_one_of_them_crashes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "TIMEOUT", 20.0)  # this machine may be busy; how long pages wait is tested elsewhere

    async def story() -> None:
        with valkey() as server:
            shared = {"CALLSPRING_LEASES": server.url}
            async with (
                open_doors(tmp_path, SITE, **shared) as one,
                open_doors(tmp_path, SITE, name="doors-2", **shared) as two,
            ):
                visitors, numbers = await come(one, two)
                two.clock.now = NOW + 100
                assert await seen(visitors, one, two) == numbers
                await one.crash()
                await one.doors.edge.leases.close()
                two.clock.now = NOW + 200
                assert await seen(visitors, two) == numbers
                async with open_doors(tmp_path, SITE, **shared) as again:
                    again.clock.now = NOW - 600
                    await newcomer_shares(again)
                    assert await seen(visitors, two, again) == numbers

    asyncio.run(story())


def test_a_door_and_its_server_crash_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The door's spool has what the server forgot."""
    monkeypatch.setattr(link, "TIMEOUT", 20.0)

    async def story() -> None:
        with valkey() as server:
            shared = {"CALLSPRING_LEASES": server.url}
            async with open_doors(tmp_path, SITE, **shared) as house:
                visitors, numbers = await come(house)
                await house.crash()
                await house.doors.edge.leases.close()
            server.client().flushall()
            async with open_doors(tmp_path, SITE, **shared) as house:
                house.clock.now = NOW + 100
                await newcomer_shares(house)
                assert await seen(visitors, house) == numbers

    asyncio.run(story())
