"""While all numbers of a pool are held, its overflow number is shown (P3): static, to everybody who comes late."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest

from callspring.records import NumberGranted, Swapped
from callspring.stores.leases import link
from callspring.stores.snapshot.published import PublishedSite
from tests.doors import POOL_SCENARIO, House, Visitor, e164, open_doors, pool_site
from tests.valkey_server import valkey

SPARE = 299
PLACES = {str(POOL_SCENARIO): 1}


def with_overflow_number() -> PublishedSite:
    """A pool of two and a number for those who come late."""
    published = pool_site((201, 202, SPARE), overflow="number")
    (scenario,) = published.scenarios
    (rule,) = scenario.rules
    rule = msgspec.structs.replace(rule, numbers=(201, 202))
    scenario = msgspec.structs.replace(scenario, rules=(rule,), overflow_number=SPARE)
    return msgspec.structs.replace(published, scenarios=(scenario,))


SITE = with_overflow_number()


def granted(house: House) -> list[tuple[int, str, bool]]:
    found = [record for record in house.records() if isinstance(record, NumberGranted)]
    return [(record.number, record.reason, record.overflow) for record in found]


async def story(house: House) -> None:
    first, second, late, later = (Visitor(house) for _ in range(4))
    held = {await first.see(), await second.see()}
    assert held == {e164(201), e164(202)}
    assert [await late.see(), await later.see()] == [e164(SPARE), e164(SPARE)], "a number that rings"
    assert granted(house)[-2:] == [(SPARE, "overflow_number", True)] * 2
    # It is nobody's lease: nobody loses it, and it stays from page to page though a number has become free.
    answer = await late.beacon({"kind": "swapped", "places": PLACES})
    assert "ask" not in answer.body
    assert [record.lost for record in house.records() if isinstance(record, Swapped)][-1] == ()
    house.clock.now += 600
    before = len(granted(house))
    assert await late.see("/contact") == e164(SPARE)
    assert len(granted(house)) == before, "the same show goes on"
    # Another visit is given a number of the pool.
    house.clock.now += 7200
    assert await late.see() in held
    assert await first.see() in held


def test_who_comes_late_sees_the_overflow_number(tmp_path: Path) -> None:
    async def run() -> None:
        async with open_doors(tmp_path, SITE) as house:
            await story(house)
        async with open_doors(tmp_path, SITE) as house:
            house.clock.now += 7800
            assert await Visitor(house).see() == e164(SPARE), "both numbers of the pool are held since before"

    asyncio.run(run())


def test_it_is_so_with_a_lease_server_and_while_that_is_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "TIMEOUT", 20.0)

    async def run() -> None:
        with valkey() as server:
            async with open_doors(tmp_path, SITE, CALLSPRING_LEASES=server.url) as house:
                await story(house)
                server.kill()
                assert await Visitor(house).see() == e164(SPARE)

    asyncio.run(run())
