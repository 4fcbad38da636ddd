"""What a caller meets next: the flow's step (pure) as an instruction, with the addresses to report to."""

from __future__ import annotations

from callspring.carriers.contract import CallSignal, Dial, HangUp, Instruction, Say, Status, TakeVoicemail
from callspring.flows.flow import ASK, DIALLED, End, Record, Ring, Speak, Step, next_step
from callspring.voice.door import VoiceDoor
from callspring.voice.heard import Heard
from callspring.voice.position import NOWHERE


def instruct(door: VoiceDoor, heard: Heard, signal: CallSignal) -> Instruction:
    """The next instruction for the call that `signal` asks about."""
    position, ended = ASK, None
    if signal.status is not Status.ASKED:
        position, ended = _position(door, heard), signal.status
    return _put(door, heard, signal, next_step(heard.route.flow, position, ended))


def _put(door: VoiceDoor, heard: Heard, signal: CallSignal, step: Step) -> Instruction:
    base = f"{door.public_url}/voice/{heard.connection.carrier}/{heard.connection.id}"
    match step:
        case Ring():
            return Dial(
                destination=step.destination,
                ring_seconds=step.seconds,
                caller_id=signal.caller or signal.dialled,
                result_url=f"{base}/next?at={_seal(door, heard, step.position)}",
                events_url=f"{base}/events",
            )
        case Record():
            return TakeVoicemail(
                greeting=step.greeting,
                max_seconds=step.seconds,
                result_url=f"{base}/next?at={_seal(door, heard, step.position)}",
                recording_url=f"{base}/recording",
            )
        case Speak():
            return Say(step.text)
        case End():
            return HangUp()


def _seal(door: VoiceDoor, heard: Heard, position: int) -> str:
    return door.seal.write(heard.call, heard.route.flow, position)


def _position(door: VoiceDoor, heard: Heard) -> int:
    """Where the flow goes on. Without a position of ours the dial is over all the same, and the caller is told."""
    position = door.seal.read(heard.position_text, heard.call)
    return DIALLED if position == NOWHERE else position
