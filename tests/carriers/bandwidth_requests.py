"""Webhooks in the shapes of Bandwidth's documentation, held against its own models, and BXML read back.

Shapes: dev.bandwidth.com/docs/voice/programmable-voice/webhooks, /docs/messaging/webhooks.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

from bandwidth import models  # type: ignore[import-untyped]
from bandwidth.models import bxml  # type: ignore[import-untyped]

from callspring.carriers.bandwidth.adapter import Bandwidth
from callspring.carriers.contract import (
    Ask,
    CarrierRequest,
    Connect,
    Dial,
    Endpoint,
    HangUp,
    Instruction,
    Prompt,
    Reply,
    Signal,
    TakeVoicemail,
)
from tests.carriers.contract import BUSINESS, CALLER, NOW, SECRET, SHOWN, TRACKING

URL = "https://calls.example.com/voice/bandwidth/7/"
ACCOUNT = "5500000"
CALL = "c-15ac29a2-1331029c-2cb0-4a07-b215-b22865662d85"
LEG = "c-25ac29a2-1331029c-2cb0-4a07-b215-b22865662d86"
RECORDING = "r-fbe05094-9fd2afe9-bf5b-4c68-820a-41a01c1c5833"
RECORDING_ID = f"{CALL}:{RECORDING}"
RECORDING_URL = f"https://voice.bandwidth.com/api/v2/accounts/{ACCOUNT}/calls/{CALL}/recordings/{RECORDING}/media"
TEXT = "15887980346175s5r4azq3dlyxqu4"
APPLICATION = "93de2206-9669-4e07-948d-329f4b722ee2"
Fields = dict[str, Any]
_MODELS = {
    "initiate": models.InitiateCallback,
    "gather": models.GatherCallback,
    "transferAnswer": models.TransferAnswerCallback,
    "transferComplete": models.TransferCompleteCallback,
    "transferDisconnect": models.TransferDisconnectCallback,
    "disconnect": models.DisconnectCallback,
    "recordComplete": models.RecordingCompleteCallback,
    "recordingAvailable": models.RecordingAvailableCallback,
}


def iso(at: float) -> str:
    """A time as Bandwidth writes it."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def event(name: str, **changes: Any) -> Fields:
    """What every voice webhook has; None takes a field out."""
    made = {
        "eventType": name,
        "eventTime": iso(NOW),
        "accountId": ACCOUNT,
        "applicationId": APPLICATION,
        "from": CALLER,
        "to": TRACKING,
        "direction": "inbound",
        "callId": CALL,
        "callUrl": f"https://voice.bandwidth.com/api/v2/accounts/{ACCOUNT}/calls/{CALL}",
        "startTime": iso(NOW - 60),
        **changes,
    }
    return {field: value for field, value in made.items() if value is not None}


def question(**changes: Any) -> Fields:
    told = {"verstat": "TN-Validation-Passed", "attestationIndicator": "A", "originatingId": "abc123"}
    return event("initiate", **{"stirShaken": told, **changes})


def pressed(key: str, **changes: Any) -> Fields:
    return event("gather", **{"digits": key, "answerTime": iso(NOW - 50), **changes})


def dial_over(cause: str, **changes: Any) -> Fields:
    named = {"transferCallerId": CALLER, "transferTo": BUSINESS, "answerTime": iso(NOW - 50), "cause": cause}
    return event("transferComplete", **{**named, **changes})


def leg(name: str, **changes: Any) -> Fields:
    """What a leg that a transfer made has."""
    named = {"callId": LEG, "parentCallId": CALL, "direction": "outbound", "from": SHOWN, "to": BUSINESS}
    return event(name, **{**named, "transferCallerId": SHOWN, "transferTo": BUSINESS, **changes})


def picked_up(**changes: Any) -> Fields:
    return leg("transferAnswer", **{"answerTime": iso(NOW), **changes})


def leg_over(cause: str, talked: int | None = None, **changes: Any) -> Fields:
    """`talked` is in seconds, None where nobody picked up."""
    return leg("transferDisconnect", cause=cause, **{**_lasting(talked, changes), **changes})


def call_over(cause: str, talked: int | None = None, **changes: Any) -> Fields:
    return event("disconnect", cause=cause, **{**_lasting(talked, changes), **changes})


def _lasting(talked: int | None, changes: Mapping[str, Any]) -> Fields:
    over = datetime.fromisoformat(changes.get("eventTime", iso(NOW))).timestamp()
    answered = {} if talked is None else {"answerTime": iso(over - talked)}
    return {"endTime": iso(over), **answered}


def spoken(**changes: Any) -> Fields:
    return event("recordComplete", **{**_sound(), **changes})


def recording(**changes: Any) -> Fields:
    return event("recordingAvailable", **{**_sound(), "status": "complete", **changes})


def _sound() -> Fields:
    named = {"recordingId": RECORDING, "mediaUrl": RECORDING_URL, "endTime": iso(NOW + 7)}
    return {**named, "duration": "PT7.12S", "fileFormat": "mp3", "channels": 1, "startTime": iso(NOW)}


def text_in(body: str, **changes: Any) -> list[Fields]:
    """`changes` are of the message; its owner is whom it was sent to."""
    made: Fields = {
        "id": TEXT,
        "time": "2026-05-28T20:26:40.000Z",
        "to": [TRACKING],
        "from": CALLER,
        "text": body,
        "applicationId": APPLICATION,
        "owner": TRACKING,
        "direction": "in",
        "segmentCount": 1,
        **changes,
    }
    told = {"time": made["time"], "type": "message-received", "to": made["owner"]}
    return [{**told, "description": "Incoming message received", "message": made}]


def text_report(word: str, **changes: Any) -> list[Fields]:
    """`changes` are of the event."""
    made: Fields = {
        "id": TEXT,
        "owner": TRACKING,
        "applicationId": APPLICATION,
        "time": "2026-05-28T20:26:40.000Z",
        "segmentCount": 1,
        "direction": "out",
        "to": [CALLER],
        "from": TRACKING,
        "text": "",
        "tag": "",
    }
    told = {"time": made["time"], "eventTime": made["time"], "type": word, "to": CALLER}
    return [{**told, "description": "ok", **changes, "message": made}]


def pair(secret: str) -> tuple[str, str]:
    """What webhooks bring, worked out apart from the adapter."""
    made = hmac.new(secret.encode(), b"callspring: what Bandwidth's webhooks bring", hashlib.sha256).hexdigest()
    return made[:16], made[16:]


def headers(secret: str = SECRET) -> dict[str, str]:
    basic = base64.b64encode(":".join(pair(secret)).encode()).decode()
    return {"content-type": "application/json", "authorization": f"Basic {basic}"}


def signed(body: bytes, endpoint: Endpoint, url: str = "", secret: str = SECRET) -> CarrierRequest:
    """`body` with the credentials that the documents and the application were given."""
    return CarrierRequest("POST", url or f"{URL}{endpoint}?at=1.0.0.c2Vn", headers(secret), body)


def post(said: Fields | list[Fields], endpoint: Endpoint, url: str = "") -> CarrierRequest:
    """A webhook, after Bandwidth's own models have taken it."""
    written = json.dumps(said)
    if isinstance(said, dict):
        assert _MODELS[said["eventType"]].from_json(written) is not None
    else:
        model = models.InboundCallback if said[0]["type"] == "message-received" else models.StatusCallback
        assert model.from_json(json.dumps(said[0])) is not None
    return signed(written.encode(), endpoint, url)


def read(said: Fields | list[Fields], endpoint: Endpoint, url: str = "") -> Signal:
    request = post(said, endpoint, url)
    Bandwidth().verify(request, SECRET, NOW)
    return Bandwidth().read(request, endpoint)


# --- BXML


def understand(reply: Reply, secret: str = "") -> Instruction:
    """BXML as Bandwidth would take it; with a `secret`, every address must be asked with its pair."""
    root = ElementTree.fromstring(reply.body)
    assert root.tag == "Response"
    verbs = list(root)
    _insist_on(verbs, secret)
    heard = tuple(_prompt(verb) for verb in verbs if verb.tag in ("SpeakSentence", "PlayAudio"))
    acts = [verb for verb in verbs if verb.tag not in ("SpeakSentence", "PlayAudio")]
    match [verb.tag for verb in acts]:
        case []:
            return Connect(heard)
        case ["Hangup"]:
            return HangUp(heard)
        case ["StopRecording", "SendDtmf", "Record"]:
            return _understand_record(heard, acts[-1])
        case ["StopRecording", "Gather"] | ["Gather"]:
            assert not heard
            return _understand_gather(acts[-1])
        case ["Transfer"] | ["StopRecording", "Transfer"]:
            return _understand_transfer(heard, acts[-1], "")
        case ["StartRecording", "Transfer"]:
            assert acts[0].attrib["multiChannel"] == "true"
            return _understand_transfer(heard, acts[-1], _without(acts[0].attrib["recordingAvailableUrl"], "of=call"))
    raise AssertionError([verb.tag for verb in verbs])


def _insist_on(verbs: list[ElementTree.Element], secret: str) -> None:
    """Only elements that Bandwidth has, each with attributes that its own class knows."""
    for verb in verbs:
        known = _attributes(getattr(bxml, verb.tag))
        assert set(verb.attrib) <= known, (verb.tag, verb.attrib)
        asked = [value for name, value in verb.attrib.items() if name.endswith("Url")]
        assert all(url.startswith("https://") for url in asked)
        found = (verb.attrib.get("username", ""), verb.attrib.get("password", ""))
        assert found == (pair(secret) if secret and asked else ("", ""))
        _insist_on(list(verb), secret)


def _attributes(verb: Any) -> set[str]:
    needed = {"SpeakSentence": ("x",), "PlayAudio": ("x",), "SendDtmf": ("x",), "PhoneNumber": ("x",), "SipUri": ("x",)}
    return set(verb(*needed.get(verb.__name__, ()))._attributes or {})


def _prompt(verb: ElementTree.Element) -> Prompt:
    if verb.tag == "PlayAudio":
        return Prompt("", sound_url=verb.text or "")
    locale = verb.attrib["locale"].replace("en_UK", "en_GB")
    return Prompt(verb.text or "", locale.replace("_", "-"))


def _understand_record(heard: tuple[Prompt, ...], verb: ElementTree.Element) -> TakeVoicemail:
    about = verb.attrib
    assert (about["silenceTimeout"], about["terminatingDigits"], about["fileFormat"]) == ("5", "#", "mp3")
    return TakeVoicemail(
        prompts=heard,
        max_seconds=int(about["maxDuration"]),
        result_url=about["recordCompleteUrl"],
        recording_url=_without(about["recordingAvailableUrl"], "of=voicemail"),
    )


def _understand_gather(verb: ElementTree.Element) -> Ask:
    about = verb.attrib
    assert (about["maxDigits"], about["terminatingDigits"]) == ("1", "")
    return Ask(tuple(map(_prompt, verb)), int(about["firstDigitTimeout"]), about["gatherUrl"])


def _understand_transfer(heard: tuple[Prompt, ...], verb: ElementTree.Element, recording_url: str) -> Dial:
    nouns = list(verb)
    assert {noun.tag for noun in nouns} <= {"PhoneNumber", "SipUri"}
    (answered,) = {unquote(noun.attrib["transferAnswerUrl"]) for noun in nouns}
    (over,) = {noun.attrib["transferDisconnectUrl"] for noun in nouns}
    raw_answered = nouns[0].attrib["transferAnswerUrl"]
    return Dial(
        destinations=tuple(noun.text or "" for noun in nouns),
        ring_seconds=int(verb.attrib["callTimeout"]),
        caller_id=verb.attrib.get("transferCallerId", ""),
        result_url=verb.attrib["transferCompleteUrl"],
        events_url=over,
        prompts=heard,
        whisper_url="" if answered == unquote(over) else raw_answered,
        recording_url=recording_url,
    )


def _without(url: str, end: str) -> str:
    base, found, rest = url.rpartition(end)
    assert (found, rest) == (end, "")
    return base[:-1]
