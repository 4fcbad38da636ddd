"""Twilio's adapter against the contract, and its TwiML."""

from __future__ import annotations

from dataclasses import replace
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
    Reply,
    Status,
)
from callspring.carriers.twilio.adapter import Twilio
from tests.carriers.contract import ASKED, DIAL, RECORDED, SECRET, VOICEMAIL, CarrierContract, ended, event
from tests.carriers.twilio_moments import FormMoments, Shapes
from tests.carriers.twilio_requests import (
    CALL_SID,
    DIAL_SID,
    RECORDING_SID,
    TEXT_SID,
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


class TestTwilio(FormMoments, CarrierContract):
    name = "twilio"
    call_id = CALL_SID
    business_leg_id = DIAL_SID
    recording_id = RECORDING_SID
    text_id = TEXT_SID
    signature_headers = ("x-twilio-signature",)
    shapes = Shapes(question, dial_result, recorded, leg_event, recording_report, text_in, text_report)

    def posted(self, fields: dict[str, str], endpoint: Endpoint) -> CarrierRequest:
        return post({**fields}, endpoint)

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
        "TN-Validation-Failed-A": "failed",
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
