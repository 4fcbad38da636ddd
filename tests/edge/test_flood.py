"""Too much from one place takes no numbers and counts as nothing (W11); offices and mobile carriers are not in it."""

from __future__ import annotations

import asyncio
from pathlib import Path

from callspring.edge import flood
from callspring.edge.flood import MOST_EVENTS, MOST_PAGES, Flood
from tests.doors import KEY, NOW, POOL_NUMBERS, POOL_SCENARIO, House, Visitor, open_doors

BODY = {"key": KEY, "url": "https://pool.example/"}


async def load(house: House, ip: str) -> str:
    return (await house.post_visit(BODY, x_forwarded_for=ip)).reason


def test_a_network_has_its_fill_and_others_do_not_feel_it(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_doors(tmp_path) as house:
            reasons = [await load(house, f"2001:db8::{n:x}") for n in range(MOST_PAGES + 2)]
            assert reasons == [""] * MOST_PAGES + ["too_many"] * 2
            recorded = len(house.records())
            assert await load(house, "2001:db8::ffff:1") == "too_many"
            assert len(house.records()) == recorded
            assert [one.count for one in house.doors.drops.take(NOW) if one.reason == "too_many"] != []
            assert await load(house, "2001:db8:0:1::1") == ""
            assert await load(house, "203.0.113.9") == ""
            house.clock.now += 60
            assert await load(house, "2001:db8::1") == ""

    asyncio.run(story())


def test_one_companys_flood_is_not_anothers(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_doors(tmp_path) as house:
            for _ in range(MOST_PAGES + 1):
                house.doors.edge.pages.is_over("203.0.113.9" + KEY, NOW)
            assert await load(house, "203.0.113.9") == "too_many"
            theirs = {"key": "ck_two", "url": "https://other.example/"}
            assert (await house.post_visit(theirs, x_forwarded_for="203.0.113.9")).reason == ""

    asyncio.run(story())


def test_a_proxy_that_names_nobody_is_no_flood(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_doors(tmp_path) as house:
            for _ in range(MOST_PAGES):
                house.doors.edge.pages.is_over("127.0.0.1" + KEY, NOW)
            assert (await house.post_visit(BODY)).reason == ""

    asyncio.run(story())


def test_a_visitors_events_have_an_end(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_doors(tmp_path) as house:
            ann, ben = Visitor(house), Visitor(house)
            await ann.see()
            await ben.see()
            many = [{"kind": "event", "name": "x"}] * 100
            for _ in range((MOST_EVENTS - 1) // 100):
                assert (await ann.beacon(*many)).status == 204
            before = len(house.records())
            refused = await ann.beacon(*many)
            assert (refused.status, refused.reason, len(house.records())) == (429, "too_many", before)
            assert (await ben.beacon({"kind": "beat"})).status == 204
            house.clock.now += 100
            assert (await ann.beacon({"kind": "beat"})).status == 204
            leases = house.doors.edge.leases
            assert [len(await leases.holders(POOL_SCENARIO, n, house.clock.now)) for n in POOL_NUMBERS] == [1, 1, 0]

    asyncio.run(story())


def test_memory_is_bounded_and_time_may_step_back() -> None:
    limiter = Flood(2)
    for key in range(flood.MOST_KEYS + 10):
        assert not limiter.is_over(key, NOW)
    assert len(limiter._counts) <= flood.MOST_KEYS
    assert [limiter.is_over("a", NOW) for _ in range(3)] == [False, False, True]
    assert not limiter.is_over("a", NOW - 3600)
    assert [limiter.is_over("b", NOW, 2), limiter.is_over("b", NOW, 1)] == [False, True]
