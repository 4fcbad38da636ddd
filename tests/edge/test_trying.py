"""The test parameter (W9): the number that a source would get, which counts nowhere and takes nothing."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest

from callspring.visits.pretending import LONGEST, pretend
from callspring.visits.touch import Channel
from tests.doors import (
    OTHER_KEY,
    OTHER_SITE,
    POOL_NUMBERS,
    POOL_SCENARIO,
    STRATEGY_SITE,
    House,
    Visitor,
    e164,
    number_shown,
    open_doors,
    pool_site,
)

WANTED = {
    "/?callspring_test=google": "web_search",
    "/?callspring_test=google/cpc": "web_search",
    "/?callspring_test=bing%2Fcpc%2Fspring": "web_search",
    "/?callspring_test=paid_search": "web_search",
    "/?callspring_test=partner.example": "specific_referrer",
    "/?callspring_test=referral": "referral",
    "/?callspring_test=facebook": "referral",
    "/?callspring_test=direct": "direct",
    "/?callspring_test=": "direct",
    "/offer?callspring_test=google": "landing_page",
    "/?promo=spring&callspring_test=google": "url_parameter",
    "/?callspring_test=leaflet/print": "always",
    "/?gclid=1&callspring_test=partner.example&utm_source=mail": "specific_referrer",
}


@pytest.mark.parametrize("path", WANTED)
def test_it_shows_the_number_that_the_source_would_get(tmp_path: Path, path: str) -> None:
    async def story() -> None:
        async with open_doors(tmp_path) as house:
            answer = await Visitor(house, "shop.example").load(path, "https://www.bing.com/")
            assert answer.number == number_shown(WANTED[path])
            assert (set(answer.body), answer.body["test"]) == ({"swaps", "test"}, True)

    asyncio.run(story())


def test_it_counts_nowhere_and_takes_no_number(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_doors(tmp_path) as house:
            visitor = Visitor(house)
            await visitor.see()
            token, before = visitor.token, house.records()
            for _ in range(5):
                answer = await visitor.load("/?callspring_test=google")
                assert answer.number == e164(202), "the next in line, whatever the visitor has"
            assert (visitor.token, house.records(), house.doors.drops.take(0.0)) == (token, before, [])
            assert await held(house) == 1
            assert (await Visitor(house).load()).number == e164(202)

    asyncio.run(story())


async def held(house: House) -> int:
    leases = house.doors.edge.leases
    return sum([len(await leases.holders(POOL_SCENARIO, number, house.clock.now)) for number in POOL_NUMBERS])


def test_a_full_pool_shows_what_it_would_show(tmp_path: Path) -> None:
    async def story(overflow: str, number: list[str]) -> None:
        async with open_doors(tmp_path / overflow, pool_site((201,), overflow)) as house:
            await Visitor(house).see()
            assert (await Visitor(house).load("/?callspring_test=google")).numbers == number

    asyncio.run(story("leave", []))
    asyncio.run(story("share", [e164(201)]))


def test_own_people_may_try_and_robots_may_not(tmp_path: Path) -> None:
    staffed = msgspec.structs.replace(STRATEGY_SITE, staff=("127.0.0.0/8",), needs_consent=True)

    async def story() -> None:
        async with open_doors(tmp_path, staffed) as house:
            visitor = Visitor(house, "shop.example")
            assert (await visitor.load("/?callspring_test=google")).number == number_shown("web_search")
            assert (await visitor.load("/?callspring_test=google", automated=True)).reason == "bot"

    asyncio.run(story())


def test_an_outsider_tries_their_own_site_only(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_doors(tmp_path, STRATEGY_SITE, OTHER_SITE) as house:
            theirs = Visitor(house, "shop.example", OTHER_KEY)
            assert (await theirs.load("/?callspring_test=google")).reason == "unknown_host"

    asyncio.run(story())


@pytest.mark.parametrize("channel", Channel)
def test_every_channel_can_be_tried(channel: Channel) -> None:
    for name in (channel.value, channel.value.replace("_", "-").upper()):
        assert pretend(f"https://a.example/?callspring_test={name}", ()).source.channel == channel


@pytest.mark.parametrize("wanted", ["%00", "/", "///", "é", "<script>", "a" * 5000, "..", "%2e%2e/", "a b.c d", "?&="])
def test_hostile_names_are_bounded(wanted: str) -> None:
    touch = pretend(f"https://a.example/p?callspring_test={wanted}&x=1", ())
    assert (touch.host, touch.path) == ("a.example", "/p")
    assert all(part.isprintable() and len(part) <= LONGEST for part in msgspec.structs.astuple(touch.source))
    assert "callspring_test" not in dict(touch.parameters)
