"""Bandwidth's voice webhooks in our words. All are JSON objects that name themselves in `eventType`.

Sources: dev.bandwidth.com/docs/voice/programmable-voice/webhooks (initiate, gather, recordComplete, recordingAvailable,
transferAnswer, transferComplete, transferDisconnect, disconnect); the models of bandwidth-sdk 23.3.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

from callspring.carriers.bandwidth.fields import (
    Fields,
    address,
    between,
    fields_of,
    number,
    parsed,
    raw,
    required_id,
    said,
    seconds,
    unix_seconds,
)
from callspring.carriers.bandwidth.words import CAUSES, reason
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
from callspring.carriers.outside import identifier

# In our own addresses: which kind a recording is, which call a picked-up leg is of, and that its key is awaited.
KIND, CALL, SCREENED = "of", "call", "screened"
_KEYS = frozenset("0123456789*#")
_ATTESTED = frozenset("ABC")
_KINDS = {kind.value: kind for kind in RecordingKind}


def read(request: CarrierRequest, endpoint: Endpoint) -> Signal:
    """Translate one verified request that came to `endpoint`. Raises `BadRequest`."""
    fields = fields_of(parsed(request))
    event = said(fields, "eventType")
    reader = _READERS.get((endpoint, event))
    if reader is None:
        raise BadRequest("eventType is missing, or not of this address")
    return reader(fields, request.url)


def _question(fields: Fields, _: str) -> CallSignal:
    if not number(fields, "to"):
        raise BadRequest("to is no number")
    return _of_caller(fields, Status.ASKED, attestation=_attestation(fields))


def _of_caller(fields: Fields, status: Status, **more: object) -> CallSignal:
    call = required_id(fields, "callId")
    about: dict[str, object] = {"caller": number(fields, "from"), "dialled": number(fields, "to"), "at": _at(fields)}
    return CallSignal(call, Leg.CALLER, call, status, raw=raw(fields), **{**about, **more})  # type: ignore[arg-type]


def _of_business(fields: Fields, url: str, status: Status, **more: object) -> CallSignal:
    """A leg that a transfer made. Where it does not name the call, our address does."""
    call = identifier(said(fields, "parentCallId")) or identifier(_asked(url, CALL))
    if not call:
        raise BadRequest("parentCallId is missing or no id")
    about: dict[str, object] = {
        "caller": number(fields, "transferCallerId") or number(fields, "from"),
        "dialled": number(fields, "transferTo") or number(fields, "to"),
        "at": _at(fields),
    }
    leg = required_id(fields, "callId")
    return CallSignal(call, Leg.BUSINESS, leg, status, raw=raw(fields), **{**about, **more})  # type: ignore[arg-type]


def _keyed(fields: Fields, _: str) -> CallSignal:
    return _of_caller(fields, Status.KEYED, key=_key(fields), wants_instruction=True)


def _dial_over(fields: Fields, url: str) -> CallSignal:
    """Which leg it was is not said. A leg whose key was awaited ends in the same words as one that talked."""
    cause = said(fields, "cause")
    status = CAUSES.get(cause)
    if status is None:
        raise BadRequest("cause is missing or unknown")
    unsure = status is Status.COMPLETED and _asked(url, SCREENED) == "1"
    return CallSignal(
        carrier_call_id=required_id(fields, "callId"),
        leg=Leg.BUSINESS,
        leg_id="",
        status=Status.NO_ANSWER if unsure else status,
        caller=number(fields, "from"),
        dialled=number(fields, "to"),
        at=_at(fields),
        cause=reason(cause),
        wants_instruction=True,
        raw=raw(fields),
        unsure=unsure,
    )


def _spoken(fields: Fields, _: str) -> CallSignal:
    return _of_caller(fields, Status.RECORDED, wants_instruction=True, recording=_announced(fields))


def _announced(fields: Fields) -> RecordingSignal | None:
    url = address(fields, "mediaUrl")
    if not url or not identifier(said(fields, "recordingId")):
        return None
    return RecordingSignal(
        carrier_call_id=required_id(fields, "callId"),
        recording_id=_recording_id(fields),
        kind=RecordingKind.VOICEMAIL,
        available=True,
        url=url,
        duration=seconds(fields.get("duration")),
    )


def _picked_up(fields: Fields, url: str) -> CallSignal:
    return _of_business(fields, url, Status.ASKED, wants_instruction=True)


def _accepted(fields: Fields, url: str) -> CallSignal:
    return _of_business(fields, url, Status.KEYED, key=_key(fields), wants_instruction=True)


def _answered(fields: Fields, url: str) -> CallSignal:
    return _of_business(fields, url, Status.ANSWERED)


def _leg_over(fields: Fields, url: str) -> CallSignal:
    return _of_business(fields, url, **_end(fields, Status.NO_ANSWER))  # type: ignore[arg-type]


def _call_over(fields: Fields, _: str) -> CallSignal:
    if said(fields, "direction") == "outbound":
        raise BadRequest("this is the end of a call that was placed")
    return _of_caller(fields, **_end(fields, Status.CANCELED))  # type: ignore[arg-type]


def _end(fields: Fields, unanswered: Status) -> dict[str, object]:
    """How a leg ended; `unanswered` is what a mere end is to one that nobody picked up."""
    cause = said(fields, "cause")
    status = CAUSES.get(cause)
    if status is None:
        raise BadRequest("cause is missing or unknown")
    lasted = between(fields, "answerTime", "endTime")
    if status is Status.COMPLETED and lasted is None:
        status = unanswered
    return {"status": status, "duration": lasted or 0, "cause": reason(cause)}


def _recording(fields: Fields, url: str) -> RecordingSignal:
    """A recording is ready, or came to nothing. Raises `BadRequest`."""
    lasted, sound = seconds(fields.get("duration")), address(fields, "mediaUrl")
    available = said(fields, "status") == "complete" and lasted != 0
    if available and not sound:
        raise BadRequest("mediaUrl is missing or no address")
    return RecordingSignal(
        carrier_call_id=identifier(said(fields, "parentCallId")) or required_id(fields, "callId"),
        recording_id=_recording_id(fields),
        kind=_KINDS.get(_asked(url, KIND), RecordingKind.CALL),
        available=available,
        url=sound if available else "",
        duration=lasted if available else None,
        at=unix_seconds(fields.get("startTime")),
        raw=raw(fields),
    )


def _recording_id(fields: Fields) -> str:
    """The API asks for a recording by its leg too."""
    return f"{required_id(fields, 'callId')}:{required_id(fields, 'recordingId')}"[:100]


def _key(fields: Fields) -> str:
    digits = said(fields, "digits")
    return digits if digits in _KEYS else ""


def _at(fields: Fields) -> float | None:
    return unix_seconds(fields.get("eventTime"))


def _attestation(fields: Fields) -> str:
    told = fields.get("stirShaken")
    if not isinstance(told, dict):
        return ""
    if said(told, "verstat").startswith("TN-Validation-Failed"):
        return "failed"
    given = said(told, "attestationIndicator")
    return given if given in _ATTESTED else ""


def _asked(url: str, name: str) -> str:
    """What our own address says."""
    try:
        return parse_qs(urlsplit(url).query).get(name, [""])[0]
    except ValueError:
        return ""


_READERS: dict[tuple[Endpoint, str], Callable[[Fields, str], Signal]] = {
    (Endpoint.CALL, "initiate"): _question,
    (Endpoint.NEXT, "gather"): _keyed,
    (Endpoint.NEXT, "transferComplete"): _dial_over,
    (Endpoint.NEXT, "recordComplete"): _spoken,
    (Endpoint.WHISPER, "transferAnswer"): _picked_up,
    (Endpoint.WHISPER, "gather"): _accepted,
    (Endpoint.EVENTS, "transferAnswer"): _answered,
    (Endpoint.EVENTS, "transferDisconnect"): _leg_over,
    (Endpoint.EVENTS, "disconnect"): _call_over,
    (Endpoint.RECORDING, "recordingAvailable"): _recording,
}
