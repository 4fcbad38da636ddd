"""A wrong public address costs no call: what is refused, what is told to the owner, and what the carrier does then."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from callspring.records import Dropped
from tests.doors import NOW, House, open_doors
from tests.voice.carriers import CARRIERS, Carrier

each_carrier = pytest.mark.parametrize("name", CARRIERS)
PUBLIC = "https://calls.shop.example"
FORWARDED = {"x-forwarded-proto": "https", "x-forwarded-host": "calls.shop.example"}
INNER = "http://10.0.0.9:8001"


def run(
    folder: Path, name: str, story: Callable[[House, Carrier], Coroutine[Any, Any, None]], peer: str, **more: Any
) -> None:
    """A story at a door that is asked at its inner address, by `peer`; proxies in 10/8 are trusted."""

    async def whole() -> None:
        async with open_doors(folder, peer=peer, CALLSPRING_TRUSTED_PROXIES="10.0.0.0/8") as house:
            house.client.base_url = INNER
            await story(house, CARRIERS[name](house, **{"signed_as": PUBLIC, **more}))

    asyncio.run(whole())


def dropped(house: House) -> list[tuple[str, int, str]]:
    """What was counted, as it is spooled."""
    house.doors._tick(NOW)
    return [(r.reason, r.company, r.host) for r in house.records() if isinstance(r, Dropped)]


@each_carrier
def test_behind_a_trusted_proxy_the_signature_holds(tmp_path: Path, name: str) -> None:
    async def story(house: House, carrier: Carrier) -> None:
        told = await carrier.ask()
        assert (told.status, told.do) == (200, "dial")
        assert (await carrier.dialled_ended("busy", told.result_url)).do == "hang_up"
        assert (await carrier.event("busy")).status == 200
        assert (await carrier.report("text", carrier.text("Hello"))).status == 200
        assert (await carrier.report("recording", carrier.recording())).status == 200
        assert dropped(house) == []

    run(tmp_path, name, story, "10.0.0.1", headers=FORWARDED)


@each_carrier
@pytest.mark.parametrize(
    ("peer", "headers", "seen"),
    [
        ("8.8.8.8", FORWARDED, INNER),  # a proxy that is not trusted: anybody could have written its headers
        ("10.0.0.1", {}, INNER),  # one that passes nothing on
        ("10.0.0.1", {"x-forwarded-proto": "https"}, "https://10.0.0.9:8001"),  # or half of it
        ("10.0.0.1", {**FORWARDED, "x-forwarded-host": "old.shop.example"}, "https://old.shop.example"),
    ],
    ids=["untrusted", "silent", "half", "another host"],
)
def test_under_another_address_it_is_refused_and_that_address_is_told(
    tmp_path: Path, name: str, peer: str, headers: dict[str, str], seen: str
) -> None:
    async def story(house: House, carrier: Carrier) -> None:
        if not carrier.address_is_signed:  # nothing tells that it is a wrong one, and nothing is lost by it
            assert (await carrier.ask()).do == "dial"
            return
        told = await carrier.ask()
        assert (told.status, told.reason, told.do) == (403, "bad_signature", "nothing")
        assert dropped(house) == [("bad_signature", 1, f"{seen}/voice/{name}/{carrier.connection}")]

    run(tmp_path, name, story, peer, headers=headers)


@each_carrier
def test_one_wrong_byte_is_refused(tmp_path: Path, name: str) -> None:
    async def story(house: House, carrier: Carrier) -> None:
        caller = carrier.caller
        asked = carrier.question()

        async def changed(request: Any) -> None:
            if carrier.body_is_signed:
                request.stream = type(request.stream)(request.content.replace(caller[1:].encode(), b"17735550178"))
            else:
                request.headers[carrier.header] = request.headers[carrier.header][:-1] + "!"

        house.client.event_hooks = {"request": [changed]}
        told = await carrier.post(f"/voice/{name}/{carrier.connection}/call", asked)
        assert (told.status, told.reason) == (403, "bad_signature")

    run(tmp_path, name, story, "10.0.0.1", headers=FORWARDED)


@each_carrier
@pytest.mark.parametrize(
    ("host", "kept"),
    [
        ("evil.example/x?<script>alert(1)</script>", "evil.example"),
        ('"><img src=x>', ""),
        ("a" * 5_000, ""),
        ("user@evil.example", ""),
        ("[::1]:8001", "[::1]:8001"),
        ("[::1", ""),
        ("EVIL.example:1", "EVIL.example:1"),
    ],
)
def test_what_anybody_may_have_written_is_bounded(tmp_path: Path, name: str, host: str, kept: str) -> None:
    async def story(house: House, carrier: Carrier) -> None:
        carrier.headers, carrier.secret = {"host": host}, "another"
        told = await carrier.ask()
        assert told.status == 403
        ((_, company, seen),) = dropped(house)
        assert company == 1
        assert seen in {f"http://{kept}/voice/{name}/{carrier.connection}", ""}
        assert len(seen) <= 200

    run(tmp_path, name, story, "8.8.8.8")


def test_a_flood_of_hosts_is_a_bounded_number_of_counts(tmp_path: Path) -> None:
    async def story(house: House, carrier: Carrier) -> None:
        for number in range(700):
            carrier.headers = {"host": f"h{number}.example"}
            await carrier.ask()
        counts = [r for r in house.doors.drops.take(NOW) if r.reason == "bad_signature"]
        assert len(counts) <= 501
        assert sum(r.count for r in counts) == 700

    run(tmp_path, "sandbox", story, "8.8.8.8")


@each_carrier
def test_the_refusal_is_one_at_which_the_carrier_uses_the_numbers_fallback(tmp_path: Path, name: str) -> None:
    """For Twilio any 4xx is an HTTP error (twilio.com/docs/api/errors/11217), and after an HTTP error it asks the
    number's fallback address (twilio.com/docs/usage/security/availability-reliability); for the sandbox any answer but
    an instruction rings the fallback destination (its README). So the refusal must be an error, and hold no document
    that could be obeyed instead."""

    async def story(house: House, carrier: Carrier) -> None:
        path = f"/voice/{name}/{carrier.connection}/call"
        reply = await house.client.post(path, content=b"CallSid=CA1", headers={"x-twilio-signature": "AAAA"})
        assert reply.status_code == 403
        assert reply.content == b""
        assert "location" not in reply.headers

    run(tmp_path, name, story, "8.8.8.8")
