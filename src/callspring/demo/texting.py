"""Text messages through the sandbox: from its phones to Callspring's numbers, and what becomes of those sent back."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

import httpx

from callspring.carriers.sandbox.inventory import BooksUnreadable, Inventory, SoldNumber, UnknownAccount
from callspring.carriers.sandbox.texts import SandboxText, Texts, TextsUnreadable
from callspring.demo.door import Timing, post_signed, reason, refused
from callspring.demo.wire import Report, Text, TextReport, encode

log = logging.getLogger(__name__)
LOOK_SECONDS = 0.5
# What was sent before the exchange was started, and is older than this, was told of by an earlier one.
FRESH_SECONDS = 600.0
MOST_KEPT = 200


class NotTaken(Exception):
    """The text did not get through. The message says why, to the person who wrote it."""


@dataclass(frozen=True, slots=True)
class Written:
    """A text that one of the sandbox's phones sent. `at` is in Unix seconds."""

    id: str
    sender: str
    to: str
    body: str
    at: float


class Texting:
    """The network's text messages. `books` is the carrier's file."""

    def __init__(self, books: Path, client: httpx.AsyncClient, timing: Timing) -> None:
        self._inventory, self._texts = Inventory(books), Texts(books)
        self._client, self._timing = client, timing
        self._written: list[Written] = []
        self._told: set[str] = set()
        self._since = time.time() - FRESH_SECONDS

    async def write(self, sender: str, to: SoldNumber, body: str) -> Written:
        """Send `body` from `sender` (E.164) to a number that somebody has. Raises `NotTaken`."""
        written = Written(f"sbt_{secrets.token_hex(12)}", sender, to.e164, body, time.time())
        address = to.addresses.text
        url = to.account.voice_url + "/text" if address is None else address
        if not url:
            raise NotTaken("This number takes no texts: none of its addresses is for them.")
        await self._deliver(url, to.account.secret, Text(text=written.id, caller=sender, dialled=to.e164, body=body))
        self._written = [*self._written[-MOST_KEPT + 1 :], written]
        return written

    def of(self, number: str) -> list[Written]:
        """What the phone with this number has sent and received, oldest first."""
        try:
            received = [Written(text.id, text.sender, text.to, text.body, text.at) for text in self._texts.to(number)]
        except (TextsUnreadable, OSError):
            log.exception("the sandbox's texts cannot be read")
            received = []
        sent = [written for written in self._written if written.sender == number]
        return sorted([*received, *sent], key=lambda text: text.at)

    async def run(self) -> None:
        """Tell senders what became of their texts, until cancelled: each of them arrives."""
        while True:
            try:
                await self._look()
            except (TextsUnreadable, BooksUnreadable, OSError):
                log.exception("the sandbox's texts cannot be delivered now")
            await asyncio.sleep(LOOK_SECONDS)

    async def _look(self) -> None:
        for text in await asyncio.to_thread(self._texts.all):
            if text.id not in self._told and text.at > self._since:
                self._told.add(text.id)
                await self._tell_sender(text)

    async def _tell_sender(self, text: SandboxText) -> None:
        with contextlib.suppress(NotTaken, UnknownAccount):
            secret = self._inventory.account(text.account).secret
            for state in ("sent", "delivered"):
                await self._deliver(text.events, secret, TextReport(text=text.id, state=state))

    async def _deliver(self, url: str, secret: str, told: Report) -> None:
        """POST until it is taken, some times at most. Raises `NotTaken`."""
        trouble = ""
        for pause in (0.0, *self._timing.event_delays):
            await asyncio.sleep(pause)
            try:
                async with asyncio.timeout(self._timing.answer_within):
                    response = await post_signed(self._client, secret, url, encode(told))
                response.raise_for_status()
            except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
                trouble = reason(error) if isinstance(error, httpx.HTTPError | TimeoutError) else "no address"
                if isinstance(error, httpx.InvalidURL) or refused(error):
                    break
            else:
                return
        raise NotTaken(f"Callspring did not take it: {trouble}.")
