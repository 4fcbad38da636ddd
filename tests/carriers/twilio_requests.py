"""Requests in the shapes of Twilio's documentation, signed by Twilio's own library, and TwiML read back."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from urllib.parse import urlencode
from xml.etree import ElementTree

from twilio.request_validator import RequestValidator

from callspring.carriers.contract import (
    Ask,
    BadSignature,
    CallSignal,
    CarrierRequest,
    Connect,
    Endpoint,
    HangUp,
    Instruction,
    Prompts,
    Reply,
    Signal,
    Status,
    TakeVoicemail,
)
from callspring.carriers.twilio.adapter import Twilio
from tests.carriers.contract import BUSINESS, CALLER, NOW, SECRET, TRACKING
from tests.carriers.markup import dial, prompt

URL = "https://calls.example.com/voice/twilio/7/"
CALL_SID = "CA" + "1f" * 16
DIAL_SID = "CA" + "2e" * 16
RECORDING_SID, TEXT_SID = "RE" + "3d" * 16, "SM" + "4c" * 16
RECORDING_URL = f"https://api.twilio.com/2010-04-01/Accounts/AC{'0d' * 16}/Recordings/{RECORDING_SID}"
# Twilio's words, written down a second time so that a slip in the adapter's table shows.
WORDS = {
    Status.ASKED: "ringing",
    Status.RINGING: "ringing",
    Status.ANSWERED: "in-progress",
    Status.COMPLETED: "completed",
    Status.BUSY: "busy",
    Status.NO_ANSWER: "no-answer",
    Status.CANCELED: "canceled",
    Status.FAILED: "failed",
}
Fields = dict[str, str]


def base_fields(caller: str, dialled: str) -> Fields:
    """What every voice webhook carries."""
    return {
        "AccountSid": "AC" + "0d" * 16,
        "ApiVersion": "2010-04-01",
        "Called": dialled,
        "CalledCity": "",
        "CalledCountry": "US",
        "CalledState": "",
        "CalledZip": "",
        "Caller": caller,
        "CallerCity": "CHICAGO",
        "CallerCountry": "US",
        "CallerState": "IL",
        "CallerZip": "60601",
        "From": caller,
        "FromCity": "CHICAGO",
        "FromCountry": "US",
        "FromState": "IL",
        "FromZip": "60601",
        "To": dialled,
        "ToCity": "",
        "ToCountry": "US",
        "ToState": "",
        "ToZip": "",
    }


def question(**changes: str) -> Fields:
    named = {"CallSid": CALL_SID, "CallStatus": "ringing", "Direction": "inbound"}
    return {**base_fields(CALLER, TRACKING), **named, "StirVerstat": "TN-Validation-Passed-A", **changes}


def dial_result(word: str, **changes: str) -> Fields:
    named = {"DialCallStatus": word, "DialCallSid": DIAL_SID, "DialBridged": "true"}
    return {**question(CallStatus="in-progress"), **named, **changes}


def recorded(**changes: str) -> Fields:
    """What the action of a Record hears: `Digits` is the key that ended it, or "hangup"."""
    named = {"RecordingUrl": RECORDING_URL, "RecordingSid": RECORDING_SID, "RecordingDuration": "7", "Digits": "#"}
    return {**question(CallStatus="in-progress"), **named, **changes}


def recording_report(word: str = "completed", **changes: str) -> Fields:
    """A recording's status callback: it names no numbers."""
    return {
        "AccountSid": "AC" + "0d" * 16,
        "CallSid": CALL_SID,
        "RecordingSid": RECORDING_SID,
        "RecordingUrl": RECORDING_URL,
        "RecordingStatus": word,
        "RecordingDuration": "7",
        "RecordingChannels": "1",
        "RecordingSource": "RecordVerb",
        "RecordingStartTime": "Mon, 01 Jun 2026 09:30:05 +0000",
        "RecordingTrack": "inbound",
        "ErrorCode": "0",
        **changes,
    }


def text_in(body: str, **changes: str) -> Fields:
    """A message that came in."""
    named = {"MessageSid": TEXT_SID, "SmsSid": TEXT_SID, "SmsMessageSid": TEXT_SID, "SmsStatus": "received"}
    rest = {"AccountSid": "AC" + "0d" * 16, "ApiVersion": "2010-04-01", "NumMedia": "0", "NumSegments": "1"}
    place = {"FromCity": "CHICAGO", "FromState": "IL", "FromZip": "60601", "FromCountry": "US", "ToCountry": "US"}
    return {**named, **rest, **place, "From": CALLER, "To": TRACKING, "Body": body, **changes}


def text_report(word: str, **changes: str) -> Fields:
    """The status callback of a message that we sent."""
    named = {"MessageSid": TEXT_SID, "SmsSid": TEXT_SID, "MessageStatus": word, "SmsStatus": word}
    rest = {"AccountSid": "AC" + "0d" * 16, "ApiVersion": "2010-04-01"}
    return {**named, **rest, "From": TRACKING, "To": CALLER, **changes}


def leg_event(word: str, **changes: str) -> Fields:
    """A child leg's status callback."""
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


def post(fields: Mapping[str, str | list[str]], endpoint: Endpoint = Endpoint.CALL) -> CarrierRequest:
    return signed(urlencode(fields, doseq=True).encode(), fields, endpoint)


class Multi(dict[str, str | list[str]]):
    """A form as the vendor's validator wants to be shown one with repeated names."""

    def getlist(self, name: str) -> list[str]:
        value = self[name]
        return value if isinstance(value, list) else [value]


def signed(
    body: bytes, fields: Mapping[str, str | list[str]], endpoint: Endpoint, url: str = "", secret: str = SECRET
) -> CarrierRequest:
    url = url or f"{URL}{endpoint}?at=c2VnbWVudA"
    signature = RequestValidator(secret).compute_signature(url, Multi(fields))
    headers = {"content-type": "application/x-www-form-urlencoded; charset=UTF-8", "x-twilio-signature": signature}
    return CarrierRequest("POST", url, headers, body)


def read(fields: Fields, endpoint: Endpoint) -> CallSignal:
    signal = read_signal(fields, endpoint)
    assert isinstance(signal, CallSignal)
    return signal


def read_signal(fields: Fields, endpoint: Endpoint) -> Signal:
    request = post(fields, endpoint)
    Twilio().verify(request, SECRET, NOW)
    return Twilio().read(request, endpoint)


def understand(reply: Reply) -> Instruction:
    """TwiML as Twilio would take it, with attributes that have no place in our words checked in passing."""
    root = ElementTree.fromstring(reply.body)
    assert root.tag == "Response"
    verbs = list(root)
    heard = tuple(prompt(verb) for verb in verbs if verb.tag in ("Say", "Play"))
    match [verb.tag for verb in verbs[len(heard) :]]:
        case ["Hangup"]:
            return HangUp(heard)
        case ["Record", "Hangup"]:
            return _understand_record(heard, verbs[-2])
        case ["Gather"]:
            assert not heard
            return _understand_gather(verbs[0])
        case ["Dial"]:
            return dial(heard, verbs[-1])
    assert len(verbs) == len(heard)
    return Connect(heard)


def _understand_record(heard: Prompts, record: ElementTree.Element) -> TakeVoicemail:
    settled = {name: record.attrib[name] for name in ("timeout", "playBeep", "finishOnKey", "trim")}
    assert settled == {"timeout": "5", "playBeep": "true", "finishOnKey": "#", "trim": "trim-silence"}
    assert record.attrib["recordingStatusCallbackEvent"] == "completed absent"
    return TakeVoicemail(
        prompts=heard,
        max_seconds=int(record.attrib["maxLength"]),
        result_url=record.attrib["action"],
        recording_url=record.attrib["recordingStatusCallback"],
    )


def _understand_gather(verb: ElementTree.Element) -> Ask:
    settled = {name: verb.attrib[name] for name in ("input", "numDigits", "finishOnKey", "actionOnEmptyResult")}
    assert settled == {"input": "dtmf", "numDigits": "1", "finishOnKey": "", "actionOnEmptyResult": "true"}
    return Ask(tuple(map(prompt, verb)), int(verb.attrib["timeout"]), verb.attrib["action"])


def accepted(request: CarrierRequest, secret: str = SECRET) -> bool:
    try:
        Twilio().verify(request, secret, NOW)
    except BadSignature:
        return False
    return True


def json_request(body: bytes, hashed: bytes) -> CarrierRequest:
    url = f"{URL}events?bodySHA256={hashlib.sha256(hashed).hexdigest()}"
    signature = RequestValidator(SECRET).compute_signature(url, {})
    headers = {"content-type": "application/json", "x-twilio-signature": signature}
    return CarrierRequest("POST", url, headers, body)
