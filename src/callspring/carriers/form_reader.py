"""Call, recording and text webhooks in the shapes that Twilio introduced, read in our words.

Twilio's adapter and SignalWire's are this reader, each with its own signature; docs/carriers.md has the tables.
Sources: twilio.com/docs/voice/twiml (request parameters; `dial`, `record`, `number`, `recording`: their callbacks),
twilio.com/docs/messaging/guides/webhook-request and /outbound-message-status-in-status-callbacks, Twilio's OpenAPI
(statuses and sources); SignalWire's compatibility API: cXML reference, voice and messaging.
"""

from __future__ import annotations

import re
from collections.abc import Callable

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
    TextState,
)
from callspring.carriers.forms import (
    Form,
    call_signal,
    form_of,
    kept,
    number,
    required_id,
    required_number,
    status_of,
    unix_seconds,
)
from callspring.carriers.outside import clean, clean_lines, identifier, web_address, whole

CALL_STATUSES = {
    # The two words for a leg that exists and has not rung yet are the beginning of ringing to us.
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
TEXT_STATES = {
    "accepted": TextState.QUEUED,
    "scheduled": TextState.QUEUED,
    "queued": TextState.QUEUED,
    "initiated": TextState.QUEUED,  # SignalWire's word for one that is handed over
    "sending": TextState.QUEUED,
    "sent": TextState.SENT,
    # Of a message to several, or in several parts: on its way, and not known to have arrived whole.
    "partially_delivered": TextState.SENT,
    "delivered": TextState.DELIVERED,
    "read": TextState.DELIVERED,
    "undelivered": TextState.FAILED,
    "failed": TextState.FAILED,
    "canceled": TextState.FAILED,
}
# `failed` is Twilio's word where a recording could not be encrypted.
RECORDING_STATUSES = {"completed": True, "absent": False, "failed": False}
_KINDS = {"RecordVerb": RecordingKind.VOICEMAIL, "DialVerb": RecordingKind.CALL}
_TERMINAL = frozenset(DIAL_STATUSES.values())
_LONGEST_NAME, _LONGEST_BODY, _MOST_MEDIA = 80, 1_600, 10
_KEY = re.compile(r"[0-9*#]")
# `TN-Validation-Passed-B`, or `TN-Validation-Passed-Diverted-B`: twilio.com/docs/voice/trusted-calling-with-shakenstir.
_ATTESTED = re.compile(r"TN-Validation-Passed(?:-Diverted)?-([ABC])")
_SOUND_ENDING = re.compile(r"\.(mp3|wav)\Z")


class FormReader:
    """Reads the webhooks of the carrier `name`, which is what causes and errors begin with."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._readers: dict[Endpoint, Callable[[Form], Signal]] = {
            Endpoint.CALL: _question,
            Endpoint.NEXT: _next,
            Endpoint.WHISPER: _whisper,
            Endpoint.EVENTS: self._event,
            Endpoint.RECORDING: _recording,
            Endpoint.TEXT: _text,
            Endpoint.TEXT_EVENTS: self._text_event,
        }

    def read(self, request: CarrierRequest, endpoint: Endpoint) -> Signal:
        """Translate one verified request that came to `endpoint`. Raises `BadRequest`."""
        return self._readers[endpoint](form_of(request))

    def _event(self, form: Form) -> CallSignal:
        status = status_of(form, "CallStatus", CALL_STATUSES)
        leg_id = required_id(form, "CallSid")
        parent = required_id(form, "ParentCallSid") if form.get("ParentCallSid") else ""
        return call_signal(
            form,
            parent or leg_id,
            Leg.BUSINESS if parent else Leg.CALLER,
            leg_id,
            status,
            sequence=whole(form.get("SequenceNumber", "")) or 0,
            duration=_duration(form, "CallDuration", status),
            at=unix_seconds(form.get("Timestamp", "")),
            cause=self._cause(form),
            caller_name="" if parent else _caller_name(form),
        )

    def _text_event(self, form: Form) -> TextEvent:
        """What became of a message that we sent. Raises `BadRequest`."""
        state = TEXT_STATES.get(form.get("MessageStatus", ""))
        if state is None:
            raise BadRequest("MessageStatus is missing or unknown")
        return TextEvent(
            carrier_text_id=required_id(form, "MessageSid"), state=state, error=self._error(form), raw=kept(form)
        )

    def _cause(self, form: Form) -> str:
        """Why a leg ended: `twilio 13224` (the carrier's error) or `sip 486` (the network's answer), else ""."""
        answer = whole(form.get("SipResponseCode", ""))
        return self._error(form) or (f"sip {answer}" if answer else "")

    def _error(self, form: Form) -> str:
        error = whole(form.get("ErrorCode", ""))
        return f"{self._name} {error}" if error else ""


def _question(form: Form) -> CallSignal:
    call_id = required_id(form, "CallSid")
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


def _next(form: Form) -> CallSignal:
    """One address hears how a dial ended, that a recording is over and which key was pressed.

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
    return call_signal(
        form, required_id(form, "ParentCallSid"), Leg.BUSINESS, leg_id, Status.ASKED, wants_instruction=True
    )


def _keyed(form: Form, leg: Leg) -> CallSignal:
    leg_id = required_id(form, "CallSid")
    key = form.get("Digits", "")
    return call_signal(
        form,
        leg_id if leg is Leg.CALLER else required_id(form, "ParentCallSid"),
        leg,
        leg_id,
        Status.KEYED,
        wants_instruction=_caller_is_there(form),
        key=key if _KEY.fullmatch(key) else "",
    )


def _dial_result(form: Form) -> CallSignal:
    status = status_of(form, "DialCallStatus", DIAL_STATUSES)
    if status is Status.COMPLETED and form.get("DialBridged") == "false":
        status = Status.NO_ANSWER  # picked up, and put down again before it was connected
    return call_signal(
        form,
        required_id(form, "CallSid"),
        Leg.BUSINESS,
        identifier(form.get("DialCallSid", "")),  # a dial that failed before a leg came into being has none
        status,
        duration=_duration(form, "DialCallDuration", status),
        wants_instruction=_caller_is_there(form),
    )


def _recorded(form: Form) -> CallSignal:
    call_id = required_id(form, "CallSid")
    return call_signal(
        form,
        call_id,
        Leg.CALLER,
        call_id,
        Status.RECORDED,
        wants_instruction=_caller_is_there(form),
        caller_name=_caller_name(form),
        recording=_announced(form),
    )


def _announced(form: Form) -> RecordingSignal | None:
    """The recording that the action of a Record names, if it does: its id is the last part of its address."""
    url = web_address(form.get("RecordingUrl", ""))
    name = identifier(form.get("RecordingSid", "") or _SOUND_ENDING.sub("", url.rpartition("/")[2]))
    if not url or not name:
        return None
    return RecordingSignal(
        carrier_call_id=required_id(form, "CallSid"),
        recording_id=name,
        kind=RecordingKind.VOICEMAIL,
        available=True,
        url=url,
        duration=whole(form.get("RecordingDuration", "")),
    )


def _recording(form: Form) -> RecordingSignal:
    """What became of a recording. Raises `BadRequest`."""
    available = RECORDING_STATUSES.get(form.get("RecordingStatus", ""))
    if available is None:
        raise BadRequest("RecordingStatus is missing or unknown")
    url = web_address(form.get("RecordingUrl", ""))
    if available and not url:
        raise BadRequest("RecordingUrl is missing or no address")
    return RecordingSignal(
        carrier_call_id=required_id(form, "CallSid"),
        recording_id=required_id(form, "RecordingSid"),
        # Whatever else records (the API, a conference) records the call.
        kind=_KINDS.get(form.get("RecordingSource", ""), RecordingKind.CALL),
        available=available,
        url=url,
        duration=whole(form.get("RecordingDuration", "")),
        at=unix_seconds(form.get("RecordingStartTime", "")),
        raw=kept(form),
    )


def _text(form: Form) -> TextSignal:
    """A message that came in. Raises `BadRequest`."""
    if "MessageStatus" in form:
        raise BadRequest("MessageStatus tells of a message of ours, not of one that came in")
    return TextSignal(
        carrier_text_id=required_id(form, "MessageSid"),
        # A short code or a name is nobody whom we could write back to.
        caller=number(form.get("From", "")),
        dialled=required_number(form, "To"),
        body=clean_lines(form.get("Body", ""), _LONGEST_BODY),
        media=_media(form),
        raw=kept(form),
    )


def _media(form: Form) -> tuple[str, ...]:
    count = min(whole(form.get("NumMedia", "")) or 0, _MOST_MEDIA)
    found = (web_address(form.get(f"MediaUrl{place}", "")) for place in range(count))
    return tuple(address for address in found if address)


def _caller_is_there(form: Form) -> bool:
    """The carrier asks also when the caller has hung up; whatever is answered then reaches nobody."""
    return CALL_STATUSES.get(form.get("CallStatus", "")) not in _TERMINAL


def _caller_name(form: Form) -> str:
    """Sent where the number has the caller's name looked up (`VoiceCallerIdLookup`)."""
    return clean(form.get("CallerName", ""), _LONGEST_NAME).strip()


def _attestation(form: Form) -> str:
    """How far the caller's network vouches for the number."""
    said = form.get("StirVerstat", "")
    found = _ATTESTED.match(said)
    if said.startswith("TN-Validation-Failed"):
        return "failed"
    return found[1] if found else ""


def _duration(form: Form, name: str, status: Status) -> int | None:
    return whole(form.get(name, "")) if status in _TERMINAL else None
