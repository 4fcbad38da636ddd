"""The sandbox carrier's side of the contract; README.md here has the protocol."""

from __future__ import annotations

import hmac
import re
from typing import Annotated, Literal, TypeVar

import msgspec

from callspring.carriers.contract import (
    Ask,
    BadRequest,
    BadSignature,
    CallSignal,
    CarrierRequest,
    Connect,
    Dial,
    Endpoint,
    Instruction,
    Leg,
    Prompts,
    RecordingKind,
    RecordingSignal,
    Reply,
    Signal,
    Status,
    TakeVoicemail,
    TextEvent,
    TextSignal,
    TextState,
)
from callspring.carriers.outside import clean, clean_lines, e164, web_address
from callspring.carriers.sandbox.signing import SIGNATURE_HEADER, TIMESTAMP_HEADER, TOLERANCE, sign

_JSON = "application/json"
_BODY_LIMIT = 16_384
_TIMESTAMP = re.compile(r"[1-9][0-9]{0,11}")
_TERMINAL = frozenset({Status.COMPLETED, Status.BUSY, Status.NO_ANSWER, Status.CANCELED, Status.FAILED})
_LONGEST_NAME, _LONGEST_TEXT, _MOST_MEDIA = 80, 1_600, 10

T = TypeVar("T")
_Id = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{1,64}\Z")]
_Text = Annotated[str, msgspec.Meta(max_length=256)]
_Count = Annotated[int, msgspec.Meta(ge=0, le=999_999_999)]
_Seconds = Annotated[float, msgspec.Meta(ge=0, le=1e11)]


class Message(msgspec.Struct):
    """What the exchange says about one leg, as it stands in a request's body."""

    call: _Id
    leg: Literal["caller", "business"]
    leg_id: _Id
    status: Literal["ringing", "answered", "completed", "busy", "no-answer", "canceled", "failed", "recorded", "keyed"]
    from_: _Text = msgspec.field(name="from")
    to: _Text
    sequence: _Count = 0
    duration: _Count | None = None
    at: _Seconds | None = None
    cause: _Text = ""
    name: _Text = ""
    recording: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{0,64}\Z")] = ""
    url: str = ""
    key: Annotated[str, msgspec.Meta(pattern=r"^[0-9*#]?\Z")] = ""
    attestation: Literal["", "A", "B", "C", "failed"] = ""


class RecordingReport(msgspec.Struct):
    """What the exchange says about a recording."""

    recording: _Id
    call: _Id
    kind: Literal["voicemail", "call"]
    state: Literal["available", "absent"]
    url: str = ""
    duration: _Count | None = None
    at: _Seconds | None = None


class Text(msgspec.Struct):
    """A text message that came in."""

    text: _Id
    from_: _Text = msgspec.field(name="from")
    to: _Text
    body: str
    media: list[str] = []


class TextReport(msgspec.Struct):
    """What the exchange says about a text message of ours."""

    text: _Id
    state: Literal["queued", "sent", "delivered", "failed"]
    error: _Text = ""


_message, _recording_report = msgspec.json.Decoder(Message), msgspec.json.Decoder(RecordingReport)
_text, _text_report = msgspec.json.Decoder(Text), msgspec.json.Decoder(TextReport)


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

    def read(self, request: CarrierRequest, endpoint: Endpoint) -> Signal:
        """Translate one verified request that came to `endpoint`. Raises `BadRequest`."""
        match endpoint:
            case Endpoint.RECORDING:
                return _read_recording(_decode(_recording_report, request.body))
            case Endpoint.TEXT:
                return _read_text(_decode(_text, request.body))
            case Endpoint.TEXT_EVENTS:
                return _read_text_report(_decode(_text_report, request.body))
            case _:
                return _read_message(_decode(_message, request.body), endpoint)

    def render(self, instruction: Instruction) -> Reply:
        """Put an instruction into the sandbox's JSON."""
        return Reply(msgspec.json.encode(_answer(instruction)), _JSON)

    def acknowledge(self) -> Reply:
        """The answer to a signal that asks for nothing."""
        return Reply(b"{}", _JSON)


def _decode(decoder: msgspec.json.Decoder[T], body: bytes) -> T:
    if len(body) > _BODY_LIMIT:
        raise BadRequest("the body is too long")
    try:
        return decoder.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BadRequest(clean(str(error), 200)) from None


def _read_message(message: Message, endpoint: Endpoint) -> CallSignal:
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
        wants_instruction=endpoint in (Endpoint.NEXT, Endpoint.WHISPER),
        raw=_raw(message),
        caller_name=clean(message.name, _LONGEST_NAME).strip(),
        recording=_announced(message) if status is Status.RECORDED else None,
        key=message.key if status is Status.KEYED else "",
        attestation=message.attestation,
    )


def _announced(message: Message) -> RecordingSignal | None:
    url = web_address(message.url)
    if not message.recording or not url:
        return None
    about = (message.call, message.recording, RecordingKind.VOICEMAIL)
    return RecordingSignal(*about, available=True, url=url, duration=message.duration, at=message.at)


def _status(message: Message, endpoint: Endpoint) -> Status:
    status = Status(message.status)
    if endpoint is Endpoint.CALL:
        _insist(status is Status.RINGING and message.leg == "caller", "a call question is about a ringing caller")
        return Status.ASKED
    asked = status in (Status.RECORDED, Status.KEYED)
    if endpoint is Endpoint.NEXT:
        ended = status in _TERMINAL and message.leg == "business"
        _insist(ended or (asked and message.leg == "caller"), "what now? comes after a dial, a key or a recording")
    elif endpoint is Endpoint.WHISPER:
        _insist(
            status in (Status.ANSWERED, Status.KEYED) and message.leg == "business", "a whisper goes to who answers"
        )
        return Status.ASKED if status is Status.ANSWERED else status
    else:
        _insist(not asked, "a key or a recording that is over is a question, no event")
    return status


def _dialled(message: Message, endpoint: Endpoint) -> str:
    number = e164(message.to)
    _insist(bool(number) or endpoint is not Endpoint.CALL, "to is no E.164 number")
    return number


def _read_recording(report: RecordingReport) -> RecordingSignal:
    available = report.state == "available"
    url = web_address(report.url)
    _insist(bool(url) or not available, "url is no address")
    return RecordingSignal(
        carrier_call_id=report.call,
        recording_id=report.recording,
        kind=RecordingKind(report.kind),
        available=available,
        url=url,
        duration=report.duration,
        at=report.at,
        raw=_raw(report),
    )


def _read_text(text: Text) -> TextSignal:
    number = e164(text.to)
    _insist(bool(number), "to is no E.164 number")
    return TextSignal(
        carrier_text_id=text.text,
        caller=e164(text.from_),
        dialled=number,
        body=clean_lines(text.body, _LONGEST_TEXT),
        media=tuple(filter(None, map(web_address, text.media[:_MOST_MEDIA]))),
        raw=_raw(text),
    )


def _read_text_report(report: TextReport) -> TextEvent:
    return TextEvent(report.text, TextState(report.state), clean(report.error, 200), _raw(report))


def _insist(holds: bool, otherwise: str) -> None:
    if not holds:
        raise BadRequest(otherwise)


def _raw(message: msgspec.Struct) -> dict[str, str]:
    fields = msgspec.to_builtins(message)
    return {name: clean(str(value), 256) for name, value in fields.items() if value is not None}


def _answer(instruction: Instruction) -> dict[str, object]:
    heard = {"say": _heard(instruction.prompts)} if instruction.prompts else {}
    if isinstance(instruction, Dial):
        return {
            "do": "dial",
            **heard,
            "to": instruction.destinations,
            "ring_seconds": instruction.ring_seconds,
            "caller_id": instruction.caller_id,
            "result_url": instruction.result_url,
            "events_url": instruction.events_url,
            "whisper_url": instruction.whisper_url,
            "recording_url": instruction.recording_url,
        }
    if isinstance(instruction, Ask):
        return {"do": "ask", **heard, "seconds": instruction.seconds, "result_url": instruction.result_url}
    if isinstance(instruction, TakeVoicemail):
        return {
            "do": "record",
            **heard,
            "max_seconds": instruction.max_seconds,
            "result_url": instruction.result_url,
            "recording_url": instruction.recording_url,
        }
    return {"do": "connect" if isinstance(instruction, Connect) else "hang_up", **heard}


def _heard(prompts: Prompts) -> list[dict[str, str]]:
    return [
        {
            "text": clean(prompt.text, 3_000),
            "language": clean(prompt.language, 35),
            "sound_url": clean(prompt.sound_url, 4_000),
        }
        for prompt in prompts
    ]
