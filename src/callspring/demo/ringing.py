"""Ringing the business's phone and what comes of it, for calls of both kinds."""

from __future__ import annotations

import asyncio
import contextlib
import time

from callspring.demo.business import Business
from callspring.demo.call import CallerLeft, Press, SandboxCall, Stage, WrongMoment
from callspring.demo.door import Timing
from callspring.demo.spellings import pretty
from callspring.demo.wire import LegStatus

RING_SECONDS = 30  # where no instruction says how long
Ended = tuple[LegStatus, str]  # a leg's last status, and who ended it


class DirectCall:
    """A call that rings the dialled phone at once; Callspring hears nothing of it."""

    def __init__(self, call: SandboxCall, business: Business, timing: Timing) -> None:
        self.call, self._business, self._timing = call, business, timing

    async def go(self) -> None:
        """Run the call to its end."""
        self.call.note("carrier", f"{pretty(self.call.dialled)} is no tracking number: Callspring is not asked.")
        try:
            ended = await self._ring(self.call.dialled, RING_SECONDS, self.call.caller)
        except CallerLeft:
            ended = self._left()
        self._end(ended)

    async def _ring(self, destination: str, seconds: float, caller_id: str) -> Ended:
        """Ring the business and let them talk; `CallerLeft` when the caller ended it, in whichever part."""
        call = self.call
        call.stage, call.destination, call.caller_id = Stage.RINGING, destination, caller_id
        call.forget_presses()
        self._business_leg("ringing")
        behaviour = asyncio.ensure_future(self._business(call))
        try:
            if call.caller_left.is_set():
                raise CallerLeft
            ended = await self._wait_for_answer(seconds)
            return ended or await self._talk()
        except CallerLeft:
            self._business_ended("completed" if call.stage is Stage.TALKING else "canceled", "caller")
            raise
        finally:
            await stop(behaviour)

    async def _wait_for_answer(self, seconds: float) -> Ended | None:
        """How the ringing ended, or None when the business answered."""
        press = await self._pressed(seconds)
        if press is Press.ANSWER:
            self._answered("business")
            self._business_leg("answered")
            return None
        return self._business_ended("busy", "business") if press else self._business_ended("no-answer", "")

    async def _talk(self) -> Ended:
        press: Press | None = Press.ANSWER
        until = time.monotonic() + self._timing.longest
        while press and press is not Press.BUSINESS_HANGS_UP:
            press = await self._pressed(until - time.monotonic())
        return self._business_ended("completed", "business" if press else "carrier")

    async def _pressed(self, seconds: float) -> Press | None:
        """The next button, or None after so many seconds. Raises `CallerLeft`."""
        try:
            async with asyncio.timeout(seconds):
                press = await self.call.presses.get()
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

    def _business_ended(self, status: LegStatus, cause: str) -> Ended:
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
