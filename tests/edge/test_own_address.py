"""The edge behind the site's own address sets the cookie itself (W5), for the site's own domain and for no other."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from tests.doors import CHROME, KEY, House, open_doors, pool_site

HOSTS = ("pool.example", "offers.pool.example", "pool.example:8443", "a.co.uk")
DOMAINS = {**dict.fromkeys(HOSTS, "pool.example"), "a.co.uk": "a.co.uk", "127.0.0.1:8002": ""}
SITE = msgspec.structs.replace(pool_site(), hosts=(*HOSTS, "127.0.0.1:8002"), domains=DOMAINS, cookie_days=90)


async def ask(
    house: House, host: str, url: str = "https://www.pool.example/", path: str = "/v1/visit", **more: Any
) -> httpx.Response:
    headers = {"user-agent": CHROME, "host": host, "origin": url.rsplit("/", 1)[0], **more.pop("headers", {})}
    return await house.client.post(path, content=json.dumps({"key": KEY, "url": url, **more}), headers=headers)


def test_the_snippet_learns_whether_forms_are_told(tmp_path: Path) -> None:
    async def story(wanted: bool) -> None:
        async with open_doors(tmp_path / str(wanted), msgspec.structs.replace(SITE, takes_forms=wanted)) as house:
            said = (await ask(house, "calls.elsewhere.example")).json()
            assert said.get("forms") is (wanted or None)

    for wanted in (False, True):
        asyncio.run(story(wanted))


def cookie_of(answer: httpx.Response) -> str:
    return str(answer.headers.get("set-cookie", ""))


def test_the_cookie_is_the_sites_own(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_doors(tmp_path, SITE) as house:
            answer = await ask(house, "calls.pool.example")
            said = answer.json()
            assert said["kept"] is True
            assert cookie_of(answer) == (
                f"callspring={said['token']}; Domain=pool.example; Path=/; Max-Age=7776000; SameSite=Lax; Secure"
            )
            assert answer.headers["access-control-allow-origin"] == "https://www.pool.example"
            assert answer.headers["access-control-allow-credentials"] == "true"
            assert answer.headers["vary"] == "origin"
            again = await ask(house, "calls.pool.example", token=said["token"])
            assert again.json()["visit"] == said["visit"], "what is in the cookie is the token"
            plain = await ask(house, "pool.example:8080", "http://pool.example/")
            assert "Secure" not in cookie_of(plain)

    asyncio.run(story())


@pytest.mark.parametrize("host", ["calls.pool.example", "calls.example.com"])
def test_who_may_not_be_known_loses_the_cookie_that_we_set(tmp_path: Path, host: str) -> None:
    async def story() -> None:
        async with open_doors(tmp_path, SITE) as house:
            known = {"cookie": "a=b; callspring=x"}
            gone = cookie_of(await ask(house, host, headers=known, consent=False))
            ours = "callspring=; Domain=pool.example; Path=/; Max-Age=0; SameSite=Lax"
            assert gone == (ours if host.endswith("pool.example") else "")
            assert cookie_of(await ask(house, host, consent=False)) == "", "there is none to delete"

    asyncio.run(story())


@pytest.mark.parametrize(
    ("host", "url", "is_ours"),
    [
        ("pool.example", "https://pool.example/", True),
        ("pool.example:443", "https://pool.example/", True),
        ("www.pool.example", "https://offers.pool.example/", True),
        ("calls.example.com", "https://pool.example/", False),
        ("spool.example", "https://pool.example/", False),
        ("pool.example.evil.com", "https://pool.example/", False),
        ("evil.com; pool.example", "https://pool.example/", False),
        ("evil.com/.pool.example:x", "https://pool.example/", False),
        ("pool.example", "https://a.co.uk/", False),
        ("b.co.uk", "https://a.co.uk/", False),
        ("co.uk", "https://a.co.uk/", False),
        ("x.a.co.uk", "https://a.co.uk/", True),
        ("127.0.0.1:8001", "http://127.0.0.1:8002/", False),
        ("", "https://pool.example/", False),
    ],
)
def test_only_the_pages_own_domain(tmp_path: Path, host: str, url: str, is_ours: bool) -> None:
    async def story() -> None:
        async with open_doors(tmp_path, SITE) as house:
            answer = await ask(house, host, url)
            assert ("kept" in answer.json(), "set-cookie" in answer.headers) == (is_ours, is_ours)
            assert answer.json()["token"]

    asyncio.run(story())


@pytest.mark.parametrize(
    ("peer", "host", "is_ours"),
    [("127.0.0.1", "pool.example", True), ("127.0.0.1", "evil.com", False), ("203.0.113.1", "pool.example", False)],
)
def test_a_proxy_says_under_which_host_it_was_called_if_it_is_trusted(
    tmp_path: Path, peer: str, host: str, is_ours: bool
) -> None:
    async def story() -> None:
        async with open_doors(tmp_path, SITE, peer=peer) as house:
            answer = await ask(house, "calls.example.com", headers={"x-forwarded-host": host})
            assert ("set-cookie" in answer.headers) == is_ours

    asyncio.run(story())


def test_an_unknown_site_sets_nothing(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_doors(tmp_path, SITE) as house:
            answer = await ask(house, "evil.com", "https://evil.com/")
            assert (answer.json()["reason"], cookie_of(answer)) == ("unknown_host", "")

    asyncio.run(story())


def test_whoever_may_not_be_known_gets_no_cookie(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_doors(tmp_path, SITE) as house:
            for answer in (
                await ask(house, "pool.example", consent=False),
                await ask(house, "pool.example", "https://pool.example/?callspring_test=google"),
                await ask(house, "pool.example", headers={"user-agent": "Googlebot/2.1"}),
            ):
                assert cookie_of(answer) == ""
                assert answer.headers["access-control-allow-credentials"] == "true", "or the page could not read it"

    asyncio.run(story())


@pytest.mark.parametrize(
    "headers",
    [{"host": "pool.example", "cookie": "a=b; callspring=x"}, {"x-forwarded-host": "pool.example"}],
    ids=["the cookie is seen", "the proxy keeps cookies to itself"],
)
def test_what_was_set_before_goes_where_somebody_may_not_be_known(tmp_path: Path, headers: dict[str, str]) -> None:
    """A consent tool says no on a later page, or a browser does by now; the snippet cannot delete a domain's cookie."""

    async def story(peer: str, gone: str) -> None:
        async with open_doors(tmp_path / peer, SITE, peer=peer) as house:
            for consent, gpc in ((False, "0"), (None, "1")):
                more: dict[str, Any] = {"consent": consent, "headers": {**headers, "sec-gpc": gpc}}
                answer = await ask(house, "calls.example.com", **more)
                assert (answer.json()["consent"], cookie_of(answer)) == (False, gone)

    asyncio.run(story("127.0.0.1", "callspring=; Domain=pool.example; Path=/; Max-Age=0; SameSite=Lax"))
    if "cookie" not in headers:
        asyncio.run(story("203.0.113.1", ""))  # who is no proxy of ours says nothing


def test_a_page_that_sends_cookies_along_can_read_every_answer(tmp_path: Path) -> None:
    """Where edge and page only seem to share a domain, too: the snippet has no list of public suffixes."""

    async def story() -> None:
        async with open_doors(tmp_path, SITE) as house:
            answer = await ask(house, "b.co.uk", "https://a.co.uk/")
            assert answer.headers["access-control-allow-origin"] == "https://a.co.uk"
            token, page = answer.json()["token"], answer.json()["page"]
            for events in ([{"kind": "view"}], [{"kind": "beat"}], [{"kind": "what"}]):
                beacon = await ask(house, "b.co.uk", path="/v1/beacon", token=token, page=page, events=events)
                assert beacon.headers.get_list("access-control-allow-origin") == ["https://www.pool.example"]
            assert (await ask(house, "calls.example.com")).headers["access-control-allow-origin"] == "*"

    asyncio.run(story())


@pytest.mark.parametrize("host", ["127.0.0.1:8001", "localhost:8001", "doors", "[::1]:8001"])
def test_a_proxy_that_tells_us_only_its_own_name_for_us(tmp_path: Path, host: str) -> None:
    """As nginx does unless it is told otherwise. The page may have asked a name of its own domain, with credentials."""

    async def story() -> None:
        async with open_doors(tmp_path, SITE) as house:
            for answer in (await ask(house, host), await ask(house, host, consent=False)):
                assert answer.headers["access-control-allow-origin"] == "https://www.pool.example"
                assert answer.headers["access-control-allow-credentials"] == "true", "or the page could not read it"
                assert cookie_of(answer) == "", "which name it was is not known"

    asyncio.run(story())


def test_the_cookie_goes_with_the_consent(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_doors(tmp_path, SITE) as house:
            for host, deleted in (("pool.example", True), ("calls.example.com", False)):
                said = (await ask(house, host)).json()
                told = {"token": said["token"], "page": said["page"], "events": [{"kind": "forget"}]}
                answer = await ask(house, host, path="/v1/beacon", **told)
                assert answer.status_code == 204
                gone = "callspring=; Domain=pool.example; Path=/; Max-Age=0; SameSite=Lax"
                assert cookie_of(answer) == (gone if deleted else "")

    asyncio.run(story())
