"""Telnyx's adapter against the contract, its signatures, and what it words otherwise than Twilio."""

from __future__ import annotations

import time
from dataclasses import replace
from ipaddress import ip_network

import pytest
from telnyx import Telnyx as Sdk

from callspring.carriers.contract import (
    Ask,
    BadRequest,
    BadSignature,
    CallName,
    CarrierRequest,
    Endpoint,
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
from callspring.carriers.telnyx.adapter import Telnyx
from callspring.carriers.telnyx.reader import moment
from callspring.visits.client_ip import Proxies
from tests.carriers.contract import (
    ASK,
    ASKED,
    BUSINESS,
    DIAL,
    NOW,
    RECORDED,
    SECRET,
    VOICEMAIL,
    CarrierContract,
    Moment,
)
from tests.carriers.report_contract import ReportContract
from tests.carriers.telnyx_keys import public_half
from tests.carriers.telnyx_requests import (
    CALL_SID,
    DIAL_SID,
    FORM,
    JSON,
    RECORDING_SID,
    RECORDING_URL,
    TEXT_SID,
    URL,
    dial_result,
    gathered,
    leg_event,
    post,
    posted_json,
    question,
    read,
    read_signal,
    recorded,
    recording_report,
    signed,
    text_in,
    text_report,
    timestamp,
    understand,
)
from tests.carriers.twilio_requests import WORDS

TEXT_WORDS = {
    TextState.QUEUED: "queued",
    TextState.SENT: "sent",
    TextState.DELIVERED: "delivered",
    TextState.FAILED: "delivery_failed",
}


class TestTelnyx(ReportContract, CarrierContract):
    name = "telnyx"
    call_id = CALL_SID
    business_leg_id = DIAL_SID
    recording_id = RECORDING_SID
    text_id = TEXT_SID
    signature_headers = ("telnyx-timestamp", "telnyx-signature-ed25519")
    address_is_signed = False

    def kept(self, secret: str) -> str:
        return f"KEY1:{public_half(secret)}" if secret else ""

    def signed(self, body: bytes, endpoint: Endpoint, secret: str = SECRET) -> CarrierRequest:
        texts = endpoint in (Endpoint.TEXT, Endpoint.TEXT_EVENTS)
        return signed(body, endpoint, secret, content_type=JSON if texts else FORM)

    def understand(self, reply: Reply) -> Instruction:
        return understand(reply)

    def request(self, moment: Moment) -> CarrierRequest:
        ends = {"From": moment.caller or "anonymous", "To": moment.dialled}
        if moment.caller_name:
            ends["CallerId"] = moment.caller_name
        if moment.status is Status.RECORDED:
            return post(recorded(**ends), moment.endpoint, "&asked=sound")
        if moment.status is Status.KEYED:
            legs = {} if moment.leg is Leg.CALLER else {"CallSid": DIAL_SID, "ParentCallSid": CALL_SID}
            return post(gathered(moment.key, **ends, **legs), moment.endpoint, "&asked=key")
        if moment.endpoint is Endpoint.WHISPER:
            return post(leg_event("in-progress", **ends), moment.endpoint)
        word = WORDS[moment.status]
        if moment.endpoint is Endpoint.CALL:
            return post(question(**ends), moment.endpoint)
        if moment.endpoint is Endpoint.NEXT:
            lasted = {} if moment.duration is None else {"DialCallDuration": str(moment.duration)}
            return post(dial_result(word, **ends, **lasted, CallStatus="in-progress"), moment.endpoint)
        return self.event(moment, word, ends)

    def event(self, moment: Moment, word: str, ends: dict[str, str]) -> CarrierRequest:
        lasted = {} if moment.duration is None else {"CallDuration": str(moment.duration)}
        when = {"Timestamp": timestamp(moment.at), "SequenceNumber": str(moment.sequence)}
        fields = leg_event(word, **ends, **lasted, **when)
        if moment.leg is Leg.CALLER:
            del fields["ParentCallSid"]
            fields |= {"CallSid": CALL_SID, "CallSidLegacy": CALL_SID}
        return post(fields, moment.endpoint)

    def a_recording(self) -> RecordingSignal:
        return replace(super().a_recording(), at=None)  # it does not say when it began

    def recording(self, signal: RecordingSignal) -> CarrierRequest:
        source = {RecordingKind.VOICEMAIL: "RecordVerb", RecordingKind.CALL: "DialVerb"}[signal.kind]
        changes = {"RecordingSource": source, "RecordingUrl": signal.url}
        changes["RecordingDuration"] = "" if signal.duration is None else str(signal.duration)
        return post(recording_report("completed" if signal.available else "absent", **changes), Endpoint.RECORDING)

    def over(self) -> CarrierRequest:
        return self.request(RECORDED)

    def text(self, signal: TextSignal) -> CarrierRequest:
        return posted_json(text_in(signal.body, signal.caller, signal.dialled, signal.media), Endpoint.TEXT)

    def text_event(self, signal: TextEvent) -> CarrierRequest:
        return posted_json(text_report(TEXT_WORDS[signal.state]), Endpoint.TEXT_EVENTS)


def accepted(request: CarrierRequest, secret: str = f"KEY1:{public_half(SECRET)}", now: float = NOW) -> bool:
    try:
        Telnyx().verify(request, secret, now)
    except BadSignature:
        return False
    return True


class TestSignatures:
    @pytest.mark.parametrize("body", [b"{}", b'{"data": {"a": "\xc3\xa9"}}'])
    def test_the_vendors_own_check_takes_what_ours_takes(self, body: bytes) -> None:
        now = time.time()  # its check reads the clock
        sdk = Sdk(api_key="KEY1", public_key=public_half(SECRET))
        right = signed(body, Endpoint.TEXT, at=now)
        other = signed(body, Endpoint.TEXT, "another", at=now)
        sdk.webhooks.unwrap(body.decode(), headers=right.headers)
        assert accepted(right, now=now)
        with pytest.raises(ValueError, match="Signature verification failed"):
            sdk.webhooks.unwrap(body.decode(), headers=other.headers)
        assert not accepted(other, now=now)

    @pytest.mark.parametrize(
        ("late", "taken"), [(0, True), (299, True), (-299, True), (301, False), (-301, False), (1e9, False)]
    )
    def test_what_is_replayed_late_is_refused(self, late: float, taken: bool) -> None:
        assert accepted(post(question()), now=NOW + late) == taken

    def test_a_connections_secret_is_the_api_key_and_the_public_key(self) -> None:
        request, key = post(question()), public_half(SECRET)
        assert accepted(request, f"KEY:with:colons:{key}")
        for secret in (f"{key}:KEY1", "KEY1:", "KEY1", f"KEY1:{key}x", f"KEY1:{key[:-4]}", "KEY1:" + "A" * 44, "é:é"):
            assert not accepted(request, secret), secret

    @pytest.mark.parametrize("stamp", ["", "0", "-1", "1780000000.0", " 1780000000", "١٧٨٠٠٠٠٠٠٠", "9" * 400])
    def test_a_time_that_is_none_is_refused(self, stamp: str) -> None:
        request = post(question())
        assert not accepted(replace(request, headers={**request.headers, "telnyx-timestamp": stamp}))

    @pytest.mark.parametrize("trusted", [True, False])
    def test_a_proxy_in_between_changes_nothing(self, trusted: bool) -> None:
        """The scheme does not cover the address, so neither a believed nor an unbelieved `X-Forwarded-Host` matters."""
        proxies = Proxies([ip_network("10.0.0.0/8")] if trusted else [])
        forwarded = {"x-forwarded-proto": "https", "x-forwarded-host": "calls.example.com"}
        base = proxies.public_url("10.1.2.3", "http", "doors:8001", forwarded)
        request = post(question())
        assert accepted(replace(request, url=base + "/voice/telnyx/7/call", headers={**request.headers, **forwarded}))

    def test_enormous_bodies_are_refused_though_signed(self) -> None:
        assert not accepted(signed(b"a=" + b"x" * 70_000, Endpoint.CALL))


class TestWords:
    @pytest.mark.parametrize(
        ("text", "seconds"),
        [
            ("2026-06-01T09:30:05Z", 1780306205.0),
            ("2026-06-01T09:30:05.250000Z", 1780306205.25),
            ("2026-06-01 09:30:05.250000Z", 1780306205.25),
            ("2026-06-01T09:30:05.000+00:00", 1780306205.0),
            ("Mon, 01 Jun 2026 09:30:05 +0000", 1780306205.0),
            ("yesterday", None),
            ("", None),
            ("9" * 65, None),
        ],
    )
    def test_every_way_it_writes_a_time(self, text: str, seconds: float | None) -> None:
        assert moment(text) == seconds

    def test_who_vouches_for_a_number(self) -> None:
        for rating, validated, found in (
            ("A", "true", "A"),
            ("C", "True", "C"),
            ("A", "false", "failed"),
            ("", "false", ""),
            ("<b>", "true", ""),
        ):
            fields = question(ShakenStirAttestation=rating, ShakenStirValidated=validated)
            assert read(fields, Endpoint.CALL).attestation == found

    def test_a_caller_who_is_named_by_their_number_has_no_name(self) -> None:
        assert read(question(CallerId="+13125550177"), Endpoint.CALL).caller_name == ""
        assert read(question(CallerId="13125550177"), Endpoint.CALL).caller_name == ""
        assert read(question(CallerId="JOHN DOE"), Endpoint.CALL).caller_name == "JOHN DOE"

    @pytest.mark.parametrize("word", ["busy", "no-answer", "failed", "completed"])
    def test_a_dial_that_is_over_leaves_the_caller_waiting_whatever_is_said_of_the_call(self, word: str) -> None:
        assert read(dial_result(word), Endpoint.NEXT).wants_instruction

    def test_who_has_put_down_wants_nothing_more(self) -> None:
        assert not read(dial_result("canceled"), Endpoint.NEXT).wants_instruction
        assert read(dial_result("canceled", CallStatus="in-progress"), Endpoint.NEXT).wants_instruction

    def test_why_a_leg_ended(self) -> None:
        def cause(word: str = "busy", **changes: str) -> str:
            return read(leg_event(word, **changes), Endpoint.EVENTS).cause

        assert cause(HangupCause="user_busy") == "telnyx user_busy"
        assert cause(HangupCause="user_busy", ErrorCode="10001") == "telnyx 10001"
        assert cause("completed", HangupCause="normal_clearing") == ""
        assert cause("ringing", HangupCause="user_busy") == ""

    def test_a_leg_that_does_not_name_its_call_is_found_by_the_address(self) -> None:
        fields = leg_event("ringing")
        del fields["ParentCallSid"]
        reply = Telnyx().render(replace(DIAL, call=CallName(CALL_SID, "", ""), whisper_url=f"{URL}whisper?at=a"))
        query = "&call=v3%3A9X2vxPDFY2RHSJ1EdMS0RHRksMTg7ldNxdjWbVr9zBjbGjGsSe-aiQ"
        assert reply.body.decode().count(query.replace("&", "&amp;")) == 2
        for endpoint, status in ((Endpoint.EVENTS, Status.RINGING), (Endpoint.WHISPER, Status.ASKED)):
            signal = read(fields, endpoint, query)
            assert (signal.leg, signal.carrier_call_id, signal.leg_id) == (Leg.BUSINESS, CALL_SID, DIAL_SID)
            assert signal.status is status
        with pytest.raises(BadRequest):
            read(fields, Endpoint.EVENTS, "&call=a%20b")

    def test_who_presses_nothing_and_says_nothing_is_asked_on(self) -> None:
        for asked, status in (("key", Status.KEYED), ("sound", Status.RECORDED)):
            signal = read(question(), Endpoint.NEXT, f"&asked={asked}")
            assert (signal.status, signal.key, signal.recording, signal.wants_instruction) == (status, "", None, True)
        with pytest.raises(BadRequest):
            read(question(), Endpoint.NEXT)

    def test_an_address_with_a_long_signature_is_kept_without_it(self) -> None:
        long = f"{RECORDING_URL}?X-Amz-Signature={'a' * 600}"
        for fields, endpoint, query in (
            (recorded(RecordingUrl=long), Endpoint.NEXT, "&asked=sound"),
            (recording_report(RecordingUrl=long), Endpoint.RECORDING, ""),
        ):
            signal = read_signal(post(fields, endpoint, query), endpoint)
            recording = signal if isinstance(signal, RecordingSignal) else getattr(signal, "recording", None)
            assert recording is not None
            assert (recording.recording_id, recording.url) == (RECORDING_SID, RECORDING_URL)

    def test_ring_and_wait_seconds_are_held_where_telnyx_takes_them(self) -> None:
        for given, taken in ((1, "5"), (600, "120")):
            assert f'timeout="{taken}"'.encode() in Telnyx().render(replace(DIAL, ring_seconds=given)).body
        for given, taken in ((0, "1"), (300, "120")):
            assert f'timeout="{taken}"'.encode() in Telnyx().render(replace(ASK, seconds=given)).body

    def test_a_language_that_is_none_does_not_cost_the_message(self) -> None:
        spoken = replace(ASK, prompts=(replace(ASK.prompts[0], language='"/>'),))
        assert b"<Say>Press 1 for sales.</Say>" in Telnyx().render(spoken).body

    def test_a_document_that_is_kept_elsewhere_names_nobody(self) -> None:
        body = Telnyx().render(replace(DIAL, result_url="", events_url="", caller_id="")).body.decode()
        assert "http" not in body
        assert f"<Number>{BUSINESS}</Number>" in body

    def test_what_is_said_cannot_stand_for_an_address(self) -> None:
        """Documents are built once, with places for what differs; a text that looks like one stays a text."""
        said = replace(DIAL, prompts=(Prompt("\u2066caller\u2069 (the caller) result"),))
        for caller in ("+13125550100", "+13125550101"):
            body = Telnyx().render(replace(said, caller_id=caller)).body.decode()
            assert ">caller (the caller) result</Say>" in body
            assert body.count(caller) == 1

    def test_a_sip_destination_is_dialled_as_one(self) -> None:
        assert b"<Sip " in Telnyx().render(replace(DIAL, destinations=("sip:desk@pbx.example.com",))).body

    def test_addresses_without_a_query_get_one(self) -> None:
        reply = Telnyx().render(Ask((), 5, f"{URL}next"))
        assert f'action="{URL}next?asked=key"'.encode() in reply.body
        assert (
            f'action="{URL}next?asked=sound"'.encode()
            in Telnyx().render(replace(VOICEMAIL, result_url=f"{URL}next")).body
        )


def test_a_question_is_asked_as_the_contract_asks_it() -> None:
    """The suite's own shapes: the first question says nothing of a status, a dialled leg names its call."""
    assert b"CallStatus" not in TestTelnyx().request(ASKED).body
    assert b"ParentCallSid" not in TestTelnyx().request(ASKED).body
