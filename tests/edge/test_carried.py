"""A visit goes on on another domain of the company (W5), and nobody becomes somebody else by a link."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec

from callspring.records import VisitBegan
from tests.doors import KEY, OTHER_KEY, OTHER_SITE, STRATEGY_SITE, House, Visitor, open_doors, opened, pool_site

DOMAINS = {"pool.example": "pool.example", "offers.pool.example": "pool.example", "shop.example": "shop.example"}
POOL, SHOP = (msgspec.structs.replace(one, domains=DOMAINS) for one in (pool_site(), STRATEGY_SITE))
THEIRS = msgspec.structs.replace(OTHER_SITE, domains={"other.example": "other.example", "new.example": "new.example"})


async def follow(house: House, link: str, host: str = "shop.example", *, token: str = "", key: str = KEY) -> Visitor:
    """Somebody opens a link with this token in it."""
    visitor = Visitor(house, host, key, token)
    await visitor.load(f"/?callspring_from={link}", "https://pool.example/")
    return visitor


def who(visitor: Visitor) -> str:
    return str(opened(visitor.token)[2])


def test_the_visit_goes_on(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_doors(tmp_path, POOL, SHOP) as house:
            ann = Visitor(house)
            answer = await ann.load("/", "https://www.google.com/")
            assert answer.body["domains"][-2:] == ["shop.example", "www.shop.example"]
            await ann.beacon({"kind": "swapped", "places": {"20": 1}})
            house.clock.now += 3600
            await ann.beacon({"kind": "leave"})
            there = await follow(house, ann.token)
            assert who(there) == who(ann)
            assert [record.number for record in house.records() if isinstance(record, VisitBegan)] == [1]
            assert (await there.load("/next")).body["visit"] == 1
            assert opened(there.token)[3][0] == "google", "and so does the source"

    asyncio.run(story())


def test_a_link_that_is_passed_on_makes_nobody_somebody_else(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_doors(tmp_path, POOL, SHOP) as house:
            ann = Visitor(house)
            await ann.load()
            link = ann.token
            assert who(await follow(house, link)) == who(ann)
            for n in range(80):
                house.clock.now += 100
                await ann.beacon({"kind": "beat"})
                if n % 20 == 0:
                    assert who(await follow(house, link)) != who(ann), "the link was used"

    asyncio.run(story())


def test_a_link_is_good_only_while_its_visitor_is_there(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_doors(tmp_path, POOL, SHOP) as house:
            for seconds, same in ((119, True), (121, False), (-3600, False), (90_000, False)):
                ann = Visitor(house)
                await ann.load()
                house.clock.now += seconds
                assert (who(await follow(house, ann.token)) == who(ann)) == same, seconds

    asyncio.run(story())


def test_who_is_known_there_stays_who_they_are(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_doors(tmp_path, POOL, SHOP) as house:
            ann, ben = Visitor(house), Visitor(house, "shop.example")
            await ann.load()
            await ben.load()
            before = who(ben)
            assert who(await follow(house, ann.token, token=ben.token)) == before

    asyncio.run(story())


def test_forged_tokens_and_other_companies_are_not_let_in(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_doors(tmp_path, POOL, SHOP, THEIRS) as house:
            ann, stranger = Visitor(house), Visitor(house, "other.example", OTHER_KEY)
            await ann.load()
            await stranger.load()
            forged = ann.token[:-6] + ("AAAAAA" if ann.token[-6:] != "AAAAAA" else "BBBBBB")
            known = {who(ann), who(stranger)}
            for link in (forged, stranger.token, "x", "é", "A" * 8000):
                assert who(await follow(house, link)) not in known
            assert who(await follow(house, ann.token, "other.example", key=OTHER_KEY)) not in known

    asyncio.run(story())


def test_links_carry_the_visitor_where_the_cookie_is_not_shared_already(tmp_path: Path) -> None:
    """The snippet's own cookie is of one host, the one that the edge sets is of the whole domain."""
    body = {"key": KEY, "url": "https://pool.example/"}

    async def story() -> None:
        async with open_doors(tmp_path, POOL, SHOP) as house:
            by_itself = (await house.post_visit(body)).body["domains"]
            assert by_itself[::2] == ["offers.pool.example", "shop.example"]
            shared = (await house.post_visit(body, host="pool.example")).body["domains"]
            assert shared == ["shop.example", "www.shop.example"]

    asyncio.run(story())


def test_a_company_with_one_host_has_nowhere_to_carry_to(tmp_path: Path) -> None:
    one = msgspec.structs.replace(pool_site(), domains={"pool.example": "pool.example"})

    async def story() -> None:
        async with open_doors(tmp_path, one) as house:
            ann = Visitor(house)
            assert "domains" not in (await ann.load()).body
            assert who(await follow(house, ann.token, "pool.example")) != who(ann)

    asyncio.run(story())


def test_without_consent_nothing_is_carried(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_doors(tmp_path, POOL, SHOP) as house:
            ann = Visitor(house)
            await ann.load()
            there = Visitor(house, "shop.example")
            answer = await there.load(f"/?callspring_from={ann.token}", consent=False)
            assert (there.token, "domains" in answer.body) == ("", False)

    asyncio.run(story())


def test_a_page_of_the_companys_own_is_no_referral(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_doors(tmp_path, POOL, SHOP) as house:
            await Visitor(house, "shop.example").load("/", "https://www.pool.example/")
            (began,) = (record for record in house.records() if isinstance(record, VisitBegan))
            assert began.source.channel == "direct"

    asyncio.run(story())
