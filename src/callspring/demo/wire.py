"""What the sandbox carrier puts on the wire; `carriers/sandbox/README.md` is the reference."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

LegName = Literal["caller", "business"]
LegStatus = Literal["ringing", "answered", "completed", "busy", "no-answer", "canceled", "failed", "recorded", "keyed"]
RecordedKind = Literal["voicemail", "call"]
Url = Annotated[str, msgspec.Meta(pattern=r"^https?://", max_length=4000)]


class Signal(msgspec.Struct, frozen=True, kw_only=True):
    """One thing the carrier says about a leg.

    `sequence` counts up within the call. `duration` (seconds) comes with a terminal status, and with `recorded`, as do
    `recording` and `url` where there is something to hear. `at` is in Unix seconds. `caller` is "" when withheld.
    """

    call: str
    leg: LegName
    leg_id: str
    status: LegStatus
    caller: str = msgspec.field(name="from")
    dialled: str = msgspec.field(name="to")
    sequence: int
    duration: int | None = None
    at: float
    cause: str = ""
    recording: str = ""
    url: str = ""
    key: str = ""


class RecordingReport(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a recording: "available" with `url` and `duration` (seconds), or "absent"."""

    recording: str
    call: str
    kind: RecordedKind = "voicemail"
    state: Literal["available", "absent"]
    url: str = ""
    duration: int | None = None
    at: float


class Text(msgspec.Struct, frozen=True, kw_only=True):
    """A text message to one of the carrier's customers."""

    text: str
    caller: str = msgspec.field(name="from")
    dialled: str = msgspec.field(name="to")
    body: str
    media: list[str] = []


class TextReport(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a text message that a customer sent."""

    text: str
    state: Literal["queued", "sent", "delivered", "failed"]
    error: str = ""


class Prompt(msgspec.Struct, frozen=True):
    """What is heard: a text in a language, or the sound at `sound_url` in its place."""

    text: Annotated[str, msgspec.Meta(max_length=4000)]
    language: str = "en-US"
    sound_url: str = ""


Prompts = tuple[Prompt, ...]


class Dial(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="do", tag="dial"):
    """Ring all of `to` for `ring_seconds`, then ask again at `result_url`."""

    to: Annotated[tuple[Annotated[str, msgspec.Meta(min_length=3, max_length=256)], ...], msgspec.Meta(min_length=1)]
    ring_seconds: Annotated[int, msgspec.Meta(ge=1, le=600)]
    caller_id: str
    result_url: Url
    events_url: Url
    say: Prompts = ()
    whisper_url: str = ""
    recording_url: str = ""


class Ask(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="do", tag="ask"):
    """Wait for one key until `seconds` after what is heard, then ask again at `result_url`."""

    seconds: Annotated[int, msgspec.Meta(ge=1, le=60)]
    result_url: Url
    say: Prompts = ()


class Record(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="do", tag="record"):
    """Beep, record the caller for `max_seconds` at most, report it, then ask again at `result_url`."""

    max_seconds: Annotated[int, msgspec.Meta(ge=1, le=3600)]
    result_url: Url
    recording_url: Url
    say: Prompts = ()


class Connect(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="do", tag="connect"):
    """Connect whoever picked up with the caller."""

    say: Prompts = ()


class HangUp(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="do", tag="hang_up"):
    """End the call."""

    say: Prompts = ()


Instruction = Dial | Ask | Record | Connect | HangUp
Report = RecordingReport | Text | TextReport
encode = msgspec.json.Encoder().encode
_decoder: msgspec.json.Decoder[Instruction] = msgspec.json.Decoder(Instruction)
read_instruction = _decoder.decode
