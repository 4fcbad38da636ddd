"""Plivo at the voice door, by the shapes of its documentation and its own library's signatures."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

from callspring.carriers.contract import Endpoint
from tests.carriers import plivo_requests as plivo
from tests.doors import PLIVO, House
from tests.voice.carrier import MarkupCarrier, Told

WORDS = {"canceled": "cancel"}
ENDS = {
    "completed": ("4000", "NORMAL_CLEARING", "42"),
    "busy": ("3010", "USER_BUSY", "0"),
    "no-answer": ("6010", "NO_ANSWER", "0"),
    "canceled": ("9000", "LOSE_RACE", "0"),
    "failed": ("5020", "NO_ROUTE_DESTINATION", "0"),
}


class PlivoCarrier(MarkupCarrier):
    """Plivo. It waits for the key that takes a call itself, and says only then that the two are connected."""

    name = "plivo"
    caller_name, ends = "CallerName", ("DialBLegFrom", "DialBLegTo")
    rings = lets_us_ask = False
    header = "x-plivo-signature-v3"

    def __init__(self, house: House, connection: int = PLIVO, **more: Any) -> None:
        super().__init__(house, connection=connection, **more)
        self._key, self._events = "", ""

    def as_sent(self, number: str) -> str:
        return plivo.digits(number)

    def question(self) -> dict[str, Any]:
        return dict(plivo.question(**self._ends()))

    def result(self, status: str) -> dict[str, Any]:
        return dict(plivo.dial_result(WORDS.get(status, status), **self._ends()))

    def said(self, status: str, **changes: Any) -> dict[str, Any]:
        if status == "answered":
            return {**plivo.dial_event("answer"), **changes}
        return {**plivo.leg_hangup(*ENDS[status]), **changes}

    def over(self) -> dict[str, Any]:
        return dict(plivo.call_hangup("completed", **{**self._ends(), "Duration": "52"}))

    def spoken(self) -> dict[str, Any]:
        return dict(plivo.recorded(**self._ends()))

    def picked_up(self) -> dict[str, Any]:
        return dict(plivo.going_on("DialRemoteSounds", DialBLegUUID=plivo.LEG, **self._ends()))

    def keyed(self, key: str) -> dict[str, Any]:
        return dict(plivo.going_on("Redirect", **self._ends(), **({"Digits": key} if key else {})))

    def recording(self, *, available: bool = True) -> dict[str, Any]:
        changes = {} if available else {"RecordUrl": "", "RecordingDuration": "0"}
        return {**plivo.going_on("Record"), **plivo.recording(**changes)}

    def text(self, body: str, **changes: Any) -> dict[str, Any]:
        return dict(plivo.text_in(body, **{**self._ends(), **changes}))

    def text_event(self, state: str) -> dict[str, Any]:
        return dict(plivo.text_report(state))

    async def business(self, url: str, key: str | None = None) -> Told:
        """What is heard comes from the door; the key is compared here, and the door told who took the call."""
        if key is None:
            heard = await super().business(url)
            if self._key and heard.status == 200:
                heard.do, heard.result_url = "ask", url
            return heard
        if key != self._key:
            return Told(200, "", do="hang_up")
        path = self._events.partition("/voice/")[2]
        told = await self.post(f"/voice/{path}", plivo.dial_event("connected"))
        told.do = "connect"
        return told

    async def report(self, endpoint: str, fields: dict[str, Any]) -> Told:
        """The address of a recording says what it is of, as the document did that named it."""
        query = "?of=voicemail" if endpoint == Endpoint.RECORDING else ""
        return await self.post(f"/voice/{self.name}/{self.connection}/{endpoint}{query}", fields)

    def _ends(self) -> dict[str, str]:
        return {"From": plivo.digits(self.caller) or "anonymous", "To": plivo.digits(self.dialled)}

    async def post(self, path: str, fields: dict[str, Any]) -> Told:
        body = urlencode(fields).encode()
        signed = plivo.signed(body, Endpoint.CALL, self.signed_as + path, self.secret)
        headers = {**signed.headers, **self.headers}
        return self._read(await self.house.client.post(path, content=body, headers=headers))

    def _obey(self, verb: ElementTree.Element, told: Told) -> None:
        about = verb.attrib
        match verb.tag:
            case "Dial":
                told.do, told.result_url, told.caller_id = "dial", about["action"], about.get("callerId", "")
                told.to = " ".join(noun.text or "" for noun in verb)
                told.events_url = self._events = about["callbackUrl"]
                told.whisper_url, self._key = about.get("confirmSound", ""), about.get("confirmKey", "")
            case "GetDigits":
                told.do, told.result_url = "ask", about["action"]
                told.text = " ".join(prompt.text or "" for prompt in verb)
            case "Record" if "startOnDialAnswer" in about:
                told.recording_url = about["callbackUrl"].partition("?")[0]
            case "Record":
                told.do, told.result_url, told.seconds = "record", about["action"], int(about["maxLength"])
                told.recording_url = about["callbackUrl"].partition("?")[0]
            case "Hangup" if told.do == "nothing":
                told.do = "hang_up"
