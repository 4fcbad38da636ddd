"""Vonage's signatures, and its words read in ours."""

from __future__ import annotations

import contextlib
import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callspring.carriers.contract import (
    BadRequest,
    BadSignature,
    CarrierRequest,
    Endpoint,
    Leg,
    RecordingKind,
    Status,
)
from callspring.carriers.vonage.adapter import Vonage
from tests.carriers import vonage_requests as vonage
from tests.carriers.contract import CALLER, NOW, SECRET, TRACKING


def accepted(request: CarrierRequest, secret: str = SECRET, now: float = NOW) -> bool:
    try:
        Vonage().verify(request, secret, now)
    except BadSignature:
        return False
    return True


def read(fields: vonage.Fields, endpoint: Endpoint, **query: str) -> Any:
    return Vonage().read(vonage.post(fields, endpoint, **query), endpoint)


class TestSignatures:
    def test_a_connections_secret_is_the_api_secret_and_the_signature_secret(self) -> None:
        request = vonage.post(vonage.question(), Endpoint.CALL, "signing")
        assert accepted(request, "api:signing")
        assert not accepted(request, "signing:api")
        assert not accepted(vonage.post(vonage.question(), Endpoint.CALL, "api"), "api:")

    @pytest.mark.parametrize(("seconds", "fresh"), [(0, True), (299, True), (-299, True), (301, False), (-301, False)])
    def test_a_late_replay_is_refused(self, seconds: int, fresh: bool) -> None:
        assert accepted(vonage.post(vonage.question(), Endpoint.CALL), now=NOW + seconds) is fresh

    def test_the_token_of_one_webhook_proves_no_other_address(self) -> None:
        """A GET has no body to cover, so only a whisper is asked for with it."""
        token = vonage.post(vonage.question(), Endpoint.CALL).headers
        asked = {endpoint: vonage.fetched(vonage.question(), endpoint) for endpoint in Endpoint}
        taken = {one for one, request in asked.items() if accepted(replace(request, headers=token))}
        assert taken == {Endpoint.WHISPER}

    @given(
        body=st.binary(max_size=60), secret=st.text(st.characters(codec="ascii", exclude_characters=":"), min_size=1)
    )
    def test_whatever_is_signed_vonages_own_library_says_the_same(self, body: bytes, secret: str) -> None:
        """It reads the time by this machine's clock, so both are asked about the past."""
        then = 1_600_000_000
        request = vonage.signed(body, vonage.address("call"), secret, iat=then)
        made = request.headers["authorization"].removeprefix("Bearer ")
        for tried in (secret, secret + "x"):
            key = tried.ljust(32, "\0")
            assert accepted(request, tried, now=then) == vonage.vendor_accepts(made, key)

    @pytest.mark.parametrize(
        "claims",
        [
            {"iat": None},
            {"iat": "now"},
            {"api_key": None},
            {"api_key": ""},
            {"payload_hash": None},
            {"payload_hash": "é"},
            {"payload_hash": hashlib.sha256(b"{}").hexdigest()},
        ],
    )
    def test_a_token_without_what_counts_is_refused(self, claims: dict[str, Any]) -> None:
        body = json.dumps(vonage.question()).encode()
        assert accepted(vonage.signed(body, vonage.address("call")))
        try:
            made = vonage.signed(body, vonage.address("call"), **claims)
        except TypeError:  # the library makes no such token
            return
        assert not accepted(made)

    @pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic YTpi", "Bearer a.b.c", "Bearer é.b.c"])
    def test_what_is_no_token_is_refused(self, header: str) -> None:
        request = vonage.post(vonage.question(), Endpoint.CALL)
        assert not accepted(replace(request, headers={**request.headers, "authorization": header}))

    def test_a_token_that_says_it_needs_no_key_is_refused(self) -> None:
        request = vonage.post(vonage.question(), Endpoint.CALL)
        unsigned = "eyJhbGciOiJub25lIn0." + request.headers["authorization"].split(".")[1] + "."
        assert not accepted(replace(request, headers={"authorization": f"Bearer {unsigned}"}))

    def test_a_whisper_is_asked_for_with_get_and_has_no_body(self) -> None:
        asked = vonage.fetched(vonage.question(), Endpoint.WHISPER, **vonage.asked_at())
        assert accepted(asked)
        assert not accepted(replace(asked, body=b"{}"))
        assert not accepted(asked, SECRET + "x")
        assert not accepted(asked, now=NOW + 301)


class TestWords:
    def test_each_of_its_words_has_one_of_ours(self) -> None:
        ours = {word: read(vonage.leg_event(word), Endpoint.EVENTS).status for word in
                ("started", "ringing", "answered", "human", "machine", "completed", "disconnected", "busy",
                 "timeout", "unanswered", "cancelled", "rejected", "failed")}  # fmt: skip
        assert ours == {
            "started": "ringing", "ringing": "ringing", "answered": "answered", "human": "answered",
            "machine": "answered", "completed": "completed", "disconnected": "completed", "busy": "busy",
            "timeout": "no-answer", "unanswered": "no-answer", "cancelled": "canceled", "rejected": "failed",
            "failed": "failed",
        }  # fmt: skip
        for word in ("", "Ringing", "transfer", "notify", 7):
            with pytest.raises(BadRequest):
                read(vonage.leg_event("x", status=word), Endpoint.EVENTS)

    def test_only_a_dial_that_failed_asks_what_now(self) -> None:
        asks = [
            word
            for word in ("started", "ringing", "answered", "busy", "timeout", "cancelled", "failed", "completed")
            if read(vonage.leg_event(word), Endpoint.NEXT, **vonage.asked_at()).wants_instruction
        ]
        assert asks == ["busy", "timeout", "failed"]

    def test_a_question_after_a_dial_is_about_the_call(self) -> None:
        signal = read(vonage.leg_event("busy", conversation_uuid="CON-another"), Endpoint.NEXT, **vonage.asked_at())
        assert (signal.carrier_call_id, signal.leg, signal.leg_id) == (
            vonage.CONVERSATION,
            Leg.BUSINESS,
            vonage.OUTBOUND,
        )
        assert (signal.caller, signal.dialled) == (CALLER, TRACKING)
        withheld = read(vonage.leg_event("busy"), Endpoint.NEXT, **vonage.asked_at(caller=""))
        assert (withheld.caller, withheld.dialled) == ("", TRACKING)

    def test_after_a_whispered_dial_it_does_not_know_whether_they_talked(self) -> None:
        signal = read(vonage.notified("dial"), Endpoint.NEXT, **vonage.asked_at(after="dial"))
        assert (signal.status, signal.unsure, signal.wants_instruction) == (Status.NO_ANSWER, True, True)
        assert (signal.leg, signal.leg_id, signal.dialled) == (Leg.BUSINESS, "", TRACKING)

    @pytest.mark.parametrize("said", ["1", {"digits": "1", "timed_out": False}])
    def test_a_key_in_both_of_its_shapes(self, said: Any) -> None:
        assert read(vonage.pressed("1", dtmf=said), Endpoint.NEXT).key == "1"

    @pytest.mark.parametrize("said", ["12", {"digits": "<b>"}, {"digits": 1}, None, [], {}])
    def test_what_is_no_key_is_none(self, said: Any) -> None:
        assert read(vonage.pressed("1", dtmf=said), Endpoint.NEXT).key == ""

    def test_why_a_leg_ended(self) -> None:
        assert read(vonage.leg_event("failed", detail="restricted"), Endpoint.EVENTS).cause == "vonage restricted"
        assert read(vonage.leg_event("busy", sip_code=486), Endpoint.EVENTS).cause == "sip 486"
        assert read(vonage.leg_event("busy"), Endpoint.EVENTS).cause == ""

    @pytest.mark.parametrize("withheld", ["anonymous", "Restricted", "unknown", "", "266696687", None, 7])
    def test_a_withheld_number_in_each_of_its_forms(self, withheld: Any) -> None:
        fields = {**vonage.question(), "from": withheld}
        assert read(fields, Endpoint.CALL).caller == ""

    def test_a_recording_is_named_by_its_file_and_the_application_that_may_open_it(self) -> None:
        signal = read(vonage.recording_report(), Endpoint.RECORDING, kind="voicemail")
        assert (signal.recording_id, signal.kind, signal.duration) == (vonage.RECORDING_ID, "voicemail", 7)
        assert len(signal.recording_id) == 64
        assert read(vonage.recording_report(), Endpoint.RECORDING).kind is RecordingKind.CALL

    def test_what_came_with_a_text_of_one_part(self) -> None:
        picture = vonage.text_in("", message_type="image", image={"url": "https://x.example/1.jpg", "caption": "A"})
        assert read(picture, Endpoint.TEXT).media == ("https://x.example/1.jpg",)

    def test_why_a_text_was_refused(self) -> None:
        refused = vonage.text_report("rejected", error={"title": "1170", "detail": "Invalid or missing number"})
        assert read(refused, Endpoint.TEXT_EVENTS).error == "vonage 1170 Invalid or missing number"

    @pytest.mark.parametrize("body", [b"[]", b"null", b"{", b"1", b"[" * 5_000, b'{"uuid": "\xff"}', b"x" * 70_000])
    def test_what_is_no_object_is_a_bad_request(self, body: bytes) -> None:
        for endpoint in Endpoint:
            with pytest.raises(BadRequest):
                Vonage().read(vonage.signed(body, vonage.address(endpoint)), endpoint)

    @given(
        fields=st.dictionaries(
            st.sampled_from(["from", "to", "uuid", "conversation_uuid", "status", "dtmf", "size", "timestamp", "text"]),
            st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=9), st.lists, max_leaves=3),
        ),
        endpoint=st.sampled_from(Endpoint),
    )
    def test_whatever_stands_in_a_field_it_is_read_or_a_bad_request(
        self, fields: dict[str, Any], endpoint: Endpoint
    ) -> None:
        with contextlib.suppress(BadRequest):
            read(fields, endpoint, **vonage.asked_at())
