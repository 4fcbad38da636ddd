"""The load process's own log: one JSON line for each thing that the doors have acknowledged, and for each failure.

A line is in the file before the load goes on, so what stands there is what a browser or a carrier was promised.
"""

from __future__ import annotations

import time
from pathlib import Path
from types import TracebackType

import msgspec


class Visited(msgspec.Struct, frozen=True, tag="visit"):
    """A page load was answered. `person` is the load's own name for the visitor, `shown` the number, "" for none."""

    at: float
    person: int
    pool: str
    url: str
    visit: int
    page: str
    shown: str
    token: str


class Confirmed(msgspec.Struct, frozen=True, tag="confirmed"):
    """A beacon was taken: the number is swapped on the page, and the site's own event `name` happened."""

    at: float
    person: int
    visit: int
    page: str
    name: str


class Said(msgspec.Struct, frozen=True, tag="said"):
    """The voice door took what the carrier said. `person` is whom the caller was; `do` what the answer tells to do, and
    `to` whom to ring."""

    at: float
    call: str
    person: int
    endpoint: str
    leg: str
    status: str
    sequence: int
    do: str
    to: tuple[str, ...] = ()


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """An answer came, but not the one that was asked for."""

    at: float
    what: str
    status: int
    reason: str


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """No answer came: nothing was promised, and the record may hold it or not."""

    at: float
    what: str
    error: str


class Ended(msgspec.Struct, frozen=True, tag="ended"):
    """The load ended by itself. Of `known` visitors `returned` got an answer when they asked once more.

    `skipped` page loads were due while too many others were under way.
    """

    at: float
    known: int
    returned: int
    skipped: int


Line = Visited | Confirmed | Said | Refused | Failed | Ended
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Line).decode


class Log:
    """Appends lines; each is handed to the operating system at once."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab", buffering=0)

    def write(self, line: Line) -> None:
        self._file.write(_encode(line) + b"\n")

    def __enter__(self) -> Log:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._file.close()


def read_log(path: Path) -> list[Line]:
    """All whole lines."""
    return [_decode(line) for line in path.read_bytes().splitlines(keepends=True) if line.endswith(b"\n")]


def now() -> float:
    """Unix seconds."""
    return time.time()
