"""A call in the sandbox's network: its state, what was said about it, and the buttons on the two phones."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

T = TypeVar("T")


class Stage(StrEnum):
    """What somebody standing beside the two phones would see."""

    ASKING = "asking"  # the voice door has been asked what to do
    RINGING = "ringing"  # one or more of the business's phones ring
    WHISPERING = "whispering"  # one of them was picked up and hears something before it is connected
    TALKING = "talking"
    SPEAKING = "speaking"  # a text is read to the caller
    KEYING = "keying"  # the caller is asked to press a key
    RECORDING = "recording"  # the caller speaks after the beep
    ENDED = "ended"


class Press(StrEnum):
    """A button on one of the two phones."""

    ANSWER = "answer"
    DECLINE = "decline"
    BUSINESS_HANGS_UP = "business_hangs_up"
    CALLER_HANGS_UP = "caller_hangs_up"
    FINISH = "finish"  # the caller has left the message
    KEY = "key"  # of the caller's phone: `SandboxCall.press_key`
    BUSINESS_KEY = "business_key"  # of the business's: `SandboxCall.press_business_key`

    @property
    def words(self) -> str:
        """The button's name for people."""
        return self.value.replace("_", " ")


ALLOWED: dict[Press, frozenset[Stage]] = {
    Press.ANSWER: frozenset({Stage.RINGING}),
    Press.DECLINE: frozenset({Stage.RINGING}),
    Press.BUSINESS_HANGS_UP: frozenset({Stage.TALKING, Stage.WHISPERING}),
    Press.BUSINESS_KEY: frozenset({Stage.WHISPERING}),
    Press.CALLER_HANGS_UP: frozenset(set(Stage) - {Stage.ENDED}),
    Press.FINISH: frozenset({Stage.RECORDING}),
    Press.KEY: frozenset({Stage.KEYING, Stage.SPEAKING}),
}


class PhoneState(StrEnum):
    """How one of the business's phones stands in a call."""

    RINGING = "ringing"
    ASKED = "asked"  # picked up, and not connected yet
    TALKING = "talking"
    OVER = "over"


@dataclass(slots=True)
class RungPhone:
    """One of the business's phones that a dial rings: its leg, and what was last `said` to it."""

    destination: str
    leg_id: str
    state: PhoneState = PhoneState.RINGING
    said: str = ""
    outcome: str = ""


class WrongMoment(Exception):
    """The button does nothing now. The message says why."""


class CallerLeft(Exception):
    """The caller hung up."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """One thing that was said or done, `after` seconds from the start of the call.

    `speaker` is caller, business, carrier or callspring; `detail` is the JSON that went over the wire, or "".
    """

    after: float
    speaker: str
    text: str
    detail: str = ""


def new_id() -> str:
    """A call's or a leg's id, as this carrier writes them."""
    return "sb_" + secrets.token_hex(12)


@dataclass(slots=True)
class SandboxCall:
    """One call. `caller` is E.164 or "" (withheld), `dialled` is E.164.

    `destination` is what rings or rang last, `caller_id` what it is shown, `talked` whether the business
    answered. `outcome` is the caller's leg's last status and `cause` says who ended it: caller, business,
    callspring (an instruction) or carrier. `duration` is in seconds. `undelivered` counts the events that the
    voice door did not take. `speaks` says for how many seconds the caller speaks after a beep, None that a person
    presses the button; `recorded` is how long a message they left, in seconds. `keys` are pressed one after the
    other as the caller is asked for them, `business_keys` as whoever picked up is. `phones` are those that the last
    dial rang; `pressed_on` says at which of them the last button was pressed.
    """

    caller: str
    dialled: str
    listener: Callable[[LogLine], None] | None = None
    speaks: float | None = None
    id: str = field(default_factory=new_id)
    stage: Stage = Stage.ASKING
    destination: str = ""
    caller_id: str = ""
    outcome: str = ""
    cause: str = ""
    said: str = ""
    talked: bool = False
    fell_back: bool = False
    undelivered: int = 0
    answered_at: float | None = None
    duration: int | None = None
    recorded: int | None = None
    keys: list[str] = field(default_factory=list)
    log: list[LogLine] = field(default_factory=list)
    business_keys: list[str] = field(default_factory=list)
    phones: list[RungPhone] = field(default_factory=list)
    pressed_on: int = 0
    presses: asyncio.Queue[tuple[Press, int]] = field(default_factory=asyncio.Queue)
    caller_left: asyncio.Event = field(default_factory=asyncio.Event)
    started: float = field(default_factory=time.monotonic)

    def note(self, speaker: str, text: str, detail: str = "") -> None:
        """Write down what `speaker` said or did."""
        line = LogLine(round(time.monotonic() - self.started, 3), speaker, text, detail)
        self.log.append(line)
        if self.listener:
            self.listener(line)

    def press(self, button: Press, phone: int | None = None) -> None:
        """Press a button on one of the phones; of the business's the one in this place. Raises `WrongMoment`."""
        if self.stage not in ALLOWED[button] or self.caller_left.is_set():
            raise WrongMoment(f"“{button.words}” does nothing now: the call is {self.stage}.")
        self.presses.put_nowait((button, self._place(button, phone)))
        if button is Press.CALLER_HANGS_UP:
            self.caller_left.set()

    def press_key(self, key: str) -> None:
        """Press a key of the caller's phone. Raises `WrongMoment`."""
        self.press(Press.KEY)
        self.keys.append(key)

    def press_business_key(self, key: str) -> None:
        """Press a key of the business's phone that was picked up. Raises `WrongMoment`."""
        self.press(Press.BUSINESS_KEY)
        self.business_keys.append(key)

    def _place(self, button: Press, phone: int | None) -> int:
        """Which phone is meant; where none is named, the first that rings."""
        if button not in (Press.ANSWER, Press.DECLINE):
            return phone or 0
        ringing = [place for place, one in enumerate(self.phones) if one.state is PhoneState.RINGING]
        if not ringing or phone not in (None, *ringing):
            raise WrongMoment(f"“{button.words}” does nothing now: that phone does not ring.")
        return ringing[0] if phone is None else phone

    def forget_presses(self) -> None:
        """Drop what was pressed on a phone that no longer rings."""
        while not self.presses.empty():
            self.presses.get_nowait()

    async def while_caller_waits(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of `work`, which is dropped the moment the caller hangs up (`CallerLeft`)."""
        task, left = asyncio.ensure_future(work), asyncio.ensure_future(self.caller_left.wait())
        try:
            await asyncio.wait({task, left}, return_when=asyncio.FIRST_COMPLETED)
            if left.done():
                raise CallerLeft
            return task.result()
        finally:
            for each in (task, left):
                each.cancel()
            await asyncio.gather(task, left, return_exceptions=True)
