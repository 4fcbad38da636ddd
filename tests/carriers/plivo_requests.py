"""Requests in the shapes of Plivo's documentation, signed by Plivo's own library, and Plivo XML read back.

Shapes: plivo.com/docs/account/api/application, /docs/voice/xml/{routing,record,input},
/docs/messaging/api/message/{handling-incoming,message-status-callbacks}; the events' names are those that Plivo sends.
"""

from __future__ import annotations

from urllib.parse import parse_qsl, unquote, urlencode
from xml.etree import ElementTree

from plivo.utils import validate_signature  # type: ignore[import-untyped]
from plivo.utils.signature_v3 import (  # type: ignore[import-untyped]
    construct_post_url,
    get_signature_v3,
    validate_v3_signature,
)

from callspring.carriers.contract import (
    Ask,
    CallSignal,
    CarrierRequest,
    Connect,
    Dial,
    Endpoint,
    HangUp,
    Instruction,
    Prompts,
    Reply,
    Signal,
    TakeVoicemail,
)
from callspring.carriers.plivo.adapter import Plivo
from tests.carriers.contract import BUSINESS, CALLER, NOW, SECRET, SHOWN, TRACKING
from tests.carriers.markup import prompt

URL = "https://calls.example.com/voice/plivo/7/"
AUTH_ID = "MA2025RK4E639VJFZAGV"
CALL, LEG = "6f1d4a92-3b77-4d0e-9f2a-1c8b5e7d0431", "c0a58e17-9d24-4f6b-8a13-72e5b4c9d806"
RECORDING, TEXT = "c2186400-1c8c-11e4-a664-0026b945b522", "5b40a428-bfc7-4daf-9d06-726c558bf3b8"
RECORDING_URL = f"https://media.plivo.com/v1/Account/{AUTH_ID}/Recording/{RECORDING}.mp3"
NONCE = "05429567804466091622"
Fields = dict[str, str]


def digits(number: str) -> str:
    """A number as Plivo writes it."""
    return number.removeprefix("+")


def question(**changes: str) -> Fields:
    """What the answer address hears."""
    return {
        "CallUUID": CALL,
        "From": digits(CALLER),
        "To": digits(TRACKING),
        "CallStatus": "ringing",
        "Direction": "inbound",
        "Event": "StartApp",
        "ParentAuthID": AUTH_ID,
        "STIRVerification": "Verified",
        **changes,
    }


def going_on(event: str, **changes: str) -> Fields:
    """What every later request of a call has."""
    return {**question(CallStatus="in-progress", Event=event), **changes}


def dial_result(word: str, **changes: str) -> Fields:
    """What the action of a Dial hears: it says nothing of lengths."""
    named = {"DialStatus": word, "DialRingStatus": "true", "DialALegUUID": CALL, "DialBLegUUID": LEG}
    return {**going_on("Redirect"), **named, "DialHangupCause": "NORMAL_CLEARING", **changes}


def dial_event(action: str, **changes: str) -> Fields:
    """What the callback of a Dial hears."""
    named = {"DialAction": action, "DialBLegStatus": action, "DialALegUUID": CALL, "DialBLegUUID": LEG}
    ends = {"DialBLegFrom": digits(SHOWN), "DialBLegTo": digits(BUSINESS), "DialBLegPosition": "1"}
    return {**going_on("Dial" + action.title()), **named, **ends, **changes}


def leg_hangup(code: str, cause: str, seconds: str, **changes: str) -> Fields:
    ended = {
        "DialBLegDuration": seconds,
        "DialBLegBillDuration": "60",
        "DialBLegHangupCause": cause,
        "DialBLegHangupCauseCode": code,
        "DialBLegHangupSource": "Callee",
    }
    return {**dial_event("hangup"), **ended, **changes}


def call_hangup(word: str, **changes: str) -> Fields:
    """What the hangup address hears."""
    named = {"Duration": "42", "BillDuration": "60", "HangupSource": "Caller", "HangupCause": "NORMAL_CLEARING"}
    codes = {"HangupCauseName": "Normal Hangup", "HangupCauseCode": "4000"}
    return {**question(CallStatus=word, Event="Hangup"), **named, **codes, **changes}


def recorded(**changes: str) -> Fields:
    """What the action of a Record hears."""
    return {**going_on("Record"), **recording(), "Digits": "#", **changes}


def recording(**changes: str) -> Fields:
    return {
        "RecordUrl": RECORDING_URL,
        "RecordingID": RECORDING,
        "RecordingDuration": "7",
        "RecordingDurationMs": "7120",
        "RecordingStartMs": "1780000000000",
        "RecordingEndMs": "1780000007120",
        **changes,
    }


def text_in(body: str, **changes: str) -> Fields:
    named = {"MessageUUID": TEXT, "From": digits(CALLER), "To": digits(TRACKING), "Type": "sms", "Text": body}
    return {**named, "Units": "1", "TotalRate": "0", "TotalAmount": "0", "MessageIntent": "", **changes}


def text_report(word: str, **changes: str) -> Fields:
    named = {"MessageUUID": TEXT, "From": digits(TRACKING), "To": digits(CALLER), "Status": word, "Type": "sms"}
    return {**named, "Units": "1", "MCC": "310", "MNC": "004", "ParentMessageUUID": TEXT, "Sequence": "1", **changes}


def signed(
    body: bytes, endpoint: Endpoint, url: str = "", secret: str = SECRET, fields: dict[str, object] | None = None
) -> CarrierRequest:
    """`body`, with the signature that Plivo's library makes over `fields`, or over the body's own."""
    url = url or f"{URL}{endpoint}?at=1.0.0.c2Vn"
    params = fields if fields is not None else fields_of(body)
    base = recipe(url, params)
    signature = get_signature_v3(secret.encode(), base, NONCE.encode()).decode()
    if secret and _can(url):
        assert validate_v3_signature("POST", url, NONCE, secret, signature, dict(params))
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "x-plivo-signature-v3": signature,
        "x-plivo-signature-v3-nonce": NONCE,
    }
    return CarrierRequest("POST", url, headers, body)


def recipe(url: str, fields: dict[str, object]) -> str:
    """What is signed, by the published recipe: the library cannot do that for an escaped letter that is not ASCII."""
    address, _, query = url.partition("?")
    asked = "&".join(f"{name}={value}" for name, value in sorted(parse_qsl(query, keep_blank_values=True)))
    said = ""
    for name, value in sorted(fields.items()):
        said += "".join(f"{name}{one}" for one in (sorted(value) if isinstance(value, list) else [value]))
    made = address + ("?" if asked or fields else "") + asked + ("." if asked and fields else "") + said
    assert not _can(url) or construct_post_url(url, dict(fields)).decode() == made
    return made


def _can(url: str) -> bool:
    return unquote(url).isascii()


def fields_of(body: bytes) -> dict[str, object]:
    """A form as a web framework would hand it to the library: one text each, a list where a name is repeated."""
    found: dict[str, list[str]] = {}
    for name, value in parse_qsl(body.decode(), keep_blank_values=True):
        found.setdefault(name, []).append(value)
    return {name: values if len(values) > 1 else values[0] for name, values in found.items()}


def post(fields: Fields, endpoint: Endpoint = Endpoint.CALL, url: str = "") -> CarrierRequest:
    return signed(urlencode(fields).encode(), endpoint, url, fields=dict(fields))


def texted(fields: Fields, endpoint: Endpoint) -> CarrierRequest:
    """A message's webhook with the signature that the documentation of messages has: version 2."""
    url, nonce = f"{URL}{endpoint}", "12345678901234567890"
    signature = text_signature(url, nonce)
    assert validate_signature(url, nonce, signature, SECRET)
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "x-plivo-signature-v2": signature,
        "x-plivo-signature-v2-nonce": nonce,
    }
    return CarrierRequest("POST", url, headers, urlencode(fields).encode())


def text_signature(url: str, nonce: str, secret: str = SECRET) -> str:
    """By the published recipe: the library only compares."""
    import base64
    import hmac

    return base64.b64encode(hmac.new(secret.encode(), (url + nonce).encode(), "sha256").digest()).decode()


def read_signal(fields: Fields, endpoint: Endpoint, url: str = "") -> Signal:
    request = post(fields, endpoint, url)
    Plivo().verify(request, SECRET, NOW)
    return Plivo().read(request, endpoint)


def read(fields: Fields, endpoint: Endpoint) -> CallSignal:
    signal = read_signal(fields, endpoint)
    assert isinstance(signal, CallSignal)
    return signal


def understand(reply: Reply) -> Instruction:
    """Plivo XML as Plivo would take it, with attributes that have no place in our words checked in passing."""
    root = ElementTree.fromstring(reply.body)
    assert root.tag == "Response"
    verbs = list(root)
    heard = tuple(prompt(verb) for verb in verbs if verb.tag in ("Speak", "Play"))
    match [verb.tag for verb in verbs[len(heard) :]]:
        case ["Hangup"]:
            return HangUp(heard)
        case ["Record", "Hangup"]:
            return _understand_record(heard, verbs[-2])
        case ["GetDigits", "Redirect"]:
            assert not heard
            return _understand_digits(*verbs)
        case ["Dial"]:
            return _understand_dial(heard, verbs[-1], None)
        case ["Record", "Dial"]:
            return _understand_dial(heard, verbs[-1], verbs[-2])
    assert len(verbs) == len(heard)
    return Connect(heard)


def _understand_record(heard: Prompts, record: ElementTree.Element) -> TakeVoicemail:
    settled = {name: record.attrib[name] for name in ("timeout", "playBeep", "finishOnKey", "fileFormat")}
    assert settled == {"timeout": "5", "playBeep": "true", "finishOnKey": "#", "fileFormat": "mp3"}
    return TakeVoicemail(
        prompts=heard,
        max_seconds=int(record.attrib["maxLength"]),
        result_url=record.attrib["action"],
        recording_url=_without_kind(record.attrib["callbackUrl"], "voicemail"),
    )


def _understand_digits(verb: ElementTree.Element, otherwise: ElementTree.Element) -> Ask:
    assert {name: verb.attrib[name] for name in ("numDigits", "finishOnKey")} == {
        "numDigits": "1",
        "finishOnKey": "none",
    }
    assert otherwise.text == verb.attrib["action"]
    return Ask(tuple(map(prompt, verb)), int(verb.attrib["timeout"]), verb.attrib["action"])


def _understand_dial(heard: Prompts, verb: ElementTree.Element, record: ElementTree.Element | None) -> Dial:
    nouns = list(verb)
    assert {noun.tag for noun in nouns} <= {"Number", "User"}
    assert verb.attrib["dialMusic"] == "real"
    recording_url = ""
    if record is not None:
        assert (record.attrib["startOnDialAnswer"], record.attrib["redirect"]) == ("true", "false")
        assert int(record.attrib["maxLength"]) >= 3_600  # a minute, unless told otherwise
        recording_url = _without_kind(record.attrib["callbackUrl"], "call")
    return Dial(
        destinations=tuple(noun.text or "" for noun in nouns),
        ring_seconds=int(verb.attrib["timeout"]),
        caller_id=verb.attrib.get("callerId", ""),
        result_url=verb.attrib["action"],
        events_url=verb.attrib["callbackUrl"],
        prompts=heard,
        whisper_url=verb.attrib.get("confirmSound", ""),
        recording_url=recording_url,
        accept_key=verb.attrib.get("confirmKey", ""),
    )


def _without_kind(url: str, kind: str) -> str:
    base, found, rest = url.rpartition(f"of={kind}")
    assert (found, rest) == (f"of={kind}", "")
    return base[:-1]
