"""The carrier's side of its conversation with the voice door: signed questions and events."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

import httpx
import msgspec

from callspring.carriers.sandbox.signing import sign
from callspring.demo.call import SandboxCall
from callspring.demo.wire import Instruction, Report, Signal, encode, read_instruction


@dataclass(frozen=True, slots=True)
class Timing:
    """How patient the carrier is, in seconds.

    `answer_within` is for a question with its one repetition, `first_try` for the first try alone.
    `event_delays` are the pauses before an event is sent again. `longest` ends calls that nobody ends.
    """

    answer_within: float = 5.0
    first_try: float = 3.0
    event_delays: tuple[float, ...] = (0.25, 1.0, 3.0)
    longest: float = 3600.0


class NoInstruction(Exception):
    """The voice door was out of reach, too slow, or answered what this carrier does not understand."""


class VoiceDoor:
    """One call's conversation with the voice door of the connection that owns the dialled number."""

    def __init__(self, client: httpx.AsyncClient, secret: str, call: SandboxCall, timing: Timing) -> None:
        self._client, self._secret, self._call, self._timing = client, secret, call, timing

    async def ask(self, url: str, signal: Signal) -> Instruction:
        """Ask what to do now; once more, with the same body, if that failed. Raises `NoInstruction`."""
        try:
            async with asyncio.timeout(self._timing.answer_within):
                return await self._ask_twice(url, encode(signal))
        except TimeoutError as error:
            raise NoInstruction(f"no answer within {self._timing.answer_within:g} seconds") from error

    async def _ask_twice(self, url: str, body: bytes) -> Instruction:
        try:
            return await self._ask_once(url, body, self._timing.first_try)
        except (httpx.HTTPError, TimeoutError) as error:
            self._call.note("carrier", f"That failed ({reason(error)}). I ask once more.", body.decode())
        try:
            return await self._ask_once(url, body, self._timing.answer_within)
        except httpx.HTTPError as error:
            raise NoInstruction(reason(error)) from error

    async def _ask_once(self, url: str, body: bytes, patience: float) -> Instruction:
        async with asyncio.timeout(patience):
            response = await self._post(url, body)
        if response.is_server_error:
            response.raise_for_status()
        if response.status_code != 200:
            raise NoInstruction(f"it refused with status {response.status_code}")
        try:
            return read_instruction(response.content)
        except msgspec.MsgspecError as error:
            raise NoInstruction(f"its answer is no instruction ({error})") from error

    async def tell(self, url: str, told: Signal | Report) -> None:
        """Send an event or a report until it is taken, some times at most; a lost one is counted on the call."""
        body, trouble = encode(told), ""
        for pause in (0.0, *self._timing.event_delays):
            await asyncio.sleep(pause)
            try:
                await self._tell_once(url, body)
            except (httpx.HTTPError, TimeoutError) as error:
                trouble = reason(error)
                if refused(error):
                    break
            else:
                return
        self._call.undelivered += 1
        name = told.status if isinstance(told, Signal) else "recording"
        self._call.note("carrier", f"The event “{name}” was not taken: {trouble}.", body.decode())

    async def _tell_once(self, url: str, body: bytes) -> None:
        async with asyncio.timeout(self._timing.answer_within):
            response = await self._post(url, body)
        response.raise_for_status()

    async def _post(self, url: str, body: bytes) -> httpx.Response:
        return await post_signed(self._client, self._secret, url, body)


async def post_signed(client: httpx.AsyncClient, secret: str, url: str, body: bytes) -> httpx.Response:
    """POST one signed request of the carrier's."""
    address = httpx.URL(url)  # signed as it is sent: httpx escapes what a careless address leaves raw
    stamp = str(int(time.time()))
    headers = {
        "content-type": "application/json",
        "x-sandbox-timestamp": stamp,
        "x-sandbox-signature": sign(secret, stamp, str(address), body),
    }
    return await client.post(address, content=body, headers=headers)


class EventLine:
    """The events of one leg, delivered one after the other, so that they arrive in order; or reports of recordings."""

    def __init__(self, door: VoiceDoor, url: str) -> None:
        self._door, self._url = door, url
        self._waiting: asyncio.Queue[Signal | Report | None] = asyncio.Queue()
        self._task = asyncio.create_task(self._deliver())

    def tell(self, told: Signal | Report) -> None:
        """Queue an event; the call does not wait for it."""
        self._waiting.put_nowait(told)

    async def close(self) -> None:
        """Wait until everything queued was taken or given up."""
        self._waiting.put_nowait(None)
        await self._task

    def drop(self) -> None:
        """Stop at once: the exchange is being switched off."""
        self._task.cancel()

    async def _deliver(self) -> None:
        while (told := await self._waiting.get()) is not None:
            await self._door.tell(self._url, told)


def reason(error: Exception) -> str:
    """An HTTP failure in a few plain words."""
    if isinstance(error, httpx.HTTPStatusError):
        return f"status {error.response.status_code}"
    if isinstance(error, httpx.ConnectError):
        return "the voice door cannot be reached"
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return "no answer in time"
    return f"the connection broke: {type(error).__name__}"


def refused(error: Exception) -> bool:
    """Whether the voice door said no in a way that asking again does not change."""
    return isinstance(error, httpx.HTTPStatusError) and 400 <= error.response.status_code < 500
