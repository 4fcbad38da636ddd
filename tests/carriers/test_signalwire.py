"""SignalWire's adapter against the contract, its signatures, and what it words otherwise than Twilio."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalwire.core.security.webhook_validator import validate_webhook_signature

from callspring.carriers.contract import (
    BadRequest,
    BadSignature,
    CarrierRequest,
    Endpoint,
    Instruction,
    Leg,
    RecordingKind,
    Reply,
    Status,
    TextEvent,
    TextState,
)
from callspring.carriers.signalwire.adapter import SignalWire
from tests.carriers.contract import ASKED, DIAL, RECORDED, SECRET, CarrierContract, event
from tests.carriers.signalwire_requests import (
    CALL_SID,
    DIAL_SID,
    RECORDING_SID,
    RECORDING_URL,
    TEXT_SID,
    URL,
    dial_result,
    leg_event,
    post,
    question,
    read,
    read_signal,
    recorded,
    recording_report,
    signature,
    signed,
    text_in,
    text_report,
)
from tests.carriers.twilio_moments import FormMoments, Shapes
from tests.carriers.twilio_requests import understand


class TestSignalWire(FormMoments, CarrierContract):
    name = "signalwire"
    call_id = CALL_SID
    business_leg_id = DIAL_SID
    recording_id = RECORDING_SID
    text_id = TEXT_SID
    signature_headers = ("x-signalwire-signature",)
    shapes = Shapes(question, dial_result, recorded, leg_event, recording_report, text_in, text_report)

    def posted(self, fields: dict[str, str], endpoint: Endpoint) -> CarrierRequest:
        return post(fields, endpoint)

    def signed(self, body: bytes, endpoint: Endpoint, secret: str = SECRET) -> CarrierRequest:
        # "Right if the body is empty": of any other, the address alone is signed.
        bare = signed(b"", endpoint, secret=secret)
        return replace(bare, body=body)

    def understand(self, reply: Reply) -> Instruction:
        return understand(reply)


def accepted(request: CarrierRequest, secret: str = SECRET) -> bool:
    try:
        SignalWire().verify(request, secret, 0)
    except BadSignature:
        return False
    return True


class TestSignatures:
    def test_a_connections_secret_is_the_api_token_and_the_signing_key(self) -> None:
        request = signed(b"a=1", Endpoint.CALL, secret="PSK_1")
        assert accepted(request, "PT0372:PSK_1")
        assert not accepted(request, "PSK_1:PT0372")
        assert not accepted(request, "PT0372PSK_1")
        assert not accepted(signed(b"a=1", Endpoint.CALL, secret="PT0372"), "PT0372:")

    def test_repeated_and_empty_fields_and_every_alphabet_are_signed(self) -> None:
        fields = [("b", "2"), ("CallerName", "Zoë & Søn 東京 +%="), ("b", "1"), ("Note", ""), ("b", "2")]
        assert accepted(signed(urlencode(fields).encode(), Endpoint.CALL))

    @given(fields=st.lists(st.tuples(st.text("abAB+=&é ", max_size=4), st.text(max_size=8)), max_size=8))
    def test_whatever_form_it_is_we_sign_as_the_vendor_does(self, fields: list[tuple[str, str]]) -> None:
        assert accepted(signed(urlencode(fields).encode("utf-8", "replace"), Endpoint.CALL))

    def test_a_body_that_is_not_covered_is_refused_though_the_vendor_takes_it(self) -> None:
        """Its validator also tries the address alone: with one such signature any body would pass."""
        url = f"{URL}call"
        made, body = signature(SECRET, url, b""), b"CallSid=x&To=%2B19005550100"
        assert validate_webhook_signature(SECRET, made, url, body.decode())
        headers = {"content-type": "application/x-www-form-urlencoded", "x-signalwire-signature": made}
        assert not accepted(CarrierRequest("POST", url, headers, body))

    @pytest.mark.parametrize(
        ("called", "public"),
        [
            ("https://calls.example.com:443/x?a=1", "https://calls.example.com/x?a=1"),
            ("https://calls.example.com/x?a=1", "https://calls.example.com:443/x?a=1"),
            ("http://calls.example.com:80/x", "http://calls.example.com/x"),
        ],
    )
    def test_an_address_with_and_without_its_port_is_the_same(self, called: str, public: str) -> None:
        request = signed(b"a=1", Endpoint.CALL, called)
        assert accepted(replace(request, url=public))
        assert not accepted(replace(request, url=public.replace("example.com", "example.com:8443", 1)))

    def test_json_is_no_webhook_of_a_call(self) -> None:
        request = signed(b"{}", Endpoint.EVENTS)
        headers = {**request.headers, "content-type": "application/json"}
        assert not accepted(replace(request, headers=headers))
        with pytest.raises(BadRequest):
            SignalWire().read(replace(request, headers=headers), Endpoint.EVENTS)

    @pytest.mark.parametrize("body", [b"a=" + b"x" * 70_000, b"a=1&" * 300])
    def test_enormous_forms_are_refused_though_signed(self, body: bytes) -> None:
        request = signed(body, Endpoint.CALL)
        assert not accepted(request)
        with pytest.raises(BadRequest):
            SignalWire().read(request, Endpoint.CALL)

    @pytest.mark.parametrize("url", ["http://[::1", "https://h:99999999/", "https://h:port/", "\ud800"])
    def test_an_address_that_is_none_is_refused(self, url: str) -> None:
        assert not accepted(replace(post(question()), url=url))


class TestWords:
    def test_a_recording_is_named_by_its_address_whatever_its_ending(self) -> None:
        for ending in ("", ".mp3", ".wav"):
            announced = read(recorded(RecordingUrl=RECORDING_URL.removesuffix(".mp3") + ending), Endpoint.NEXT)
            assert announced.recording is not None
            assert announced.recording.recording_id == RECORDING_SID

    def test_a_recorded_talk_does_not_make_a_dial_a_voicemail(self) -> None:
        signal = read(dial_result("completed", RecordingUrl=RECORDING_URL, DialCallDuration="31"), Endpoint.NEXT)
        assert (signal.status, signal.duration, signal.recording) == (Status.COMPLETED, 31, None)

    def test_a_text_that_is_handed_over_is_queued(self) -> None:
        for word, state in {"initiated": TextState.QUEUED, "undelivered": TextState.FAILED}.items():
            signal = read_signal(text_report(word, ErrorCode="30003"), Endpoint.TEXT_EVENTS)
            assert isinstance(signal, TextEvent)
            assert (signal.state, signal.error) == (state, "signalwire 30003")

    def test_moments_are_worded_as_signalwire_words_them(self) -> None:
        """The suite's own shapes: a child's event names its parent, a recording that is over has no id."""
        suite = TestSignalWire()
        assert suite.fields(event(Leg.BUSINESS, Status.RINGING, 1))["ParentCallSid"] == CALL_SID
        assert "ParentCallSid" not in suite.fields(event(Leg.CALLER, Status.RINGING, 1))
        assert "RecordingSid" not in suite.fields(RECORDED)
        assert "StirVerstat" not in suite.fields(ASKED)

    def test_what_was_recorded_of_a_dial_is_the_call(self) -> None:
        signal = read_signal(recording_report(RecordingSource="DialVerb"), Endpoint.RECORDING)
        assert getattr(signal, "kind", None) is RecordingKind.CALL

    def test_a_sip_destination_is_dialled_as_one(self) -> None:
        reply = SignalWire().render(replace(DIAL, destinations=("sip:desk@pbx.example.com",)))
        assert b"<Sip " in reply.body
