"""What became of a call: the same end state in whatever order its events come, twice, or some never."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callspring.calls.state import TERMINAL, CallState, Said, call_state
from callspring.carriers.contract import Leg, Status

T = 1_780_000_000.0


def caller(status: Status, at: float, duration: int | None = None, cause: str = "") -> Said:
    return Said(Leg.CALLER, status, T + at, duration, cause)


def business(status: Status, at: float, duration: int | None = None, cause: str = "") -> Said:
    return Said(Leg.BUSINESS, status, T + at, duration, cause)


# Twilio: the question, the dialled leg's events (its clock has whole seconds), the dial's result, the caller's end.
TWILIO_ANSWERED = [
    caller(Status.ASKED, 0.4),
    business(Status.RINGING, 1),
    business(Status.RINGING, 2),
    business(Status.ANSWERED, 9),
    business(Status.COMPLETED, 51, 42),
    business(Status.COMPLETED, 51.6, 42),
    caller(Status.COMPLETED, 51, 51),
]
TWILIO_BUSY = [
    caller(Status.ASKED, 0.4),
    business(Status.RINGING, 1),
    business(Status.BUSY, 3, 0, "sip 486"),
    business(Status.BUSY, 3.6),
    caller(Status.COMPLETED, 9, 9),
]
TWILIO_NO_ANSWER = [
    caller(Status.ASKED, 0.4),
    business(Status.RINGING, 1),
    business(Status.NO_ANSWER, 26, 0),
    business(Status.NO_ANSWER, 26.3),
    caller(Status.COMPLETED, 33, 33),
]
TWILIO_CANCELED = [
    caller(Status.ASKED, 0.4),
    business(Status.RINGING, 1),
    business(Status.CANCELED, 8, 0),
    business(Status.CANCELED, 8.2),
    caller(Status.NO_ANSWER, 8, 0),
]
TWILIO_FAILED = [
    caller(Status.ASKED, 0.4),
    business(Status.FAILED, 1.1, None, "twilio 13224"),
    caller(Status.COMPLETED, 7, 7),
]
TWILIO_VOICEMAIL = [
    caller(Status.ASKED, 0.4),
    business(Status.RINGING, 1),
    business(Status.NO_ANSWER, 26, 0),
    business(Status.NO_ANSWER, 26.3),
    caller(Status.RECORDED, 43.2),
    caller(Status.COMPLETED, 44, 44),
]
# The sandbox: both legs told in full, with its clock's fractions; after the apology the caller's leg is completed.
SANDBOX_ANSWERED = [
    caller(Status.ASKED, 0.1),
    caller(Status.RINGING, 0.1),
    business(Status.RINGING, 0.3),
    business(Status.ANSWERED, 4.3),
    caller(Status.ANSWERED, 4.3),
    business(Status.COMPLETED, 34.4, 30),
    business(Status.COMPLETED, 34.5, 30),
    caller(Status.COMPLETED, 34.6, 30),
]
SANDBOX_APOLOGY = [
    caller(Status.ASKED, 0.1),
    business(Status.RINGING, 0.3),
    business(Status.NO_ANSWER, 25.3, 0),
    business(Status.NO_ANSWER, 25.4, 0),
    caller(Status.ANSWERED, 25.5),
    caller(Status.COMPLETED, 30.0, 4),
]
SANDBOX_VOICEMAIL = [
    caller(Status.ASKED, 0.1),
    business(Status.RINGING, 0.3),
    business(Status.BUSY, 2.3, 0),
    business(Status.BUSY, 2.4, 0),
    caller(Status.ANSWERED, 2.5),
    caller(Status.RECORDED, 12.0),
    caller(Status.COMPLETED, 12.1, 10),
]
SANDBOX_CANCELED = [
    caller(Status.ASKED, 0.1),
    business(Status.RINGING, 0.3),
    business(Status.CANCELED, 6.0, 0),
    caller(Status.CANCELED, 6.0, 0, "caller"),
]
NOT_IN_SERVICE = [caller(Status.ASKED, 0.1), caller(Status.ANSWERED, 0.2), caller(Status.COMPLETED, 4.0, 4)]


def ended(
    status: Status, start: float, answered: float | None, end: float, duration: int | None, cause: str = ""
) -> CallState:
    return CallState(status, T + start, None if answered is None else T + answered, T + end, duration, cause)


SCRIPTS: dict[str, tuple[list[Said], CallState]] = {
    "twilio answered": (TWILIO_ANSWERED, ended(Status.COMPLETED, 0.4, 9, 51, 42)),
    "twilio busy": (TWILIO_BUSY, ended(Status.BUSY, 0.4, None, 9, None, "sip 486")),
    "twilio no answer": (TWILIO_NO_ANSWER, ended(Status.NO_ANSWER, 0.4, None, 33, None)),
    "twilio canceled": (TWILIO_CANCELED, ended(Status.CANCELED, 0.4, None, 8, None)),
    "twilio failed": (TWILIO_FAILED, ended(Status.FAILED, 0.4, None, 7, None, "twilio 13224")),
    "twilio voicemail": (TWILIO_VOICEMAIL, ended(Status.NO_ANSWER, 0.4, None, 44, None)),
    "sandbox answered": (SANDBOX_ANSWERED, ended(Status.COMPLETED, 0.1, 4.3, 34.6, 30)),
    "sandbox apology": (SANDBOX_APOLOGY, ended(Status.NO_ANSWER, 0.1, None, 30.0, None)),
    "sandbox voicemail": (SANDBOX_VOICEMAIL, ended(Status.BUSY, 0.1, None, 12.1, None)),
    "sandbox canceled": (SANDBOX_CANCELED, ended(Status.CANCELED, 0.1, None, 6.0, None, "caller")),
    "not in service": (NOT_IN_SERVICE, ended(Status.NO_ANSWER, 0.1, None, 4.0, None)),
}
SCRIPT = st.sampled_from(sorted(SCRIPTS))


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_call_told_in_full_ends_as_it_ended(name: str) -> None:
    events, state = SCRIPTS[name]
    assert call_state(events) == state


@given(SCRIPT, st.data())
def test_any_order_and_twice_makes_the_same_end_state(name: str, data: st.DataObject) -> None:
    events, state = SCRIPTS[name]
    repeated = events + data.draw(st.lists(st.sampled_from(events), max_size=4))
    assert call_state(data.draw(st.permutations(repeated))) == state


TOLD_ONCE = {"twilio failed", "not in service"}  # a dial that made no leg, and a call that made no dial


@pytest.mark.parametrize("name", sorted(SCRIPTS.keys() - TOLD_ONCE))
def test_one_lost_event_changes_no_outcome(name: str) -> None:
    events, state = SCRIPTS[name]
    for lost in range(len(events)):
        told = call_state(events[:lost] + events[lost + 1 :])
        assert (told.status, told.duration) == (state.status, state.duration)


@given(SCRIPT, st.data())
def test_that_something_was_recorded_says_nothing_of_how_the_call_went(name: str, data: st.DataObject) -> None:
    events = data.draw(st.lists(st.sampled_from(SCRIPTS[name][0]), min_size=1))
    last = max(event.at for event in events)
    recorded = Said(Leg.CALLER, Status.RECORDED, last + data.draw(st.integers(0, 60)))
    assert call_state(data.draw(st.permutations([*events, recorded]))) == call_state(events)


@given(SCRIPT, st.data())
def test_an_ended_call_stays_ended_and_an_answered_one_answered(name: str, data: st.DataObject) -> None:
    events = data.draw(st.permutations(SCRIPTS[name][0]))
    states = [call_state(events[: count + 1]).status for count in range(len(events))]
    talked = {Status.ANSWERED, Status.COMPLETED}
    for before, after in pairwise(states):
        assert before not in TERMINAL or after in TERMINAL
        assert before not in talked or after in talked


@given(SCRIPT, st.data())
def test_times_are_in_order_and_no_talk_is_negative(name: str, data: st.DataObject) -> None:
    events = data.draw(st.lists(st.sampled_from(SCRIPTS[name][0]), min_size=1))
    state = call_state(events)
    asked = [event.at for event in events if event.status is Status.ASKED]
    assert state.started_at == min(asked or [event.at for event in events])
    assert state.duration is None or state.duration >= 0
    assert (state.duration is None) or state.status in (Status.ANSWERED, Status.COMPLETED)
    assert (state.answered_at is not None) == (state.status in (Status.ANSWERED, Status.COMPLETED))


def test_a_call_goes_through_its_states() -> None:
    events = TWILIO_ANSWERED
    states = [call_state(events[: count + 1]).status for count in range(len(events))]
    assert states == [Status.RINGING] * 3 + [Status.ANSWERED] + [Status.COMPLETED] * 3


def test_the_business_answered_though_that_was_never_reported() -> None:
    """The dial's result alone: when talking began is worked out from its end and its length."""
    state = call_state([TWILIO_ANSWERED[0], business(Status.COMPLETED, 51.6, 42)])
    assert state == ended(Status.COMPLETED, 0.4, 51.6 - 42, 51.6, 42)


def test_without_a_length_it_is_the_time_between() -> None:
    told = [TWILIO_ANSWERED[0], business(Status.ANSWERED, 9), caller(Status.COMPLETED, 51)]
    assert call_state(told).duration == 42


def test_the_apology_is_no_conversation() -> None:
    """The caller's leg was answered, by a sentence: nobody at the business was."""
    state = call_state(SANDBOX_APOLOGY)
    assert (state.status, state.answered_at, state.duration) == (Status.NO_ANSWER, None, None)


def test_a_call_that_was_only_heard_of_from_its_business_leg() -> None:
    assert call_state([business(Status.RINGING, 1)]).status is Status.RINGING
    assert call_state([business(Status.ANSWERED, 9)]).status is Status.ANSWERED
