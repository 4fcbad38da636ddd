"""What Twilio's webhooks say, in our words."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from callspring.carriers.contract import (
    BadRequest,
    Endpoint,
    Leg,
    RecordingKind,
    RecordingSignal,
    Status,
    TextEvent,
    TextState,
)
from callspring.carriers.form_reader import CALL_STATUSES, DIAL_STATUSES, TEXT_STATES
from tests.carriers.twilio_requests import (
    CALL_SID,
    RECORDING_SID,
    RECORDING_URL,
    Fields,
    dial_result,
    leg_event,
    question,
    read,
    read_signal,
    recorded,
    recording_report,
    text_in,
    text_report,
)


@pytest.mark.parametrize(
    "word",
    [
        "anonymous",
        "Anonymous",
        "Restricted",
        "unavailable",
        "+266696687",
        "+7378742833",
        "+17378742833",
        "+86282452253",
        "+8656696",
        "+2562533",
        "",
        "sip:anonymous@anonymous.invalid",
        "client:alice",
        "+1",
        "+0123456789",
        "+1234567890123456",
        "+1312555017\uff17",
        "+13125550177\n",
    ],
)
def test_what_stands_for_no_number_is_no_number(word: str) -> None:
    assert read(question(From=word, Caller=word), Endpoint.CALL).caller == ""


def test_a_number_in_a_sip_address_is_found() -> None:
    signal = read(question(From="sip:+13125550177@pbx.example.com:5060;transport=tls"), Endpoint.CALL)
    assert signal.caller == "+13125550177"


@pytest.mark.parametrize("word", ["answered", "completed"])
def test_a_dial_that_was_answered_is_completed(word: str) -> None:
    signal = read(dial_result(word, DialCallDuration="31"), Endpoint.NEXT)
    assert (signal.status, signal.duration, signal.wants_instruction) == (Status.COMPLETED, 31, True)


@pytest.mark.parametrize("word", ["completed", "no-answer", "canceled"])
def test_a_caller_who_has_hung_up_waits_for_nothing(word: str) -> None:
    assert not read(dial_result("no-answer", CallStatus=word), Endpoint.NEXT).wants_instruction


@pytest.mark.parametrize("word", ["ringing", "in-progress", ""])
def test_a_caller_who_is_there_waits(word: str) -> None:
    assert read(dial_result("no-answer", CallStatus=word), Endpoint.NEXT).wants_instruction


def test_a_dial_that_made_no_leg_has_no_leg_id() -> None:
    fields = dial_result("failed")
    del fields["DialCallSid"]
    assert read(fields, Endpoint.NEXT).leg_id == ""


@pytest.mark.parametrize("word", ["queued", "initiated"])
def test_a_leg_that_is_only_begun_is_ringing(word: str) -> None:
    assert read(leg_event(word), Endpoint.EVENTS).status is Status.RINGING


@pytest.mark.parametrize(
    "stamp",
    [
        "Mon, 01 Jun 2026 09:30:05 +0000",
        "Mon, 01 Jun 2026 11:30:05 +0200",
        "Mon, 01 Jun 2026 09:30:05 -0000",
        "Mon, 01 Jun 2026 09:30:05",
    ],
)
def test_the_carriers_time_is_read(stamp: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        assert read(leg_event("ringing", Timestamp=stamp), Endpoint.EVENTS).at == 1_780_306_205.0
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize("stamp", ["", "yesterday", "Mon, 99 Jun 2026 09:30:05 +0000", "1" * 100, "0 Jan 0 0:0 +9"])
def test_a_time_that_is_none_is_left_out(stamp: str) -> None:
    assert read(leg_event("ringing", Timestamp=stamp), Endpoint.EVENTS).at is None


@pytest.mark.parametrize(
    ("fields", "cause"),
    [
        ({"SipResponseCode": "486"}, "sip 486"),
        ({"SipResponseCode": "404", "ErrorCode": "13224"}, "twilio 13224"),
        ({"SipResponseCode": "<b>"}, ""),
        ({}, ""),
    ],
)
def test_the_cause_is_a_code(fields: dict[str, str], cause: str) -> None:
    assert read(leg_event("busy", **fields), Endpoint.EVENTS).cause == cause


@pytest.mark.parametrize("text", ["-1", "1.5", "1e3", "9" * 400, "\u0661", " 7"])
def test_numbers_that_are_none_are_left_out(text: str) -> None:
    signal = read(leg_event("completed", CallDuration=text, SequenceNumber=text), Endpoint.EVENTS)
    assert (signal.duration, signal.sequence) == (None, 0)


def test_a_duration_before_the_end_is_not_believed() -> None:
    assert read(leg_event("in-progress", CallDuration="7"), Endpoint.EVENTS).duration is None


@pytest.mark.parametrize(
    ("fields", "endpoint", "named"),
    [
        (question(CallSid=""), Endpoint.CALL, "CallSid"),
        (question(CallSid="CA/../x"), Endpoint.CALL, "CallSid"),
        (question(CallSid="C" * 65), Endpoint.CALL, "CallSid"),
        (question(To="sip:bob@example.com"), Endpoint.CALL, "To"),
        (question(To=""), Endpoint.CALL, "To"),
        (dial_result("ringing"), Endpoint.NEXT, "DialCallStatus"),
        (question(), Endpoint.NEXT, "DialCallStatus"),
        (leg_event("exploded"), Endpoint.EVENTS, "CallStatus"),
        (leg_event("ringing", ParentCallSid="<script>"), Endpoint.EVENTS, "ParentCallSid"),
        (recording_report("in-progress"), Endpoint.RECORDING, "RecordingStatus"),
        (recording_report(RecordingSid="../x"), Endpoint.RECORDING, "RecordingSid"),
        (recording_report(CallSid=""), Endpoint.RECORDING, "CallSid"),
        (recording_report(RecordingUrl="file:///etc/passwd"), Endpoint.RECORDING, "RecordingUrl"),
        (text_in("x", MessageSid=""), Endpoint.TEXT, "MessageSid"),
        (text_in("x", To="whatsapp:+13125550177"), Endpoint.TEXT, "To"),
        (text_report("exploded"), Endpoint.TEXT_EVENTS, "MessageStatus"),
    ],
)
def test_what_is_missing_is_named(fields: Fields, endpoint: Endpoint, named: str) -> None:
    with pytest.raises(BadRequest, match=named):
        read(fields, endpoint)


def test_what_is_kept_is_bounded_and_clean() -> None:
    many = {f"SipHeader_X-{n}": "v" for n in range(150)}
    raw = read(question(CallerName="a\x00b\r\nc" + "d" * 5_000, **many), Endpoint.CALL).raw
    assert len(raw) == 64
    assert raw["CallerName"][:4] == "ab c"
    assert all(len(name) <= 64 and len(value) <= 512 for name, value in raw.items())


@pytest.mark.parametrize(("word", "waits"), [("in-progress", True), ("completed", False)])
def test_a_recording_that_is_over_asks_what_now(word: str, waits: bool) -> None:
    signal = read(recorded(CallStatus=word, Digits="hangup"), Endpoint.NEXT)
    assert (signal.leg, signal.leg_id, signal.status) == (Leg.CALLER, CALL_SID, Status.RECORDED)
    assert signal.wants_instruction is waits


def test_a_recording_is_named_by_its_address_where_nothing_else_names_it() -> None:
    fields = recorded()
    del fields["RecordingSid"]
    signal = read(fields, Endpoint.NEXT)
    assert signal.recording is not None
    assert (signal.recording.recording_id, signal.recording.duration) == (RECORDING_SID, 7)


@pytest.mark.parametrize("url", ["", "file:///etc/passwd", "https://api.twilio.com/"])
def test_an_address_that_names_nothing_announces_nothing(url: str) -> None:
    signal = read(recorded(RecordingUrl=url, RecordingSid=""), Endpoint.NEXT)
    assert (signal.status, signal.recording) == (Status.RECORDED, None)


def test_a_dial_that_was_recorded_is_a_dial_all_the_same() -> None:
    signal = read(dial_result("completed", RecordingUrl=RECORDING_URL), Endpoint.NEXT)
    assert (signal.leg, signal.status) == (Leg.BUSINESS, Status.COMPLETED)


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("RecordVerb", RecordingKind.VOICEMAIL),
        ("DialVerb", RecordingKind.CALL),
        ("StartCallRecordingAPI", RecordingKind.CALL),
        ("", RecordingKind.CALL),
    ],
)
def test_what_was_recorded(word: str, kind: RecordingKind) -> None:
    signal = read_signal(recording_report(RecordingSource=word), Endpoint.RECORDING)
    assert isinstance(signal, RecordingSignal)
    assert (signal.kind, signal.at) == (kind, 1_780_306_205.0)


@pytest.mark.parametrize("word", ["absent", "failed"])
def test_nothing_was_recorded(word: str) -> None:
    signal = read_signal(recording_report(word, RecordingUrl="", ErrorCode="16102"), Endpoint.RECORDING)
    assert isinstance(signal, RecordingSignal)
    assert not signal.available


def test_why_a_text_failed() -> None:
    signal = read_signal(text_report("undelivered", ErrorCode="30003"), Endpoint.TEXT_EVENTS)
    assert isinstance(signal, TextEvent)
    assert (signal.state, signal.error) == (TextState.FAILED, "twilio 30003")


def test_every_message_status_of_twilios_is_known() -> None:
    """`message_enum_status` of Twilio's OpenAPI, less the two that only a message to us has; one is SignalWire's."""
    words = "queued sending sent failed delivered undelivered accepted scheduled read partially_delivered canceled"
    assert set(TEXT_STATES) == {*words.split(), "initiated"}
    for word, state in TEXT_STATES.items():
        signal = read_signal(text_report(word), Endpoint.TEXT_EVENTS)
        assert isinstance(signal, TextEvent)
        assert signal.state is state


def test_every_word_of_twilios_has_a_status_in_the_docs() -> None:
    page = (Path(__file__).parents[2] / "docs" / "carriers.md").read_text()
    for words in (CALL_STATUSES, DIAL_STATUSES, TEXT_STATES):
        for word, status in words.items():
            rows = [line for line in page.splitlines() if line.startswith(f"| {status} |")]
            assert any(f"`{word}`" in row for row in rows)
