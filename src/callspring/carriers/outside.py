"""Values that come from outside, made safe to keep: bounded, free of control characters, of a known form.

Each function answers with "" (or None) for a value that is not of its form, so that the adapter decides
whether it can do without.
"""

from __future__ import annotations

import re

# What XML 1.0 forbids and what no log line, page or spreadsheet should meet: C0 and C1 controls, what turns the
# direction of writing, lone surrogates, the two non-characters.
_UNSAFE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_BLANKS = re.compile("[\t\n\r]+")
# ITU-T E.164: at most 15 digits with the country code. Shorter than 7 is a short code, not a subscriber.
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_IDENTIFIER = re.compile(r"[A-Za-z0-9_-]{1,64}")
_WHOLE = re.compile(r"[0-9]{1,9}")
_WEB_ADDRESS = re.compile(r"https?://[!-~]{1,490}", re.IGNORECASE)


def clean(text: str, limit: int) -> str:
    """`text` cut to `limit` characters; line breaks and tabs become one space, other controls go."""
    text = text[:limit]
    return text if text.isprintable() else _UNSAFE.sub("", _BLANKS.sub(" ", text))


def clean_lines(text: str, limit: int) -> str:
    """`text` cut to `limit` characters, with its line breaks as single newlines; tabs become spaces, controls go."""
    lines = text[:limit].replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(clean(line, limit) for line in lines)


def e164(text: str) -> str:
    """`text` if it is a number in E.164 with `+`, else ""."""
    return text if _E164.fullmatch(text) else ""


def identifier(text: str) -> str:
    """`text` if it can be a carrier's id of a call or leg (at most 64 of `A-Za-z0-9_-`), else ""."""
    return text if _IDENTIFIER.fullmatch(text) else ""


def whole(text: str) -> int | None:
    """The whole number from 0 to 999,999,999 that `text` writes in digits, else None."""
    return int(text) if _WHOLE.fullmatch(text) else None


def web_address(text: str) -> str:
    """`text` if it is an http or https address of at most 500 plain characters, else ""."""
    return text if _WEB_ADDRESS.fullmatch(text) else ""
