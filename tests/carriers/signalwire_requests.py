"""Requests in the shapes of SignalWire's documentation, signed by its published scheme.

Shapes: the cXML reference (voice: request parameters, status callbacks; `dial`, `record`, `gather`: their callbacks;
messaging) and the recording status callbacks guide. The vendor's validator is asked about every signature made here.
"""

from __future__ import annotations

import hmac
from base64 import b64encode
from urllib.parse import parse_qsl, urlencode

from signalwire.core.security.webhook_validator import validate_webhook_signature

from callspring.carriers.contract import CallSignal, CarrierRequest, Endpoint, Signal
from callspring.carriers.signalwire.adapter import SignalWire
from tests.carriers.contract import BUSINESS, CALLER, NOW, SECRET, TRACKING

URL = "https://calls.example.com/voice/signalwire/7/"
PROJECT = "b3877c40-da60-4998-90ad-b792e98472af"
CALL_SID, DIAL_SID = "43bb71ee-553f-4074-bb20-8e2747647cce", "8a8e5ec4-071a-408e-948c-2429da869cc9"
RECORDING_SID, TEXT_SID = "19e436af-5688-4307-b03b-bdb2b42b8142", "95f7fba1-aeb7-4750-9092-47525b7a7cad"
RECORDING_URL = f"https://example.signalwire.com/api/laml/2010-04-01/Accounts/{PROJECT}/Recordings/{RECORDING_SID}.mp3"
Fields = dict[str, str]


def base_fields(caller: str, dialled: str) -> Fields:
    """What every voice webhook carries."""
    return {"AccountSid": PROJECT, "ApiVersion": "2010-04-01", "From": caller, "To": dialled}


def question(**changes: str) -> Fields:
    named = {"CallSid": CALL_SID, "CallStatus": "ringing", "Direction": "inbound"}
    return {**base_fields(CALLER, TRACKING), **named, **changes}


def dial_result(word: str, **changes: str) -> Fields:
    named = {"DialCallStatus": word, "DialCallSid": DIAL_SID}
    return {**question(CallStatus="in-progress"), **named, **changes}


def recorded(**changes: str) -> Fields:
    """What the action of a Record hears: it names the sound's address and no id."""
    named = {"RecordingUrl": RECORDING_URL, "RecordingDuration": "7", "Digits": "#"}
    return {**question(CallStatus="in-progress"), **named, **changes}


def recording_report(word: str = "completed", **changes: str) -> Fields:
    return {
        "AccountSid": PROJECT,
        "CallSid": CALL_SID,
        "RecordingSid": RECORDING_SID,
        "RecordingUrl": RECORDING_URL,
        "RecordingStatus": word,
        "RecordingDuration": "7",
        "RecordingChannels": "1",
        "RecordingSource": "RecordVerb",
        "RecordingStartTime": "Mon, 01 Jun 2026 09:30:05 +0000",
        "RecordingTrack": "inbound",
        **changes,
    }


def text_in(body: str, **changes: str) -> Fields:
    named = {"AccountSid": PROJECT, "MessageSid": TEXT_SID, "NumMedia": "0"}
    return {**named, "From": CALLER, "To": TRACKING, "Body": body, **changes}


def text_report(word: str, **changes: str) -> Fields:
    named = {"AccountSid": PROJECT, "MessageSid": TEXT_SID, "MessageStatus": word}
    return {**named, "From": TRACKING, "To": CALLER, **changes}


def leg_event(word: str, **changes: str) -> Fields:
    named = {
        "CallSid": DIAL_SID,
        "ParentCallSid": CALL_SID,
        "CallStatus": word,
        "Direction": "outbound-dial",
        "CallbackSource": "call-progress-events",
        "SequenceNumber": "2",
        "Timestamp": "Mon, 01 Jun 2026 09:30:05 +0000",
    }
    return {**base_fields(CALLER, BUSINESS), **named, **changes}


def signature(key: str, url: str, body: bytes) -> str:
    """By the published recipe: the address, then every field's name and value, by name."""
    fields = sorted(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True), key=lambda field: field[0])
    message = url + "".join(name + value for name, value in fields)
    made = b64encode(hmac.new(key.encode(), message.encode(), "sha1").digest()).decode()
    # What goes out here SignalWire's own library takes for SignalWire's.
    assert not key or validate_webhook_signature(key, made, url, body.decode("utf-8", "replace"))
    return made


def signed(body: bytes, endpoint: Endpoint, url: str = "", secret: str = SECRET) -> CarrierRequest:
    url = url or f"{URL}{endpoint}?at=c2VnbWVudA"
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "x-signalwire-signature": signature(secret, url, body),
    }
    return CarrierRequest("POST", url, headers, body)


def post(fields: Fields, endpoint: Endpoint = Endpoint.CALL) -> CarrierRequest:
    return signed(urlencode(fields).encode(), endpoint)


def read_signal(fields: Fields, endpoint: Endpoint) -> Signal:
    request = post(fields, endpoint)
    SignalWire().verify(request, SECRET, NOW)
    return SignalWire().read(request, endpoint)


def read(fields: Fields, endpoint: Endpoint) -> CallSignal:
    signal = read_signal(fields, endpoint)
    assert isinstance(signal, CallSignal)
    return signal
