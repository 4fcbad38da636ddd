"""Bandwidth's adapter against the contract, and what it words in its own way."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from typing import Any
from xml.etree import ElementTree

import pytest

from callspring.calls.state import CallState, Said, call_state
from callspring.carriers.bandwidth.adapter import Bandwidth
from callspring.carriers.contract import (
    BadRequest,
    CallName,
    CallSignal,
    CarrierRequest,
    Endpoint,
    HangUp,
    Instruction,
    Leg,
    Prompt,
    RecordingSignal,
    Reply,
    Status,
    TextEvent,
    TextSignal,
    TextState,
    render_for,
)
from callspring.carriers.registry import CARRIERS
from tests.carriers import bandwidth_requests as bandwidth
from tests.carriers.contract import (
    ASK,
    BUSINESS,
    CALLER,
    DIAL,
    HELLO,
    MOMENTS,
    NOW,
    RECORDED,
    SECRET,
    TRACKING,
    VOICEMAIL,
    CarrierContract,
    Moment,
)
from tests.carriers.report_contract import ReportContract

# What Bandwidth does not say: that a leg rings, and that the caller's own is answered.
UNSAID = {
    (Leg.BUSINESS, Status.RINGING),
    (Leg.CALLER, Status.RINGING),
    (Leg.CALLER, Status.ANSWERED),
}
SAID = [one for one in MOMENTS if one.endpoint is not Endpoint.EVENTS or (one.leg, one.status) not in UNSAID]
CAUSES = {
    Status.COMPLETED: "hangup",
    Status.BUSY: "busy",
    Status.NO_ANSWER: "timeout",
    Status.CANCELED: "cancel",
    Status.FAILED: "error",
}
TEXT_WORDS = {
    TextState.QUEUED: "message-sending",
    TextState.SENT: "message-sent",
    TextState.DELIVERED: "message-delivered",
    TextState.FAILED: "message-failed",
}


class TestBandwidth(ReportContract, CarrierContract):
    name = "bandwidth"
    call_id, business_leg_id = bandwidth.CALL, bandwidth.LEG
    recording_id, text_id = bandwidth.RECORDING_ID, bandwidth.TEXT
    signature_headers = ("authorization",)
    address_is_signed = False
    body_is_signed = False
    tells_names = False

    def request(self, moment: Moment) -> CarrierRequest:
        return bandwidth.post(self._said(moment), moment.endpoint)

    def _said(self, moment: Moment) -> bandwidth.Fields:
        ends: dict[str, Any] = {"from": moment.caller or "Anonymous", "to": moment.dialled}
        legs = {**ends, "transferCallerId": ends["from"], "transferTo": ends["to"]}
        match moment.endpoint:
            case Endpoint.CALL:
                return bandwidth.question(**ends)
            case Endpoint.WHISPER if moment.status is Status.ASKED:
                return bandwidth.picked_up(**legs)
            case Endpoint.WHISPER:
                return bandwidth.leg("gather", digits=moment.key, **legs)
            case Endpoint.NEXT if moment.status is Status.RECORDED:
                return bandwidth.spoken(**ends)
            case Endpoint.NEXT if moment.status is Status.KEYED:
                return bandwidth.pressed(moment.key, **ends)
            case Endpoint.NEXT:
                return bandwidth.dial_over(CAUSES[moment.status], **ends)
        return self._event(moment, ends, legs)

    def _event(self, moment: Moment, ends: dict[str, Any], legs: dict[str, Any]) -> bandwidth.Fields:
        at = bandwidth.iso(moment.at or NOW)
        if moment.status is Status.ANSWERED:
            return bandwidth.picked_up(eventTime=at, **legs)
        talked = moment.duration if moment.status is Status.COMPLETED else None
        if moment.leg is Leg.CALLER:
            return bandwidth.call_over(CAUSES[moment.status], talked, eventTime=at, **ends)
        return bandwidth.leg_over(CAUSES[moment.status], talked, eventTime=at, **legs)

    def expected(self, moment: Moment) -> CallSignal:
        """Everything is dated and nothing numbered; the end of a dial has neither a length nor a leg."""
        plain = replace(super().expected(moment), sequence=0, at=NOW if moment.at is None else moment.at)
        over = moment.endpoint is Endpoint.NEXT and moment.leg is Leg.BUSINESS
        return replace(plain, duration=None, leg_id="") if over else plain

    @pytest.mark.parametrize("moment", SAID, ids=str)
    def test_a_right_signature_is_accepted(self, moment: Moment) -> None:
        super().test_a_right_signature_is_accepted(moment)

    @pytest.mark.parametrize("moment", SAID, ids=str)
    def test_each_moment_is_read_in_our_words(self, moment: Moment) -> None:
        super().test_each_moment_is_read_in_our_words(moment)

    @pytest.mark.parametrize("place", range(3))
    def test_the_reports_raw_fields_are_kept(self, place: int) -> None:
        """A recording's name is made of two of them."""
        request, endpoint = self.reports()[place]
        raw = set(self.adapter.read(request, endpoint).raw.values())
        assert bandwidth.TEXT in raw or {bandwidth.CALL, bandwidth.RECORDING} <= raw

    def signed(self, body: bytes, endpoint: Endpoint, secret: str = SECRET) -> CarrierRequest:
        return bandwidth.signed(body, endpoint, secret=secret)

    def understand(self, reply: Reply) -> Instruction:
        return bandwidth.understand(reply)

    # --- reports

    def recording(self, signal: RecordingSignal) -> CarrierRequest:
        lasted = "PT0S" if signal.duration is None else f"PT{signal.duration}.4S"
        told = {"status": "complete" if signal.available else "error", "startTime": bandwidth.iso(signal.at or NOW)}
        said = bandwidth.recording(mediaUrl=signal.url, duration=lasted, **told)
        return bandwidth.post(said, Endpoint.RECORDING, f"{bandwidth.URL}recording?of={signal.kind}")

    def over(self) -> CarrierRequest:
        return self.request(RECORDED)

    def text(self, signal: TextSignal) -> CarrierRequest:
        ends: dict[str, Any] = {"from": signal.caller, "to": [signal.dialled], "owner": signal.dialled}
        media = {"media": list(signal.media)} if signal.media else {}
        return bandwidth.post(bandwidth.text_in(signal.body, **ends, **media), Endpoint.TEXT)

    def text_event(self, signal: TextEvent) -> CarrierRequest:
        return bandwidth.post(bandwidth.text_report(TEXT_WORDS[signal.state]), Endpoint.TEXT_EVENTS)


class TestDocuments:
    @pytest.mark.parametrize(
        "instruction",
        [
            replace(DIAL, recording_url="https://calls.example.com/voice/x/7/recording"),
            replace(DIAL, whisper_url="https://calls.example.com/voice/x/7/whisper?at=a"),
            replace(DIAL, destinations=(BUSINESS, "sip:desk@pbx.example.com")),
            ASK,
            VOICEMAIL,
            HangUp((HELLO,)),
        ],
        ids=str,
    )
    def test_every_address_is_asked_with_the_connections_credentials(self, instruction: Instruction) -> None:
        reply = render_for(Bandwidth(), instruction, SECRET)
        assert bandwidth.understand(reply, SECRET) == instruction
        assert SECRET.encode() not in reply.body
        assert bandwidth.pair(SECRET) != bandwidth.pair(SECRET + "x")

    def test_carriers_that_need_no_secret_render_as_ever(self) -> None:
        twilio = CARRIERS["twilio"]
        assert render_for(twilio, DIAL, SECRET) == twilio.render(DIAL)

    @pytest.mark.parametrize(
        "text",
        [
            "<Transfer><PhoneNumber>+19005550100</PhoneNumber></Transfer>",
            "&lt;Hangup/&gt;",
            "</SpeakSentence><Redirect redirectUrl='https://evil.example/'/>",
        ],
    )
    def test_a_prompt_that_looks_like_a_verb_is_spoken(self, text: str) -> None:
        """Bandwidth's own `to_bxml` makes a verb of each of these."""
        for instruction in (HangUp((Prompt(text),)), replace(ASK, prompts=(Prompt(text),))):
            reply = render_for(Bandwidth(), instruction, SECRET)
            assert bandwidth.understand(reply, SECRET) == instruction
        tags = [one.tag for one in ElementTree.fromstring(Bandwidth().render(HangUp((Prompt(text),))).body).iter()]
        assert tags == ["Response", "SpeakSentence", "Hangup"]

    def test_a_picked_up_leg_says_in_its_address_which_call_it_is_of(self) -> None:
        dial = replace(DIAL, call=CallName(bandwidth.CALL, CALLER, TRACKING))
        (noun,) = ElementTree.fromstring(Bandwidth().render(dial).body)[-1]
        url = noun.attrib["transferAnswerUrl"]
        signal = bandwidth.read(bandwidth.picked_up(parentCallId=None), Endpoint.EVENTS, url)
        assert isinstance(signal, CallSignal)
        assert (signal.carrier_call_id, signal.leg_id, signal.status) == (
            bandwidth.CALL,
            bandwidth.LEG,
            Status.ANSWERED,
        )

    def test_a_document_that_is_kept_elsewhere_asks_nobody(self) -> None:
        kept = replace(DIAL, caller_id="", result_url="", events_url="")
        transfer = ElementTree.fromstring(Bandwidth().render(kept).body)
        assert [one.tag for one in transfer.iter()] == ["Response", "Transfer", "PhoneNumber"]
        assert not any(name.endswith(("Url", "username")) for one in transfer.iter() for name in one.attrib)

    def test_long_times_are_held_to_its_limits(self) -> None:
        for given, name, found in (
            (replace(DIAL, ring_seconds=900), "callTimeout", "300"),
            (replace(ASK, seconds=90), "firstDigitTimeout", "60"),
            (replace(VOICEMAIL, max_seconds=99_999), "maxDuration", "10800"),
        ):
            assert ElementTree.fromstring(Bandwidth().render(given).body)[-1].attrib[name] == found

    def test_a_language_that_it_does_not_speak_is_one_of_the_same_or_its_own(self) -> None:
        spoken = [
            ElementTree.fromstring(Bandwidth().render(HangUp((Prompt("x", tag),))).body)[0].attrib.get("locale")
            for tag in ("en-US", "en-GB", "fr-BE", "xx-XX", 'x"y')
        ]
        assert spoken == ["en_US", "en_UK", "fr_FR", None, None]


class TestWords:
    @pytest.mark.parametrize(
        ("cause", "talked", "status", "why"),
        [
            ("hangup", 11, Status.COMPLETED, ""),
            ("hangup", None, Status.NO_ANSWER, ""),
            ("rejected", None, Status.BUSY, "bandwidth rejected"),
            ("callback-error", None, Status.FAILED, "bandwidth callback-error"),
            ("cancel", None, Status.CANCELED, ""),
        ],
    )
    def test_how_a_leg_ended(self, cause: str, talked: int | None, status: Status, why: str) -> None:
        signal = bandwidth.read(bandwidth.leg_over(cause, talked), Endpoint.EVENTS)
        assert isinstance(signal, CallSignal)
        assert (signal.status, signal.cause, signal.duration) == (status, why, talked or 0)

    def test_a_caller_who_is_not_answered_has_given_up(self) -> None:
        signal = bandwidth.read(bandwidth.call_over("hangup"), Endpoint.EVENTS)
        assert isinstance(signal, CallSignal)
        assert (signal.leg, signal.status) == (Leg.CALLER, Status.CANCELED)

    def test_a_leg_whose_key_was_awaited_may_not_have_talked(self) -> None:
        url = f"{bandwidth.URL}next?at=1&screened=1"
        signal = bandwidth.read(bandwidth.dial_over("hangup"), Endpoint.NEXT, url)
        assert isinstance(signal, CallSignal)
        assert (signal.status, signal.unsure) == (Status.NO_ANSWER, True)

    @pytest.mark.parametrize(
        ("told", "attestation"),
        [
            ({"verstat": "TN-Validation-Passed", "attestationIndicator": "B"}, "B"),
            ({"verstat": "TN-Validation-Failed", "attestationIndicator": "A"}, "failed"),
            ({"attestationIndicator": "x"}, ""),
            (None, ""),
        ],
    )
    def test_how_far_the_number_is_vouched_for(self, told: Any, attestation: str) -> None:
        signal = bandwidth.read(bandwidth.question(stirShaken=told), Endpoint.CALL)
        assert isinstance(signal, CallSignal)
        assert signal.attestation == attestation

    def test_what_is_of_another_address_is_a_bad_request(self) -> None:
        for said in (bandwidth.call_over("hangup"), bandwidth.pressed("1"), bandwidth.recording()):
            with pytest.raises(BadRequest):
                bandwidth.read(said, Endpoint.CALL)
        with pytest.raises(BadRequest):
            bandwidth.read(bandwidth.call_over("hangup", direction="outbound"), Endpoint.EVENTS)

    @pytest.mark.parametrize("body", [b"[]", b'{"eventType":3}', b"[" * 100_000, b'{"a":"' + b"x" * 70_000 + b'"}'])
    def test_what_is_no_webhook_is_a_bad_request(self, body: bytes) -> None:
        for endpoint in Endpoint:
            with pytest.raises(BadRequest):
                Bandwidth().read(bandwidth.signed(body, endpoint), endpoint)

    def test_why_our_text_failed(self) -> None:
        for code, error in ((4720, "bandwidth 4720"), (0, ""), (None, "")):
            said = bandwidth.text_report("message-failed", errorCode=code)
            signal = bandwidth.read(said, Endpoint.TEXT_EVENTS)
            assert isinstance(signal, TextEvent)
            assert (signal.state, signal.error) == (TextState.FAILED, error)


STORY: list[tuple[bandwidth.Fields, Endpoint]] = [
    (bandwidth.question(), Endpoint.CALL),
    (bandwidth.pressed("1"), Endpoint.NEXT),
    (bandwidth.leg_over("timeout", callId="c-first"), Endpoint.EVENTS),
    (bandwidth.picked_up(), Endpoint.EVENTS),
    (bandwidth.leg_over("hangup", 31), Endpoint.EVENTS),
    (bandwidth.call_over("hangup", 55), Endpoint.EVENTS),
]


def state(story: list[tuple[bandwidth.Fields, Endpoint]], at: dict[int, float]) -> CallState:
    """What the events add up to, each heard at its own time, whatever the order."""
    said = {}
    for fields, endpoint in story:
        signal = bandwidth.read(fields, endpoint)
        assert isinstance(signal, CallSignal)
        if signal.status not in (Status.KEYED, Status.RECORDED):
            moment = at[id(fields)]
            key = (endpoint, signal.leg_id, signal.status)
            said[key] = Said(signal.leg, signal.status, moment, signal.duration, signal.cause, signal.leg_id)
    return call_state(list(said.values()))


def test_any_order_any_repetition_and_most_losses_lead_to_the_same_end() -> None:
    at = {id(fields): 100.0 + place for place, (fields, _) in enumerate(STORY)}
    whole = state(STORY, at)
    assert (whole.status, whole.duration) == (Status.COMPLETED, 31)
    for order in permutations(STORY):
        assert state([*order, *order[:3]], at) == whole
    for lost in range(1, len(STORY)):
        left = state(STORY[:lost] + STORY[lost + 1 :], at)
        assert left.status is Status.COMPLETED
