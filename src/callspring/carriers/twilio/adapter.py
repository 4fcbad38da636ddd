"""Twilio's voice webhooks in our words; docs/carriers.md has the table of statuses.

Source of the parameters: twilio.com/docs/voice/twiml (request parameters), twilio.com/docs/voice/twiml/dial
(action), twilio.com/docs/voice/twiml/number (status callback).
"""

from __future__ import annotations

import re
from datetime import UTC
from email.utils import parsedate_to_datetime

from callspring.carriers.contract import (
    BadRequest,
    CallSignal,
    CarrierRequest,
    Endpoint,
    Instruction,
    Leg,
    Reply,
    Status,
)
from callspring.carriers.outside import clean, e164, identifier, whole
from callspring.carriers.twilio.markup import twiml
from callspring.carriers.twilio.signature import BadForm, Form, check, is_json, parse_form

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
# What networks say instead of a withheld number reaches Twilio as a word, or as that word spelt on a phone's
# keys, which looks like a real number. Unrecognised, all callers who withhold theirs would be one person.
_WITHHELD = frozenset(
    {
        "+266696687",  # anonymous
        "+7378742833",  # restricted
        "+17378742833",  # restricted, taken for a US number
        "+86282452253",  # unavailable
        "+8656696",  # unknown
        "+8566696",  # unknown, as it is often misspelt
        "+2562533",  # blocked
        "+7748283",  # private
    }
)
_SIP_USER = re.compile(r"sips?:(\+[1-9][0-9]{6,14})@.{1,200}")

_RAW_FIELDS, _RAW_NAME, _RAW_VALUE = 64, 64, 512


class Twilio:
    """Checks, reads and answers Twilio's requests. The connection's secret is the account's auth token."""

    name = "twilio"

    def verify(self, request: CarrierRequest, secret: str, now: float) -> None:  # noqa: ARG002
        """Raise `BadSignature` unless `secret` signed this request. `now` is idle: the scheme has no time."""
        check(request, secret)

    def read(self, request: CarrierRequest, endpoint: Endpoint) -> CallSignal:
        """Translate one verified request that came to `endpoint`. Raises `BadRequest`."""
        form = _form(request)
        if endpoint is Endpoint.CALL:
            return _question(form)
        return _dial_result(form) if endpoint is Endpoint.NEXT else _event(form)

    def render(self, instruction: Instruction) -> Reply:
        """Put an instruction into TwiML."""
        return Reply(twiml(instruction), _XML)

    def acknowledge(self) -> Reply:
        """The answer to a signal that asks for nothing: an empty document."""
        return _ACKNOWLEDGEMENT


def _form(request: CarrierRequest) -> Form:
    if is_json(request):
        raise BadRequest("voice webhooks are forms, this is JSON")
    try:
        return parse_form(request.body)
    except BadForm as error:
        raise BadRequest(str(error)) from None


def _question(form: Form) -> CallSignal:
    call_id = _id(form, "CallSid")
    dialled = _number(form.get("To", ""))
    if not dialled:
        raise BadRequest("To is no E.164 number")
    return CallSignal(
        carrier_call_id=call_id,
        leg=Leg.CALLER,
        leg_id=call_id,
        status=Status.ASKED,
        caller=_number(form.get("From", "")),
        dialled=dialled,
        raw=_raw(form),
    )


def _dial_result(form: Form) -> CallSignal:
    status = _status(form, "DialCallStatus", DIAL_STATUSES)
    return CallSignal(
        carrier_call_id=_id(form, "CallSid"),
        leg=Leg.BUSINESS,
        # A dial that failed before a leg came into being has no id.
        leg_id=identifier(form.get("DialCallSid", "")),
        status=status,
        caller=_number(form.get("From", "")),
        dialled=_number(form.get("To", "")),
        duration=_duration(form, "DialCallDuration", status),
        # Twilio asks also when the caller has hung up; whatever is answered then reaches nobody.
        wants_instruction=CALL_STATUSES.get(form.get("CallStatus", "")) not in _TERMINAL,
        raw=_raw(form),
    )


def _event(form: Form) -> CallSignal:
    status = _status(form, "CallStatus", CALL_STATUSES)
    leg_id = _id(form, "CallSid")
    parent = _id(form, "ParentCallSid") if form.get("ParentCallSid") else ""
    return CallSignal(
        carrier_call_id=parent or leg_id,
        leg=Leg.BUSINESS if parent else Leg.CALLER,
        leg_id=leg_id,
        status=status,
        caller=_number(form.get("From", "")),
        dialled=_number(form.get("To", "")),
        sequence=whole(form.get("SequenceNumber", "")) or 0,
        duration=_duration(form, "CallDuration", status),
        at=_unix_seconds(form.get("Timestamp", "")),
        cause=_cause(form),
        raw=_raw(form),
    )


def _id(form: Form, name: str) -> str:
    found = identifier(form.get(name, ""))
    if not found:
        raise BadRequest(f"{name} is missing or no id")
    return found


def _status(form: Form, name: str, words: dict[str, Status]) -> Status:
    try:
        return words[form.get(name, "")]
    except KeyError:
        raise BadRequest(f"{name} is missing or unknown") from None


def _number(text: str) -> str:
    """E.164, also out of a SIP address; "" for withheld numbers and for whatever else is no number."""
    number = e164(text) or _sip_user(text)
    return "" if number in _WITHHELD else number


def _sip_user(text: str) -> str:
    found = _SIP_USER.fullmatch(text)
    return found[1] if found else ""


def _duration(form: Form, name: str, status: Status) -> int | None:
    return whole(form.get(name, "")) if status in _TERMINAL else None


def _unix_seconds(timestamp: str) -> float | None:
    """An RFC 2822 date in Unix seconds, None for anything else."""
    if not timestamp or len(timestamp) > 64:
        return None
    try:
        moment = parsedate_to_datetime(timestamp)
        # Without a zone, or with the one that means "unknown", it would be taken for this machine's.
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError, TypeError, IndexError):
        return None


def _cause(form: Form) -> str:
    """Why a leg ended: `twilio 13224` (Twilio's error) or `sip 486` (the network's answer), else ""."""
    error = whole(form.get("ErrorCode", ""))
    if error:
        return f"twilio {error}"
    answer = whole(form.get("SipResponseCode", ""))
    return f"sip {answer}" if answer else ""


def _raw(form: Form) -> dict[str, str]:
    fields = list(form.items())[:_RAW_FIELDS]
    return {clean(name, _RAW_NAME): clean(value, _RAW_VALUE) for name, value in fields}
