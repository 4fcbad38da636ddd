"""What people wrote, made fit to be stored and shown: as text, whatever it says."""

from __future__ import annotations

import re

# Control characters without tab and newline, halves of surrogate pairs, and what turns the direction of writing.
_UNWANTED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
_LINE_ENDS = re.compile(r"\r\n?|[\u2028\u2029]")


def written(text: str, limit: int) -> str:
    """`text` with its line breaks, without what cannot be seen, and at most `limit` characters long."""
    return _UNWANTED.sub("", _LINE_ENDS.sub("\n", text)).strip()[:limit]


def one_line(text: str, limit: int) -> str:
    """The same in one line."""
    return " ".join(written(text, limit * 4).split())[:limit]
