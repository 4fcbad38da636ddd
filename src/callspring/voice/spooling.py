"""What a carrier said, as the records that go into the spool.

Ids are derived from what it says and from the carrier's names, never from when or how often it came: a request that is
sent again (Twilio marks those with `I-Twilio-Idempotency-Token`) makes the same record again, and twice is once.
"""

from __future__ import annotations

from callspring.carriers.contract import CallSignal, RecordingSignal, TextEvent, TextSignal
from callspring.ids import derived_id
from callspring.records import CallSaid, RecordingSaid, TextBecame, TextSaid
from callspring.voice.heard import Heard

Said = CallSaid | RecordingSaid | TextSaid | TextBecame


def records_of(heard: Heard, now: float) -> list[Said]:
    """What is to be kept of one verified request that came at `now` (Unix seconds)."""
    match heard.signal:
        case CallSignal(recording=None):
            return [_call(heard, heard.signal, now)]
        case CallSignal(recording=RecordingSignal() as announced):
            return [_call(heard, heard.signal, now), _recording(heard, announced, now, certain=False)]
        case RecordingSignal():
            return [_recording(heard, heard.signal, now, certain=True)]
        case TextSignal():
            return [_text(heard, heard.signal, now)]
        case TextEvent():
            return [_text_event(heard, heard.signal, now)]
        case _:
            raise TypeError(heard.signal)


def _call(heard: Heard, signal: CallSignal, now: float) -> CallSaid:
    route = heard.route
    about = (heard.call, heard.endpoint, signal.leg_id, signal.status, str(signal.sequence), heard.position_text)
    return CallSaid(
        id=derived_id("said", *about),
        received_at=now,
        at=signal.at if signal.at is not None else now,
        company=heard.company.id,
        connection=heard.connection.id,
        call=heard.call,
        carrier_call_id=signal.carrier_call_id,
        leg=signal.leg,
        leg_id=signal.leg_id,
        status=signal.status,
        sequence=signal.sequence,
        caller=signal.caller,
        dialled=signal.dialled,
        number=route.number,
        scenario=route.scenario,
        destination=route.flow.destination if route.flow else "",
        duration=signal.duration,
        cause=signal.cause,
        raw=dict(signal.raw),
        caller_name=signal.caller_name,
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
