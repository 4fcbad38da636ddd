"""What whoever picks up hears before they are connected, and the key that they may have to press."""

from __future__ import annotations

import asyncio
from typing import Protocol

from callspring.demo.call import Press, RungPhone, SandboxCall, Stage
from callspring.demo.wire import Ask, Connect, Instruction, LegStatus, Signal

LETTERS_A_SECOND = 15  # an unhurried reading voice
MOST_INSTRUCTIONS = 5


class Whispering(Protocol):
    """What of a call is needed here (`callspring.demo.routing.RoutedCall`)."""

    call: SandboxCall

    async def ask(self, url: str, signal: Signal) -> Instruction:
        """Ask the voice door."""

    async def pressed(self, seconds: float) -> Press | None:
        """The next button."""

    def of_leg(self, status: LegStatus, key: str = "") -> Signal:
        """A signal about the leg that was picked up."""


async def whispered(on: Whispering, url: str, phone: RungPhone) -> bool:
    """Whether the one who picked up `phone` is connected. Raises `NoInstruction`, and `CallerLeft`."""
    instruction = await on.ask(url, on.of_leg("answered"))
    for _ in range(MOST_INSTRUCTIONS):
        on.call.stage = Stage.WHISPERING
        for prompt in instruction.say:
            phone.said = prompt.text
            await on.call.while_caller_waits(asyncio.sleep(reading_seconds(prompt.text)))
        if not isinstance(instruction, Ask):
            return isinstance(instruction, Connect)
        key = await _key(on, instruction.seconds)
        if key is None:
            return False
        on.call.note("business", f"I press {key}." if key else "I press no key.")
        instruction = await on.ask(instruction.result_url, on.of_leg("keyed", key))
    return False


def reading_seconds(text: str) -> float:
    """How long it takes to read a text out."""
    return max(1.0, len(text) / LETTERS_A_SECOND)


async def _key(on: Whispering, seconds: float) -> str | None:
    """The key that was pressed, "" for none, None when they hung up."""
    if not on.call.business_keys:
        press = await on.pressed(seconds)
        if press is Press.BUSINESS_HANGS_UP:
            return None
    return on.call.business_keys.pop(0) if on.call.business_keys else ""
