"""Whatever a browser, or somebody who pretends to be one, sends: an answer, a readable spool, no harm to others."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callspring.edge.token import Seal, Token
from callspring.records import PageViewed, VisitBegan
from callspring.visits.touch import Opening, Source
from tests.doors import CHROME, KEY, NOW, OTHER_KEY, House, Visitor, e164, open_doors

HOSTILE_TEXT = {
    "controls": "\x00\x01\x1f\x7f\x85 title",
    "delete": "plain but for \x7f",
    "escaped": "plain but for \x01",
    "lines": "line\nbreak\r\nand\ttab",
    "direction": "\u202egnp.exe\u2066",
    "markup": "<script>alert(1)</script>\"'&",
    "marks": "\ufeff\ufffe\uffff",
    "joined": "👩\u200d🔧" * 500,
    "long": "x" * 8000,
    "accents": "é" * 8000,
    "escapes": "%00%0a%ff%ed%a0%80%e2%80%ae",
}
UNWANTED = set("\x00\x01\x1f\x7f\x85\n\r\t\u202e\u2066\ufeff")


def run(folder: Path, story: Callable[[House], Coroutine[Any, Any, None]]) -> None:
    async def whole() -> None:
        async with open_doors(folder) as house:
            await story(house)

    asyncio.run(whole())


@pytest.mark.parametrize("field", ["title", "zone", "referrer", "url"])
@pytest.mark.parametrize("kind", HOSTILE_TEXT)
def test_hostile_text_is_kept_harmless(tmp_path: Path, kind: str, field: str) -> None:
    text = HOSTILE_TEXT[kind]
    values = {
        "title": text,
        "zone": text[:64],
        "referrer": f"https://{text}/",
        "url": f"https://pool.example/{text[:2000]}?utm_source={text[:2000]}&utm_term={text[:2000]}",
    }

    async def story(house: House) -> None:
        body = {"key": KEY, "url": "https://pool.example/", field: values[field]}
        content = json.dumps(body, ensure_ascii=False).encode()
        assert (await house.post("/v1/visit", content, {"user-agent": CHROME})).number == e164(201)
        began, viewed, _ = house.records()
        assert isinstance(began, VisitBegan)
        assert isinstance(viewed, PageViewed)
        source = msgspec.structs.astuple(began.source)
        kept = (began.url, began.referrer, began.zone, viewed.url, viewed.title, *source)
        assert not any(UNWANTED & set(each) for each in kept)
        limits = (2000, 2000, 64, 2000, 300, 200, 200, 200, 200, 200)
        assert all(len(each) <= limit for each, limit in zip(kept, limits, strict=True))

    run(tmp_path, story)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"[]",
        b"{",
        b"\x00" * 100,
        b'{"key":"ck_one"}',
        b'{"key":"ck_one","url":"\xff\xfe"}',
        b'{"key":"ck_one","url":"\\ud800"}',
        b'{"key":"ck_one","url":"https://pool.example/","title":"\\udc00\\udc00"}',
        b'{"key":"ck_one","url":"https://pool.example/","x":' + b"[" * 30_000,
        b'{"key":"ck_one","url":"https://pool.example/","automated":"no"}',
        b'{"key":"ck_one","token":"","page":"' + b"0" * 36 + b'","events":[],"url":"https://pool.example/\x01"}',
        b"x" * 1_000_000,
    ],
    ids=lambda content: repr(content[:50]),
)
@pytest.mark.parametrize("path", ["/v1/visit", "/v1/beacon"])
def test_garbage_is_refused_with_a_reason(tmp_path: Path, path: str, content: bytes) -> None:
    async def story(house: House) -> None:
        answer = await house.post(path, content, {"user-agent": CHROME})
        assert answer.reason == ("too_large" if len(content) > 32_768 else "bad_request")
        assert answer.status == (200 if path == "/v1/visit" else 400)
        assert house.records() == []

    run(tmp_path, story)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    url=st.text(max_size=60) | st.text(max_size=60).map("https://pool.example/".__add__),
    referrer=st.text(max_size=60) | st.text(max_size=40).map("https://".__add__),
    title=st.text(max_size=60),
    zone=st.text(max_size=64),
    agent=st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=80),
    origin=st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=40) | st.just("https://pool.example"),
)
def test_no_request_breaks_the_edge(
    tmp_path: Path, url: str, referrer: str, title: str, zone: str, agent: str, origin: str
) -> None:
    async def story(house: House) -> None:
        content = json.dumps({"key": KEY, "url": url, "referrer": referrer, "title": title, "zone": zone}).encode()
        headers = {
            b"user-agent": agent.encode("latin-1"),
            b"origin": origin.encode("latin-1"),
            b"x-forwarded-for": title.encode(),
        }
        reply = await house.client.post("/v1/visit", content=content, headers=list(headers.items()))
        assert reply.status_code == 200
        assert "swaps" in reply.json()
        house.records()

    run(tmp_path, story)


def forged(visitor: Visitor) -> dict[str, str]:
    """The visitor's token, and what somebody could make of it."""
    blob = base64.urlsafe_b64decode(visitor.token + "==")
    flipped = blob[:20] + bytes([blob[20] ^ 1]) + blob[21:]
    token = Token(1, 2, "v", Source(), "", "/", "visit", 1, Opening(), NOW, {})
    stranger = Seal(b"another installation's secret key")
    return {
        "cut": visitor.token[:-4],
        "one bit": base64.urlsafe_b64encode(flipped).decode(),
        "another secret": base64.b64encode(stranger.write(token)).decode(),
        "no signature": base64.urlsafe_b64encode(b"1" + blob[13:]).decode(),
        "empty": "",
        "short": "AA",
        "no base64": "!!!!" * 20,
        "not ascii": "é" * 40,
        "long": "A" * 8192,
    }


def test_a_token_that_is_not_ours_makes_a_new_visitor(tmp_path: Path) -> None:
    async def story(house: House) -> None:
        ann = Visitor(house)
        await ann.see()
        for visit, (kind, token) in enumerate(forged(ann).items(), start=2):
            house.clock.now += 100
            await ann.beacon({"kind": "beat"})
            answer = await Visitor(house, token=token).load()
            assert answer.number != e164(201), f"Ann's number with a token: {kind}"
            assert answer.body["visit"] == visit
        began = [record for record in house.records() if isinstance(record, VisitBegan)]
        assert len({record.visitor for record in began}) == len(began)
        assert all(record.is_first for record in began)

    run(tmp_path, story)


def test_a_token_of_another_company_says_nothing_here(tmp_path: Path) -> None:
    async def story(house: House) -> None:
        ann = Visitor(house)
        await ann.load()
        elsewhere = Visitor(house, "other.example", OTHER_KEY, token=ann.token)
        assert (await elsewhere.load()).number == e164(301)
        first, second = (record for record in house.records() if isinstance(record, VisitBegan))
        assert (first.company, second.company) == (1, 2)
        assert first.visitor != second.visitor

    run(tmp_path, story)


@pytest.mark.parametrize("peer", ["8.8.8.8", "203.0.113.9"])
def test_an_address_is_believed_from_trusted_proxies_only(tmp_path: Path, peer: str) -> None:
    async def whole() -> None:
        async with open_doors(tmp_path, peer=peer, CALLSPRING_TRUSTED_PROXIES="203.0.113.0/24") as house:
            await house.post_visit({"key": KEY, "url": "https://pool.example/"}, x_forwarded_for="1.1.1.1")
            (began,) = (record for record in house.records() if isinstance(record, VisitBegan))
            assert began.ip == ("1.1.1.1" if peer == "203.0.113.9" else peer)

    asyncio.run(whole())


def test_the_longest_honest_cookie_fits_into_a_browsers_limit(tmp_path: Path) -> None:
    """4096 bytes with name and attributes; more, and the browser stores nothing (RFC 6265bis, section 5.6)."""

    async def story(house: House) -> None:
        word = "ремонт-котлов-" * 20
        visitor = Visitor(house)
        await visitor.load(
            f"/{'a' * 1200}?utm_source={word}&utm_medium={word}&utm_campaign={word}&utm_term={word}&gclid={'x' * 200}"
        )
        assert len(visitor.token) < 4096 - 200

    run(tmp_path, story)
