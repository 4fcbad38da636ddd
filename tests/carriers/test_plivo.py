"""Plivo's adapter against the contract, and what it words in its own way."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest

from callspring.calls.state import CallState, Said, call_state
from callspring.carriers.contract import (
    BadRequest,
    CallSignal,
    CarrierRequest,
    Endpoint,
    Instruction,
    Leg,
    RecordingKind,
    RecordingSignal,
    Reply,
    Status,
    TextEvent,
    TextSignal,
    TextState,
)
from tests.carriers.contract import (
    MOMENTS,
    RECORDED,
    SECRET,
    CarrierContract,
    Moment,
)
from tests.carriers.plivo_requests import (
    CALL,
    LEG,
    RECORDING,
    RECORDING_URL,
    TEXT,
    URL,
    call_hangup,
    dial_event,
    dial_result,
    digits,
    going_on,
    leg_hangup,
    post,
    question,
    read,
    read_signal,
    recorded,
    recording,
    signed,
    text_in,
    text_report,
    understand,
)
from tests.carriers.report_contract import ReportContract

# What Plivo does not say: that a dialled leg rings, and which key was pressed where it waits for one itself.
UNSAID = [
    moment
    for moment in MOMENTS
    if (moment.endpoint, moment.leg, moment.status)
    in {
        (Endpoint.EVENTS, Leg.BUSINESS, Status.RINGING),
        (Endpoint.WHISPER, Leg.BUSINESS, Status.KEYED),
    }
]
SAID = [moment for moment in MOMENTS if moment not in UNSAID]
WORDS = {
    Status.RINGING: "ringing",
    Status.ANSWERED: "in-progress",
    Status.COMPLETED: "completed",
    Status.BUSY: "busy",
    Status.NO_ANSWER: "no-answer",
    Status.CANCELED: "cancel",
    Status.FAILED: "failed",
}
# How a dialled leg ended: Plivo's code and cause.
ENDS = {
    Status.COMPLETED: ("4000", "NORMAL_CLEARING"),
    Status.BUSY: ("3010", "USER_BUSY"),
    Status.NO_ANSWER: ("6010", "NO_ANSWER"),
    Status.CANCELED: ("9000", "LOSE_RACE"),
    Status.FAILED: ("5020", "NO_ROUTE_DESTINATION"),
}
TEXT_WORDS = {
    TextState.QUEUED: "queued",
    TextState.SENT: "sent",
    TextState.DELIVERED: "delivered",
    TextState.FAILED: "undelivered",
}


class TestPlivo(ReportContract, CarrierContract):
    name = "plivo"
    call_id, business_leg_id, recording_id, text_id = CALL, LEG, RECORDING, TEXT
    signature_headers = ("x-plivo-signature-v3", "x-plivo-signature-v3-nonce")

    def as_sent(self, number: str) -> str:
        return digits(number)

    def request(self, moment: Moment) -> CarrierRequest:
        return post(self.fields(moment), moment.endpoint)

    def fields(self, moment: Moment) -> dict[str, str]:
        ends = {"From": digits(moment.caller) or "anonymous", "To": digits(moment.dialled)}
        if moment.caller_name:
            ends["CallerName"] = moment.caller_name
        if moment.status is Status.RECORDED:
            return recorded(**ends)
        if moment.status is Status.KEYED:
            return going_on("Redirect", **ends, **({"Digits": moment.key} if moment.key else {}))
        if moment.endpoint is Endpoint.WHISPER:
            return going_on("DialRemoteSounds", DialBLegUUID=LEG, **ends)
        if moment.endpoint is Endpoint.CALL:
            return question(**ends)
        if moment.endpoint is Endpoint.NEXT:
            return dial_result(WORDS[moment.status], **ends)
        return self._event(moment, ends)

    def _event(self, moment: Moment, ends: dict[str, str]) -> dict[str, str]:
        lasted = "" if moment.duration is None else str(moment.duration)
        if moment.leg is Leg.CALLER:
            made = call_hangup(WORDS[moment.status], **ends)
            return {**made, "Duration": lasted}
        legs = {"DialBLegFrom": ends["From"], "DialBLegTo": ends["To"]}
        if moment.status is Status.ANSWERED:
            return dial_event("answer", **legs)
        return leg_hangup(*ENDS[moment.status], lasted, **legs)

    def expected(self, moment: Moment) -> CallSignal:
        """Nothing is numbered or dated, and the end of a dial has no length: that is in the leg's own event."""
        plain = replace(super().expected(moment), sequence=0, at=None)
        return replace(plain, duration=None) if moment.endpoint is Endpoint.NEXT else plain

    @pytest.mark.parametrize("moment", SAID, ids=str)
    def test_a_right_signature_is_accepted(self, moment: Moment) -> None:
        super().test_a_right_signature_is_accepted(moment)

    @pytest.mark.parametrize("moment", SAID, ids=str)
    def test_each_moment_is_read_in_our_words(self, moment: Moment) -> None:
        super().test_each_moment_is_read_in_our_words(moment)

    def signed(self, body: bytes, endpoint: Endpoint, secret: str = SECRET) -> CarrierRequest:
        # "Right if the body is empty": of any other, the address alone is signed.
        return replace(signed(b"", endpoint, secret=secret), body=body)

    def understand(self, reply: Reply) -> Instruction:
        return understand(reply)

    def recording(self, signal: RecordingSignal) -> CarrierRequest:
        lasted = "0" if not signal.available else "" if signal.duration is None else str(signal.duration)
        started = "" if signal.at is None else f"{signal.at * 1000:.5f}"
        fields = recording(RecordUrl=signal.url, RecordingDuration=lasted, RecordingStartMs=started)
        url = f"{URL}recording?of={signal.kind}"
        return post({**going_on("Record"), **fields}, Endpoint.RECORDING, url)

    def over(self) -> CarrierRequest:
        return self.request(RECORDED)

    def text(self, signal: TextSignal) -> CarrierRequest:
        media = {f"Media{place}": url for place, url in enumerate(signal.media, 1)}
        ends = {"From": digits(signal.caller), "To": digits(signal.dialled)}
        return post(text_in(signal.body, **ends, **media), Endpoint.TEXT)

    def text_event(self, signal: TextEvent) -> CarrierRequest:
        return post(text_report(TEXT_WORDS[signal.state]), Endpoint.TEXT_EVENTS)


class TestWords:
    @pytest.mark.parametrize(
        ("code", "cause", "seconds", "status", "why"),
        [
            ("4000", "NORMAL_CLEARING", "11", Status.COMPLETED, ""),
            ("4000", "NORMAL_CLEARING", "0", Status.NO_ANSWER, ""),
            ("4000", "ORIGINATOR_CANCEL", "0", Status.CANCELED, ""),
            ("3020", "CALL_REJECTED", "0", Status.BUSY, "plivo 3020"),
            ("3000", "NO_USER_RESPONSE", "0", Status.NO_ANSWER, "plivo 3000"),
            ("9110", "NORMAL_CLEARING", "5", Status.NO_ANSWER, "plivo 9110"),
            ("2010", "DESTINATION_OUT_OF_ORDER", "0", Status.FAILED, "plivo 2010"),
            ("9999", "", "0", Status.FAILED, "plivo 9999"),
            ("0", "USER_BUSY", "0", Status.BUSY, ""),
            ("", "NO_ANSWER", "0", Status.NO_ANSWER, "plivo NO_ANSWER"),
            ("", "<script>", "0", Status.FAILED, ""),
        ],
    )
    def test_how_a_leg_ended(self, code: str, cause: str, seconds: str, status: Status, why: str) -> None:
        signal = read(leg_hangup(code, cause, seconds), Endpoint.EVENTS)
        assert (signal.status, signal.cause) == (status, why)

    def test_an_end_that_says_nothing_is_a_bad_request(self) -> None:
        for fields in (leg_hangup("", "", "0"), dial_event("digits"), dial_event("")):
            with pytest.raises(BadRequest):
                read(fields, Endpoint.EVENTS)

    def test_a_caller_who_gives_up_has_canceled_though_plivo_says_completed(self) -> None:
        signal = read(call_hangup("completed", HangupCause="ORIGINATOR_CANCEL", Duration="0"), Endpoint.EVENTS)
        assert (signal.leg, signal.status, signal.cause) == (Leg.CALLER, Status.CANCELED, "")

    def test_a_dial_that_nobody_took_has_no_leg(self) -> None:
        for word, status in (("timeout", Status.NO_ANSWER), ("completed", Status.NO_ANSWER), ("busy", Status.BUSY)):
            signal = read(dial_result(word, DialBLegUUID="", DialHangupCause="USER_BUSY"), Endpoint.NEXT)
            assert (signal.status, signal.leg_id, signal.cause) == (status, "", "plivo USER_BUSY")

    def test_whoever_has_hung_up_waits_for_nothing(self) -> None:
        for fields in (dial_result("completed"), recorded(), going_on("Redirect", Digits="1")):
            assert read(fields, Endpoint.NEXT).wants_instruction
            assert not read({**fields, "CallStatus": "completed"}, Endpoint.NEXT).wants_instruction

    def test_only_the_leg_that_was_connected_has_accepted(self) -> None:
        assert [read(dial_event(word), Endpoint.EVENTS).accepted for word in ("answer", "connected")] == [False, True]
        assert read(dial_event("connected"), Endpoint.EVENTS).status is Status.ANSWERED

    @pytest.mark.parametrize(
        ("written", "read_as"),
        [
            ("13125550177", "+13125550177"),
            ("+13125550177", "+13125550177"),
            ("sip:13125550177@10.0.0.1", "+13125550177"),
            ("sip:desk@phone.plivo.com", ""),
            ("266696687", ""),  # "anonymous", on a phone's keys
            ("7378742833", ""),
            ("anonymous", ""),
            ("013125550177", ""),
            ("1312", ""),
        ],
    )
    def test_numbers_are_digits(self, written: str, read_as: str) -> None:
        assert read(question(From=written), Endpoint.CALL).caller == read_as

    def test_a_number_in_place_of_a_name_is_no_name(self) -> None:
        assert read(question(CallerName="+13125550177"), Endpoint.CALL).caller_name == ""
        assert read(question(CallerName="HARBOR \u202ePINE"), Endpoint.CALL).caller_name == "HARBOR PINE"

    @pytest.mark.parametrize(
        ("said", "attestation"),
        [
            ({}, "A"),
            ({"STIRVerification": "Not Verified"}, ""),
            ({"STIRAttestation": "B"}, "B"),
            ({"STIRAttestation": "x"}, "A"),
        ],
    )
    def test_how_far_the_number_is_vouched_for(self, said: dict[str, str], attestation: str) -> None:
        assert read(question(**said), Endpoint.CALL).attestation == attestation

    def test_the_end_of_a_call_is_no_question(self) -> None:
        """Where no hangup address is set Plivo sends it to the answer address."""
        with pytest.raises(BadRequest):
            read(call_hangup("completed"), Endpoint.CALL)

    def test_our_address_says_what_was_recorded(self) -> None:
        fields = {**going_on("Record"), **recording()}
        kinds = [
            read_signal(fields, Endpoint.RECORDING, f"{URL}recording{query}")
            for query in ("?of=voicemail", "?of=call", "")
        ]
        assert [getattr(one, "kind", None) for one in kinds] == [
            RecordingKind.VOICEMAIL,
            RecordingKind.CALL,
            RecordingKind.CALL,
        ]
        assert {getattr(one, "url", None) for one in kinds} == {RECORDING_URL}

    def test_pictures_are_counted_from_one_or_from_none(self) -> None:
        for first in (0, 1):
            media = {f"Media{first + place}": f"https://media.example/{place}" for place in range(3)}
            signal = read_signal({**text_in("", Type="mms", **media), "Body": "Look"}, Endpoint.TEXT)
            assert isinstance(signal, TextSignal)
            assert (signal.body, len(signal.media)) == ("Look", 3)

    def test_why_our_text_failed(self) -> None:
        for code, error in (("30", "plivo 30"), ("000", ""), ("", ""), ("<b>", "")):
            signal = read_signal(text_report("rejected", ErrorCode=code), Endpoint.TEXT_EVENTS)
            assert isinstance(signal, TextEvent)
            assert (signal.state, signal.error) == (TextState.FAILED, error)


STORY = [
    (question(), Endpoint.CALL),
    (going_on("Redirect", Digits="1"), Endpoint.NEXT),
    (leg_hangup("6010", "NO_ANSWER", "0", DialBLegUUID="first"), Endpoint.EVENTS),
    (dial_event("answer"), Endpoint.EVENTS),
    (leg_hangup("4000", "NORMAL_CLEARING", "31"), Endpoint.EVENTS),
    (call_hangup("completed", Duration="55"), Endpoint.EVENTS),
]


def state(story: list[tuple[dict[str, str], Endpoint]], at: dict[int, float]) -> CallState:
    """What the events add up to, each heard at its own time, whatever the order."""
    said = {}
    for fields, endpoint in story:
        signal = read(fields, endpoint)
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
