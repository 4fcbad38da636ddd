"""Carriers at the voice door, signing as the real ones do; what the door tells them, read back."""

from __future__ import annotations

import json
from types import ModuleType
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import httpx
from twilio.request_validator import RequestValidator

from callspring.carriers.sandbox.signing import sign
from callspring.records import CallSaid
from tests.carriers import (
    bandwidth_requests,
    plivo_requests,
    signalwire_requests,
    telnyx_requests,
    twilio_requests,
    vonage_requests,
)
from tests.carriers.twilio_requests import CALL_SID, RECORDING_SID, RECORDING_URL, TEXT_SID
from tests.doors import NOW, SANDBOX, SIGNALWIRE, TWILIO, House
from tests.voice.bandwidth_carrier import BandwidthCarrier
from tests.voice.carrier import CALLER, PUBLIC, STATUSES, Carrier, MarkupCarrier, Told
from tests.voice.plivo_carrier import PlivoCarrier
from tests.voice.telnyx_carrier import TelnyxCarrier
from tests.voice.vonage_carrier import VonageCarrier

__all__ = ["CALLER", "CARRIERS", "PUBLIC", "STATUSES", "Carrier", "Told"]


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

    def over(self) -> dict[str, Any]:
        return self._message("caller", "completed", duration=52)

    def spoken(self) -> dict[str, Any]:
        return self._message("caller", "recorded", recording="sr_1", url=RECORDING_URLS["sandbox"], duration=7)

    def picked_up(self) -> dict[str, Any]:
        return self._message("business", "answered")

    def keyed(self, key: str) -> dict[str, Any]:
        return self._message("caller", "keyed", key=key)

    def accepted(self, key: str) -> dict[str, Any]:
        return self._message("business", "keyed", key=key)

    def recording(self, *, available: bool = True) -> dict[str, Any]:
        about = {"recording": "sr_1", "call": "sb_1", "kind": "voicemail", "at": NOW + 30}
        if not available:
            return {**about, "state": "absent"}
        return {**about, "state": "available", "url": "http://127.0.0.1:8002/recordings/sr_1.wav", "duration": 7}

    async def talk_recorded(self) -> Told:
        return await self.report("recording", {**self.recording(), "kind": "call"})

    def text(self, body: str, **changes: Any) -> dict[str, Any]:
        return {"text": "st_1", "from": self.caller, "to": self.dialled, "body": body, **changes}

    def text_event(self, state: str) -> dict[str, Any]:
        return {"text": "st_2", "state": state, "error": "30003 unreachable " * 10 if state == "failed" else ""}

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
            names = ("do", "result_url", "events_url", "caller_id", "recording_url", "whisper_url")
            named = {name: answer.get(name, "") for name in names}
            told = Told(told.status, told.reason, **named, seconds=answer.get("max_seconds", 0))
            told.to = " ".join(answer.get("to", ()))
            told.text = " ".join(one["sound_url"] or one["text"] for one in answer.get("say", ()))
        return told


class TwilioCarrier(MarkupCarrier):
    """Twilio, by the shapes of its documentation and its own library's signatures."""

    name = "twilio"
    answered, caller_name, ends = "in-progress", "CallerName", ("From", "To")
    shapes: ModuleType = twilio_requests

    def __init__(self, house: House, connection: int = TWILIO, **more: Any) -> None:
        super().__init__(house, connection=connection, **more)

    def question(self) -> dict[str, Any]:
        return dict(self.shapes.question(From=self.caller or "anonymous", To=self.dialled))

    def result(self, status: str) -> dict[str, Any]:
        return dict(self.shapes.dial_result(status, From=self.caller or "anonymous", To=self.dialled))

    def said(self, status: str, **changes: Any) -> dict[str, Any]:
        return dict(self.shapes.leg_event(status, **changes))

    def over(self) -> dict[str, Any]:
        ended = {"CallStatus": "completed", "CallDuration": "52", "CallbackSource": "call-progress-events"}
        return dict(self.shapes.question(From=self.caller or "anonymous", To=self.dialled, **ended))

    def spoken(self) -> dict[str, Any]:
        return dict(self.shapes.recorded(From=self.caller or "anonymous", To=self.dialled))

    def picked_up(self) -> dict[str, Any]:
        return dict(self.shapes.leg_event("in-progress"))

    def keyed(self, key: str) -> dict[str, Any]:
        ends = {"From": self.caller or "anonymous", "To": self.dialled}
        return dict(self.shapes.question(CallStatus="in-progress", Digits=key, **ends))

    def accepted(self, key: str) -> dict[str, Any]:
        return dict(self.shapes.leg_event("in-progress", Digits=key))

    def recording(self, *, available: bool = True) -> dict[str, Any]:
        changes = {} if available else {"RecordingUrl": "", "RecordingDuration": "", "ErrorCode": "16102"}
        return dict(self.shapes.recording_report("completed" if available else "absent", **changes))

    async def talk_recorded(self) -> Told:
        return await self.report("recording", {**self.recording(), "RecordingSource": "DialVerb"})

    def text(self, body: str, **changes: Any) -> dict[str, Any]:
        return dict(self.shapes.text_in(body, **{"From": self.caller, "To": self.dialled, **changes}))

    def text_event(self, state: str) -> dict[str, Any]:
        return dict(self.shapes.text_report(state))

    async def post(self, path: str, fields: dict[str, Any]) -> Told:
        body = urlencode(fields).encode()
        signed = self.signed(self.signed_as + path, fields, body)
        headers = {"content-type": "application/x-www-form-urlencoded", **signed, **self.headers}
        return self._read(await self.house.client.post(path, content=body, headers=headers))

    def signed(self, url: str, fields: dict[str, Any], body: bytes) -> dict[str, str]:  # noqa: ARG002
        """The header that proves who asks."""
        return {"x-twilio-signature": RequestValidator(self.secret).compute_signature(url, fields)}

    def _obey(self, verb: ElementTree.Element, told: Told) -> None:
        about = verb.attrib
        match verb.tag:
            case "Dial":
                told.do, told.result_url, told.caller_id = "dial", about["action"], about.get("callerId", "")
                told.to = " ".join(noun.text or "" for noun in verb)
                told.events_url = verb[0].attrib["statusCallback"]
                told.whisper_url = verb[0].attrib.get("url", "")
                told.recording_url = about.get("recordingStatusCallback", "")
            case "Gather":
                told.do, told.result_url = "ask", about["action"]
                told.text = " ".join(prompt.text or "" for prompt in verb)
            case "Record":
                told.do, told.result_url, told.seconds = "record", about["action"], int(about["maxLength"])
                told.recording_url = about["recordingStatusCallback"]
            case "Hangup" if told.do == "nothing":
                told.do = "hang_up"


class SignalWireCarrier(TwilioCarrier):
    """SignalWire: its own shapes, ids and signature; its markup is Twilio's."""

    name = "signalwire"
    shapes = signalwire_requests

    def __init__(self, house: House, connection: int = SIGNALWIRE, **more: Any) -> None:
        super().__init__(house, connection, **more)

    def signed(self, url: str, fields: dict[str, Any], body: bytes) -> dict[str, str]:  # noqa: ARG002
        return {"x-signalwire-signature": signalwire_requests.signature(self.secret, url, body)}


CARRIERS: dict[str, Any] = {
    "sandbox": SandboxCarrier,
    "twilio": TwilioCarrier,
    "signalwire": SignalWireCarrier,
    "plivo": PlivoCarrier,
    "vonage": VonageCarrier,
    "telnyx": TelnyxCarrier,
    "bandwidth": BandwidthCarrier,
}
CALL_IDS = {
    "sandbox": "sb_1",
    "twilio": CALL_SID,
    "signalwire": signalwire_requests.CALL_SID,
    "plivo": plivo_requests.CALL,
    "vonage": vonage_requests.CONVERSATION,
    "telnyx": telnyx_requests.CALL_SID,
    "bandwidth": bandwidth_requests.CALL,
}
RECORDING_IDS = {
    "sandbox": "sr_1",
    "twilio": RECORDING_SID,
    "signalwire": signalwire_requests.RECORDING_SID,
    "plivo": plivo_requests.RECORDING,
    "vonage": vonage_requests.RECORDING_ID,
    "telnyx": telnyx_requests.RECORDING_SID,
    "bandwidth": bandwidth_requests.RECORDING_ID,
}
RECORDING_URLS = {
    "sandbox": "http://127.0.0.1:8002/recordings/sr_1.wav",
    "twilio": RECORDING_URL,
    "signalwire": signalwire_requests.RECORDING_URL,
    "plivo": plivo_requests.RECORDING_URL,
    "vonage": vonage_requests.RECORDING_URL,
    "telnyx": telnyx_requests.RECORDING_URL,
    "bandwidth": bandwidth_requests.RECORDING_URL,
}
TEXT_IDS = {
    "sandbox": ("st_1", "st_2"),
    "twilio": (TEXT_SID, TEXT_SID),
    "signalwire": (signalwire_requests.TEXT_SID, signalwire_requests.TEXT_SID),
    "plivo": (plivo_requests.TEXT, plivo_requests.TEXT),
    "vonage": (vonage_requests.TEXT, vonage_requests.TEXT),
    "telnyx": (telnyx_requests.TEXT_SID, telnyx_requests.TEXT_SID),
    "bandwidth": (bandwidth_requests.TEXT, bandwidth_requests.TEXT),
}


def said(house: House) -> list[CallSaid]:
    """What carriers said, as it was spooled."""
    return [record for record in house.records() if isinstance(record, CallSaid)]
