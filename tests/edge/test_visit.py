"""A page is loaded: which number, whose visit, and what is in the spool before the answer leaves."""

from __future__ import annotations

import asyncio
import re
from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from callspring.records import Dropped, NumberGranted, PageViewed, VisitBegan
from callspring.stores.spool.reader import Position, read
from callspring.visits.continuity import IDLE_SECONDS
from tests.doors import (
    NOW,
    OTHER_KEY,
    POOL_NUMBERS,
    POOL_SCENARIO,
    TARGET,
    Visitor,
    e164,
    number_shown,
    open_doors,
    opened,
    pool_site,
)

ARRIVALS = {
    "web_search": ("/", "https://www.google.com/"),
    "referral": ("/", "https://news.example/story"),
    "specific_referrer": ("/", "https://www.partner.example/"),
    "landing_page": ("/offer/", ""),
    "url_parameter": ("/any?promo=Spring", "https://www.google.com/"),
    "direct": ("/", ""),
    "always": ("/?utm_source=leaflet&utm_medium=print", ""),
}


@pytest.mark.parametrize("strategy", ARRIVALS)
def test_each_strategy_shows_its_number(tmp_path: Path, strategy: str) -> None:
    async def story() -> None:
        async with open_doors(tmp_path) as house:
            visitor = Visitor(house, "shop.example")
            path, referrer = ARRIVALS[strategy]
            answer = await visitor.load(path, referrer)
            assert answer.number == number_shown(strategy)
            house.clock.now += 30 * 86_400
            again = await visitor.load("/later")
            assert again.number == number_shown(strategy), "the same number on a later, direct visit"
            assert again.body["visit"] == 2

    asyncio.run(story())


def test_the_answer_says_everything_the_snippet_needs(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_doors(tmp_path) as house:
            answer = await Visitor(house, "shop.example").load()
            assert answer.status == 200
            assert answer.body["swaps"] == [
                {
                    "scenario": 6, "find": [TARGET, TARGET[1:]],
                    "number": e164(106), "national": "(312) 555-0106", "hold": 1800,
                }
            ]  # fmt: skip
            assert {name: answer.body[name] for name in ("visit", "beat", "cookie_days")} == {
                "visit": 1,
                "beat": 30,
                "cookie_days": 180,
            }
            assert len(answer.body["page"]) == 36

    asyncio.run(story())


def test_a_page_load_is_in_the_spool_before_its_answer(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_doors(tmp_path, CALLSPRING_TRUSTED_PROXIES="127.0.0.0/8") as house:
            visitor = Visitor(house)
            body = {
                "key": "ck_one",
                "url": "https://www.pool.example:443/a?gclid=x1",
                "title": "Boilers",
                "zone": "Europe/Berlin",
            }
            answer = await house.post_visit(body, origin="https://pool.example", x_forwarded_for="8.8.8.8")
            began, viewed, granted = house.records()
            assert isinstance(began, VisitBegan)
            assert isinstance(viewed, PageViewed)
            assert isinstance(granted, NumberGranted)
            assert (began.number, began.company, began.site, began.at, began.is_first) == (1, 1, 2, NOW, True)
            assert (began.source.channel, dict(began.click_ids)) == ("paid_search", {"gclid": "x1"})
            assert (began.ip, began.country, began.os, began.browser.split()[0]) == ("8.8.8.8", "US", "Linux", "Chrome")
            assert (began.zone, began.stored) == ("Europe/Berlin", began.source)
            assert (viewed.id, viewed.visit, viewed.title) == (answer.body["page"], began.id, "Boilers")
            assert (granted.scenario, granted.number, granted.visit) == (POOL_SCENARIO, 201, began.id)
            assert (granted.dynamic, granted.reason, granted.hold) == (True, "unmarked", 150)
            assert opened(answer.body["token"])[2] == began.visitor == viewed.visitor == granted.visitor
            assert visitor.token == ""
            spooled = [payload for payload, _ in read(house.config.spools / "doors-1", Position()).payloads]
            assert len([payload for payload in spooled if not payload.startswith(b'["tick"')]) == 1

    asyncio.run(story())


def test_a_visit_goes_on_and_ends(tmp_path: Path) -> None:
    """C9: 30 idle minutes, or a new click id, utm set or external referrer."""

    async def story() -> None:
        async with open_doors(tmp_path) as house:
            visitor = Visitor(house)
            seen: list[int] = []
            for wait, path, referrer in (
                (0, "/?utm_source=mail", ""),
                (60, "/next", "https://pool.example/"),
                (IDLE_SECONDS - 1, "/later", ""),
                (IDLE_SECONDS, "/idle", ""),
                (5, "/?gclid=abc", "https://www.google.com/"),
                (5, "/x", "https://partner.example/"),
                (5, "/x", "https://partner.example/"),
            ):
                house.clock.now += wait
                seen.append((await visitor.load(path, referrer)).body["visit"])
            assert seen == [1, 1, 1, 2, 3, 4, 4]
            firsts = [record.is_first for record in house.records() if isinstance(record, VisitBegan)]
            assert firsts == [True, False, False, False]

    asyncio.run(story())


def test_beacons_keep_a_visit_alive(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_doors(tmp_path) as house:
            visitor = Visitor(house)
            await visitor.load()
            for _ in range(5):
                house.clock.now += IDLE_SECONDS - 1
                await visitor.beacon({"kind": "beat"})
            assert (await visitor.load("/long-read-done")).body["visit"] == 1

    asyncio.run(story())


def test_the_first_source_stays_while_each_visit_has_its_own(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_doors(tmp_path) as house:
            visitor = Visitor(house)
            await visitor.load("/?utm_source=mail&utm_campaign=May")
            house.clock.now += 86_400
            await visitor.load("/", "https://www.google.com/")
            first, second = (record for record in house.records() if isinstance(record, VisitBegan))
            assert (first.source.source, second.source.source) == ("mail", "google")
            assert first.stored == second.stored == first.source
            assert first.visitor == second.visitor

    asyncio.run(story())


def test_visitors_at_the_same_instant_see_different_numbers(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_doors(tmp_path) as house:
            answers = await asyncio.gather(*(Visitor(house).load() for _ in POOL_NUMBERS))
            assert sorted(answer.number for answer in answers) == [e164(number) for number in POOL_NUMBERS]
            assert sorted(answer.body["visit"] for answer in answers) == [1, 2, 3]

    asyncio.run(story())


def test_a_visitor_back_within_the_hold_keeps_the_number(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_doors(tmp_path) as house:
            ann = Visitor(house)
            number = await ann.see()
            for _ in range(6):
                house.clock.now += 149
                await Visitor(house).see()
                assert await ann.see("/more") == number

    asyncio.run(story())


def test_a_full_pool_shares_or_leaves_the_pages_number(tmp_path: Path) -> None:
    async def overflow(folder: Path, policy: str) -> tuple[list[str], list[Any]]:
        async with open_doors(folder, pool_site((201,), policy)) as house:
            await Visitor(house).see()
            answer = await Visitor(house).load()
            granted = [record for record in house.records() if isinstance(record, NumberGranted)][-1]
            return answer.numbers, [granted.number, granted.reason, granted.overflow]

    shared = asyncio.run(overflow(tmp_path / "share", "share"))
    assert shared == ([e164(201)], [201, "shared_source", True])
    left = asyncio.run(overflow(tmp_path / "leave", "leave"))
    assert left == ([], [0, "left", True])


def test_a_number_taken_out_of_the_pool_is_replaced(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_doors(tmp_path) as house:
            ann = Visitor(house)
            assert await ann.see() == e164(201)
        async with open_doors(tmp_path, pool_site((202, 203))) as house:
            ann.house = house
            assert await ann.see() == e164(202)

    asyncio.run(story())


def test_a_static_number_is_recorded_once_a_visit(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_doors(tmp_path) as house:
            visitor = Visitor(house, "shop.example")
            for wait in (0, 10, 10, IDLE_SECONDS):
                house.clock.now += wait
                await visitor.load()
            granted = [record for record in house.records() if isinstance(record, NumberGranted)]
            assert [(record.number, record.reason, record.dynamic) for record in granted] == [
                (106, "direct", False),
                (106, "kept", False),
            ]

    asyncio.run(story())


@pytest.mark.parametrize(
    ("change", "headers", "reason", "company"),
    [
        ({"url": "https://unknown.example/"}, {}, "unknown_host", 1),
        ({"url": "https://pool.example:8443/"}, {}, "unknown_host", 1),
        ({"url": "ftp://pool.example/"}, {}, "unknown_host", 1),
        ({"url": "https://other.example/"}, {}, "unknown_host", 1),
        ({"key": "ck_nobody"}, {}, "unknown_company", 0),
        ({"key": OTHER_KEY}, {}, "unknown_host", 2),
        ({}, {"origin": "https://evil.example"}, "origin_mismatch", 1),
        ({}, {"origin": "null"}, "origin_mismatch", 1),
        ({}, {"user_agent": "Googlebot/2.1 (+http://www.google.com/bot.html)"}, "bot", 1),
        ({}, {"user_agent": ""}, "bot", 1),
        ({"automated": True}, {}, "bot", 1),
        ({}, {"sec_purpose": "prefetch;prerender"}, "prefetch", 1),
        ({}, {"x_moz": "prefetch"}, "prefetch", 1),
        ({"url": 5}, {}, "bad_request", 0),
        ({"url": "https://pool.example/" + "a" * 9000}, {}, "bad_request", 0),
        ({"title": "x" * 40_000}, {}, "too_large", 0),
    ],
    ids=lambda value: str(value)[:60],
)
def test_who_gets_no_number_learns_why_and_is_counted(
    tmp_path: Path, change: dict[str, Any], headers: dict[str, str], reason: str, company: int
) -> None:
    async def story() -> None:
        async with open_doors(tmp_path) as house:
            body = {"key": "ck_one", "url": "https://pool.example/", **change}
            answer = await house.post_visit(body, **headers)
            assert (answer.status, answer.reason) == (200, reason)
            assert answer.body == {"swaps": [], "reason": reason}
            assert house.records() == []
            dropped = house.doors.drops.take(NOW)
            assert [(drop.reason, drop.company, drop.count) for drop in dropped] == [(reason, company, 1)]
            assert all(drop.host == "" for drop in dropped if not drop.company)
            assert await Visitor(house).see() == e164(201), "no pool number was taken"

    asyncio.run(story())


def test_what_was_dropped_reaches_the_spool(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_doors(tmp_path) as house:
            for _ in range(3):
                await house.post_visit({"key": "ck_one", "url": "https://unknown.example/"})
        (dropped,) = house.records()
        assert isinstance(dropped, Dropped)
        assert (dropped.reason, dropped.company, dropped.host, dropped.count) == (
            "unknown_host",
            1,
            "unknown.example",
            3,
        )

    asyncio.run(story())


def test_a_browser_may_ask_from_any_page(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_doors(tmp_path) as house:
            reply = await house.client.options("/v1/visit", headers={"origin": "https://pool.example"})
            assert (reply.status_code, reply.headers["access-control-allow-origin"]) == (204, "*")
            body = '{"key":"ck_one","url":"https://nowhere.example/"}'
            reply = await house.client.post("/v1/visit", content=body)
            assert reply.headers["access-control-allow-origin"] == "*"
            assert reply.headers["access-control-expose-headers"] == "x-callspring-reason"
            assert "set-cookie" not in reply.headers
            visitor = Visitor(house)
            await visitor.load()
            for token, status in ((visitor.token, 204), ("forged", 400)):
                told = {"key": visitor.key, "token": token, "page": visitor.page, "events": [{"kind": "beat"}]}
                reply = await house.client.post("/v1/beacon", json=told)
                assert (reply.status_code, reply.headers["cross-origin-resource-policy"]) == (status, "cross-origin")

    asyncio.run(story())


def test_the_snippet_is_served_and_revalidated(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_doors(tmp_path) as house:
            reply = await house.client.get("/cs/ck_one.js")
            assert reply.status_code == 200
            assert reply.headers["content-type"].startswith("text/javascript")
            assert len(reply.content) > 500
            again = await house.client.get("/cs/ck_one.js", headers={"if-none-match": reply.headers["etag"]})
            assert (again.status_code, again.content) == (304, b"")
            assert (await house.client.head("/cs/ck_one.js")).content == b""
            [later] = re.findall(r"/cs/more-\w{8}\.js", reply.text)
            more = await house.client.get(later)
            assert later == f"/cs/more-{b64encode(sha256(more.content).digest()).decode()[:8]}.js"
            assert "immutable" in more.headers["cache-control"]
            for path in ("/", "/cs/", "/v1/visits", "/cs/ck_one.css"):
                assert (await house.client.get(path)).status_code == 404
            assert (await house.client.get("/healthz")).text == "ok\n"

    asyncio.run(story())


def test_who_is_left_without_a_number_is_recorded_once_in_a_visit(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_doors(tmp_path, pool_site((101,), "leave")) as house:
            await Visitor(house).load()
            late = Visitor(house)
            for _ in range(3):
                assert (await late.load("/next")).numbers == []
            left = [record for record in house.records() if isinstance(record, NumberGranted) and not record.number]
            assert len(left) == 1

    asyncio.run(story())


def test_the_cookie_is_one_that_browsers_keep_whatever_the_tags_say(tmp_path: Path) -> None:
    tag = "冬のボイラー点検キャンペーン" * 20
    query = "&".join(f"utm_{name}={tag}" for name in ("source", "medium", "campaign", "term"))

    async def story() -> None:
        async with open_doors(tmp_path) as house:
            visitor = Visitor(house, "shop.example")
            first = await visitor.load(f"/{'a' * 900}?{query}")
            assert len(first.body["token"]) < 4000
            assert (await visitor.load("/later")).number == first.number

    asyncio.run(story())
