"""Vonage at the voice door, by the shapes of its documentation and signed as it documents."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import httpx

from callspring.carriers.contract import Endpoint
from tests.carriers import vonage_requests as vonage
from tests.carriers.vonage_ncco import validated
from tests.doors import VONAGE, House
from tests.voice.carrier import Carrier, Told

WORDS = {"in-progress": "answered", "no-answer": "unanswered", "canceled": "cancelled"}


class VonageCarrier(Carrier):
    """Vonage. It rings one phone at a time, shows its own number, and reports a dial to where it asks what now."""

    name = "vonage"
    ends = ("from", "to")
    header = "authorization"
    hears_events_apart, quiet = False, frozenset({"completed", "canceled"})
    caller_name = ""
    most_at_once, shows_callers, address_is_signed, announces_recordings = 1, False, False, False

    def __init__(self, house: House, connection: int = VONAGE, **more: Any) -> None:
        super().__init__(house, connection=connection, **more)
        self._after = ""  # where the document that is run asks what now, when the dial in it is over

    def as_sent(self, number: str) -> str:
        return vonage.digits(number)

    def question(self) -> dict[str, Any]:
        return vonage.question(**self._ends())

    def result(self, status: str) -> dict[str, Any]:
        return self.said(status)

    def said(self, status: str, **changes: Any) -> dict[str, Any]:
        named = {end: vonage.digits(changes.pop(end)) for end in self.ends if end in changes}
        if status == "completed":
            return vonage.ended(42, **changes, **named)
        return vonage.leg_event(WORDS.get(status, status), **changes, **named)

    def over(self) -> dict[str, Any]:
        return vonage.ended(52, uuid=vonage.INBOUND, direction="inbound", **self._ends())

    def spoken(self) -> dict[str, Any]:
        return vonage.notified("voicemail")

    def picked_up(self) -> dict[str, Any]:
        return vonage.question(uuid=vonage.OUTBOUND, **{"from": "18885550101", "to": "12125550123"})

    def keyed(self, key: str) -> dict[str, Any]:
        return vonage.pressed(key, **self._ends())

    def accepted(self, key: str) -> dict[str, Any]:
        return vonage.pressed(key, uuid=vonage.OUTBOUND, **{"from": "18885550101", "to": "12125550123"})

    def recording(self, *, available: bool = True) -> dict[str, Any]:
        return vonage.recording_report(**({} if available else {"size": 0}))

    def text(self, body: str, **changes: Any) -> dict[str, Any]:
        named = {end: vonage.digits(changes.pop(end)) for end in self.ends if end in changes}
        return vonage.text_in(body, **{**self._ends(), **changes, **named})

    def text_event(self, state: str) -> dict[str, Any]:
        return vonage.text_report({"sent": "submitted", "failed": "rejected"}.get(state, state))

    async def dialled_ended(self, status: str, result_url: str) -> Told:
        """Only a failure lets us say what now; after a talk the document goes on, or has come to its end."""
        after = self._after
        told = await super().dialled_ended(status, result_url)
        if (status, told.status, told.do) != ("completed", 200, "nothing"):
            return told
        if after:
            split = urlsplit(after)
            return await self.post(f"{split.path}?{split.query}", vonage.notified("dial"))
        return Told(told.status, told.reason, do="hang_up")

    async def business(self, url: str, key: str | None = None) -> Told:
        """`onAnswer` is a GET; a key is posted."""
        split = urlsplit(url)
        path = f"{split.path}?{split.query}"
        if key is not None:
            told = await self.post(path, self.accepted(key))
        else:
            told = await self.post(path, self.picked_up(), method="GET")
        # On the business's leg a document that has come to its end connects.
        told.do = {"hang_up": "connect", "wait": "hang_up"}.get(told.do, told.do)
        return told

    async def report(self, endpoint: str, fields: dict[str, Any]) -> Told:
        """The address of a recording says what it is of, as the document did that named it."""
        query = "?kind=voicemail" if endpoint == Endpoint.RECORDING else ""
        return await self.post(f"/voice/{self.name}/{self.connection}/{endpoint}{query}", fields)

    def _ends(self) -> dict[str, str]:
        return {"from": vonage.digits(self.caller) or "anonymous", "to": vonage.digits(self.dialled)}

    async def post(self, path: str, fields: dict[str, Any], method: str = "POST") -> Told:
        body = b"" if method == "GET" else json.dumps(fields).encode()
        if method == "GET":
            path += "&" + "&".join(f"{name}={value}" for name, value in fields.items() if name != "region_url")
        made = vonage.token(body, self.secret, iat=int(self.house.clock.now))
        headers = {"authorization": f"Bearer {made}", "content-type": "application/json", **self.headers}
        return self._read(await self.house.client.request(method, path, content=body, headers=headers))

    def _read(self, reply: httpx.Response) -> Told:
        told = Told(reply.status_code, reply.headers.get("x-callspring-reason", ""))
        if not reply.content:
            return told
        actions = validated(json.loads(reply.content))
        told.text = " ".join(
            one.get("text") or one["streamUrl"][0] for one in actions if one["action"] in ("talk", "stream")
        )
        told.do, self._after = "hang_up", ""
        for action in actions:
            self._obey(action, told)
        return told

    def _obey(self, action: dict[str, Any], told: Told) -> None:
        match action["action"]:
            case "connect":
                endpoint = action["endpoint"][0]
                told.do, told.result_url = "dial", action["eventUrl"][0]
                told.events_url = told.result_url
                told.to = endpoint.get("uri") or "+" + endpoint["number"]
                told.caller_id = "+" + action["from"]
                told.whisper_url = endpoint.get("onAnswer", {}).get("url", "")
            case "input":
                told.do, told.result_url = "ask", action["eventUrl"][0]
            case "record":
                told.recording_url = action["eventUrl"][0].partition("?")[0]
                told.seconds = action.get("timeOut", 0)
            case "notify" if told.do == "dial":
                self._after = action["eventUrl"][0]
            case "notify":
                told.do, told.result_url = "record", action["eventUrl"][0]
            case "wait":
                told.do = "wait"
