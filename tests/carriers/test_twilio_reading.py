"""What Twilio's webhooks say, in our words."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from callspring.carriers.contract import BadRequest, Endpoint, Status
from callspring.carriers.twilio.adapter import CALL_STATUSES, DIAL_STATUSES
from tests.carriers.twilio_requests import Fields, dial_result, leg_event, question, read


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


def test_every_word_of_twilios_has_a_status_in_the_docs() -> None:
    page = (Path(__file__).parents[2] / "docs" / "carriers.md").read_text()
    for words in (CALL_STATUSES, DIAL_STATUSES):
        for word, status in words.items():
            row = next(line for line in page.splitlines() if line.startswith(f"| {status} |"))
            assert f"`{word}`" in row
