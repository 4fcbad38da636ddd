"""Plivo's webhooks in our words. All are forms; numbers are digits without `+`; nothing is numbered or dated.

Sources: plivo.com/docs/account/api/application (answer, hangup and message address), /docs/voice/xml/routing (Dial: its
action and callback), /docs/voice/xml/input (GetDigits), /docs/voice/xml/record, /docs/messaging/api/message/
(handling-incoming, message-status-callbacks). What none of them says of `confirmSound` is in README.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

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
    TextEvent,
    TextSignal,
)
from callspring.carriers.forms import Form, form_of, kept, number, required_id
from callspring.carriers.outside import clean, clean_lines, identifier, web_address, whole
from callspring.carriers.plivo.words import CALL_STATUSES, DIAL_STATUSES, TERMINAL, TEXT_STATES, ended, reason

KIND = "of"  # in the address that hears of a recording: which kind it is
_DIGITS = re.compile(r"[1-9][0-9]{6,14}")
_SIP_DIGITS = re.compile(r"(sips?:)([1-9][0-9]{6,14}@.{1,200})")
_KEY = re.compile(r"[0-9*#]")
_MILLISECONDS = re.compile(r"([0-9]{1,15})(\.[0-9]{1,9})?")
_LONGEST_NAME, _LONGEST_BODY, _MOST_MEDIA = 80, 1_600, 10
_ATTESTED = frozenset("ABC")
_KINDS = {kind.value: kind for kind in RecordingKind}


def read(request: CarrierRequest, endpoint: Endpoint) -> Signal:
    """Translate one verified request that came to `endpoint`. Raises `BadRequest`."""
    form = form_of(request)
    if endpoint is Endpoint.RECORDING:
        return _recording(form, _kind(request.url))
    if endpoint not in _READERS:
        raise BadRequest("there is no such address")
    _insist(not _kind(request.url), "this is the report of a recording")
    return _READERS[endpoint](form)


def phone(text: str) -> str:
    """E.164 of what Plivo writes: digits, with or without `+`, also in a SIP address; "" for whatever is no number."""
    if _DIGITS.fullmatch(text):
        return number("+" + text)
    return number(_SIP_DIGITS.sub(r"\1+\2", text))


def _call(form: Form) -> str:
    """The call: its caller's leg, also where a request is about another leg."""
    return required_id(form, "DialALegUUID" if form.get("DialALegUUID") else "CallUUID")


def _question(form: Form) -> CallSignal:
    _insist("RecordingID" not in form and "DialStatus" not in form, "this tells how something ended")
    _insist(CALL_STATUSES.get(form.get("CallStatus", "")) not in TERMINAL, "this call is over")
    _insist(bool(phone(form.get("To", ""))), "To is no number")
    return _of_caller(form, Status.ASKED, caller_name=_caller_name(form), attestation=_attestation(form))


def _next(form: Form) -> CallSignal:
    """One address hears how a dial ended, that a recording is over, which key was pressed, and that none was."""
    if "DialStatus" in form:
        return _dial_result(form)
    if "RecordingID" in form or "RecordUrl" in form:
        return _recorded(form)
    key = form.get("Digits", "")
    there = _caller_is_there(form)
    return _of_caller(form, Status.KEYED, wants_instruction=there, key=key if _KEY.fullmatch(key) else "")


def _of_caller(form: Form, status: Status, **more: object) -> CallSignal:
    call = _call(form)
    about: dict[str, object] = {"caller": phone(form.get("From", "")), "dialled": phone(form.get("To", ""))}
    return CallSignal(call, Leg.CALLER, call, status, raw=kept(form), **{**about, **more})  # type: ignore[arg-type]


def _dial_result(form: Form) -> CallSignal:
    status = DIAL_STATUSES.get(form["DialStatus"])
    if status is None:
        raise BadRequest("DialStatus is unknown")
    leg_id = identifier(form.get("DialBLegUUID", ""))
    if status is Status.COMPLETED and not leg_id:
        status = Status.NO_ANSWER  # nobody was connected: the leg has no name
    return CallSignal(
        carrier_call_id=_call(form),
        leg=Leg.BUSINESS,
        leg_id=leg_id,
        status=status,
        caller=phone(form.get("From", "")),
        dialled=phone(form.get("To", "")),
        cause=reason(None, form.get("DialHangupCause", "")),
        wants_instruction=_caller_is_there(form),
        raw=kept(form),
    )


def _recorded(form: Form) -> CallSignal:
    there = _caller_is_there(form)
    heard = _announced(form)
    return _of_caller(form, Status.RECORDED, wants_instruction=there, recording=heard, caller_name=_caller_name(form))


def _announced(form: Form) -> RecordingSignal | None:
    name, url = identifier(form.get("RecordingID", "")), web_address(form.get("RecordUrl", ""))
    if not name or not url:
        return None
    seconds = whole(form.get("RecordingDuration", ""))
    return RecordingSignal(_call(form), name, RecordingKind.VOICEMAIL, available=True, url=url, duration=seconds)


def _whisper(form: Form) -> CallSignal:
    """The business has picked up; the key is Plivo's to ask for."""
    _insist("RecordingID" not in form and "DialStatus" not in form, "this tells how something ended")
    return CallSignal(
        carrier_call_id=_call(form),
        leg=Leg.BUSINESS,
        leg_id=identifier(form.get("DialBLegUUID", "")),
        status=Status.ASKED,
        caller=phone(form.get("From", "")),
        dialled=phone(form.get("To", "")),
        wants_instruction=True,
        raw=kept(form),
    )


def _event(form: Form) -> CallSignal:
    _insist("RecordingID" not in form and "DialStatus" not in form, "this is a question's answer")
    return _business_event(form) if "DialAction" in form else _caller_event(form)


def _business_event(form: Form) -> CallSignal:
    action, code = form["DialAction"], whole(form.get("DialBLegHangupCauseCode", ""))
    cause = form.get("DialBLegHangupCause", "")
    seconds = whole(form.get("DialBLegDuration", ""))
    if action in ("answer", "connected"):
        status: Status | None = Status.ANSWERED
    else:
        status = ended(code, cause) if action == "hangup" else None
    if status is None:
        raise BadRequest("DialAction is unknown, or says nothing of the end")
    if status is Status.COMPLETED and seconds == 0:
        status = Status.NO_ANSWER  # a leg that nobody talked on is over as normally as any
    return CallSignal(
        carrier_call_id=_call(form),
        leg=Leg.BUSINESS,
        leg_id=required_id(form, "DialBLegUUID"),
        status=status,
        caller=phone(form.get("DialBLegFrom", "")),
        dialled=phone(form.get("DialBLegTo", "")),
        duration=seconds if status in TERMINAL else None,
        cause=reason(code, cause) if status in TERMINAL else "",
        raw=kept(form),
        accepted=action == "connected",
    )


def _caller_event(form: Form) -> CallSignal:
    status = CALL_STATUSES.get(form.get("CallStatus", ""))
    if status is None:
        raise BadRequest("CallStatus is missing or unknown")
    code, cause = whole(form.get("HangupCauseCode", "")), form.get("HangupCause", "")
    # Of a call that came in Plivo says "completed" however it ended.
    if status is Status.COMPLETED and ended(code, cause) is Status.CANCELED:
        status = Status.CANCELED
    over = status in TERMINAL
    seconds = whole(form.get("Duration", "")) if over else None
    why = reason(code, cause) if over else ""
    return _of_caller(form, status, duration=seconds, cause=why, caller_name=_caller_name(form))


def _recording(form: Form, kind: RecordingKind | None) -> RecordingSignal:
    """A recording is ready; one of no length is none. Raises `BadRequest`."""
    seconds, url = whole(form.get("RecordingDuration", "")), web_address(form.get("RecordUrl", ""))
    available = seconds != 0
    _insist(bool(url) or not available, "RecordUrl is missing or no address")
    return RecordingSignal(
        carrier_call_id=_call(form),
        recording_id=required_id(form, "RecordingID"),
        kind=kind or RecordingKind.CALL,
        available=available,
        url=url if available else "",
        duration=seconds if available else None,
        at=_moment(form.get("RecordingStartMs", "")),
        raw=kept(form),
    )


def _text(form: Form) -> TextSignal:
    _insist("Status" not in form, "Status tells of a message of ours, not of one that came in")
    dialled = phone(form.get("To", ""))
    _insist(bool(dialled), "To is no number")
    return TextSignal(
        carrier_text_id=required_id(form, "MessageUUID"),
        # A short code or a name is nobody whom we could write back to.
        caller=phone(form.get("From", "")),
        dialled=dialled,
        # With pictures it comes as Body.
        body=clean_lines(form.get("Text", "") or form.get("Body", ""), _LONGEST_BODY),
        media=_media(form),
        raw=kept(form),
    )


def _media(form: Form) -> tuple[str, ...]:
    """Counted from 1, says the documentation; from 0, say its examples."""
    found = (web_address(form.get(f"Media{place}", "")) for place in range(_MOST_MEDIA + 1))
    return tuple(address for address in found if address)[:_MOST_MEDIA]


def _text_event(form: Form) -> TextEvent:
    state = TEXT_STATES.get(form.get("Status", ""))
    if state is None:
        raise BadRequest("Status is missing or unknown")
    error = whole(form.get("ErrorCode", ""))
    return TextEvent(required_id(form, "MessageUUID"), state, f"plivo {error}" if error else "", kept(form))


def _caller_is_there(form: Form) -> bool:
    return CALL_STATUSES.get(form.get("CallStatus", "")) not in TERMINAL


def _caller_name(form: Form) -> str:
    """Sent where the number has the caller's name looked up (`cnam_lookup`); a number in its place is none."""
    name = clean(form.get("CallerName", ""), _LONGEST_NAME).strip()
    return "" if phone(name) else name


def _attestation(form: Form) -> str:
    """ "Verified" is full attestation that was checked; "Not Verified" is anything less, or none at all."""
    given = form.get("STIRAttestation", "")
    return given if given in _ATTESTED else "A" if form.get("STIRVerification") == "Verified" else ""


def _moment(text: str) -> float | None:
    found = _MILLISECONDS.fullmatch(text)
    return int(found[1]) / 1000 if found else None


def _kind(url: str) -> RecordingKind | None:
    """What our own address says of a recording, None for an address that is not about one."""
    found = parse_qs(urlsplit(url).query).get(KIND, [""])[0]
    return _KINDS.get(found)


def _insist(holds: bool, otherwise: str) -> None:
    if not holds:
        raise BadRequest(otherwise)


_READERS: dict[Endpoint, Callable[[Form], Signal]] = {
    Endpoint.CALL: _question,
    Endpoint.NEXT: _next,
    Endpoint.WHISPER: _whisper,
    Endpoint.EVENTS: _event,
    Endpoint.TEXT: _text,
    Endpoint.TEXT_EVENTS: _text_event,
}
