"""Requests in the shapes of Twilio's documentation, signed by Twilio's own library, and TwiML read back."""

from __future__ import annotations

import hashlib
from urllib.parse import urlencode
from xml.etree import ElementTree

from twilio.request_validator import RequestValidator

from callspring.carriers.contract import (
    BadSignature,
    CallSignal,
    CarrierRequest,
    Dial,
    Endpoint,
    HangUp,
    Instruction,
    Reply,
    Say,
    Status,
)
from callspring.carriers.twilio.adapter import Twilio
from tests.carriers.contract import BUSINESS, CALLER, NOW, SECRET, TRACKING

URL = "https://calls.example.com/voice/twilio/7/"
CALL_SID = "CA" + "1f" * 16
DIAL_SID = "CA" + "2e" * 16
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
Fields = dict[str, str | list[str]]


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


def post(fields: Fields, endpoint: Endpoint = Endpoint.CALL) -> CarrierRequest:
    return signed(urlencode(fields, doseq=True).encode(), fields, endpoint)


class Multi(dict[str, str | list[str]]):
    """A form as the vendor's validator wants to be shown one with repeated names."""

    def getlist(self, name: str) -> list[str]:
        value = self[name]
        return value if isinstance(value, list) else [value]


def signed(body: bytes, fields: Fields, endpoint: Endpoint, url: str = "", secret: str = SECRET) -> CarrierRequest:
    url = url or f"{URL}{endpoint}?at=c2VnbWVudA"
    signature = RequestValidator(secret).compute_signature(url, Multi(fields))
    headers = {"content-type": "application/x-www-form-urlencoded; charset=UTF-8", "x-twilio-signature": signature}
    return CarrierRequest("POST", url, headers, body)


def read(fields: Fields, endpoint: Endpoint) -> CallSignal:
    request = post(fields, endpoint)
    Twilio().verify(request, SECRET, NOW)
    return Twilio().read(request, endpoint)


def understand(reply: Reply) -> Instruction:
    """TwiML as Twilio would take it, with attributes that have no place in our words checked in passing."""
    root = ElementTree.fromstring(reply.body)
    assert root.tag == "Response"
    verbs = [verb.tag for verb in root]
    if verbs == ["Hangup"]:
        return HangUp()
    if verbs == ["Say", "Hangup"]:
        return Say(root[0].text or "", root[0].attrib["language"])
    assert verbs == ["Dial"]
    return _understand_dial(root[0])


def _understand_dial(verb: ElementTree.Element) -> Dial:
    (noun,) = verb
    assert noun.tag in {"Number", "Sip"}
    assert verb.attrib["answerOnBridge"] == "true"
    assert noun.attrib["statusCallbackEvent"] == "initiated ringing answered completed"
    return Dial(
        destination=noun.text or "",
        ring_seconds=int(verb.attrib["timeout"]),
        caller_id=verb.attrib.get("callerId", ""),
        result_url=verb.attrib["action"],
        events_url=noun.attrib["statusCallback"],
    )


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
