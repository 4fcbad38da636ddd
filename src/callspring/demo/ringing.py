"""Ringing the business's phone and what comes of it, for calls of both kinds."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Sequence

from callspring.demo.business import Business
from callspring.demo.call import (
    CallerLeft,
    PhoneState,
    Press,
    RungPhone,
    SandboxCall,
    Stage,
    WrongMoment,
    new_id,
)
from callspring.demo.door import Timing
from callspring.demo.spellings import pretty
from callspring.demo.wire import LegStatus

RING_SECONDS = 30  # where no instruction says how long
Ended = tuple[LegStatus, str]  # a leg's last status, and who ended it


class DirectCall:
    """A call that rings the dialled phone at once; Callspring hears nothing of it."""

    def __init__(self, call: SandboxCall, business: Business, timing: Timing) -> None:
        self.call, self._business, self._timing = call, business, timing
        self._phone: RungPhone | None = None

    async def go(self) -> None:
        """Run the call to its end."""
        self.call.note("carrier", f"{pretty(self.call.dialled)} is no tracking number: Callspring is not asked.")
        try:
            ended = await self._ring((self.call.dialled,), RING_SECONDS, self.call.caller)
        except CallerLeft:
            ended = self._left()
        self._end(ended)

    async def _ring(self, destinations: Sequence[str], seconds: float, caller_id: str) -> Ended:
        """Ring all these phones and let whoever takes the call talk; `CallerLeft` when the caller ended it."""
        call = self.call
        call.phones = [RungPhone(destination, new_id()) for destination in destinations]
        call.stage, call.caller_id = Stage.RINGING, caller_id
        call.forget_presses()
        for phone in call.phones:
            self._on(phone)
            self._business_leg("ringing")
        behaviour = asyncio.ensure_future(self._business(call))
        try:
            if call.caller_left.is_set():
                raise CallerLeft
            return await self._until_taken(seconds)
        except CallerLeft:
            for phone in call.phones:
                if phone.state is not PhoneState.OVER:
                    self._over(phone, "completed" if phone.state is PhoneState.TALKING else "canceled", "caller")
            raise
        finally:
            await stop(behaviour)

    async def _until_taken(self, seconds: float) -> Ended:
        """Until somebody takes the call and has talked, or nobody is left who could."""
        ended: Ended = "no-answer", ""
        until = time.monotonic() + seconds
        while ringing := [phone for phone in self.call.phones if phone.state is PhoneState.RINGING]:
            self.call.stage = Stage.RINGING
            press = await self._pressed(until - time.monotonic())
            if press is None:
                return [self._over(phone, "no-answer", "") for phone in ringing][-1]
            phone = self.call.phones[self.call.pressed_on]
            if press is Press.ANSWER and phone in ringing:
                if await self._takes(phone):
                    return await self._talk(phone)
                ended = self._over(phone, "no-answer", "business")
            elif press is Press.DECLINE and phone in ringing:
                ended = self._over(phone, "busy", "business")
        return ended

    async def _takes(self, phone: RungPhone) -> bool:
        """Somebody has picked up: whether they are connected."""
        self._on(phone)
        phone.state = PhoneState.TALKING
        self._answered("business")
        self._business_leg("answered")
        return True

    async def _talk(self, phone: RungPhone) -> Ended:
        for other in self.call.phones:
            if other.state is PhoneState.RINGING:
                self._over(other, "canceled", "carrier")
        self._on(phone)
        press: Press | None = Press.ANSWER
        until = time.monotonic() + self._timing.longest
        while press and press is not Press.BUSINESS_HANGS_UP:
            press = await self._pressed(until - time.monotonic())
        return self._over(phone, "completed", "business" if press else "carrier")

    async def _pressed(self, seconds: float) -> Press | None:
        """The next button, or None after so many seconds. Raises `CallerLeft`."""
        try:
            async with asyncio.timeout(seconds):
                press, self.call.pressed_on = await self.call.presses.get()
        except TimeoutError:
            return None
        if press is Press.CALLER_HANGS_UP:
            raise CallerLeft
        return press

    def _answered(self, by: str) -> None:
        call = self.call
        call.stage = Stage.TALKING if by == "business" else Stage.SPEAKING
        call.talked = call.talked or by == "business"
        if call.answered_at is None:
            call.answered_at = time.monotonic()
            self._caller_leg("answered")

    def _on(self, phone: RungPhone) -> None:
        """What is said of the business's leg from now on is about this phone."""
        self._phone, self.call.destination = phone, phone.destination

    def _over(self, phone: RungPhone, status: LegStatus, cause: str) -> Ended:
        self._on(phone)
        phone.state, phone.outcome = PhoneState.OVER, status
        self._business_leg(status, cause)
        return status, cause

    def _left(self) -> Ended:
        self.call.note("caller", "I hang up.")
        return "canceled", "caller"

    def _end(self, ended: Ended) -> None:
        """Close the caller's leg: completed if it ever was answered, else as the last dialled leg ended."""
        call, (status, cause) = self.call, ended
        if call.answered_at is not None:
            status, call.duration = "completed", round(time.monotonic() - call.answered_at)
        call.stage, call.outcome, call.cause = Stage.ENDED, status, cause
        self._caller_leg(status, cause)
        call.note("carrier", f"The call is over: {status}{f', ended by {cause}' if cause else ''}.")

    def _caller_leg(self, status: LegStatus, cause: str = "") -> None:
        """Hook: something happened to the caller's leg."""

    def _business_leg(self, status: LegStatus, cause: str = "") -> None:
        """Hook: something happened to the business's leg."""
        by = f" by {cause}" if cause else ""
        self.call.note("carrier", f"The phone of {pretty(self.call.destination)}: {status}{by}.")


async def stop(behaviour: asyncio.Future[None]) -> None:
    """End what the business was doing; that it pressed a button at the wrong moment is no failure."""
    behaviour.cancel()
    with contextlib.suppress(asyncio.CancelledError, WrongMoment):
        await behaviour
