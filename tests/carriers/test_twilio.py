"""Twilio's adapter against the contract, and its TwiML."""

from __future__ import annotations

from dataclasses import replace
from email.utils import formatdate
from xml.etree import ElementTree

import pytest

from callspring.carriers.contract import (
    CallSignal,
    CarrierRequest,
    Endpoint,
    HangUp,
    Instruction,
    Leg,
    Prompt,
    RecordingKind,
    RecordingSignal,
    Reply,
    Status,
    TextEvent,
    TextSignal,
    TextState,
)
from callspring.carriers.twilio.adapter import Twilio
from tests.carriers.contract import ASKED, DIAL, RECORDED, SECRET, VOICEMAIL, CarrierContract, Moment, ended, event
from tests.carriers.report_contract import ReportContract
from tests.carriers.twilio_requests import (
    CALL_SID,
    DIAL_SID,
    RECORDING_SID,
    TEXT_SID,
    WORDS,
    Fields,
    dial_result,
    leg_event,
    post,
    question,
    recorded,
    recording_report,
    signed,
    text_in,
    text_report,
    understand,
)

TEXT_WORDS = {
    TextState.QUEUED: "queued",
    TextState.SENT: "sent",
    TextState.DELIVERED: "delivered",
    TextState.FAILED: "undelivered",
}


class TestTwilio(CarrierContract, ReportContract):
    name = "twilio"
    call_id = CALL_SID
    business_leg_id = DIAL_SID
    recording_id = RECORDING_SID
    text_id = TEXT_SID
    signature_headers = ("x-twilio-signature",)

    def request(self, moment: Moment) -> CarrierRequest:
        return post(self.fields(moment), moment.endpoint)

    def fields(self, moment: Moment) -> Fields:
        ends = dict.fromkeys(("From", "Caller"), moment.caller or "anonymous")
        ends |= dict.fromkeys(("To", "Called"), moment.dialled)
        if moment.caller_name:
            ends["CallerName"] = moment.caller_name
        if moment.status is Status.RECORDED:
            return recorded(**ends)
        if moment.status is Status.KEYED:
            return self.keyed(moment, ends)
        if moment.endpoint is Endpoint.WHISPER:
            return leg_event("in-progress", **ends)
        word = WORDS[moment.status]
        if moment.endpoint is Endpoint.CALL:
            return question(**ends)
        if moment.endpoint is Endpoint.NEXT:
            lasted = {} if moment.duration is None else {"DialCallDuration": str(moment.duration)}
            return dial_result(word, **ends, **lasted)
        lasted = {} if moment.duration is None else {"CallDuration": str(moment.duration), "Duration": "1"}
        when = {"Timestamp": formatdate(moment.at), "SequenceNumber": str(moment.sequence)}
        fields = leg_event(word, **ends, **lasted, **when)
        if moment.leg is Leg.CALLER:
            del fields["ParentCallSid"]
            fields |= {"CallSid": CALL_SID, "Direction": "inbound"}
        return fields

    def keyed(self, moment: Moment, ends: dict[str, str]) -> Fields:
        """What the action of a Gather hears."""
        named = {"Digits": moment.key, "FinishedOnKey": "", "msg": "Gather End", **ends}
        if moment.leg is Leg.CALLER:
            return question(**{"CallStatus": "in-progress", **named})
        return leg_event("in-progress", **named)

    def recording(self, signal: RecordingSignal) -> CarrierRequest:
        source = {RecordingKind.VOICEMAIL: "RecordVerb", RecordingKind.CALL: "DialVerb"}[signal.kind]
        lasted = "" if signal.duration is None else str(signal.duration)
        changes = {"RecordingUrl": signal.url, "RecordingDuration": lasted, "RecordingStartTime": formatdate(signal.at)}
        word = "completed" if signal.available else "absent"
        return post(recording_report(word, RecordingSource=source, **changes), Endpoint.RECORDING)

    def over(self) -> CarrierRequest:
        return self.request(RECORDED)

    def text(self, signal: TextSignal) -> CarrierRequest:
        media = {f"MediaUrl{place}": url for place, url in enumerate(signal.media)}
        ends = {"From": signal.caller, "To": signal.dialled, "NumMedia": str(len(signal.media))}
        return post(text_in(signal.body, **ends, **media), Endpoint.TEXT)

    def text_event(self, signal: TextEvent) -> CarrierRequest:
        return post(text_report(TEXT_WORDS[signal.state]), Endpoint.TEXT_EVENTS)

    def signed(self, body: bytes, endpoint: Endpoint, secret: str = SECRET) -> CarrierRequest:
        return signed(body, {}, endpoint, secret=secret)

    def understand(self, reply: Reply) -> Instruction:
        return understand(reply)


@pytest.mark.parametrize("address", ["sip:desk@pbx.example.com", "sips:desk@pbx.example.com;transport=tls"])
def test_a_sip_destination_is_dialled_as_one(address: str) -> None:
    reply = Twilio().render(replace(DIAL, destinations=(address,)))
    assert b"<Sip " in reply.body
    assert b"<Number" not in reply.body
    assert understand(reply) == replace(DIAL, destinations=(address,))


def test_a_withheld_caller_is_passed_on_as_the_network_had_it() -> None:
    assert b"callerId" not in Twilio().render(replace(DIAL, caller_id="")).body


@pytest.mark.parametrize(("asked", "given"), [(-5, 5), (0, 5), (600, 600), (10**9, 600)])
def test_ring_seconds_stay_within_twilios_bounds(asked: int, given: int) -> None:
    assert understand(Twilio().render(replace(DIAL, ring_seconds=asked))) == replace(DIAL, ring_seconds=given)


@pytest.mark.parametrize("language", ["", "English, please", '"><Hangup/>', "x" * 100])
def test_a_language_that_is_none_does_not_cost_the_message(language: str) -> None:
    root = ElementTree.fromstring(Twilio().render(HangUp((Prompt("Hello", language),))).body)
    assert [verb.tag for verb in root] == ["Say", "Hangup"]
    assert root[0].attrib == {}
    assert root[0].text == "Hello"


@pytest.mark.parametrize("letter", ["a", "é", "東"])
def test_a_long_text_is_cut_between_letters(letter: str) -> None:
    spoken = understand(Twilio().render(HangUp((Prompt(letter * 9_000),))))
    (prompt,) = spoken.prompts
    assert set(prompt.text) == {letter}
    assert 2_990 < len(prompt.text.encode()) <= 3_000


def test_the_networks_word_for_the_callers_number_is_read() -> None:
    for word, letter in {
        "TN-Validation-Passed-A": "A",
        "TN-Validation-Passed-Diverted-B": "B",
        "TN-Validation-Passed-C": "C",
        "TN-Validation-Failed-A": "",
        "No-TN-Validation": "",
        "": "",
    }.items():
        signal = Twilio().read(post(question(StirVerstat=word)), Endpoint.CALL)
        assert isinstance(signal, CallSignal)
        assert signal.attestation == letter


def test_a_business_that_did_not_accept_has_not_answered() -> None:
    """Who hangs up during the whisper, or presses no key, was reached by the dial and talked with nobody."""
    for bridged, status in (("false", Status.NO_ANSWER), ("true", Status.COMPLETED)):
        signal = Twilio().read(post(dial_result("completed", DialBridged=bridged), Endpoint.NEXT), Endpoint.NEXT)
        assert isinstance(signal, CallSignal)
        assert signal.status is status


def test_moments_are_worded_as_twilio_words_them() -> None:
    """The suite's own shapes: a child's event names its parent, a parent's does not."""
    suite = TestTwilio()
    assert suite.fields(event(Leg.BUSINESS, Status.RINGING, 1))["ParentCallSid"] == CALL_SID
    assert "ParentCallSid" not in suite.fields(event(Leg.CALLER, Status.RINGING, 1))
    assert suite.fields(ended(Status.BUSY))["DialCallStatus"] == "busy"
    assert suite.fields(ASKED)["CallStatus"] == "ringing"
    assert suite.fields(RECORDED)["RecordingSid"] == RECORDING_SID
    assert "DialCallStatus" not in suite.fields(RECORDED)


@pytest.mark.parametrize(("asked", "given"), [(-5, 2), (0, 2), (3_600, 3_600), (10**9, 3_600)])
def test_a_recordings_length_stays_within_twilios_bounds(asked: int, given: int) -> None:
    understood = understand(Twilio().render(replace(VOICEMAIL, max_seconds=asked)))
    assert understood == replace(VOICEMAIL, max_seconds=given)


def test_hostile_addresses_stay_in_their_attributes() -> None:
    hostile = replace(VOICEMAIL, result_url='https://x/"><Hangup/>', recording_url="https://x/?a=<&b='")
    assert understand(Twilio().render(hostile)) == hostile
