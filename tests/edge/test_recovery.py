"""A door that was killed knows, from its own spool, every lease and visit as if it had never stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callspring.records import PageViewed, encode
from callspring.stores.spool.writer import SpoolWriter
from tests.doors import NOW, POOL_NUMBERS, POOL_SCENARIO, House, Visitor, e164, open_doors, pool_site

MANY = tuple(range(1000, 1012))
SIGNS = ("beat", "tel_click", "leave", "event", "view", "swapped")
SMALL = POOL_NUMBERS[:2]
STEP = st.tuples(
    st.integers(0, 2), st.sampled_from(("load", "see", "see", *SIGNS)), st.sampled_from([0, 1, 14, 60, 149, 151])
)


async def held(house: House, numbers: Sequence[int], now: float) -> list[list[str]]:
    leases = house.doors.edge.leases
    return [sorted(await leases.holders(POOL_SCENARIO, number, now)) for number in numbers]


def test_every_visitor_sees_the_same_number_after_a_kill(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_doors(tmp_path, pool_site(MANY)) as house:
            visitors = [Visitor(house) for _ in MANY]
            numbers = [await visitor.see() for visitor in visitors]
            assert len(set(numbers)) == len(MANY)
            await house.crash()
        async with open_doors(tmp_path, pool_site(MANY)) as house:
            house.clock.now = NOW + 140
            newcomer = await Visitor(house).load()
            assert newcomer.body["swaps"], "a full pool shares"
            for visitor in reversed(visitors):
                visitor.house = house
            assert [await visitor.see() for visitor in visitors] == numbers
            assert {visitor.token for visitor in visitors} != {""}

    asyncio.run(story())


def test_a_newcomer_after_a_kill_gets_nobodys_number(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_doors(tmp_path) as house:
            shown = {await Visitor(house).see(), (await Visitor(house).load()).number}
            await house.crash()
        async with open_doors(tmp_path) as house:
            house.clock.now = NOW + 10
            assert (await Visitor(house).load()).number not in shown

    asyncio.run(story())


def test_the_visit_goes_on_over_a_kill_and_numbers_never_repeat(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_doors(tmp_path) as house:
            ann = Visitor(house)
            await ann.load()
            house.clock.now += 1700
            await ann.beacon({"kind": "tel_click", "number": e164(201)})
            await house.crash()
        async with open_doors(tmp_path) as house:
            house.clock.now = NOW + 3400
            ann.house = house
            assert (await ann.load()).body["visit"] == 1
            assert (await Visitor(house).load()).body["visit"] > 1

    asyncio.run(story())


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(steps=st.lists(STEP, min_size=3, max_size=15))
def test_a_restart_changes_nothing(tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[int, str, int]]) -> None:
    """Whatever visitors did before: each number has the same holders, now and later, on the door that starts again."""
    folder = tmp_path_factory.mktemp("restart")

    async def story() -> None:
        async with open_doors(folder, pool_site(SMALL)) as house:
            visitors = [Visitor(house) for _ in range(3)]
            for who, what, seconds in steps:
                house.clock.now += seconds
                await act(visitors[who], what)
            end = house.clock.now
            moments = [end + later for later in (0, 10, 16, 100, 149, 151)]
            before = [await held(house, SMALL, moment) for moment in moments]
            await house.crash()
        async with open_doors(folder, pool_site(SMALL)) as house:
            assert [await held(house, SMALL, moment) for moment in moments] == before

    asyncio.run(story())


async def act(visitor: Visitor, what: str) -> None:
    if what in ("load", "see"):
        await (visitor.load() if what == "load" else visitor.see())
    elif visitor.token:
        await visitor.beacon({"kind": what, "places": {str(POOL_SCENARIO): 1}})


def test_a_damaged_spool_is_recovered_around_the_damage(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_doors(tmp_path) as house:
            shown = {await Visitor(house).see()}
            await house.crash()
            folder = house.config.spools / "doors-1"
        for part in (b"\xff\xfe\x05 torn", bytes(300)):
            with next(iter(sorted(folder.glob("*.seg"))[-1:])).open("ab") as file:
                file.write(part)
        writer = SpoolWriter(folder)
        writer.append(
            b'{"type":"of a later version","at":1.0}', b"no json at all", encode(PageViewed("p", 1.0, 1, "v", "w", "u"))
        )
        writer.close()
        async with open_doors(tmp_path) as house:
            assert (await Visitor(house).load()).number not in shown

    asyncio.run(story())


def test_a_clean_stop_leaves_no_gap_in_visit_numbers(tmp_path: Path) -> None:
    async def story() -> None:
        for expected in (1, 2, 3):
            async with open_doors(tmp_path) as house:
                assert (await Visitor(house).load()).body["visit"] == expected

    asyncio.run(story())


def test_a_running_door_follows_the_snapshot(tmp_path: Path) -> None:
    from tests.doors import publish_all

    async def story() -> None:
        async with open_doors(tmp_path) as house:
            assert await Visitor(house).see() == e164(201)
            publish_all(house.config, pool_site((204,)))
            for _ in range(20):
                await asyncio.sleep(0.05)
                if (await Visitor(house).load()).number == e164(204):
                    return
            raise AssertionError("the door did not learn of the change within a second")

    asyncio.run(story())
