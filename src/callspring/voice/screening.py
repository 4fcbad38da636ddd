"""Before anybody is rung: callers on the block list hear so, and who has to press a key is asked for it.

A real caller always gets through: whoever presses no key twice reaches a voicemail. What the door does not know (after
a start it remembers no calls) makes nobody suspicious.
"""

from __future__ import annotations

from callspring.carriers.contract import CallSignal, Leg, Status
from callspring.flows.evaluation import Ask, End, Facts, Position, Record, Turn, next_turn
from callspring.flows.flow import whole
from callspring.flows.screening import (
    KEY,
    KEY_SECONDS,
    MESSAGE,
    REFUSED,
    TRIES,
    VOICEMAIL_SECONDS,
    Known,
    must_press,
    verdict,
)
from callspring.flows.steps import Prompt, Voicemail, every_step
from callspring.voice.door import VoiceDoor
from callspring.voice.heard import Heard

GATE = 0  # the step of a position before the flow's first: steps have ids from 1 on
OVER = frozenset({Status.COMPLETED, Status.BUSY, Status.NO_ANSWER, Status.CANCELED, Status.FAILED})


def stopped(door: VoiceDoor, heard: Heard, signal: CallSignal, now: float) -> Turn | None:
    """A call came in: the turn of a caller who does not reach the flow at once, None for everybody else."""
    screening = heard.company.screening
    attempts = door.memory.attempts(heard.company.id, signal.caller)
    door.memory.called(heard.company.id, signal.caller, heard.call, signal.dialled, now)
    if heard.route.flow is None:
        return None
    found = verdict(Known(signal.caller, now, signal.attestation, attempts), screening)
    if found.reject:
        return Turn((Prompt(REFUSED, screening.language),), End())
    return _ask(heard, 0) if must_press(screening, found) else None


def at_gate(heard: Heard, signal: CallSignal, position: Position, facts: Facts) -> Turn:
    """The caller was asked for the key: they go on into the flow, are asked again, or reach a voicemail."""
    if not signal.wants_instruction:
        return Turn((), End())
    if signal.status is not Status.KEYED or signal.key == KEY:  # what fails otherwise is not the caller's fault
        return next_turn(whole(heard.route.flow), None, None, facts)
    return _ask(heard, position.attempt + 1) if position.attempt + 1 < TRIES else _take_message(heard)


def follow(door: VoiceDoor, heard: Heard, signal: CallSignal) -> None:
    """Remember how a call went, for the caller's next one."""
    # The caller's leg may end first: its length, which is no less than the talk's, makes nobody suspicious by mistake.
    if signal.status is Status.COMPLETED or (signal.leg is Leg.CALLER and signal.status in OVER):
        door.memory.lasted(heard.call, float(signal.duration or 0))


def _ask(heard: Heard, attempt: int) -> Turn:
    screening = heard.company.screening
    return Turn((Prompt(screening.words, screening.language),), Ask(KEY_SECONDS, Position(GATE, attempt)))


def _take_message(heard: Heard) -> Turn:
    """The flow's own voicemail, the last one in it; one of ours where it has none."""
    flow = whole(heard.route.flow)
    kept = [step for step in every_step(flow.steps if flow else ()) if isinstance(step, Voicemail)]
    greeting = kept[-1].greeting if kept else Prompt(MESSAGE, heard.company.screening.language)
    seconds = kept[-1].max_seconds if kept else VOICEMAIL_SECONDS
    if not (greeting.text.strip() or greeting.sound):
        greeting = Prompt(MESSAGE, heard.company.screening.language)
    return Turn((greeting,), Record(seconds, Position(GATE, TRIES)))
