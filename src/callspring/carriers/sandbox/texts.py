"""The text messages that subscribers' programs have sent through the sandbox, for its phones to show.

One JSON file beside the books, the newest 200 of each account. The phone that shows them tells the sender what became
of each, at its `events` address.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import time
from pathlib import Path

import msgspec

KEPT = 200  # newest of an account


class SandboxText(msgspec.Struct, frozen=True):
    """One message. `at` is in Unix seconds; `events` is where the sender wants to hear what became of it."""

    id: str
    account: str
    sender: str
    to: str
    body: str
    events: str
    at: float


class TextsUnreadable(Exception):
    """The file is there and does not hold the sandbox's texts; the message names it."""


class Texts:
    """The texts kept beside the books in `books`. Every verb may raise `TextsUnreadable`, and `OSError`."""

    def __init__(self, books: Path) -> None:
        self._path = books.with_name("texts.json")
        self._lock = books.with_name("texts.json.lock")

    def send(self, account: str, *, sender: str, to: str, body: str, events: str) -> SandboxText:
        """Take a message and keep it."""
        sent = SandboxText(f"sbt_{secrets.token_hex(12)}", account, sender, to, body, events, time.time())
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._lock.open("a") as lock:  # closing it unlocks
            fcntl.flock(lock, fcntl.LOCK_EX)
            texts = self.all()
            theirs = [text for text in texts if text.account == account][-(KEPT - 1) :]
            others = [text for text in texts if text.account != account]
            self._replace([*others, *theirs, sent])
        return sent

    def all(self) -> list[SandboxText]:
        """Every message kept; those of one account oldest first."""
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=list[SandboxText])
        except FileNotFoundError:
            return []
        except msgspec.MsgspecError as error:
            raise TextsUnreadable(f"{self._path}: {error}") from error

    def to(self, number: str) -> list[SandboxText]:
        """The messages that the phone with this number has received, oldest first."""
        return sorted((text for text in self.all() if text.to == number), key=lambda text: text.at)

    def _replace(self, texts: list[SandboxText]) -> None:
        new = self._path.with_name(self._path.name + ".new")
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(msgspec.json.encode(texts))
        new.replace(self._path)
