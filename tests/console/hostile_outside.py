"""Hostile visitors and callers at the real doors: their ASGI application, with Twilio's signed webhooks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote, urlencode, urlsplit
from xml.etree import ElementTree

import httpx
from django.conf import settings
from twilio.request_validator import RequestValidator

from callspring.doors.app import Doors
from tests.carriers.twilio_account import TwilioAccount
from tests.carriers.twilio_requests import dial_result, question, recorded, recording_report, text_in
from tests.console.hostile import HOSTILE, fitting, mark, marked
from tests.doors import CHROME

DOORS = "https://calls.example.com"
GREETING = marked("greeting", "tag")
COOKIE_PART = 100  # of a source's part; pages show what the visitor's cookie held
# The one text that no JSON and no UTF-8 may have; whoever sends it is refused.
REFUSED = {"surrogates"}
MEDIA = ("javascript:evil()", 'https://api.twilio.com/"><cs-evil>', "data:text/html,<script>evil()</script>")


def caller_of(name: str) -> str:
    """The telephone of whoever writes this text (E.164)."""
    return f"+1312555{100 + list(HOSTILE).index(name):04d}"


class Outside:
    """Everybody outside of a company: `key` is its public key, `connection` its Twilio account's."""

    def __init__(self, account: TwilioAccount, key: str, connection: int) -> None:
        self._account, self._key, self._connection = account, key, connection
        self._client = httpx.AsyncClient()

    def come(self, names: list[str], number: str) -> None:
        """For each text somebody comes, looks around, calls the number they are shown, and writes to it.

        Whoever is shown none calls `number`. In a thread of its own: a test's may have a loop.
        """
        with ThreadPoolExecutor(1) as pool:
            pool.submit(asyncio.run, self._all(names, number)).result()

    async def _all(self, names: list[str], otherwise: str) -> None:
        doors = Doors(settings.CONFIG)
        await doors.start()
        transport = httpx.ASGITransport(doors, client=("127.0.0.1", 4321))
        async with httpx.AsyncClient(transport=transport, base_url=DOORS) as self._client:
            for name in names:
                number = await self._visits(name) or otherwise
                await self._calls(name, number)
                await self._writes(name, number)
                await self._is_turned_away(name)
        await doors.stop()

    async def _visits(self, name: str) -> str:
        """The number that is shown, "" for none."""
        text = HOSTILE[name]
        tags = {f"utm_{part}": fitting(part, name, COOKIE_PART) for part in ("source", "medium", "campaign", "term")}
        query = urlencode({**tags, "gclid": fitting("gclid", name, 200)}, errors="surrogatepass")
        path = text.translate({ord("?"): None, ord("#"): None})[:500]
        answer = await self._visit(
            {
                "url": f"https://shop.example/{mark('landing', name)}/{path}?{query}#{text[:500]}",
                "referrer": f"https://ref.example/{mark('referrer', name)}/{path}?{text[:500]}",
                "title": fitting("title", name, 8_000),
                "zone": text[:64],
            },
            agent=HOSTILE["end"],
        )
        if name in REFUSED:
            assert answer.json() == {"swaps": [], "reason": "bad_request"}
            return ""
        told = answer.json()
        assert told["swaps"], told
        (swap,) = told["swaps"]
        form = {"name": fitting("formname", name, 500), "message": fitting("form", name, 500), text[:100]: text[:500]}
        beacon = {
            "key": self._key,
            "token": told["token"],
            "page": told["page"],
            "events": [
                {"kind": "swapped", "places": {str(swap["scenario"]): 1, text[:100]: 1}},
                {"kind": "tel_click", "number": text[:100]},
                {"kind": "view", "url": f"https://shop.example/{path}", "title": fitting("view", name, 8_000)},
                {"kind": "event", "name": fitting("event", name, 100), "data": {text[:100]: text[:500]}},
                {
                    "kind": "event",
                    "name": "form",
                    "data": {"phone": caller_of(name), **form},
                },
            ],
        }
        taken = await self._client.post("/v1/beacon", content=json.dumps(beacon))
        assert taken.status_code == 200, taken.headers
        return str(swap["number"])

    async def _visit(self, body: dict[str, Any], agent: str = "") -> httpx.Response:
        said = f"{CHROME} {agent[:300]}".encode("utf-8", "surrogatepass")
        content = json.dumps({"key": self._key, **body})
        answer = await self._client.post("/v1/visit", content=content, headers={b"user-agent": said})
        assert answer.status_code == 200
        return answer

    async def _calls(self, name: str, number: str) -> None:
        """Nobody answers, and they leave a message."""
        sid = f"CA{list(HOSTILE).index(name):032x}"
        text = marked("callername", name, 80)
        about = {"CallSid": sid, "From": caller_of(name), "To": number, "CallerName": text, "FromCity": text}
        dial = _verb(await self._webhook("call", question(**about)), "Dial")
        said = await self._webhook(dial.attrib["action"], dial_result("no-answer", **about))
        assert _verb(said, "Say").text == GREETING
        recording = self._account.record(b"ID3 silence", 'audio/mpeg; name="<cs-evil>"')
        url = f"https://api.twilio.com/2010-04-01/Accounts/{self._account.sid}/Recordings/{recording}"
        named = {"RecordingSid": recording, "RecordingUrl": url}
        record = _verb(said, "Record").attrib
        await self._webhook(record["action"], recorded(**about, **named, Digits=text))
        await self._webhook(record["recordingStatusCallback"], recording_report(CallSid=sid, **named))
        await self._webhook("events", question(**about | {"CallStatus": "completed", "SequenceNumber": "1"}))

    async def _writes(self, name: str, number: str) -> None:
        sid = f"SM{list(HOSTILE).index(name):032x}"
        media = {f"MediaUrl{place}": address for place, address in enumerate(MEDIA)}
        media = {"NumMedia": str(len(MEDIA)), **media}
        about = {"MessageSid": sid, "From": caller_of(name), "To": number, "FromCity": HOSTILE[name], **media}
        await self._webhook("text", text_in(marked("text", name), **about))

    async def _is_turned_away(self, name: str) -> None:
        """A browser that calls itself so, a host that is not the company's, a webhook with a wrong signature."""
        await self._visit({"url": "https://shop.example/"}, agent=HOSTILE[name])
        await self._visit({"url": f"https://{HOSTILE[name][:200]}.example/{mark('host', name)}"})
        host = HOSTILE[name][:200].encode("utf-8", "replace")
        path = f"/voice/twilio/{self._connection}/call"
        refused = await self._client.post(path, headers={b"x-forwarded-host": host, b"x-twilio-signature": host})
        assert refused.status_code == 403

    async def _webhook(self, where: str, fields: Mapping[str, str | list[str]]) -> bytes:
        """`where` is an address that we were given, or the part of the connection's. UTF-8 is all that Twilio signs."""
        url = where if "://" in where else f"{DOORS}/voice/twilio/{self._connection}/{where}"
        form = {each: str(value).encode("utf-8", "replace").decode() for each, value in fields.items()}
        signature = RequestValidator(self._account.token).compute_signature(url, form)
        parts = urlsplit(url)
        answer = await self._client.post(
            f"{parts.path}?{parts.query}" if parts.query else parts.path,
            content=urlencode(form, quote_via=quote),
            headers={"x-twilio-signature": signature, "content-type": "application/x-www-form-urlencoded"},
        )
        assert answer.status_code == 200, (where, answer.status_code, answer.headers)
        return answer.content


def _verb(markup: bytes, name: str) -> ElementTree.Element:
    found = ElementTree.fromstring(markup).find(name)
    assert found is not None, markup
    return found
