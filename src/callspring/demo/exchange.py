"""The sandbox carrier's exchange: it puts calls through as its subscribers' voice doors say.

`Exchange.place` starts a call and returns it; `Exchange.finished` waits for its end. Everything runs on one
event loop; a call is one task, and each leg's events are delivered by a task of their own.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Collection
from pathlib import Path

import httpx

from callspring.carriers.sandbox.call_log import CallLog
from callspring.carriers.sandbox.inventory import BooksUnreadable, Inventory, SoldNumber, UnknownAccount
from callspring.carriers.sandbox.recordings import Recordings
from callspring.demo.business import Business
from callspring.demo.call import LogLine, Press, SandboxCall, WrongMoment
from callspring.demo.door import Timing, VoiceDoor
from callspring.demo.ringing import DirectCall
from callspring.demo.routing import RoutedCall
from callspring.demo.texting import Texting, Written

LAST_WORDS_SECONDS = 3.0  # less than the supervisor waits for the shop: `callspring.cli.supervisor.SHOP_SECONDS`


class UnknownNumber(Exception):
    """Nobody in this network has the number. The message says so to the person who dialled it."""


class OutOfOrder(Exception):
    """The carrier's books cannot be read. The message says so to whoever runs the sandbox."""


class Exchange:
    """The switching.

    `books` is the carrier's JSON file; `direct` are numbers that ring at once, without a voice door.
    """

    def __init__(self, books: Path, *, direct: Collection[str] = (), timing: Timing | None = None) -> None:
        self._books, self._direct, self._timing = Inventory(books), frozenset(direct), timing or Timing()
        self._client = httpx.AsyncClient(trust_env=False, timeout=None)  # noqa: S113 - the door's timeouts are its own
        self._call_log = CallLog(books)
        self._recordings, self._texting = Recordings(books), Texting(books, self._client, self._timing)
        self._rounds: asyncio.Task[None] | None = None
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._calls: dict[str, SandboxCall] = {}

    def place(
        self,
        caller: str,
        dialled: str,
        business: Business,
        listener: Callable[[LogLine], None] | None = None,
        speaks: float | None = None,
    ) -> SandboxCall:
        """Start a call from `caller` (E.164, or "" for withheld) to `dialled` (E.164).

        `listener` hears each line of the call's log as it is written. `speaks` is for how many seconds the caller
        speaks if asked to leave a message, None where a person presses the button. Raises `UnknownNumber`,
        `OutOfOrder`.
        """
        sold = self._look_up(dialled)
        if sold is None and dialled not in self._direct:
            raise UnknownNumber(f"Nobody in the sandbox's network has the number {dialled}.")
        call = SandboxCall(caller, dialled, listener, speaks)
        run = DirectCall(call, business, self._timing) if sold is None else self._routed(call, business, sold)
        task = self._tasks[call.id] = asyncio.create_task(run.go())
        self._calls[call.id] = call
        task.add_done_callback(lambda _: self._forget(call.id))
        return call

    def begin(self) -> None:
        """From now on tell the senders of texts what became of them."""
        self._rounds = self._rounds or asyncio.create_task(self._texting.run())

    async def write(self, sender: str, to: str, body: str) -> Written:
        """Send a text between two E.164 numbers. Raises `UnknownNumber`, `OutOfOrder`, `NotTaken`."""
        sold = self._look_up(to)
        if sold is None:
            raise UnknownNumber(f"Nobody in the sandbox's network reads texts to {to}.")
        return await self._texting.write(sender, sold, body)

    def texts(self, number: str) -> list[Written]:
        """What the phone with this number (E.164) has sent and received, oldest first."""
        return self._texting.of(number)

    def _forget(self, call_id: str) -> None:
        self._tasks.pop(call_id, None)
        self._calls.pop(call_id, None)

    def _look_up(self, dialled: str) -> SoldNumber | None:
        try:
            return self._books.lookup(dialled)
        except (BooksUnreadable, UnknownAccount, OSError) as error:
            raise OutOfOrder(f"The sandbox carrier's books cannot be read: {error}") from error

    def _routed(self, call: SandboxCall, business: Business, sold: SoldNumber) -> RoutedCall:
        door = VoiceDoor(self._client, sold.account.secret, call, self._timing)
        return RoutedCall(call, business, self._timing, door, sold, self._recordings, self._call_log)

    async def finished(self, call: SandboxCall) -> None:
        """Wait until the call has ended and its events are delivered or given up."""
        task = self._tasks.get(call.id)
        if task:
            await task

    async def close(self) -> None:
        """End all calls as if their callers hung up, so that none stays open in Callspring.

        Waits for their events `LAST_WORDS_SECONDS` at most; what is not delivered by then is dropped.
        """
        for call in list(self._calls.values()):
            with contextlib.suppress(WrongMoment):  # it has ended, and only its events are under way
                call.press(Press.CALLER_HANGS_UP)
        if self._rounds:
            self._rounds.cancel()
            await asyncio.gather(self._rounds, return_exceptions=True)
        tasks = list(self._tasks.values())
        if tasks:
            await asyncio.wait(tasks, timeout=LAST_WORDS_SECONDS)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._client.aclose()
