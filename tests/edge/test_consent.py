"""Visitors without consent (W10): no cookie, no visitor, no lease; static numbers; a count that says nobody's name."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from callspring.records import AnonymousVisit, Forgot, PageViewed
from callspring.stores.snapshot.published import PublishedRule
from callspring.stores.spool.reader import Position, read
from tests.doors import (
    CHROME,
    KEY,
    NOW,
    OTHER_KEY,
    POOL_NUMBERS,
    POOL_SCENARIO,
    STRATEGIES,
    Answer,
    House,
    Visitor,
    e164,
    number_shown,
    open_doors,
    pool_site,
    scenario,
    site,
)

BOTH = site(
    (
        scenario(1, STRATEGIES["web_search"]),
        scenario(POOL_SCENARIO, PublishedRule("always", POOL_NUMBERS, dynamic=True)),
        scenario(
            3, PublishedRule("landing_page", (104,), value="/offer"), PublishedRule("always", (301,), dynamic=True)
        ),
    ),
    2,
    "pool.example",
)
STRICT = msgspec.structs.replace(BOTH, needs_consent=True)
GPC = {"sec_gpc": "1"}
SECRETS = ("203.0.113.9", "Mozilla", "Linux", "secret", "gclid", "Europe/Berlin", "A title", "pool.example", "/private")


async def ask(
    house: House, url: str = "https://pool.example/", headers: dict[str, str] | None = None, **body: Any
) -> Answer:
    return await house.post_visit({"key": KEY, "url": url, **body}, **(headers or {}))


async def free(house: House) -> int:
    leases = house.doors.edge.leases
    held = [await leases.holders(POOL_SCENARIO, number, house.clock.now) for number in POOL_NUMBERS]
    return held.count([])


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("gpc", [False, True])
@pytest.mark.parametrize("said", [None, False, True])
def test_the_tool_decides_then_the_browser_then_the_site(
    tmp_path: Path, strict: bool, gpc: bool, said: bool | None
) -> None:
    known = said if said is not None else not gpc and not strict

    async def story() -> None:
        async with open_doors(tmp_path, STRICT if strict else BOTH) as house:
            body: dict[str, Any] = {} if said is None else {"consent": said}
            answer = await ask(house, headers=GPC if gpc else {}, **body)
            assert ("token" in answer.body) == known
            assert answer.numbers == ([e164(201)] if known else [])
            assert await free(house) == (2 if known else 3)
            kinds = {type(record) for record in house.records()}
            assert (AnonymousVisit in kinds) != known
            assert (PageViewed in kinds) == known

    asyncio.run(story())


def test_without_consent_nothing_that_says_who_it_was_reaches_the_spool(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_doors(tmp_path, STRICT, CALLSPRING_TRUSTED_PROXIES="127.0.0.0/8") as house:
            known = Visitor(house)
            await known.load(consent=True)
            before = len(spooled(house))
            house.clock.now = NOW + 1234.5
            body = {
                "url": "https://pool.example/private?gclid=secret&utm_source=Google&utm_term=secret&utm_campaign=secret",
                "referrer": "https://www.google.com/secret",
                "title": "A title",
                "zone": "Europe/Berlin",
                "token": known.token,
            }
            answer = await ask(house, headers={"x_forwarded_for": "203.0.113.9"}, **body)
            assert (set(answer.body), answer.body["consent"]) == ({"swaps", "consent"}, False)
            (payload,) = spooled(house)[before:]
            assert msgspec.json.decode(payload) == ["anonymous", 1_779_998_400.0, 1, 2, "google", "cpc", "paid_search"]
            assert not [secret for secret in (*SECRETS, known.token[:20]) if secret.encode() in payload]

    asyncio.run(story())


def spooled(house: House) -> list[bytes]:
    """As they lie in the file, ticks and counts of requests that were turned away left out."""
    found = [payload for payload, _ in read(house.config.spools / "doors-1", Position()).payloads]
    return [payload for payload in found if not payload.startswith((b'["tick"', b'["dropped"'))]


def test_static_numbers_are_shown_and_pools_left_out(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_doors(tmp_path, BOTH) as house:
            found = await ask(house, referrer="https://www.google.com/", consent=False)
            assert found.number == number_shown("web_search")
            assert set(found.body) == {"swaps", "consent"}
            assert (await ask(house, "https://pool.example/offer", consent=False)).number == e164(104)
            assert (await ask(house, "https://pool.example/", consent=False)).numbers == []
            assert await free(house) == len(POOL_NUMBERS)

    asyncio.run(story())


def test_arrivals_are_counted_and_not_pages(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_doors(tmp_path, BOTH) as house:
            await ask(house, referrer="https://news.example/story", consent=False)
            await ask(house, "https://pool.example/next", referrer="https://pool.example/", consent=False)
            await ask(house, referrer="https://news.example/story", consent=False, reload=True)
            counted = [record for record in house.records() if isinstance(record, AnonymousVisit)]
            assert [(one.source, one.medium, one.channel) for one in counted] == [
                ("news.example", "referral", "referral")
            ]

    asyncio.run(story())


def test_on_grant_a_number_is_leased(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_doors(tmp_path, STRICT) as house:
            visitor = Visitor(house)
            assert (await visitor.load()).numbers == []
            assert visitor.token == ""
            assert (await visitor.load(consent=True, reload=True)).number == e164(201)
            assert visitor.token

    asyncio.run(story())


def test_robots_and_staff_are_not_counted_without_consent_either(tmp_path: Path) -> None:
    staffed = msgspec.structs.replace(STRICT, staff=("127.0.0.1/32",))

    async def story() -> None:
        async with open_doors(tmp_path, staffed) as house:
            assert (await ask(house)).reason == "staff"
            assert (await ask(house, headers={"user_agent": "Googlebot/2.1"})).reason == "bot"
            assert not [record for record in house.records() if isinstance(record, AnonymousVisit)]

    asyncio.run(story())


def test_who_takes_consent_back_holds_nothing_and_after_a_kill_neither(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_doors(tmp_path, pool_site()) as house:
            ann, ben = Visitor(house), Visitor(house)
            assert [await ann.see(), await ben.see()] == [e164(201), e164(202)]
            house.clock.now += 5
            answer = await ann.beacon({"kind": "tel_click", "number": "1"}, {"kind": "forget"})
            assert (answer.status, answer.body) == (204, {})
            forgot = house.records()[-1]
            assert isinstance(forgot, Forgot)
            assert forgot.at == NOW + 5
            assert await free(house) == 2
            await house.crash()
        async with open_doors(tmp_path, pool_site()) as house:
            house.clock.now = NOW + 6
            assert await free(house) == 2
            leases = house.doors.edge.leases
            assert len(await leases.holders(POOL_SCENARIO, 202, NOW + 6)) == 1, "others are not forgotten with them"

    asyncio.run(story())


def test_nobody_else_forgets_for_a_visitor(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_doors(tmp_path) as house:
            ann = Visitor(house)
            await ann.see()
            for key, token in ((OTHER_KEY, ann.token), (KEY, ann.token[:-8] + "AAAAAAAA"), (KEY, "")):
                body = {"key": key, "token": token, "page": ann.page, "events": [{"kind": "forget"}]}
                answer = await house.post("/v1/beacon", json.dumps(body).encode(), {"user-agent": CHROME})
                assert answer.reason == "bad_request"
            assert await free(house) == 2

    asyncio.run(story())


def test_a_full_disk_leaves_the_pages_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from callspring.stores.spool.writer import SpoolFull, SpoolWriter

    def refuse(*_: object) -> None:
        raise SpoolFull(28, "full")

    async def story() -> None:
        async with open_doors(tmp_path, STRICT) as house:
            monkeypatch.setattr(SpoolWriter, "append_soon", refuse)
            assert (await ask(house)).reason == "disk_full"
            monkeypatch.undo()

    asyncio.run(story())
