"""What a carrier said, as the records that go into the spool.

Ids are derived from what it says and from the carrier's names, never from when or how often it came: a request that is
sent again (Twilio marks those with `I-Twilio-Idempotency-Token`) makes the same record again, and twice is once.
"""

from __future__ import annotations

from callspring.carriers.contract import (
    CallSignal,
    Endpoint,
    Leg,
    RecordingSignal,
    Status,
    TextEvent,
    TextSignal,
)
from callspring.flows.evaluation import Texts
from callspring.flows.flow import Forward, rung_first
from callspring.ids import derived_id, said_id
from callspring.records import CallSaid, RecordingSaid, TextBecame, TextOwed, TextSaid
from callspring.voice.door import VoiceDoor
from callspring.voice.heard import Heard
from callspring.voice.instructing import accepts, rung

Said = CallSaid | RecordingSaid | TextSaid | TextBecame | TextOwed


def records_of(door: VoiceDoor, heard: Heard, texts: Texts, now: float) -> list[Said]:
    """What is to be kept of one verified request that came at `now` (Unix seconds)."""
    match heard.signal:
        case CallSignal():
            return _of_call(door, heard, heard.signal, texts, now)
        case RecordingSignal():
            return [_recording(heard, heard.signal, now, certain=True)]
        case TextSignal():
            return [_text(heard, heard.signal, now)]
        case TextEvent():
            return [_text_event(heard, heard.signal, now)]
        case _:
            raise TypeError(heard.signal)


def _of_call(door: VoiceDoor, heard: Heard, signal: CallSignal, texts: Texts, now: float) -> list[Said]:
    said: list[Said] = []
    status = _status(door, heard, signal)
    if status is not None:
        said.append(_call(heard, signal, status, _destination(door, heard, signal, status), now))
    if signal.recording is not None:
        said.append(_recording(heard, signal.recording, now, certain=False))
    return said + [_owed(heard, signal, step, text, now) for step, text in texts]


def _status(door: VoiceDoor, heard: Heard, signal: CallSignal) -> Status | None:
    """What is kept as having happened. Whoever picks up a screened call talks only once they have pressed the key."""
    if heard.endpoint is Endpoint.WHISPER:
        return Status.ANSWERED if _has_accepted(door, heard, signal) else None
    if heard.is_screened and signal.leg is Leg.BUSINESS and not signal.accepted:
        return _SCREENED.get(signal.status, signal.status)
    return signal.status


_SCREENED = {Status.ANSWERED: Status.RINGING, Status.COMPLETED: Status.NO_ANSWER}


def _has_accepted(door: VoiceDoor, heard: Heard, signal: CallSignal) -> bool:
    return signal.status is Status.KEYED and accepts(door, heard, signal.key)


def _destination(door: VoiceDoor, heard: Heard, signal: CallSignal, status: Status) -> str:
    """Who was rung or answered, as far as this signal says it; who a simple flow rings when the call comes in."""
    if signal.leg is Leg.BUSINESS and heard.endpoint in (Endpoint.EVENTS, Endpoint.WHISPER):
        if status is Status.ANSWERED:
            door.memory.picked_up(heard.call, signal.dialled)
        return signal.dialled
    if signal.status is Status.ASKED:
        return rung_first(heard.route.flow) if isinstance(heard.route.flow, Forward) else ""
    group = rung(heard, door.seal.read(heard.position_text, heard.call))
    destination = group[0] if len(group) == 1 else ""
    if status is Status.ANSWERED and signal.leg is Leg.BUSINESS:
        door.memory.picked_up(heard.call, destination)
    return destination


def _call(heard: Heard, signal: CallSignal, status: Status, destination: str, now: float) -> CallSaid:
    route = heard.route
    # The business's leg names its own ends: the number shown to the business, the destination.
    own_ends = signal.leg is Leg.BUSINESS and heard.endpoint in (Endpoint.EVENTS, Endpoint.WHISPER)
    return CallSaid(
        id=said_id(heard.call, heard.endpoint, signal.leg_id, status, signal.sequence, heard.position_text),
        received_at=now,
        at=signal.at if signal.at is not None else now,
        company=heard.company.id,
        connection=heard.connection.id,
        call=heard.call,
        carrier_call_id=signal.carrier_call_id,
        leg=signal.leg,
        leg_id=signal.leg_id,
        status=status,
        sequence=signal.sequence,
        caller="" if own_ends else signal.caller,
        dialled="" if own_ends else signal.dialled,
        number=route.number,
        scenario=route.scenario,
        destination=destination,
        duration=signal.duration,
        cause=signal.cause,
        raw=dict(signal.raw),
        caller_name=signal.caller_name,
        attestation=signal.attestation,
    )


def _owed(heard: Heard, signal: CallSignal, step: int, text: str, now: float) -> TextOwed:
    return TextOwed(
        id=derived_id("owed", heard.call, str(step)),
        received_at=now,
        company=heard.company.id,
        call=heard.call,
        caller=signal.caller,
        number=heard.route.number,
        body=text,
    )


def _recording(heard: Heard, signal: RecordingSignal, now: float, *, certain: bool) -> RecordingSaid:
    return RecordingSaid(
        id=_named(heard, "recording", signal.recording_id),
        received_at=now,
        at=signal.at if signal.at is not None else now,
        company=heard.company.id,
        connection=heard.connection.id,
        call=heard.call,
        carrier_call_id=signal.carrier_call_id,
        recording=signal.recording_id,
        kind=signal.kind,
        available=signal.available,
        url=signal.url,
        duration=signal.duration,
        raw=dict(signal.raw),
        certain=certain,
    )


def _text(heard: Heard, signal: TextSignal, now: float) -> TextSaid:
    return TextSaid(
        id=_named(heard, "text", signal.carrier_text_id),
        received_at=now,
        company=heard.company.id,
        connection=heard.connection.id,
        carrier_text_id=signal.carrier_text_id,
        caller=signal.caller,
        dialled=signal.dialled,
        body=signal.body,
        number=heard.route.number,
        media=signal.media,
        raw=dict(signal.raw),
    )


def _text_event(heard: Heard, signal: TextEvent, now: float) -> TextBecame:
    return TextBecame(
        received_at=now,
        company=heard.company.id,
        connection=heard.connection.id,
        carrier_text_id=signal.carrier_text_id,
        state=signal.state,
        error=signal.error,
        raw=dict(signal.raw),
    )


def _named(heard: Heard, kind: str, carriers_name: str) -> str:
    """Our id of what the carrier names so."""
    return derived_id(kind, heard.connection.carrier, str(heard.connection.id), carriers_name)
