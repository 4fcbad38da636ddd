"""The sandbox carrier's adapter against the contract, and what only its own protocol has."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from callspring.carriers.contract import (
    Ask,
    BadRequest,
    BadSignature,
    CallSignal,
    CarrierRequest,
    Connect,
    Dial,
    Endpoint,
    HangUp,
    Instruction,
    Leg,
    Prompt,
    RecordingSignal,
    Reply,
    Status,
    TakeVoicemail,
    TextEvent,
    TextSignal,
)
from callspring.carriers.sandbox.adapter import Sandbox
from callspring.carriers.sandbox.signing import sign
from tests.carriers.contract import ASKED, EVENTS, KEYED, NOW, RECORDED, SECRET, CarrierContract, Moment, ended
from tests.carriers.report_contract import ReportContract

ANNOUNCED = {"recording": "sr_4c", "url": "http://127.0.0.1:8002/recordings/sr_4c.wav"}
URL = "https://calls.example.com/voice/sandbox/7/"


def request_of(body: bytes, endpoint: Endpoint, stamp: str = str(int(NOW)), secret: str = SECRET) -> CarrierRequest:
    url = f"{URL}{endpoint}?at=abc"
    headers = {
        "content-type": "application/json",
        "x-sandbox-timestamp": stamp,
        "x-sandbox-signature": sign(secret, stamp, url, body),
    }
    return CarrierRequest("POST", url, headers, body)


def read(request: CarrierRequest, endpoint: Endpoint) -> CallSignal:
    signal = Sandbox().read(request, endpoint)
    assert isinstance(signal, CallSignal)
    return signal


class TestSandbox(CarrierContract, ReportContract):
    name = "sandbox"
    call_id = "sb_9f3c"
    business_leg_id = "sb_9f3c-2"
    recording_id = "sr_4c"
    text_id = "st_71"
    signature_headers = ("x-sandbox-timestamp", "x-sandbox-signature")

    def fields(self, moment: Moment) -> dict[str, object]:
        """The README's message, worded by hand."""
        return {
            "call": self.call_id,
            "leg": str(moment.leg),
            "leg_id": self.call_id if moment.leg is Leg.CALLER else self.business_leg_id,
            "status": self.word(moment),
            "from": moment.caller,
            "to": moment.dialled,
            "sequence": moment.sequence,
            "duration": moment.duration,
            "at": moment.at,
            "cause": "",
            "name": moment.caller_name,
            "key": moment.key,
            **(ANNOUNCED if moment.status is Status.RECORDED else {"recording": "", "url": ""}),
        }

    def word(self, moment: Moment) -> str:
        if moment.status is Status.ASKED:
            return "answered" if moment.endpoint is Endpoint.WHISPER else "ringing"
        return str(moment.status)

    def recording(self, signal: RecordingSignal) -> CarrierRequest:
        state = "available" if signal.available else "absent"
        fields = {"recording": signal.recording_id, "call": signal.carrier_call_id, "kind": signal.kind, "state": state}
        rest = {"url": signal.url, "duration": signal.duration, "at": signal.at}
        return self.signed(json.dumps({**fields, **rest}).encode(), Endpoint.RECORDING)

    def over(self) -> CarrierRequest:
        return self.request(RECORDED)

    def text(self, signal: TextSignal) -> CarrierRequest:
        fields = {"text": signal.carrier_text_id, "from": signal.caller, "to": signal.dialled, "body": signal.body}
        body = json.dumps({**fields, "media": signal.media}, ensure_ascii=False)
        return self.signed(body.encode(), Endpoint.TEXT)

    def text_event(self, signal: TextEvent) -> CarrierRequest:
        fields = {"text": signal.carrier_text_id, "state": signal.state, "error": signal.error}
        return self.signed(json.dumps(fields).encode(), Endpoint.TEXT_EVENTS)

    def request(self, moment: Moment) -> CarrierRequest:
        return self.signed(json.dumps(self.fields(moment)).encode(), moment.endpoint)

    def signed(self, body: bytes, endpoint: Endpoint, secret: str = SECRET) -> CarrierRequest:
        return request_of(body, endpoint, secret=secret)

    def understand(self, reply: Reply) -> Instruction:
        told = json.loads(reply.body)
        verb = told.pop("do")
        prompts = tuple(
            Prompt("" if one["sound_url"] else one["text"], one["language"], one["sound_url"])
            for one in told.pop("say", ())
        )
        if verb == "dial":
            return Dial(destinations=tuple(told.pop("to")), prompts=prompts, **told)
        kinds = {"record": TakeVoicemail, "ask": Ask, "connect": Connect, "hang_up": HangUp}
        made: Instruction = kinds[verb](prompts=prompts, **told)
        return made

    @pytest.mark.parametrize("seconds", [-301, 301, 86_400])
    def test_a_replay_after_five_minutes_is_refused(self, seconds: int) -> None:
        with pytest.raises(BadSignature):
            Sandbox().verify(self.request(ASKED), SECRET, NOW + seconds)

    @pytest.mark.parametrize("seconds", [-300, 0, 300])
    def test_clocks_may_differ_by_five_minutes(self, seconds: int) -> None:
        Sandbox().verify(self.request(ASKED), SECRET, NOW + seconds)

    @pytest.mark.parametrize(
        "stamp", ["", "0", "-1", "1e9", "01780000000", "1780000000.0", "\u0661780000000", "9" * 5000]
    )
    def test_a_timestamp_is_written_one_way(self, stamp: str) -> None:
        with pytest.raises(BadSignature):
            Sandbox().verify(request_of(b"{}", Endpoint.CALL, stamp), SECRET, NOW)

    @pytest.mark.parametrize(
        "change",
        [
            {"call": ""},
            {"call": "a" * 65},
            {"call": "a\n"},
            {"leg": "nobody"},
            {"leg_id": "../x"},
            {"status": "asked"},
            {"sequence": -1},
            {"sequence": 10**12},
            {"duration": "7"},
            {"at": -1},
            {"at": 1e300},
            {"from": "x" * 300},
            {"to": None},
            {"cause": "x" * 300},
            {"recording": "../x"},
            {"key": "12"},
            {"attestation": "Z"},
        ],
        ids=str,
    )
    def test_fields_out_of_bounds_are_bad_requests(self, change: dict[str, object]) -> None:
        body = json.dumps({**self.fields(EVENTS[0]), **change}).encode()
        with pytest.raises(BadRequest):
            Sandbox().read(self.signed(body, Endpoint.EVENTS), Endpoint.EVENTS)

    @pytest.mark.parametrize(
        ("moment", "endpoint"),
        [
            (ended(Status.BUSY), Endpoint.CALL),
            (EVENTS[1], Endpoint.CALL),
            (replace(ASKED, dialled="12"), Endpoint.CALL),
            (ASKED, Endpoint.NEXT),
            (EVENTS[0], Endpoint.NEXT),
            (RECORDED, Endpoint.EVENTS),
            (RECORDED, Endpoint.CALL),
            (replace(RECORDED, leg=Leg.BUSINESS), Endpoint.NEXT),
            (KEYED[0], Endpoint.EVENTS),
            (KEYED[0], Endpoint.WHISPER),
            (ASKED, Endpoint.WHISPER),
        ],
        ids=str,
    )
    def test_each_endpoint_hears_only_what_belongs_there(self, moment: Moment, endpoint: Endpoint) -> None:
        with pytest.raises(BadRequest):
            Sandbox().read(self.request(replace(moment, endpoint=endpoint)), endpoint)

    def test_a_duration_before_the_end_is_not_believed(self) -> None:
        ringing = replace(EVENTS[0], duration=7)
        assert read(self.request(ringing), Endpoint.EVENTS).duration is None

    def test_control_characters_are_not_kept(self) -> None:
        body = json.dumps({**self.fields(EVENTS[0]), "cause": "a\u0000b\nc", "from": "x\u0007"}).encode()
        signal = read(self.signed(body, Endpoint.EVENTS), Endpoint.EVENTS)
        assert (signal.cause, signal.caller) == ("ab c", "")
        assert (signal.raw["cause"], signal.raw["from"]) == ("ab c", "x")

    @pytest.mark.parametrize(
        ("endpoint", "change"),
        [
            (Endpoint.RECORDING, {"recording": "../x"}),
            (Endpoint.RECORDING, {"state": "perhaps"}),
            (Endpoint.RECORDING, {"kind": "song"}),
            (Endpoint.RECORDING, {"duration": -1}),
            (Endpoint.TEXT, {"text": ""}),
            (Endpoint.TEXT, {"body": None}),
            (Endpoint.TEXT, {"media": "https://x/"}),
            (Endpoint.TEXT_EVENTS, {"state": "read"}),
            (Endpoint.TEXT_EVENTS, {"error": "x" * 300}),
        ],
        ids=str,
    )
    def test_reports_out_of_bounds_are_bad_requests(self, endpoint: Endpoint, change: dict[str, object]) -> None:
        request = next(request for request, own in self.reports() if own is endpoint)
        body = json.dumps({**json.loads(request.body), **change}).encode()
        with pytest.raises(BadRequest):
            Sandbox().read(self.signed(body, endpoint), endpoint)

    @pytest.mark.parametrize("change", [{"recording": ""}, {"url": ""}, {"url": "file:///etc/passwd"}], ids=str)
    def test_who_said_nothing_left_nothing(self, change: dict[str, object]) -> None:
        body = json.dumps({**self.fields(RECORDED), **change}).encode()
        assert read(self.signed(body, Endpoint.NEXT), Endpoint.NEXT).recording is None

    def test_why_a_text_failed(self) -> None:
        body = json.dumps({"text": "st_71", "state": "failed", "error": "30003 unreachable\n"}).encode()
        event = Sandbox().read(self.signed(body, Endpoint.TEXT_EVENTS), Endpoint.TEXT_EVENTS)
        assert isinstance(event, TextEvent)
        assert event.error == "30003 unreachable "

    def test_an_enormous_body_is_not_even_hashed(self) -> None:
        with pytest.raises(BadSignature):
            Sandbox().verify(request_of(b" " * 20_000, Endpoint.CALL), SECRET, NOW)
        with pytest.raises(BadRequest):
            Sandbox().read(request_of(b" " * 20_000, Endpoint.CALL), Endpoint.CALL)

    def test_the_signature_is_what_the_readme_says(self) -> None:
        # Worked out with `printf '1780000000.http://x/y.{}' | openssl dgst -sha256 -hmac key`.
        assert sign("key", 1780000000, "http://x/y", b"{}") == OPENSSL


OPENSSL = "798218a669da287741f0586149f3217dc16159e7e819de7451a11510f6d7b094"
