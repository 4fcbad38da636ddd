"""What the business does when its phone rings. A `Business` presses the buttons of the call it is given.

It is started each time the business's phone begins to ring and dropped when that leg has ended.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from callspring.demo.call import Press, SandboxCall

Business = Callable[[SandboxCall], Awaitable[None]]


def answers(after: float = 1.0, duration: float = 5.0, hangs_up: str = "business") -> Business:
    """Answers after so many seconds and talks for `duration` seconds; then `hangs_up` ends it.

    `hangs_up` is "business" or "caller".
    """
    last = Press.CALLER_HANGS_UP if hangs_up == "caller" else Press.BUSINESS_HANGS_UP

    async def act(call: SandboxCall) -> None:
        await asyncio.sleep(after)
        call.press(Press.ANSWER)
        await asyncio.sleep(duration)
        call.press(last)

    return act


async def busy(call: SandboxCall) -> None:
    """Is on the phone already."""
    call.press(Press.DECLINE)


async def never_answers(call: SandboxCall) -> None:
    """Is away: the phone rings until the carrier gives up."""


# A person answers, with the buttons on the sandbox phone's page.
by_hand: Business = never_answers
