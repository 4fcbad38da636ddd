"""Requests in the shapes of Vonage's documentation, signed as it documents.

Shapes: webhook reference and NCCO reference of the Voice API, webhooks of the Messages API (version 1). The answer
webhook is held against `vonage_voice.models.webhooks.AnswerWebhook`, every token against `vonage_jwt.verify_signature`.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

import jwt
from vonage_jwt import verify_signature
from vonage_voice.models.webhooks import AnswerWebhook

from callspring.carriers.contract import CarrierRequest, Endpoint, Instruction
from tests.carriers import vonage_ncco
from tests.carriers.contract import BUSINESS, CALLER, NOW, SECRET, SHOWN, TRACKING

URL = "https://calls.example.com/voice/vonage/7/"
API_KEY, APPLICATION = "a1b2c3d4", "78d335fa-323d-4114-9c3d-d6f0d48968cf"
CONVERSATION = "CON-8f5a100c-fbce-4218-8d4b-16341335bcd6"
INBOUND, OUTBOUND = "0779a56d002f1c7f47f82ef5fe84ab79", "944bf4bf-8dc7-4e23-86b2-2f4234777416"
RECORDING, FILE = "aaaaaaaa-bbbb-cccc-dddd-0123456789ab", "bbbbbbbb-aaaa-cccc-dddd-0123456789ab"
RECORDING_URL = f"https://api.nexmo.com/v1/files/{FILE}"
RECORDING_ID = (APPLICATION + FILE).replace("-", "")
TEXT = "c5ba8f24-1a14-4c10-bfdf-3fbe8ce511b5"
Fields = dict[str, Any]


def digits(number: str) -> str:
    """As Vonage writes a number; what is none stays as it is."""
    return number.removeprefix("+")


def iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def question(**changes: Any) -> Fields:
    fields = {
        "from": digits(CALLER),
        "to": digits(TRACKING),
        "uuid": INBOUND,
        "conversation_uuid": CONVERSATION,
        "region_url": "https://api-us-3.vonage.com",
        **changes,
    }
    assert AnswerWebhook.model_validate(fields).conversation_uuid == fields["conversation_uuid"]
    return fields


def leg_event(word: str, **changes: Any) -> Fields:
    """Of the business's leg."""
    return {
        "from": digits(SHOWN),
        "to": digits(BUSINESS),
        "uuid": OUTBOUND,
        "conversation_uuid": CONVERSATION,
        "status": word,
        "direction": "outbound",
        "timestamp": iso(NOW - 60),
        **changes,
    }


def ended(seconds: int, **changes: Any) -> Fields:
    """The end of a leg that was answered, with what it cost."""
    money = {"rate": "0.00450000", "price": "0.00015000", "network": "US-FIXED"}
    times = {"start_time": iso(NOW - 60 - seconds), "end_time": iso(NOW - 60)}
    return leg_event("completed", duration=str(seconds), **money, **times, **changes)


def pressed(key: str, **changes: Any) -> Fields:
    return {
        "speech": {"results": []},
        "dtmf": {"digits": key or None, "timed_out": not key},
        "from": digits(CALLER),
        "to": digits(TRACKING),
        "uuid": INBOUND,
        "conversation_uuid": CONVERSATION,
        "timestamp": iso(NOW),
        **changes,
    }


def notified(after: str, **changes: Any) -> Fields:
    return {"payload": {"after": after}, "conversation_uuid": CONVERSATION, "timestamp": iso(NOW), **changes}


def recording_report(**changes: Any) -> Fields:
    return {
        "start_time": iso(NOW),
        "recording_url": RECORDING_URL,
        "size": 12222,
        "recording_uuid": RECORDING,
        "end_time": iso(NOW + 7),
        "conversation_uuid": CONVERSATION,
        "timestamp": iso(NOW + 8),
        **changes,
    }


def text_in(body: str, **changes: Any) -> Fields:
    return {
        "channel": "sms",
        "message_uuid": TEXT,
        "to": digits(TRACKING),
        "from": digits(CALLER),
        "timestamp": iso(NOW),
        "message_type": "text",
        "text": body,
        "sms": {"num_messages": "1", "keyword": "DO"},
        "usage": {"currency": "EUR", "price": "0.0057"},
        **changes,
    }


def text_report(word: str, **changes: Any) -> Fields:
    return {
        "message_uuid": TEXT,
        "to": digits(CALLER),
        "from": digits(TRACKING),
        "timestamp": iso(NOW),
        "status": word,
        "channel": "sms",
        **changes,
    }


def token(body: bytes, secret: str = SECRET, **claims: Any) -> str:
    """The JSON Web Token of a webhook."""
    stated = {
        "iat": int(NOW),
        "jti": "c5ba8f24-1a14-4c10-bfdf-3fbe8ce511b5",
        "iss": "Vonage",
        "payload_hash": hashlib.sha256(body).hexdigest(),
        "api_key": API_KEY,
        "application_id": APPLICATION,
        **claims,
    }
    # As Vonage's own secrets, the key has at least 32 bytes: HMAC fills up with zeros itself.
    return jwt.encode(
        {k: v for k, v in stated.items() if v is not None}, secret.encode().ljust(32, b"\0"), algorithm="HS256"
    )


def vendor_accepts(made: str, secret: str = SECRET) -> bool:
    """What Vonage's own library says of a token (with the time of this machine)."""
    return bool(verify_signature(made, secret))


def address(endpoint: Endpoint | str, **query: str) -> str:
    return f"{URL}{endpoint}" + (f"?{urlencode(query, quote_via=quote)}" if query else "")


def asked_at(**more: str) -> dict[str, str]:
    """What the address of a question about the call has in its query, as the adapter writes it."""
    return {"at": "c2VnbWVudA", "call": CONVERSATION, "caller": CALLER, "dialled": TRACKING, **more}


def post(fields: Fields, endpoint: Endpoint, secret: str = SECRET, **query: str) -> CarrierRequest:
    return signed(json.dumps(fields, ensure_ascii=False).encode("utf-8", "replace"), address(endpoint, **query), secret)


def signed(body: bytes, url: str, secret: str = SECRET, **claims: Any) -> CarrierRequest:
    headers = {"authorization": f"Bearer {token(body, secret, **claims)}", "content-type": "application/json"}
    return CarrierRequest("POST", url, headers, body)


def fetched(fields: Fields, endpoint: Endpoint, secret: str = SECRET, **query: str) -> CarrierRequest:
    """A GET, as for the address in `onAnswer`: what it says stands behind what the address had."""
    url = address(endpoint, **{**query, **fields})
    return CarrierRequest("GET", url, {"authorization": f"Bearer {token(b'', secret)}"}, b"")


def understand(body: bytes) -> Instruction:
    """What Vonage would do on this NCCO."""
    return vonage_ncco.understood(json.loads(body))
