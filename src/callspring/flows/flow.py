"""The call flow: what happens to a call, as a pure function from (flow, position, facts) to the next instruction.

A flow can never end in silence: whatever the carrier reports, the caller reaches a human, hears a sentence, or has
been asked to leave a message.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from callspring.carriers.contract import Status

ASK = 0  # position: the call just came in
DIALLED = 1  # position: the destination was rung
RECORDED = 2  # position: the caller was asked to speak after the beep

APOLOGY = "Sorry, nobody can take your call right now. Please try again in a little while."
GREETING = "Sorry, nobody can take your call right now. Please leave a message after the beep."
NOT_IN_SERVICE = "Sorry, this number is not in service."


class Forward(msgspec.Struct, frozen=True, tag="forward"):
    """Ring one destination (E.164 or a SIP address) for `ring_seconds`.

    If nobody answers: with `voicemail`, say `voicemail_greeting`, beep and record for at most
    `max_voicemail_seconds`; else say `apology`.
    """

    destination: str
    ring_seconds: int = 25
    apology: str = APOLOGY
    voicemail: bool = False
    voicemail_greeting: str = GREETING
    max_voicemail_seconds: int = 120


Flow = Forward


@dataclass(frozen=True, slots=True)
class Ring:
    """Ring `destination` for `seconds` and come back to `position`."""

    destination: str
    seconds: int
    position: int


@dataclass(frozen=True, slots=True)
class Record:
    """Say `greeting`, beep, record the caller for at most `seconds`, and come back to `position`."""

    greeting: str
    seconds: int
    position: int


@dataclass(frozen=True, slots=True)
class Speak:
    """Say `text`, then hang up."""

    text: str


@dataclass(frozen=True, slots=True)
class End:
    """Everything has happened."""


Step = Ring | Record | Speak | End

# They talked, or the caller had their say: nothing is owed to them any more.
_DONE = frozenset({Status.COMPLETED, Status.ANSWERED, Status.RECORDED})


def next_step(flow: Flow | None, position: int, ended: Status | None) -> Step:
    """What the caller meets next.

    `flow` is None for a number that nobody routes. `ended` is how the last step ended: a dial's last status,
    `RECORDED` after a recording, None before the first.
    """
    if position != ASK and ended in _DONE:  # also where the number has lost its flow meanwhile
        return End()
    if flow is None:
        return Speak(NOT_IN_SERVICE)
    if position == ASK:
        return Ring(flow.destination, flow.ring_seconds, DIALLED)
    # Not a second time: whoever was asked to speak and is reported otherwise hears the sentence.
    if flow.voicemail and position != RECORDED:
        return Record(_spoken(flow.voicemail_greeting, GREETING), flow.max_voicemail_seconds, RECORDED)
    return Speak(_spoken(flow.apology, APOLOGY))


def _spoken(text: str, otherwise: str) -> str:
    """A sentence that nobody wrote must not become silence."""
    return text if text.strip() else otherwise
