"""Vonage's webhooks in our words. All are JSON with POST, but the question in `onAnswer`, which is a GET.

Sources: developer.vonage.com/en/voice/voice-api/webhook-reference and /ncco-reference,
developer.vonage.com/en/api/messages (its webhooks) and /en/messages/concepts/messages-status-callbacks.
README.md here says what goes wrong and what is not documented.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from callspring.carriers.contract import (
    BadRequest,
    CallSignal,
    CarrierRequest,
    Endpoint,
    Leg,
    RecordingKind,
    RecordingSignal,
    Signal,
    Status,
)
from callspring.carriers.outside import clean, identifier, web_address, whole
from callspring.carriers.vonage import texts
from callspring.carriers.vonage.addresses import AFTER, CALL, CALLER, DIALLED, KIND, kept
from callspring.carriers.vonage.fields import Fields, number, raw, required_id, required_number, unix_seconds
from callspring.carriers.vonage.signature import application

STATUSES = {
    "started": Status.RINGING,
    "ringing": Status.RINGING,
    "answered": Status.ANSWERED,
    # What the detection of answering machines adds, where somebody has switched it on.
    "human": Status.ANSWERED,
    "machine": Status.ANSWERED,
    "completed": Status.COMPLETED,
    "disconnected": Status.COMPLETED,
    "busy": Status.BUSY,
    "timeout": Status.NO_ANSWER,
    "unanswered": Status.NO_ANSWER,
    "cancelled": Status.CANCELED,
    "rejected": Status.FAILED,
    "failed": Status.FAILED,
}
# The states in which a synchronous `connect` takes another NCCO. The others are mere reports, wherever they come.
_ASKING = frozenset({Status.BUSY, Status.NO_ANSWER, Status.FAILED})
_BODY_LIMIT = 65_536
_KEY = re.compile(r"[0-9*#]")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def read(request: CarrierRequest, endpoint: Endpoint) -> Signal:
    """Translate one verified request that came to `endpoint`. Raises `BadRequest`."""
    fields, address = _fields(request), kept(request.url)
    match endpoint:
        case Endpoint.CALL:
            return _question(fields)
        case Endpoint.NEXT:
            return _next(fields, address)
        case Endpoint.WHISPER:
            return _whisper(fields, address)
        case Endpoint.EVENTS:
            return _event(fields, address)
        case Endpoint.RECORDING:
            return _recording(fields, address, application(request))
        case Endpoint.TEXT:
            return texts.came_in(fields)
        case _:
            return texts.became(fields)


def _fields(request: CarrierRequest) -> Fields:
    if request.method == "GET":
        return dict(kept(request.url))
    if len(request.body) > _BODY_LIMIT:
        raise BadRequest("the body is too long")
    try:
        found = msgspec.json.decode(request.body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise BadRequest("the body is no JSON") from None
    if not isinstance(found, dict):
        raise BadRequest("the body is no JSON object")
    return found


def _question(fields: Fields) -> CallSignal:
    call = required_id(fields, "conversation_uuid")
    required_id(fields, "uuid")
    if "status" in fields or "dtmf" in fields:
        raise BadRequest("an event is no question")
    return CallSignal(
        carrier_call_id=call,
        leg=Leg.CALLER,
        leg_id=call,
        status=Status.ASKED,
        caller=number(fields.get("from")),
        dialled=required_number(fields, "to"),
        raw=raw(fields),
    )


def _next(fields: Fields, address: Mapping[str, str]) -> CallSignal:
    """A key, what comes after a voicemail or a whispered dial, or how the dialled leg is doing."""
    if "dtmf" in fields:
        return _keyed(fields, address, Leg.CALLER)
    if AFTER in address and "status" not in fields:
        return _after(fields, address)
    return _of_leg(fields, address, asks=True)


def _whisper(fields: Fields, address: Mapping[str, str]) -> CallSignal:
    if "dtmf" in fields:
        return _keyed(fields, address, Leg.BUSINESS)
    if "status" in fields:
        raise BadRequest("an event is no question")
    return CallSignal(
        carrier_call_id=_call(fields, address),
        leg=Leg.BUSINESS,
        leg_id=required_id(fields, "uuid"),
        status=Status.ASKED,
        caller=number(fields.get("from")),
        dialled=number(fields.get("to")),
        wants_instruction=True,
        raw=raw(fields),
    )


def _event(fields: Fields, address: Mapping[str, str]) -> CallSignal:
    if "dtmf" in fields:
        raise BadRequest("a key that was pressed is a question, no event")
    return _of_leg(fields, address, asks=False)


def _of_leg(fields: Fields, address: Mapping[str, str], *, asks: bool) -> CallSignal:
    """An event of a leg; `asks`: it may be a question too, about the call whose ends our address names."""
    status = STATUSES.get(_word(fields, "status"))
    if status is None:
        raise BadRequest("status is missing or unknown")
    leg = Leg.CALLER if _word(fields, "direction") == "inbound" else Leg.BUSINESS
    if asks and leg is Leg.CALLER:
        raise BadRequest("what now? comes after a dial, a key or a recording")
    call = _call(fields, address)
    caller, dialled = _ends(fields, address) if asks else (number(fields.get("from")), number(fields.get("to")))
    return CallSignal(
        carrier_call_id=call,
        leg=leg,
        leg_id=call if leg is Leg.CALLER else _leg(fields),
        status=status,
        caller=caller,
        dialled=dialled,
        duration=_whole(fields, "duration") if status is Status.COMPLETED else None,
        at=unix_seconds(fields.get("timestamp")),
        cause=_cause(fields),
        wants_instruction=asks and status in _ASKING,
        raw=raw(fields),
    )


def _after(fields: Fields, address: Mapping[str, str]) -> CallSignal:
    """A `notify`: the action before it is over, and it does not say how. It names the conversation only."""
    call = _call(fields, address)
    spoken = address[AFTER] == "voicemail"
    caller, dialled = _ends(fields, address)
    return CallSignal(
        carrier_call_id=call,
        leg=Leg.CALLER if spoken else Leg.BUSINESS,
        leg_id=call if spoken else "",
        status=Status.RECORDED if spoken else Status.NO_ANSWER,
        caller=caller,
        dialled=dialled,
        wants_instruction=True,
        raw=raw(fields),
        unsure=not spoken,
    )


def _keyed(fields: Fields, address: Mapping[str, str], leg: Leg) -> CallSignal:
    call = _call(fields, address)
    pressed = fields["dtmf"]
    # Older accounts are told the digits alone.
    key = pressed.get("digits") if isinstance(pressed, dict) else pressed
    caller, dialled = _ends(fields, address if leg is Leg.CALLER else {})
    return CallSignal(
        carrier_call_id=call,
        leg=leg,
        leg_id=call if leg is Leg.CALLER else _leg(fields),
        status=Status.KEYED,
        caller=caller,
        dialled=dialled,
        wants_instruction=True,
        raw=raw(fields),
        key=key if isinstance(key, str) and _KEY.fullmatch(key) else "",
    )


def _recording(fields: Fields, address: Mapping[str, str], app: str) -> RecordingSignal:
    """What became of a recording. Raises `BadRequest`."""
    name = required_id(fields, "recording_uuid")
    if "dtmf" in fields or "status" in fields:
        raise BadRequest("this is about a leg, not about a recording")
    size, url = _whole(fields, "size"), web_address(_word(fields, "recording_url"))
    if size != 0 and not url:
        raise BadRequest("recording_url is missing or no address")
    began, ended = unix_seconds(fields.get("start_time")), unix_seconds(fields.get("end_time"))
    return RecordingSignal(
        carrier_call_id=_call(fields, address),
        recording_id=_file(url, app) or name,
        kind=RecordingKind.VOICEMAIL if address.get(KIND) == "voicemail" else RecordingKind.CALL,
        available=size != 0,
        url=url if size != 0 else "",
        duration=round(ended - began) if began is not None and ended is not None and size != 0 else None,
        at=began,
        raw=raw(fields),
    )


def _file(url: str, app: str) -> str:
    """The file's own id, which is not the recording's, and the application whose token opens it: 32 letters each."""
    name = url.rpartition("/")[2].partition("?")[0]
    if not _UUID.fullmatch(name) or not _UUID.fullmatch(app):
        return ""
    return app.replace("-", "").lower() + name.replace("-", "").lower()


def _call(fields: Fields, address: Mapping[str, str]) -> str:
    """The conversation of the caller's leg. A leg that hears a whisper may be in one of its own until it is joined."""
    return identifier(address.get(CALL, "")) or required_id(fields, "conversation_uuid")


def _leg(fields: Fields) -> str:
    return required_id(fields, "uuid" if "uuid" in fields else "call_uuid")


def _ends(fields: Fields, address: Mapping[str, str]) -> tuple[str, str]:
    """Who rang and what they dialled, as our address says it; without that, what the webhook names."""
    if DIALLED not in address or CALL not in address:
        return number(fields.get("from")), number(fields.get("to"))
    return number(address.get(CALLER)), number(address[DIALLED])


def _cause(fields: Fields) -> str:
    """Why a leg ended: `vonage restricted` (Vonage's word) or `sip 486` (the network's answer), else ""."""
    detail, answer = clean(_word(fields, "detail"), 100).strip(), _whole(fields, "sip_code")
    return f"vonage {detail}" if detail else f"sip {answer}" if answer else ""


def _word(fields: Fields, name: str) -> str:
    found: Any = fields.get(name)
    return found if isinstance(found, str) else ""


def _whole(fields: Fields, name: str) -> int | None:
    """Vonage writes numbers as numbers in some webhooks and as text in others."""
    found: Any = fields.get(name)
    return whole(str(found)) if type(found) in (int, str) else None
