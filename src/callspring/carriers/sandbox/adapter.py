"""The sandbox carrier's side of the contract; README.md here has the protocol."""

from __future__ import annotations

import hmac
import re
from typing import Annotated, Literal

import msgspec

from callspring.carriers.contract import (
    BadRequest,
    BadSignature,
    CallSignal,
    CarrierRequest,
    Dial,
    Endpoint,
    Instruction,
    Leg,
    Reply,
    Say,
    Status,
)
from callspring.carriers.outside import clean, e164
from callspring.carriers.sandbox.signing import SIGNATURE_HEADER, TIMESTAMP_HEADER, TOLERANCE, sign

_JSON = "application/json"
_BODY_LIMIT = 16_384
_TIMESTAMP = re.compile(r"[1-9][0-9]{0,11}")
_TERMINAL = frozenset({Status.COMPLETED, Status.BUSY, Status.NO_ANSWER, Status.CANCELED, Status.FAILED})

_Id = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{1,64}\Z")]
_Text = Annotated[str, msgspec.Meta(max_length=256)]
_Count = Annotated[int, msgspec.Meta(ge=0, le=999_999_999)]
_Seconds = Annotated[float, msgspec.Meta(ge=0, le=1e11)]


class Message(msgspec.Struct):
    """What the exchange says about one leg, as it stands in a request's body."""

    call: _Id
    leg: Literal["caller", "business"]
    leg_id: _Id
    status: Literal["ringing", "answered", "completed", "busy", "no-answer", "canceled", "failed"]
    from_: _Text = msgspec.field(name="from")
    to: _Text
    sequence: _Count = 0
    duration: _Count | None = None
    at: _Seconds | None = None
    cause: _Text = ""


_decoder = msgspec.json.Decoder(Message)


class Sandbox:
    """Checks, reads and answers the exchange's requests."""

    name = "sandbox"

    def verify(self, request: CarrierRequest, secret: str, now: float) -> None:
        """Raise `BadSignature` unless `secret` signed this request within five minutes of `now`."""
        stamp = request.headers.get(TIMESTAMP_HEADER, "")
        if not secret or len(request.body) > _BODY_LIMIT or not _TIMESTAMP.fullmatch(stamp):
            raise BadSignature
        if abs(now - int(stamp)) > TOLERANCE:
            raise BadSignature
        given = request.headers.get(SIGNATURE_HEADER, "")
        expected = sign(secret, stamp, request.url, request.body)
        # As bytes: compare_digest refuses text that is not ASCII with an error of its own.
        if not hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace")):
            raise BadSignature

    def read(self, request: CarrierRequest, endpoint: Endpoint) -> CallSignal:
        """Translate one verified request that came to `endpoint`. Raises `BadRequest`."""
        message = _decode(request.body)
        status = _status(message, endpoint)
        return CallSignal(
            carrier_call_id=message.call,
            leg=Leg(message.leg),
            leg_id=message.leg_id,
            status=status,
            caller=e164(message.from_),
            dialled=_dialled(message, endpoint),
            sequence=message.sequence,
            duration=message.duration if status in _TERMINAL else None,
            at=message.at,
            cause=clean(message.cause, 256),
            wants_instruction=endpoint is Endpoint.NEXT,
            raw=_raw(message),
        )

    def render(self, instruction: Instruction) -> Reply:
        """Put an instruction into the sandbox's JSON."""
        return Reply(msgspec.json.encode(_answer(instruction)), _JSON)

    def acknowledge(self) -> Reply:
        """The answer to a signal that asks for nothing."""
        return Reply(b"{}", _JSON)


def _decode(body: bytes) -> Message:
    if len(body) > _BODY_LIMIT:
        raise BadRequest("the body is too long")
    try:
        return _decoder.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BadRequest(clean(str(error), 200)) from None


def _status(message: Message, endpoint: Endpoint) -> Status:
    status = Status(message.status)
    if endpoint is Endpoint.CALL:
        _insist(status is Status.RINGING and message.leg == "caller", "a call question is about a ringing caller")
        return Status.ASKED
    if endpoint is Endpoint.NEXT:
        _insist(status in _TERMINAL and message.leg == "business", "a dial result is how the business's leg ended")
    return status


def _dialled(message: Message, endpoint: Endpoint) -> str:
    number = e164(message.to)
    _insist(bool(number) or endpoint is not Endpoint.CALL, "to is no E.164 number")
    return number


def _insist(holds: bool, otherwise: str) -> None:
    if not holds:
        raise BadRequest(otherwise)


def _raw(message: Message) -> dict[str, str]:
    fields = msgspec.to_builtins(message)
    return {name: clean(str(value), 256) for name, value in fields.items() if value is not None}


def _answer(instruction: Instruction) -> dict[str, object]:
    if isinstance(instruction, Dial):
        return {
            "do": "dial",
            "to": instruction.destination,
            "ring_seconds": instruction.ring_seconds,
            "caller_id": instruction.caller_id,
            "result_url": instruction.result_url,
            "events_url": instruction.events_url,
        }
    if isinstance(instruction, Say):
        return {
            "do": "say",
            "text": clean(instruction.text, 3_000),
            "language": clean(instruction.language, 35),
        }
    return {"do": "hang_up"}
