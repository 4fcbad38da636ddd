"""Two carriers at the voice door, signing as the real ones do; what the door tells them, read back."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit
from xml.etree import ElementTree

import httpx
from twilio.request_validator import RequestValidator

from callspring.carriers.sandbox.signing import sign
from callspring.records import CallSaid
from tests.carriers.twilio_requests import CALL_SID, dial_result, leg_event, question
from tests.doors import SANDBOX, SECRET, TWILIO, House, e164

CALLER = "+17735550177"
PUBLIC = "https://calls.example.com"
STATUSES = ("completed", "busy", "no-answer", "canceled", "failed")


@dataclass
class Told:
    """An instruction in words both carriers share: `do` is dial, say, hang_up or nothing."""

    status: int
    reason: str
    do: str = "nothing"
    to: str = ""
    text: str = ""
    result_url: str = ""
    events_url: str = ""
    caller_id: str = ""


@dataclass
class Carrier:
    """A carrier in the middle of one call. `signed_as` is the address it believes it calls."""

    house: House
    dialled: str = e164(201)
    caller: str = CALLER
    secret: str = SECRET
    connection: int = 0
    signed_as: str = PUBLIC
    headers: dict[str, str] = field(default_factory=dict)
    name = ""

    async def ask(self) -> Told:
        """A call came in: what now?"""
        return await self.post(f"/voice/{self.name}/{self.connection}/call", self.question())

    async def dialled_ended(self, status: str, result_url: str) -> Told:
        """The dial ended: what now?"""
        split = urlsplit(result_url)
        return await self.post(f"{split.path}?{split.query}", self.result(status))

    async def event(self, status: str, **changes: Any) -> Told:
        """The business's leg changed its state."""
        return await self.post(f"/voice/{self.name}/{self.connection}/events", self.said(status, **changes))

    def question(self) -> dict[str, Any]:
        raise NotImplementedError

    def result(self, status: str) -> dict[str, Any]:
        raise NotImplementedError

    def said(self, status: str, **changes: Any) -> dict[str, Any]:
        raise NotImplementedError

    async def post(self, path: str, fields: dict[str, Any]) -> Told:
        raise NotImplementedError


class SandboxCarrier(Carrier):
    """The sandbox exchange."""

    name = "sandbox"

    def __init__(self, house: House, connection: int = SANDBOX, **more: Any) -> None:
        super().__init__(house, connection=connection, **more)

    def question(self) -> dict[str, Any]:
        return self._message("caller", "ringing")

    def result(self, status: str) -> dict[str, Any]:
        return self._message("business", status)

    def said(self, status: str, **changes: Any) -> dict[str, Any]:
        return self._message("business", status, **changes)

    def _message(self, leg: str, status: str, **changes: Any) -> dict[str, Any]:
        about = {"call": "sb_1", "leg": leg, "leg_id": f"sb_1-{leg}", "status": status}
        return {**about, "from": self.caller, "to": self.dialled, "sequence": 1, "cause": "", **changes}

    async def post(self, path: str, fields: dict[str, Any]) -> Told:
        body = json.dumps(fields).encode()
        stamp = str(int(self.house.clock.now))
        signature = sign(self.secret, stamp, self.signed_as + path, body)
        headers = {"x-sandbox-timestamp": stamp, "x-sandbox-signature": signature, **self.headers}
        return self._read(await self.house.client.post(path, content=body, headers=headers))

    def _read(self, reply: httpx.Response) -> Told:
        told = Told(reply.status_code, reply.headers.get("x-callspring-reason", ""))
        answer = json.loads(reply.content) if reply.content else {}
        if answer:
            named = {
                name: answer.get(name, "") for name in ("do", "to", "text", "result_url", "events_url", "caller_id")
            }
            told = Told(told.status, told.reason, **named)
        return told


class TwilioCarrier(Carrier):
    """Twilio, by the shapes of its documentation and its own library's signatures."""

    name = "twilio"

    def __init__(self, house: House, connection: int = TWILIO, **more: Any) -> None:
        super().__init__(house, connection=connection, **more)

    def question(self) -> dict[str, Any]:
        return dict(question(From=self.caller or "anonymous", To=self.dialled))

    def result(self, status: str) -> dict[str, Any]:
        return dict(dial_result(status, From=self.caller or "anonymous", To=self.dialled))

    def said(self, status: str, **changes: Any) -> dict[str, Any]:
        return dict(leg_event(status, **changes))

    async def post(self, path: str, fields: dict[str, Any]) -> Told:
        signature = RequestValidator(self.secret).compute_signature(self.signed_as + path, fields)
        headers = {"content-type": "application/x-www-form-urlencoded", "x-twilio-signature": signature, **self.headers}
        return self._read(await self.house.client.post(path, content=urlencode(fields).encode(), headers=headers))

    def _read(self, reply: httpx.Response) -> Told:
        told = Told(reply.status_code, reply.headers.get("x-callspring-reason", ""))
        if not reply.content:
            return told
        verbs = list(ElementTree.fromstring(reply.content))
        if verbs and verbs[0].tag == "Dial":
            (noun,) = verbs[0]
            dial, leg = verbs[0].attrib, noun.attrib
            return Told(
                told.status,
                told.reason,
                "dial",
                noun.text or "",
                "",
                dial["action"],
                leg["statusCallback"],
                dial.get("callerId", ""),
            )
        if verbs and verbs[0].tag == "Say":
            return Told(told.status, told.reason, "say", text=verbs[0].text or "")
        return Told(told.status, told.reason, "hang_up" if verbs else "nothing")


CARRIERS: dict[str, Any] = {"sandbox": SandboxCarrier, "twilio": TwilioCarrier}
CALL_IDS = {"sandbox": "sb_1", "twilio": CALL_SID}


def said(house: House) -> list[CallSaid]:
    """What carriers said, as it was spooled."""
    return [record for record in house.records() if isinstance(record, CallSaid)]
