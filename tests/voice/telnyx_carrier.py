"""Telnyx at the voice door, by the shapes of its documentation and signed as it signs."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

from tests.carriers import telnyx_requests as telnyx
from tests.carriers.telnyx_keys import signed_headers
from tests.doors import TELNYX, House
from tests.voice.carrier import MarkupCarrier, Told

TEXT_WORDS = {"failed": "delivery_failed"}
FAILED = [{"code": "40001", "title": "Not routable " * 20}]


class TelnyxCarrier(MarkupCarrier):
    """Telnyx. It says of a call that it is over where only the dial is, and names no address in what it signs."""

    name = "telnyx"
    answered, caller_name, ends = "in-progress", "CallerId", ("From", "To")
    quiet = frozenset({"completed", "canceled"})
    address_is_signed = False
    header = "telnyx-signature-ed25519"

    def __init__(self, house: House, connection: int = TELNYX, **more: Any) -> None:
        super().__init__(house, connection=connection, **more)

    def question(self) -> dict[str, Any]:
        return telnyx.question(**self._ends())

    def result(self, status: str) -> dict[str, Any]:
        return telnyx.dial_result(status, **self._ends())

    def said(self, status: str, **changes: Any) -> dict[str, Any]:
        return telnyx.leg_event(status, **changes)

    def over(self) -> dict[str, Any]:
        ended = {"CallStatus": "completed", "CallDuration": "52", "CallbackSource": "call-progress-events"}
        return telnyx.question(**self._ends(), **ended)

    def spoken(self) -> dict[str, Any]:
        return telnyx.recorded(**self._ends())

    def picked_up(self) -> dict[str, Any]:
        return telnyx.leg_event("in-progress")

    def keyed(self, key: str) -> dict[str, Any]:
        return telnyx.gathered(key, **self._ends())

    def accepted(self, key: str) -> dict[str, Any]:
        return telnyx.gathered(key, CallSid=telnyx.DIAL_SID, ParentCallSid=telnyx.CALL_SID)

    def recording(self, *, available: bool = True) -> dict[str, Any]:
        changes = {} if available else {"RecordingUrl": "", "RecordingDuration": ""}
        return telnyx.recording_report("completed" if available else "absent", **changes)

    async def talk_recorded(self) -> Told:
        return await self.report("recording", {**self.recording(), "RecordingSource": "DialVerb"})

    def text(self, body: str, **changes: Any) -> dict[str, Any]:
        return telnyx.text_in(body, changes.get("From", self.caller), changes.get("To", self.dialled))

    def text_event(self, state: str) -> dict[str, Any]:
        return telnyx.text_report(TEXT_WORDS.get(state, state), FAILED if state == "failed" else [])

    async def post(self, path: str, fields: dict[str, Any]) -> Told:
        is_event = "data" in fields
        body = json.dumps(fields).encode() if is_event else urlencode(fields).encode()
        proof = signed_headers(self.secret, body, self.house.clock.now)
        headers = {"content-type": telnyx.JSON if is_event else telnyx.FORM, **proof, **self.headers}
        return self._read(await self.house.client.post(path, content=body, headers=headers))

    def _ends(self) -> dict[str, str]:
        return {"From": self.caller or "anonymous", "To": self.dialled}

    def _obey(self, verb: ElementTree.Element, told: Told) -> None:
        about = verb.attrib
        match verb.tag:
            case "Dial":
                told.do, told.result_url, told.caller_id = "dial", about["action"], about.get("callerId", "")
                told.to = " ".join(noun.text or "" for noun in verb)
                told.events_url = _without_call(verb[0].attrib["statusCallback"])
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


def _without_call(url: str) -> str:
    """Its legs name their call here, so the address that names it too is as any other carrier's."""
    return re.sub(r"[?&]call=[^&]+", "", url)
