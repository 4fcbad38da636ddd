"""What may be written down of an exception: its kind and words, bounded, without secrets."""

from __future__ import annotations

import re
import traceback
from pathlib import PurePath

from callspring.jobs.models import MOST_ERROR

_FRAMES = 8
# Addresses with a password in them; words that name a secret, with what follows; long strings that look like keys, but
# no UUIDs: those name things.
_USERINFO = re.compile(r"(\w+://)[^\s/@]*@")
_SECRETS = r"password|passwd|secret|token|api[-_]?key|authorization"
_NAMED = re.compile(rf"(?i)\b([\w-]*(?:{_SECRETS})\b[\"']?\s*[:=]\s*)[\"']?(?:(?:basic|bearer) )?\S+")
_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"
_KEY_LIKE = re.compile(rf"(?<![\w+-])(?!{_UUID})(?=[\w+-]*[0-9])(?=[\w+-]*[A-Za-z])[\w+-]{{28,}}={{0,2}}")


def words(text: str) -> str:
    """One line of at most 500 characters of `text`, what looks like a secret left out."""
    line = " ".join(text.split())
    for pattern, instead in ((_USERINFO, r"\1…@"), (_NAMED, r"\1…"), (_KEY_LIKE, "…")):
        line = pattern.sub(instead, line)
    return line if len(line) <= MOST_ERROR else line[: MOST_ERROR - 1] + "…"


def of(error: BaseException) -> str:
    """The exception's name and the first line of its words: databases put whole rows into the lines after it."""
    first = str(error).strip().partition("\n")[0]
    return words(f"{type(error).__name__}: {first}" if first else type(error).__name__)


def place(error: BaseException) -> str:
    """Where it came from: the innermost lines of code, without the values they handled."""
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    return " > ".join(f"{PurePath(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames)
