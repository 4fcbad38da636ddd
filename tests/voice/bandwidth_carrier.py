"""Bandwidth at the voice door, by the shapes of its documentation and its own verbs' attributes."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree

from callspring.carriers.contract import Endpoint
from tests.carriers import bandwidth_requests as bandwidth
from tests.doors import BANDWIDTH, House
from tests.voice.carrier import MarkupCarrier, Told

CAUSES = {"completed": "hangup", "no-answer": "timeout", "canceled": "cancel", "failed": "error"}


class BandwidthCarrier(MarkupCarrier):
    """Bandwidth. It signs nothing: it brings the credentials that its application and each document were given."""

    name = "bandwidth"
    caller_name, ends = "", ("transferCallerId", "transferTo")
    rings = address_is_signed = body_is_signed = False
    most_at_once = 8
    header, leg_id = "authorization", bandwidth.LEG

    def __init__(self, house: House, connection: int = BANDWIDTH, **more: Any) -> None:
        super().__init__(house, connection=connection, **more)

    def question(self) -> dict[str, Any]:
        return bandwidth.question(**self._ends())

    def result(self, status: str) -> dict[str, Any]:
        return bandwidth.dial_over(CAUSES.get(status, status), **self._ends())

    def said(self, status: str, **changes: Any) -> dict[str, Any]:
        if status == "answered":
            return bandwidth.picked_up(**changes)
        return bandwidth.leg_over(CAUSES.get(status, status), 42 if status == "completed" else None, **changes)

    def over(self) -> dict[str, Any]:
        return bandwidth.call_over("hangup", 52, **self._ends())

    def spoken(self) -> dict[str, Any]:
        return bandwidth.spoken(**self._ends())

    def picked_up(self) -> dict[str, Any]:
        return bandwidth.picked_up()

    def keyed(self, key: str) -> dict[str, Any]:
        return bandwidth.pressed(key, **self._ends())

    def accepted(self, key: str) -> dict[str, Any]:
        return bandwidth.leg("gather", digits=key)

    def recording(self, *, available: bool = True) -> dict[str, Any]:
        return bandwidth.recording(**({} if available else {"status": "error"}))

    def text(self, body: str, **changes: Any) -> dict[str, Any]:
        ends = {"from": self.caller, "owner": self.dialled}
        (event,) = bandwidth.text_in(body, **{**ends, **changes})
        return event

    def text_event(self, state: str) -> dict[str, Any]:
        words = {"queued": "sending"}
        errors = {"errorCode": 4720} if state == "failed" else {}
        (event,) = bandwidth.text_report(f"message-{words.get(state, state)}", **errors)
        return event

    async def report(self, endpoint: str, fields: dict[str, Any]) -> Told:
        """The address of a recording says what it is of, as the document did that named it."""
        query = "?of=voicemail" if endpoint == Endpoint.RECORDING else ""
        return await self.post(f"/voice/{self.name}/{self.connection}/{endpoint}{query}", fields)

    def _ends(self) -> dict[str, str]:
        return {"from": self.caller or "Anonymous", "to": self.dialled}

    async def post(self, path: str, fields: dict[str, Any]) -> Told:
        body = json.dumps([fields] if "message" in fields else fields).encode()
        headers = {**bandwidth.headers(self.secret), **self.headers}
        return self._read(await self.house.client.post(path, content=body, headers=headers))

    def _obey(self, verb: ElementTree.Element, told: Told) -> None:
        about = verb.attrib
        if any(name.endswith("Url") for name in about):
            assert (about["username"], about["password"]) == bandwidth.pair(self.secret)
        match verb.tag:
            case "Transfer":
                told.do, told.result_url = "dial", about["transferCompleteUrl"]
                told.caller_id = about.get("transferCallerId", "")
                told.to = " ".join(noun.text or "" for noun in verb)
                told.events_url, answered = verb[0].attrib["transferDisconnectUrl"], verb[0].attrib["transferAnswerUrl"]
                told.whisper_url = answered if "/whisper?" in answered else ""
            case "StartRecording":
                told.recording_url = about["recordingAvailableUrl"].partition("?")[0]
            case "Gather":
                told.do, told.result_url = "ask", about["gatherUrl"]
                told.text = " ".join(prompt.text or "" for prompt in verb)
            case "Record":
                told.do, told.result_url, told.seconds = "record", about["recordCompleteUrl"], int(about["maxDuration"])
                told.recording_url = about["recordingAvailableUrl"].partition("?")[0]
            case "Hangup" if told.do == "nothing":
                told.do = "hang_up"
