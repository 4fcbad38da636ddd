"""The call flow: whatever the carrier reports, the caller reaches a human or hears a sentence."""

from __future__ import annotations

import msgspec
import pytest

from callspring.carriers.contract import Status
from callspring.flows.flow import ASK, DIALLED, NOT_IN_SERVICE, End, Flow, Forward, Ring, Speak, next_step

UNANSWERED = [status for status in Status if status not in (Status.COMPLETED, Status.ANSWERED)]
FLOW = Forward("+18005550199", 20, "Please call again.")


def test_a_call_that_comes_in_rings_the_destination() -> None:
    assert next_step(FLOW, ASK, None) == Ring("+18005550199", 20, DIALLED)


@pytest.mark.parametrize("dialled", [Status.COMPLETED, Status.ANSWERED])
def test_after_a_talk_everything_has_happened(dialled: Status) -> None:
    assert next_step(FLOW, DIALLED, dialled) == End()


@pytest.mark.parametrize("dialled", [*UNANSWERED, None])
def test_when_nobody_answers_the_caller_is_told(dialled: Status | None) -> None:
    assert next_step(FLOW, DIALLED, dialled) == Speak("Please call again.")


@pytest.mark.parametrize("position", [ASK, DIALLED, -1, 99])
@pytest.mark.parametrize("dialled", [*Status, None])
@pytest.mark.parametrize("flow", [FLOW, None])
def test_no_call_ends_in_silence(flow: Flow | None, position: int, dialled: Status | None) -> None:
    step = next_step(flow, position, dialled)
    if isinstance(step, End):
        assert dialled in (Status.COMPLETED, Status.ANSWERED), "only who has talked is hung up on without a word"
    if isinstance(step, Speak):
        assert step.text
    if isinstance(step, Ring):
        assert (flow, position) == (FLOW, ASK)
        assert step.seconds > 0


def test_a_number_that_nobody_routes_says_so() -> None:
    assert next_step(None, ASK, None) == next_step(None, DIALLED, Status.BUSY) == Speak(NOT_IN_SERVICE)


def test_a_flow_survives_being_stored() -> None:
    assert msgspec.convert(msgspec.to_builtins(FLOW), Flow) == FLOW
    assert msgspec.json.decode(msgspec.json.encode(FLOW), type=Flow) == FLOW
    defaults = msgspec.convert({"type": "forward", "destination": "+18005550199"}, Flow)
    assert defaults.ring_seconds > 0
    assert defaults.apology
