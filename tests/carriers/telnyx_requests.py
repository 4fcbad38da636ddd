"""Requests in the shapes of Telnyx's documentation, signed with a key of ours; its SDK is asked about the signatures.

Shapes: developers.telnyx.com/api-reference/callbacks (texml-call-initiated, -ringing, -answered, -completed,
texml-gather, texml-recording-completed) and /docs/messaging/messages/receiving-webhooks.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

from callspring.carriers.contract import (
    Ask,
    CallSignal,
    CarrierRequest,
    Connect,
    Endpoint,
    HangUp,
    Instruction,
    Prompt,
    Prompts,
    Reply,
    Signal,
    TakeVoicemail,
)
from callspring.carriers.telnyx.adapter import Telnyx
from tests.carriers.contract import BUSINESS, CALLER, NOW, SECRET, TRACKING
from tests.carriers.markup import dial, prompt
from tests.carriers.telnyx_keys import public_half, signed_headers

URL = "https://calls.example.com/voice/telnyx/7/"
ACCOUNT = "f5586561-8ff0-4291-a51b-c7dfe4139ff9"
CALL_SID = "v3:9X2vxPDFY2RHSJ1EdMS0RHRksMTg7ldNxdjWbVr9zBjbGjGsSe-aiQ"
DIAL_SID = "v3:MdI91X4lWFEs7IgbBEOT9M4AigoY08M0WWZFISt1Yw2axZ_IiE4pqg"
RECORDING_SID, TEXT_SID = "35094891-3290-4142-b2c2-b2eda57534cf", "84cca175-9755-4859-b67f-4730d7f58aa3"
RECORDING_URL = f"https://s3.amazonaws.com/telephony-recorder-prod/{ACCOUNT}/2026-06-01/leg-1780306205.mp3"
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
Fields = dict[str, str]


def base_fields(caller: str = CALLER, dialled: str = TRACKING) -> Fields:
    """What every voice webhook carries."""
    return {"AccountSid": ACCOUNT, "ConnectionId": "1293384261075731499", "From": caller, "To": dialled}


def question(**changes: str) -> Fields:
    """What the application's address is asked with: it says nothing of a status."""
    named = {"CallSid": CALL_SID, "CallSidLegacy": CALL_SID, "CallerId": CALLER, "CallingPartyType": "pstn"}
    return {**base_fields(), **named, **changes}


def dial_result(word: str, **changes: str) -> Fields:
    """What the action of a Dial hears: the callback of a call's end, also where only the dial has ended."""
    named = {
        "CallStatus": "completed",
        "CallbackSource": "call-progress-events",
        "DialCallStatus": word,
        "DialCallSid": DIAL_SID,
        "DialCallSidLegacy": DIAL_SID,
        "HangupCause": "normal_clearing",
        "HangupSource": "callee",
    }
    return {**question(), **named, **changes}


def gathered(key: str, **changes: str) -> Fields:
    named = {"AccountSid": ACCOUNT, "CallSid": CALL_SID, "CallSidLegacy": CALL_SID, "From": CALLER, "To": TRACKING}
    return {**named, **({"Digits": key} if key else {}), **changes}


def recorded(**changes: str) -> Fields:
    named = {"RecordingSid": RECORDING_SID, "RecordingUrl": RECORDING_URL, "RecordingDuration": "7"}
    return {**question(), **named, **changes}


def recording_report(word: str = "completed", **changes: str) -> Fields:
    return {
        "AccountSid": ACCOUNT,
        "CallSid": CALL_SID,
        "CallSidLegacy": CALL_SID,
        "ConnectionId": "1293384261075731499",
        "RecordingChannels": "1",
        "RecordingDuration": "7",
        "RecordingSid": RECORDING_SID,
        "RecordingSource": "RecordVerb",
        "RecordingStatus": word,
        "RecordingUrl": RECORDING_URL,
        **changes,
    }


def leg_event(word: str, **changes: str) -> Fields:
    named = {
        "CallSid": DIAL_SID,
        "CallSidLegacy": DIAL_SID,
        "ParentCallSid": CALL_SID,
        "ParentCallSidLegacy": CALL_SID,
        "CallStatus": word,
        "CallbackSource": "call-progress-events",
        "CallInitiatedAt": "2026-06-01T09:30:00.028Z",
        "SequenceNumber": "2",
        "Timestamp": "2026-06-01T09:30:05Z",
    }
    return {**base_fields(CALLER, BUSINESS), **named, **changes}


def timestamp(at: float | None) -> str:
    """As Telnyx writes a time."""
    return datetime.fromtimestamp(at or 0, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def event(kind: str, payload: dict[str, Any]) -> dict[str, Any]:
    """The envelope of API v2."""
    data = {
        "event_type": kind,
        "id": "b301ed3f-1490-491f-995f-6e64e69674d4",
        "occurred_at": "2026-06-01T09:30:05.000+00:00",
        "payload": payload,
        "record_type": "event",
    }
    return {"data": data, "meta": {"attempt": 1, "delivered_to": f"{URL}text"}}


def text_in(body: str, caller: str = CALLER, dialled: str = TRACKING, media: tuple[str, ...] = ()) -> dict[str, Any]:
    payload = {
        "direction": "inbound",
        "encoding": "GSM-7",
        "errors": [],
        "from": {"carrier": "T-Mobile USA", "line_type": "Wireless", "phone_number": caller, "status": "delivered"},
        "id": TEXT_SID,
        "media": [{"content_type": "image/png", "size": 1, "hash_sha256": "0f", "url": url} for url in media],
        "messaging_profile_id": "740572b6-099c-44a1-89b9-6c92163bc68d",
        "parts": 1,
        "received_at": "2026-06-01T09:30:05.000+00:00",
        "record_type": "message",
        "text": body,
        "to": [{"carrier": "Telnyx", "line_type": "Wireless", "phone_number": dialled, "status": "webhook_delivered"}],
        "type": "SMS",
    }
    return event("message.received", payload)


def text_report(
    word: str, errors: list[dict[str, str]] | None = None, kind: str = "message.finalized"
) -> dict[str, Any]:
    payload = {
        "direction": "outbound",
        "errors": errors or [],
        "from": {"carrier": "Telnyx", "line_type": "Wireless", "phone_number": TRACKING},
        "id": TEXT_SID,
        "media": [],
        "record_type": "message",
        "text": "Hello",
        "to": [{"carrier": "T-MOBILE USA, INC.", "line_type": "Wireless", "phone_number": CALLER, "status": word}],
        "type": "SMS",
    }
    return event(kind, payload)


def signed(
    body: bytes, endpoint: Endpoint, secret: str = SECRET, *, at: float = NOW, content_type: str = FORM, query: str = ""
) -> CarrierRequest:
    headers = {"content-type": content_type, **signed_headers(secret, body, at)}
    return CarrierRequest("POST", f"{URL}{endpoint}?at=c2VnbWVudA{query}", headers, body)


def post(fields: Fields, endpoint: Endpoint = Endpoint.CALL, query: str = "") -> CarrierRequest:
    return signed(urlencode(fields).encode(), endpoint, query=query)


def posted_json(said: dict[str, Any], endpoint: Endpoint) -> CarrierRequest:
    return signed(json.dumps(said).encode(), endpoint, content_type=JSON)


def read_signal(request: CarrierRequest, endpoint: Endpoint) -> Signal:
    Telnyx().verify(request, f"KEY1:{public_half(SECRET)}", NOW)
    return Telnyx().read(request, endpoint)


def read(fields: Fields, endpoint: Endpoint, query: str = "") -> CallSignal:
    signal = read_signal(post(fields, endpoint, query), endpoint)
    assert isinstance(signal, CallSignal)
    return signal


def understand(reply: Reply) -> Instruction:
    """TeXML as Telnyx would take it, with attributes that have no place in our words checked in passing."""
    root = ElementTree.fromstring(reply.body)
    assert root.tag == "Response"
    verbs = list(root)
    heard = tuple(_prompt(verb) for verb in verbs if verb.tag in ("Say", "Play"))
    match [verb.tag for verb in verbs[len(heard) :]]:
        case ["Hangup"]:
            return HangUp(heard)
        case ["Record", "Hangup"]:
            return _understand_record(heard, verbs[-2])
        case ["Gather", "Redirect"]:
            assert not heard
            return _understand_gather(*verbs)
        case ["Dial"]:
            return dial(heard, verbs[-1])
    assert len(verbs) == len(heard)
    return Connect(heard)


def _prompt(verb: ElementTree.Element) -> Prompt:
    assert verb.tag == "Play" or verb.attrib["voice"] == "alice"  # or the language would mean nothing
    return prompt(verb)


def _understand_record(heard: Prompts, verb: ElementTree.Element) -> TakeVoicemail:
    settled = {name: verb.attrib[name] for name in ("playBeep", "finishOnKey", "trim", "channels")}
    assert settled == {"playBeep": "true", "finishOnKey": "#", "trim": "trim-silence", "channels": "single"}
    assert "timeout" not in verb.attrib
    return TakeVoicemail(
        prompts=heard,
        max_seconds=int(verb.attrib["maxLength"]),
        result_url=verb.attrib["action"].removesuffix("&asked=sound"),
        recording_url=verb.attrib["recordingStatusCallback"],
    )


def _understand_gather(verb: ElementTree.Element, then: ElementTree.Element) -> Ask:
    assert {name: verb.attrib[name] for name in ("input", "numDigits")} == {"input": "dtmf", "numDigits": "1"}
    assert (then.text, then.attrib) == (verb.attrib["action"], {"method": "POST"})
    url = verb.attrib["action"].removesuffix("&asked=key")
    return Ask(tuple(map(_prompt, verb)), int(verb.attrib["timeout"]), url)
