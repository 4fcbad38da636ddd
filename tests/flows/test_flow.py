"""The call flow: whatever the carrier reports, the caller reaches a human or hears a sentence."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callspring.carriers.contract import Status
from callspring.flows.flow import (
    APOLOGY,
    ASK,
    DIALLED,
    GREETING,
    NOT_IN_SERVICE,
    RECORDED,
    End,
    Flow,
    Forward,
    Record,
    Ring,
    Speak,
    next_step,
)

TALKED = (Status.COMPLETED, Status.ANSWERED)
UNANSWERED = [status for status in Status if status not in (*TALKED, Status.RECORDED)]
FLOW = Forward("+18005550199", 20, "Please call again.")
VOICEMAIL = Forward("+18005550199", 20, "Please call again.", True, "Speak after the beep.", 90)
TEXTS = st.text(max_size=20)
FLOWS = st.builds(
    Forward, destination=st.just("+18005550199"), apology=TEXTS, voicemail=st.booleans(), voicemail_greeting=TEXTS
)


def test_a_call_that_comes_in_rings_the_destination() -> None:
    assert next_step(FLOW, ASK, None) == next_step(VOICEMAIL, ASK, None) == Ring("+18005550199", 20, DIALLED)


@pytest.mark.parametrize("flow", [FLOW, VOICEMAIL, None])
@pytest.mark.parametrize("ended", TALKED)
def test_after_a_talk_everything_has_happened(flow: Flow | None, ended: Status) -> None:
    """None: the number lost its flow while they talked."""
    assert next_step(flow, DIALLED, ended) == End()


@pytest.mark.parametrize("ended", [*UNANSWERED, None])
def test_when_nobody_answers_the_caller_is_told(ended: Status | None) -> None:
    assert next_step(FLOW, DIALLED, ended) == Speak("Please call again.")


@pytest.mark.parametrize("ended", [*UNANSWERED, None])
def test_or_is_asked_to_leave_a_message(ended: Status | None) -> None:
    assert next_step(VOICEMAIL, DIALLED, ended) == Record("Speak after the beep.", 90, RECORDED)


def test_after_the_message_everything_has_happened() -> None:
    assert next_step(VOICEMAIL, RECORDED, Status.RECORDED) == End()


@pytest.mark.parametrize("ended", [*UNANSWERED, None])
def test_nobody_is_asked_to_speak_twice(ended: Status | None) -> None:
    assert next_step(VOICEMAIL, RECORDED, ended) == Speak("Please call again.")


@given(
    flow=FLOWS | st.none(),
    position=st.sampled_from([ASK, DIALLED, RECORDED]) | st.integers(),
    ended=st.sampled_from([*Status, None]),
)
def test_no_call_ends_in_silence(flow: Flow | None, position: int, ended: Status | None) -> None:
    match next_step(flow, position, ended):
        case End():
            assert ended in (*TALKED, Status.RECORDED), "only who has talked or was recorded is hung up on"
        case Speak(text):
            assert text.strip()
        case Record(greeting, seconds, then):
            assert flow is not None
            assert flow.voicemail
            assert greeting.strip()
            assert seconds > 0
            assert then == RECORDED != position
        case Ring(_, seconds, then):
            assert (flow is not None, position, then) == (True, ASK, DIALLED)
            assert seconds > 0


@pytest.mark.parametrize("blank", ["", "  ", "\n"])
def test_a_sentence_that_nobody_wrote_is_said_in_ours(blank: str) -> None:
    flow = Forward("+18005550199", apology=blank, voicemail_greeting=blank)
    assert next_step(flow, DIALLED, Status.BUSY) == Speak(APOLOGY)
    recording = next_step(msgspec.structs.replace(flow, voicemail=True), DIALLED, Status.BUSY)
    assert isinstance(recording, Record)
    assert recording.greeting == GREETING


def test_a_number_that_nobody_routes_says_so() -> None:
    assert next_step(None, ASK, None) == next_step(None, DIALLED, Status.BUSY) == Speak(NOT_IN_SERVICE)


def test_a_flow_survives_being_stored() -> None:
    for flow in (FLOW, VOICEMAIL):
        assert msgspec.convert(msgspec.to_builtins(flow), Flow) == flow
        assert msgspec.json.decode(msgspec.json.encode(flow), type=Flow) == flow
    defaults = msgspec.convert({"type": "forward", "destination": "+18005550199"}, Flow)
    assert defaults.ring_seconds > 0
    assert defaults.apology
    assert not defaults.voicemail, "a flow stored before there was voicemail goes on as it was"
    assert defaults.voicemail_greeting
