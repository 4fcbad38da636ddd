"""The call flow: what happens to a call, as a pure function from (flow, position, facts) to the next instruction.

A flow can never end in silence: whatever the carrier reports, the caller reaches a human or hears a sentence.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from callspring.carriers.contract import Status

ASK = 0  # position: the call just came in
DIALLED = 1  # position: the destination was rung


class Forward(msgspec.Struct, frozen=True, tag="forward"):
    """Ring one destination (E.164 or a SIP address) for `ring_seconds`; if nobody answers, say `apology`."""

    destination: str
    ring_seconds: int = 25
    apology: str = "Sorry, nobody can take your call right now. Please try again in a little while."


Flow = Forward


@dataclass(frozen=True, slots=True)
class Ring:
    """Ring `destination` for `seconds` and come back to `position`."""

    destination: str
    seconds: int
    position: int


@dataclass(frozen=True, slots=True)
class Speak:
    """Say `text`, then hang up."""

    text: str


@dataclass(frozen=True, slots=True)
class End:
    """Everything has happened."""


Step = Ring | Speak | End

NOT_IN_SERVICE = "Sorry, this number is not in service."


def next_step(flow: Flow | None, position: int, dialled: Status | None) -> Step:
    """What the caller meets next.

    `flow` is None for a number that nobody routes. `dialled` is how the last dial ended, None before the first.
    """
    if flow is None:
        return Speak(NOT_IN_SERVICE)
    if position == ASK:
        return Ring(flow.destination, flow.ring_seconds, DIALLED)
    if dialled in (Status.COMPLETED, Status.ANSWERED):
        return End()
    return Speak(flow.apology)
