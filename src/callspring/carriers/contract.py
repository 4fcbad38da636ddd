"""What every carrier does for us, in our words.

A carrier adapter translates and nothing else: it checks a request's signature, reads it into a `Signal`, and renders
an instruction in the carrier's own markup. It keeps no state, reads no clock and knows no other carrier, so
any voice process can take the next request of any call.

The closed vocabulary of statuses is ours; `docs/carriers.md` shows how each carrier's words map onto it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class Status(StrEnum):
    """What happened to a leg. `ASKED` is the carrier's question "a call came in, what now?"."""

    ASKED = "asked"
    RINGING = "ringing"
    ANSWERED = "answered"
    COMPLETED = "completed"
    BUSY = "busy"
    NO_ANSWER = "no-answer"
    CANCELED = "canceled"
    FAILED = "failed"
    # The caller has spoken, or not, after the beep: what now? Says nothing about how either leg ended.
    RECORDED = "recorded"
    # A key was asked for, and was pressed or not: what now? Says nothing about how either leg ended either.
    KEYED = "keyed"


class Leg(StrEnum):
    """Which side of the call a signal is about."""

    CALLER = "caller"
    BUSINESS = "business"


class Endpoint(StrEnum):
    """The addresses a carrier calls, below `/voice/CARRIER/CONNECTION/`; the last part of the path."""

    CALL = "call"  # a call came in: what now?
    NEXT = "next"  # what was asked for is done: what now? The signed position in the flow is in the query
    WHISPER = "whisper"  # the business picked up: what does it hear before it is connected, and has it accepted?
    EVENTS = "events"  # a leg changed its state
    RECORDING = "recording"  # a recording is ready to be fetched, or came to nothing
    TEXT = "text"  # a text message came in
    TEXT_EVENTS = "text-events"  # what became of a text message that we sent


@dataclass(frozen=True, slots=True)
class CarrierRequest:
    """One HTTP request from a carrier, as it reached the public address.

    `url` is the public address with its query, as the carrier called it: signatures cover it.
    `headers` have lower-case names. `body` is raw.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class CallSignal:
    """One thing a carrier told us about a call.

    `carrier_call_id` names the whole call (the caller's leg), `leg_id` the leg the signal is about.
    `caller` and `dialled` are E.164 with `+`; `caller` is "" when withheld. At `call` and `next` they are the call's;
    an event of the business's leg names that leg's own ends. `sequence` orders signals where the
    carrier numbers them, else 0. `duration` is in seconds and comes only with a terminal status. `at` is the
    carrier's own time (Unix seconds) where it gives one. `caller_name` is what the caller's network says they are
    called, at most 80 characters, "" when it says nothing. `recording` comes with `RECORDED` where there is something
    to hear: an announcement, for it may still come to nothing, and the report about it may get lost. `key` comes with
    `KEYED`: the one that was pressed, "" when none was. `attestation` is how far the caller's network vouches for the
    caller's number (SHAKEN: `A`, `B`, `C`, or `failed` where it was checked and is not true), "" where it does not say.
    """

    carrier_call_id: str
    leg: Leg
    leg_id: str
    status: Status
    caller: str = ""
    dialled: str = ""
    sequence: int = 0
    duration: int | None = None
    at: float | None = None
    cause: str = ""
    # True at `next`: what was asked for is done, the caller is still there and waits for the next instruction.
    wants_instruction: bool = False
    raw: Mapping[str, str] = field(default_factory=dict)
    caller_name: str = ""
    recording: RecordingSignal | None = None
    key: str = ""
    attestation: str = ""
    # The carrier itself asks for the key (`Dial.accept_key`), and says with this that it was pressed.
    accepted: bool = False
    # At `next`: the dial is over, and the carrier does not say there whether they talked. Its events may have.
    unsure: bool = False


class RecordingKind(StrEnum):
    """What was recorded."""

    VOICEMAIL = "voicemail"
    CALL = "call"


@dataclass(frozen=True, slots=True)
class RecordingSignal:
    """A recording is ready at the carrier (`available`), or there was nothing to record.

    `url` is where the carrier's API serves the sound. `duration` is in whole seconds.
    """

    carrier_call_id: str
    recording_id: str
    kind: RecordingKind
    available: bool
    url: str = ""
    duration: int | None = None
    at: float | None = None
    raw: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TextSignal:
    """A text message came in: `caller` (E.164, "" when withheld or a short code) wrote `body` to `dialled` (E.164).

    `body` keeps its line breaks and is at most 1,600 characters. `media` are the addresses of what came with it, at
    most ten.
    """

    carrier_text_id: str
    caller: str
    dialled: str
    body: str
    media: tuple[str, ...] = ()
    raw: Mapping[str, str] = field(default_factory=dict)


class TextState(StrEnum):
    """What became of a text message that we sent; later ones override earlier ones, `rank` says which is later."""

    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"

    @property
    def rank(self) -> int:
        """States only move to a higher rank. Delivered beats failed: somebody has read it."""
        return ("queued", "sent", "failed", "delivered").index(self.value)


@dataclass(frozen=True, slots=True)
class TextEvent:
    """What became of a text message that we sent. `error` is the carrier's code and word for it, "" when none."""

    carrier_text_id: str
    state: TextState
    error: str = ""
    raw: Mapping[str, str] = field(default_factory=dict)


Signal = CallSignal | RecordingSignal | TextSignal | TextEvent


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is heard: `text` spoken in `language` (a BCP 47 tag), or in its place the sound file at `sound_url`."""

    text: str
    language: str = "en-US"
    sound_url: str = ""


Prompts = tuple[Prompt, ...]


@dataclass(frozen=True, slots=True)
class CallName:
    """Which call an instruction is for: the carrier's id of it, who rang and what they dialled (as in `CallSignal`).

    For carriers whose later requests do not say so: their adapters write it into the addresses that they hand out.
    """

    carrier_call_id: str
    caller: str
    dialled: str


@dataclass(frozen=True, slots=True)
class Dial:
    """Let `prompts` be heard, then ring all `destinations` (E.164 or SIP addresses) at once for `ring_seconds`.

    They are shown `caller_id`. Whoever picks up first is connected, after what is asked at `whisper_url` if that is
    not "". The talk is recorded where `recording_url` is not "", and reported there. Then ask at `result_url`; events
    of the business's legs go to `events_url`. In a document that is kept elsewhere for when we are silent, both are "":
    nobody is asked and nobody is told.

    With `accept_key` only who presses it takes the call: what is asked at `whisper_url` asks for it (`Ask.leg` is the
    business's), so most carriers pass over it here. Those that let nobody ask there wait for the key themselves.
    """

    destinations: tuple[str, ...]
    ring_seconds: int
    caller_id: str
    result_url: str
    events_url: str
    prompts: Prompts = ()
    whisper_url: str = ""
    recording_url: str = ""
    accept_key: str = ""
    call: CallName | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """Let `prompts` be heard and wait for one key, until `seconds` after their end; then ask at `result_url`.

    `leg` is who is asked: the business only at `whisper`.
    """

    prompts: Prompts
    seconds: int
    result_url: str
    leg: Leg = Leg.CALLER
    call: CallName | None = None


@dataclass(frozen=True, slots=True)
class TakeVoicemail:
    """Let `prompts` be heard, beep, record at most `max_seconds`, ask at `result_url`; report to `recording_url`."""

    prompts: Prompts
    max_seconds: int
    result_url: str
    recording_url: str
    call: CallName | None = None


@dataclass(frozen=True, slots=True)
class HangUp:
    """Let `prompts` be heard, then end the call; for the business's `leg`, at `whisper`, that leg alone."""

    prompts: Prompts = ()
    leg: Leg = Leg.CALLER


@dataclass(frozen=True, slots=True)
class Connect:
    """To the business at `whisper`: let `prompts` be heard, then connect it with the caller."""

    prompts: Prompts = ()


Instruction = Dial | Ask | TakeVoicemail | HangUp | Connect


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back to the carrier."""

    body: bytes
    content_type: str


class BadSignature(Exception):
    """The request was not signed by whoever holds the connection's secret. It must leave no trace but a count."""


class BadRequest(Exception):
    """Rightly signed, but not readable as something this carrier says. The message names what is missing."""


class Carrier(Protocol):
    """The contract. `tests/carriers/contract.py` holds the conformance class each adapter passes.

    A carrier that does not always call with `POST` says so besides, in `methods` (`methods_of`), one that cannot ring
    ten destinations at once how many it can, in `most_at_once` (`most_at_once_of`), and one whose documents have to
    bring what its later requests are known by has `render_with(instruction, secret)` besides (`render_for`).
    """

    name: str

    def verify(self, request: CarrierRequest, secret: str, now: float) -> None:
        """Raise `BadSignature` unless `secret` signed this request. Compares in constant time.

        `now` (Unix seconds) serves carriers whose signatures carry a time.
        """

    def read(self, request: CarrierRequest, endpoint: Endpoint) -> Signal:
        """Translate one verified request that came to `endpoint`. Raises `BadRequest`.

        `call`, `next`, `whisper` and `events` make a `CallSignal`, the others the signal of their name.
        """

    def render(self, instruction: Instruction) -> Reply:
        """Put an instruction into the carrier's markup."""

    def acknowledge(self) -> Reply:
        """The answer to a signal that asks for nothing."""


_POST = frozenset({"POST"})


def methods_of(carrier: Carrier) -> Collection[str]:
    """The HTTP methods that a carrier calls with. What comes with a `GET` stands in the address; the body is empty."""
    found: Collection[str] = getattr(carrier, "methods", _POST)
    return found


MOST_AT_ONCE = 10


def most_at_once_of(carrier: Carrier) -> int:
    """How many destinations a carrier rings at once. The others are rung after them."""
    found: int = getattr(carrier, "most_at_once", MOST_AT_ONCE)
    return found


def render_for(carrier: Carrier, instruction: Instruction, secret: str) -> Reply:
    """The instruction in a carrier's markup, for the connection with this secret."""
    render_with: Callable[[Instruction, str], Reply] | None = getattr(carrier, "render_with", None)
    return render_with(instruction, secret) if render_with else carrier.render(instruction)


def hands_out_proof(carrier: Carrier) -> bool:
    """Whether its addresses bring what was made of the secret: with another secret they have to be given anew."""
    return hasattr(carrier, "render_with")
