"""Which calls the sandbox's exchange put through, for subscribers' programs that ask later.

Two files beside the books, one line for each thing that happened; when the newer one is full, it becomes the older one
and what the older one held is forgotten.
"""

from __future__ import annotations

import fcntl
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

log = logging.getLogger(__name__)
LARGEST = 2_000_000  # bytes of each file: some five thousand calls


class Happened(msgspec.Struct, frozen=True):
    """One thing about one leg of a call of `account`.

    `status` is asked (the call came in), answered, or how it ended; the rest is as the exchange tells it the voice door
    (`README.md`). `at` is in Unix seconds.
    """

    account: str
    call: str
    leg: str
    leg_id: str
    status: str
    caller: str
    dialled: str
    sequence: int
    at: float
    duration: int | None = None
    cause: str = ""


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Happened).decode


class CallLog:
    """The calls kept beside the books in `books`. Every verb may raise `OSError`."""

    def __init__(self, books: Path) -> None:
        self._newer, self._older = books.with_name("calls.jsonl"), books.with_name("calls.older.jsonl")
        self._lock = books.with_name("calls.jsonl.lock")

    def write(self, happened: Happened) -> None:
        """Keep it."""
        with self._locked(fcntl.LOCK_EX):
            if self._newer.exists() and self._newer.stat().st_size >= LARGEST:
                self._newer.replace(self._older)
            with self._newer.open("ab", buffering=0) as file:
                file.write(_encode(happened) + b"\n")

    def read(self, account: str, since: float, until: float) -> Iterator[Happened]:
        """All of the account's calls that came in between the two (Unix seconds), each whole, in the order of time."""
        theirs = [one for one in self._all() if one.account == account]
        asked = sorted((one for one in theirs if one.status == "asked"), key=lambda one: (one.at, one.call))
        calls: dict[str, list[Happened]] = {one.call: [] for one in asked if since <= one.at <= until}
        for one in theirs:
            if one.call in calls:
                calls[one.call].append(one)
        return (one for call in calls.values() for one in call)

    def _all(self) -> list[Happened]:
        with self._locked(fcntl.LOCK_SH):
            return [one for path in (self._older, self._newer) for one in _lines(path)]

    @contextmanager
    def _locked(self, how: int) -> Iterator[None]:
        """Nobody moves the files meanwhile."""
        self._lock.parent.mkdir(parents=True, exist_ok=True)
        with self._lock.open("a") as lock:  # closing it unlocks
            fcntl.flock(lock, how)
            yield


def _lines(path: Path) -> Iterator[Happened]:
    """A line that cannot be read (the disk was full) is one thing less that is known."""
    if not path.exists():
        return
    for line in path.read_bytes().splitlines():
        try:
            yield _decode(line)
        except msgspec.MsgspecError as error:
            log.warning("%s has a line that makes no sense: %s", path.name, error)
