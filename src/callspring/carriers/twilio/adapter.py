"""Twilio's webhooks in our words; docs/carriers.md has the table of statuses.

Source of the call parameters: twilio.com/docs/voice/twiml (request parameters), twilio.com/docs/voice/twiml/dial
(action), twilio.com/docs/voice/twiml/record (action), twilio.com/docs/voice/twiml/number (status callback).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from callspring.carriers.contract import (
    BadRequest,
    CallSignal,
    CarrierRequest,
    Endpoint,
    Instruction,
    Leg,
    Reply,
    Signal,
    Status,
)
from callspring.carriers.outside import clean, identifier, whole
from callspring.carriers.twilio.fields import error_code, kept, number, required_id, required_number, unix_seconds
from callspring.carriers.twilio.markup import twiml
from callspring.carriers.twilio.recordings import announced, recording
from callspring.carriers.twilio.signature import BadForm, Form, check, is_json, parse_form
from callspring.carriers.twilio.texts import text, text_event

_XML = "text/xml"
_ACKNOWLEDGEMENT = Reply(b'<?xml version="1.0" encoding="UTF-8"?><Response/>', _XML)

CALL_STATUSES = {
    # Twilio's two words for a leg that exists and has not rung yet are the beginning of ringing to us.
    "queued": Status.RINGING,
    "initiated": Status.RINGING,
    "ringing": Status.RINGING,
    "in-progress": Status.ANSWERED,
    "completed": Status.COMPLETED,
    "busy": Status.BUSY,
    "no-answer": Status.NO_ANSWER,
    "canceled": Status.CANCELED,
    "failed": Status.FAILED,
}
# How a dial ended. Both "answered" and "completed" mean that the business picked up.
DIAL_STATUSES = {
    "answered": Status.COMPLETED,
    "completed": Status.COMPLETED,
    "busy": Status.BUSY,
    "no-answer": Status.NO_ANSWER,
    "canceled": Status.CANCELED,
    "failed": Status.FAILED,
}
_TERMINAL = frozenset(DIAL_STATUSES.values())
_LONGEST_NAME = 80
_KEY = re.compile(r"[0-9*#]")
# `TN-Validation-Passed-B`, or `TN-Validation-Passed-Diverted-B`.
_ATTESTED = re.compile(r"TN-Validation-Passed(?:-Diverted)?-([ABC])")


class Twilio:
    """Checks, reads and answers Twilio's requests. The connection's secret is the account's auth token."""

    name = "twilio"

    def verify(self, request: CarrierRequest, secret: str, now: float) -> None:  # noqa: ARG002
        """Raise `BadSignature` unless `secret` signed this request. `now` is idle: the scheme has no time."""
        check(request, secret)

    def read(self, request: CarrierRequest, endpoint: Endpoint) -> Signal:
        """Translate one verified request that came to `endpoint`. Raises `BadRequest`."""
        return _READERS[endpoint](_form(request))

    def render(self, instruction: Instruction) -> Reply:
        """Put an instruction into TwiML."""
        return Reply(twiml(instruction), _XML)

    def acknowledge(self) -> Reply:
        """The answer to a signal that asks for nothing: an empty document."""
        return _ACKNOWLEDGEMENT


def _form(request: CarrierRequest) -> Form:
    if is_json(request):
        raise BadRequest("webhooks are forms, this is JSON")
    try:
        return parse_form(request.body)
    except BadForm as error:
        raise BadRequest(str(error)) from None


def _question(form: Form) -> CallSignal:
    call_id = required_id(form, "CallSid")
    return CallSignal(
        carrier_call_id=call_id,
        leg=Leg.CALLER,
        leg_id=call_id,
        status=Status.ASKED,
        caller=number(form.get("From", "")),
        dialled=required_number(form, "To"),
        raw=kept(form),
        caller_name=_caller_name(form),
        attestation=_attestation(form),
    )


def _next(form: Form) -> CallSignal:
    """One address hears how a dial ended, that a recording is over (it has a `RecordingUrl`) and which key was pressed.

    A recording that is over has a `RecordingUrl`; a key `Digits`, which recordings have too.
    """
    if "DialCallStatus" in form or "RecordingStatus" in form:
        return _dial_result(form)
    if "RecordingUrl" in form:
        return _recorded(form)
    return _keyed(form, Leg.CALLER) if "Digits" in form else _dial_result(form)


def _whisper(form: Form) -> CallSignal:
    """The business has picked up: asked once, and a second time with the key that was pressed."""
    return _keyed(form, Leg.BUSINESS) if "Digits" in form else _picked_up(form)


def _picked_up(form: Form) -> CallSignal:
    leg_id = required_id(form, "CallSid")
    return CallSignal(
        carrier_call_id=required_id(form, "ParentCallSid"),
        leg=Leg.BUSINESS,
        leg_id=leg_id,
        status=Status.ASKED,
        caller=number(form.get("From", "")),
        dialled=number(form.get("To", "")),
        wants_instruction=True,
        raw=kept(form),
    )


def _keyed(form: Form, leg: Leg) -> CallSignal:
    leg_id = required_id(form, "CallSid")
    key = form.get("Digits", "")
    return CallSignal(
        carrier_call_id=leg_id if leg is Leg.CALLER else required_id(form, "ParentCallSid"),
        leg=leg,
        leg_id=leg_id,
        status=Status.KEYED,
        caller=number(form.get("From", "")),
        dialled=number(form.get("To", "")),
        wants_instruction=_caller_is_there(form),
        raw=kept(form),
        key=key if _KEY.fullmatch(key) else "",
    )


def _dial_result(form: Form) -> CallSignal:
    status = _status(form, "DialCallStatus", DIAL_STATUSES)
    if status is Status.COMPLETED and form.get("DialBridged") == "false":
        status = Status.NO_ANSWER  # picked up, and put down again before it was connected
    return CallSignal(
        carrier_call_id=required_id(form, "CallSid"),
        leg=Leg.BUSINESS,
        # A dial that failed before a leg came into being has no id.
        leg_id=identifier(form.get("DialCallSid", "")),
        status=status,
        caller=number(form.get("From", "")),
        dialled=number(form.get("To", "")),
        duration=_duration(form, "DialCallDuration", status),
        wants_instruction=_caller_is_there(form),
        raw=kept(form),
    )


def _recorded(form: Form) -> CallSignal:
    call_id = required_id(form, "CallSid")
    return CallSignal(
        carrier_call_id=call_id,
        leg=Leg.CALLER,
        leg_id=call_id,
        status=Status.RECORDED,
        caller=number(form.get("From", "")),
        dialled=number(form.get("To", "")),
        wants_instruction=_caller_is_there(form),
        raw=kept(form),
        caller_name=_caller_name(form),
        recording=announced(form),
    )


def _event(form: Form) -> CallSignal:
    status = _status(form, "CallStatus", CALL_STATUSES)
    leg_id = required_id(form, "CallSid")
    parent = required_id(form, "ParentCallSid") if form.get("ParentCallSid") else ""
    return CallSignal(
        carrier_call_id=parent or leg_id,
        leg=Leg.BUSINESS if parent else Leg.CALLER,
        leg_id=leg_id,
        status=status,
        caller=number(form.get("From", "")),
        dialled=number(form.get("To", "")),
        sequence=whole(form.get("SequenceNumber", "")) or 0,
        duration=_duration(form, "CallDuration", status),
        at=unix_seconds(form.get("Timestamp", "")),
        cause=_cause(form),
        raw=kept(form),
        caller_name="" if parent else _caller_name(form),
    )


def _status(form: Form, name: str, words: dict[str, Status]) -> Status:
    try:
        return words[form.get(name, "")]
    except KeyError:
        raise BadRequest(f"{name} is missing or unknown") from None


def _caller_is_there(form: Form) -> bool:
    """Twilio asks also when the caller has hung up; whatever is answered then reaches nobody."""
    return CALL_STATUSES.get(form.get("CallStatus", "")) not in _TERMINAL


def _caller_name(form: Form) -> str:
    """Sent where the number has the caller's name looked up (`VoiceCallerIdLookup`)."""
    return clean(form.get("CallerName", ""), _LONGEST_NAME).strip()


def _attestation(form: Form) -> str:
    """How far the caller's network vouches for the number: twilio.com/docs/voice/trusted-calling-with-shakenstir."""
    found = _ATTESTED.match(form.get("StirVerstat", ""))
    return found[1] if found else ""


def _duration(form: Form, name: str, status: Status) -> int | None:
    return whole(form.get(name, "")) if status in _TERMINAL else None


def _cause(form: Form) -> str:
    """Why a leg ended: `twilio 13224` (Twilio's error) or `sip 486` (the network's answer), else ""."""
    answer = whole(form.get("SipResponseCode", ""))
    return error_code(form) or (f"sip {answer}" if answer else "")


_READERS: dict[Endpoint, Callable[[Form], Signal]] = {
    Endpoint.CALL: _question,
    Endpoint.NEXT: _next,
    Endpoint.WHISPER: _whisper,
    Endpoint.EVENTS: _event,
    Endpoint.RECORDING: recording,
    Endpoint.TEXT: text,
    Endpoint.TEXT_EVENTS: text_event,
}
