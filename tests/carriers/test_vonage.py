"""Vonage's adapter against the contract, its signatures, and what it words in its own way."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from callspring.carriers.contract import (
    Ask,
    CallName,
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
    TextEvent,
    TextSignal,
    TextState,
)
from callspring.carriers.outside import e164
from callspring.carriers.vonage.adapter import Vonage
from tests.carriers import vonage_requests as vonage
from tests.carriers.contract import (
    ASK,
    CALLER,
    DIAL,
    SECRET,
    TRACKING,
    VOICEMAIL,
    CarrierContract,
    Moment,
)
from tests.carriers.report_contract import ReportContract
from tests.carriers.vonage_ncco import query

WORDS = {
    Status.RINGING: "ringing",
    Status.ANSWERED: "answered",
    Status.BUSY: "busy",
    Status.NO_ANSWER: "unanswered",
    Status.CANCELED: "cancelled",
    Status.FAILED: "failed",
}
CALL = CallName(vonage.CONVERSATION, CALLER, TRACKING)


class TestVonage(CarrierContract, ReportContract):
    name = "vonage"
    call_id = vonage.CONVERSATION
    business_leg_id = vonage.OUTBOUND
    recording_id = vonage.RECORDING
    text_id = vonage.TEXT
    signature_headers = ("authorization",)
    address_is_signed = False
    tells_names = False
    announces_recordings = False
    text_states = (TextState.SENT, TextState.DELIVERED, TextState.FAILED)

    def as_sent(self, number: str) -> str:
        return vonage.digits(number)

    def request(self, moment: Moment) -> CarrierRequest:
        ends = {"from": vonage.digits(moment.caller) or "anonymous", "to": vonage.digits(moment.dialled)}
        match moment.endpoint:
            case Endpoint.CALL:
                return vonage.post(vonage.question(**ends), Endpoint.CALL)
            case Endpoint.WHISPER if moment.status is Status.ASKED:
                asked = vonage.question(uuid=vonage.OUTBOUND, **ends)
                return vonage.fetched(asked, Endpoint.WHISPER, **vonage.asked_at())
            case Endpoint.WHISPER:
                said = vonage.pressed(moment.key, uuid=vonage.OUTBOUND, **ends)
                return vonage.post(said, Endpoint.WHISPER, **vonage.asked_at())
            case Endpoint.NEXT:
                return self._next(moment)
        return vonage.post(self._event(moment, **ends), Endpoint.EVENTS)

    def _next(self, moment: Moment) -> CarrierRequest:
        if moment.status is Status.RECORDED:
            return vonage.post(vonage.notified("voicemail"), Endpoint.NEXT, **vonage.asked_at(after="voicemail"))
        if moment.status is Status.KEYED:
            return vonage.post(vonage.pressed(moment.key), Endpoint.NEXT, **vonage.asked_at())
        said = self._event(replace(moment, leg=Leg.BUSINESS))
        del said["timestamp"]
        return vonage.post(said, Endpoint.NEXT, **vonage.asked_at())

    def _event(self, moment: Moment, **changes: Any) -> vonage.Fields:
        if moment.leg is Leg.CALLER:
            changes |= {"uuid": vonage.INBOUND, "direction": "inbound"}
        if moment.at is not None:
            changes["timestamp"] = vonage.iso(moment.at)
        if moment.status is Status.COMPLETED:
            return vonage.ended(moment.duration or 0, **changes)
        return vonage.leg_event(WORDS[moment.status], **changes)

    def expected(self, moment: Moment) -> CallSignal:
        """Nothing is numbered, only what was answered has a length, and its end asks nothing."""
        talked = moment.status is Status.COMPLETED
        signal = replace(super().expected(moment), sequence=0, duration=moment.duration if talked else None)
        asks = signal.wants_instruction and moment.status not in (Status.COMPLETED, Status.CANCELED)
        return replace(signal, wants_instruction=asks)

    def heard_as(self, instruction: Instruction) -> Instruction:
        """One destination, one address for what a dial reports, ten seconds for a key; and one end for both legs."""
        heard = super().heard_as(instruction)
        if isinstance(heard, Dial):
            number = heard.destinations[0]
            if not e164(number):
                return Dial((), 0, "", heard.result_url, "", heard.prompts)
            merged = "&" + heard.events_url.partition("?")[2] if heard.whisper_url else ""
            shown = e164(heard.caller_id)
            return replace(
                heard, destinations=(number,), caller_id=shown, events_url="", result_url=heard.result_url + merged
            )
        if isinstance(heard, Ask):
            return replace(heard, seconds=min(heard.seconds, 10))
        return HangUp(heard.prompts) if isinstance(heard, Connect) else heard

    def signed(self, body: bytes, endpoint: Endpoint, secret: str = SECRET) -> CarrierRequest:
        return replace(vonage.signed(b"", vonage.address(endpoint), secret), body=body)

    def understand(self, reply: Reply) -> Instruction:
        return vonage.understand(reply.body)

    # --- reports

    def recording(self, signal: RecordingSignal) -> CarrierRequest:
        if not signal.available:
            said = vonage.recording_report(size=0)
            del said["recording_url"], said["end_time"]
        else:
            said = vonage.recording_report(recording_url=signal.url)
        return vonage.post(said, Endpoint.RECORDING, kind=signal.kind)

    def over(self) -> CarrierRequest:
        return vonage.post(vonage.notified("voicemail"), Endpoint.NEXT, **vonage.asked_at(after="voicemail"))

    def text(self, signal: TextSignal) -> CarrierRequest:
        ends = {"from": vonage.digits(signal.caller), "to": vonage.digits(signal.dialled)}
        media = {"content": [{"type": "image", "url": url} for url in signal.media]} if signal.media else {}
        return vonage.post(vonage.text_in(signal.body, **ends, **media), Endpoint.TEXT)

    def text_event(self, signal: TextEvent) -> CarrierRequest:
        words = {TextState.SENT: "submitted", TextState.DELIVERED: "delivered", TextState.FAILED: "rejected"}
        return vonage.post(vonage.text_report(words[signal.state]), Endpoint.TEXT_EVENTS)


def rendered(instruction: Instruction) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(Vonage().render(instruction).body)
    return found


class TestDocuments:
    def test_the_addresses_say_which_call_it_is(self) -> None:
        for instruction in (replace(DIAL, call=CALL), replace(ASK, call=CALL), replace(VOICEMAIL, call=CALL)):
            action = rendered(instruction)[-1]
            kept = query(action["eventUrl"][0])
            assert (kept["call"], kept["caller"], kept["dialled"]) == (vonage.CONVERSATION, CALLER, TRACKING)
            assert (kept["at"], kept["sig"]) == (
                query(instruction.result_url)["at"],
                query(instruction.result_url)["sig"],
            )

    def test_the_business_sees_the_number_that_was_dialled(self) -> None:
        """Vonage shows no number but its own."""
        assert rendered(replace(DIAL, call=CALL))[0]["from"] == vonage.digits(TRACKING)
        kept_elsewhere = replace(DIAL, caller_id="", result_url="", events_url="")
        assert rendered(kept_elsewhere)[0]["randomFromNumber"] is True

    def test_a_whisper_is_asked_for_and_what_its_events_are_asked_too(self) -> None:
        screened = replace(
            DIAL,
            call=CALL,
            events_url="https://calls.example.com/voice/x/7/events?screened=1",
            whisper_url="https://calls.example.com/voice/x/7/whisper?at=1&dialled=%2B1",
        )
        connect, notify = rendered(screened)
        assert query(connect["endpoint"][0]["onAnswer"]["url"])["call"] == vonage.CONVERSATION
        assert query(connect["eventUrl"][0])["screened"] == "1"
        assert query(notify["eventUrl"][0])["after"] == "dial"
        assert len(rendered(replace(DIAL, call=CALL))) == 1, "who talked is asked nothing afterwards"

    def test_a_sip_address_is_dialled_as_one_and_hears_no_whisper(self) -> None:
        dial = replace(DIAL, destinations=("sip:desk@pbx.example.com",), whisper_url="https://x.example/whisper")
        (connect,) = rendered(dial)
        assert connect["endpoint"] == [{"type": "sip", "uri": "sip:desk@pbx.example.com"}]
        assert "screened" not in query(connect["eventUrl"][0])

    def test_who_does_not_take_the_call_is_not_connected(self) -> None:
        assert rendered(HangUp()) == rendered(Connect()) == []
        assert [action["action"] for action in rendered(HangUp(leg=Leg.BUSINESS))] == ["wait"]

    def test_a_key_may_interrupt_what_stands_right_before_it(self) -> None:
        mixed = replace(
            ASK, prompts=(Prompt("a"), Prompt("", sound_url="https://x.example/1.mp3"), Prompt("b"), Prompt("c"))
        )
        assert [action.get("bargeIn") for action in rendered(mixed)] == [None, None, True, True, None]

    def test_a_language_that_it_does_not_speak_is_one_of_the_same_or_its_own(self) -> None:
        spoken = [
            rendered(HangUp((Prompt("x", tag),)))[0].get("language") for tag in ("en-US", "en-CA", "xx-XX", 'x"y')
        ]
        assert spoken == ["en-US", "en-AU", None, None]

    @pytest.mark.parametrize("text", ["<speak>Hello<break time='1s'/></speak>", " <SPEAK>x</SPEAK>"])
    def test_a_text_that_looks_like_markup_is_spoken(self, text: str) -> None:
        assert "<s" not in rendered(HangUp((Prompt(text),)))[0]["text"].lower().partition("hello")[0]

    def test_long_texts_and_times_are_held_to_its_limits(self) -> None:
        assert len(rendered(HangUp((Prompt("x" * 5_000),)))[0]["text"]) == 1_500
        assert rendered(replace(VOICEMAIL, max_seconds=1))[1]["timeOut"] == 3
        assert rendered(replace(VOICEMAIL, max_seconds=99_999))[1]["timeOut"] == 7_200
        assert rendered(replace(DIAL, ring_seconds=1))[0]["timeout"] == 5
