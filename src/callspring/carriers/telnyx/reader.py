"""TeXML call and recording webhooks, read in our words: forms with Twilio's names, and some of its own.

Sources: developers.telnyx.com/api-reference/callbacks (texml-call-initiated, -ringing, -answered, -completed,
texml-gather, texml-recording-completed), /docs/voice/programmable-voice/texml-fundamentals and /texml-verbs
(`dial`, `gather`, `record`, `hangup`).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from callspring.carriers.contract import (
    BadRequest,
    CallSignal,
    CarrierRequest,
    Endpoint,
    Leg,
    RecordingKind,
    RecordingSignal,
    Status,
)
from callspring.carriers.form_reader import CALL_STATUSES, DIAL_STATUSES, RECORDING_STATUSES
from callspring.carriers.forms import Form, call_signal, form_of, kept, required_number, status_of, unix_seconds
from callspring.carriers.outside import clean, identifier, web_address, whole
from callspring.carriers.telnyx.markup import ASKED_KEY, ASKED_SOUND, written

_NAME = "telnyx"
CALL_ID = re.compile(r"[A-Za-z0-9_:=.+/-]{1,100}")  # v3:MdI91X4lWFEs7IgbBEOT9M4AigoY08M0WWZFISt1Yw2axZ_IiE4pqg
_TERMINAL = frozenset(DIAL_STATUSES.values())
_USUAL = frozenset({"", "normal_clearing", "unspecified", "not_found"})
_KEY, _LONGEST_NAME = re.compile(r"[0-9*#]"), 80
_RATED = frozenset({"A", "B", "C"})


def read(request: CarrierRequest, endpoint: Endpoint) -> CallSignal | RecordingSignal:
    """Translate one verified request about a call. Raises `BadRequest`."""
    form, asked = form_of(request), written(request.url, "asked")
    match endpoint:
        case Endpoint.CALL:
            return _question(form)
        case Endpoint.NEXT:
            return _next(form, asked)
        case Endpoint.WHISPER:
            if "From" not in form:
                raise BadRequest("From is missing")
            # Without it the call is not found, and the business is connected without a whisper.
            call = _parent(form, request.url) or _call_id(form, "CallSid")
            return _keyed(form, Leg.BUSINESS, call) if asked == ASKED_KEY else _picked_up(form, call)
        case Endpoint.RECORDING:
            return _recording(form)
        case _:
            return _event(form, _parent(form, request.url))


def _question(form: Form) -> CallSignal:
    call_id = _call_id(form, "CallSid")
    return call_signal(
        form,
        call_id,
        Leg.CALLER,
        call_id,
        Status.ASKED,
        dialled=required_number(form, "To"),
        caller_name=_caller_name(form),
        attestation=_attestation(form),
    )


def _next(form: Form, asked: str) -> CallSignal:
    """One address hears how a dial ended, which key was pressed and that a recording is over.

    What was asked for stands in the address: of a key that nobody pressed, and of a recording of nothing, the form says
    no more than who calls.
    """
    if "DialCallStatus" in form:
        return _dial_result(form)
    if asked == ASKED_KEY:
        return _keyed(form, Leg.CALLER, _call_id(form, "CallSid"))
    return _recorded(form) if asked == ASKED_SOUND else _dial_result(form)


def _picked_up(form: Form, call: str) -> CallSignal:
    return call_signal(form, call, Leg.BUSINESS, _call_id(form, "CallSid"), Status.ASKED, wants_instruction=True)


def _keyed(form: Form, leg: Leg, call: str) -> CallSignal:
    key = form.get("Digits", "")
    return call_signal(
        form,
        call,
        leg,
        _call_id(form, "CallSid"),
        Status.KEYED,
        wants_instruction=_is_there(form),
        key=key if _KEY.fullmatch(key) else "",
    )


def _dial_result(form: Form) -> CallSignal:
    status = status_of(form, "DialCallStatus", DIAL_STATUSES)
    # Of the call itself Telnyx says "completed" here also where only the dial is over. Only the caller cancels one.
    gone = status is Status.CANCELED and not _is_there(form)
    return call_signal(
        form,
        _call_id(form, "CallSid"),
        Leg.BUSINESS,
        _leg_id(form),
        status,
        duration=whole(form.get("DialCallDuration", "")),
        wants_instruction=not gone,
    )


def _recorded(form: Form) -> CallSignal:
    call_id = _call_id(form, "CallSid")
    return call_signal(
        form,
        call_id,
        Leg.CALLER,
        call_id,
        Status.RECORDED,
        wants_instruction=_is_there(form),
        caller_name=_caller_name(form),
        recording=_announced(form, call_id),
    )


def _announced(form: Form, call_id: str) -> RecordingSignal | None:
    """The recording that the action of a Record names, if it does."""
    name, url = identifier(form.get("RecordingSid", "")), _sound_address(form)
    if not name or not url:
        return None
    seconds = whole(form.get("RecordingDuration", ""))
    return RecordingSignal(call_id, name, RecordingKind.VOICEMAIL, available=True, url=url, duration=seconds)


def _event(form: Form, parent: str) -> CallSignal:
    status, leg_id = status_of(form, "CallStatus", CALL_STATUSES), _call_id(form, "CallSid")
    return call_signal(
        form,
        parent or leg_id,
        Leg.BUSINESS if parent else Leg.CALLER,
        leg_id,
        status,
        sequence=whole(form.get("SequenceNumber", "")) or 0,
        duration=whole(form.get("CallDuration", "")) if status in _TERMINAL else None,
        at=moment(form.get("Timestamp", "")),
        cause=_cause(form, status),
        caller_name="" if parent else _caller_name(form),
        attestation="" if parent else _attestation(form),
    )


def _recording(form: Form) -> RecordingSignal:
    available = RECORDING_STATUSES.get(form.get("RecordingStatus", ""))
    if available is None:
        raise BadRequest("RecordingStatus is missing or unknown")
    name, url = identifier(form.get("RecordingSid", "")), _sound_address(form)
    if not name or (available and not url):
        raise BadRequest("RecordingSid or RecordingUrl is missing or none")
    return RecordingSignal(
        carrier_call_id=_call_id(form, "CallSid"),
        recording_id=name,
        kind=RecordingKind.VOICEMAIL if form.get("RecordingSource") == "RecordVerb" else RecordingKind.CALL,
        available=available,
        url=url,
        duration=whole(form.get("RecordingDuration", "")),
        raw=kept(form),
    )


def _sound_address(form: Form) -> str:
    """Without its query, which is a signature for ten minutes, where it is too long to be kept with it."""
    url = form.get("RecordingUrl", "")
    return web_address(url) or web_address(url.partition("?")[0])


def _parent(form: Form, url: str) -> str:
    """The call that a dialled leg belongs to, "" for the call itself."""
    found = form.get("ParentCallSid") or written(url, "call")
    if found and not CALL_ID.fullmatch(found):
        raise BadRequest("ParentCallSid is no id")
    return found


def _call_id(form: Form, name: str) -> str:
    found = form.get(name, "")
    if not CALL_ID.fullmatch(found):
        raise BadRequest(f"{name} is missing or no id")
    return found


def _leg_id(form: Form) -> str:
    """A dial that failed before a leg came into being has none."""
    return _call_id(form, "DialCallSid") if form.get("DialCallSid") else ""


def _is_there(form: Form) -> bool:
    """Whatever is answered to who has put down reaches nobody; a gather says nothing of it."""
    return CALL_STATUSES.get(form.get("CallStatus", "")) not in _TERMINAL


def _caller_name(form: Form) -> str:
    """What the caller's network says they are called; it is the number where it says nothing."""
    return plain_name(clean(form.get("CallerId", ""), _LONGEST_NAME), form.get("From", ""))


def _attestation(form: Form) -> str:
    rating = form.get("ShakenStirAttestation", "")
    if rating not in _RATED:
        return ""
    return "failed" if form.get("ShakenStirValidated", "").lower() == "false" else rating


def _cause(form: Form, status: Status) -> str:
    """Why a leg ended: `telnyx 10001` (its error), `telnyx user_busy` (its word for the network's answer), else ""."""
    error = whole(form.get("ErrorCode", ""))
    if error:
        return f"{_NAME} {error}"
    word = clean(form.get("HangupCause", ""), 60) if status in _TERMINAL else ""
    return "" if word in _USUAL else f"{_NAME} {word}"


def moment(text: str) -> float | None:
    """A time in Unix seconds: ISO 8601, with `T` or a blank in it, or RFC 2822; None for anything else."""
    if not text or len(text) > 64:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return unix_seconds(text)
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def plain_name(name: str, caller: str) -> str:
    """A caller's name, "" where it is their number."""
    name = name.strip()
    return "" if name == caller or re.fullmatch(r"\+?[0-9]+", name) else name
