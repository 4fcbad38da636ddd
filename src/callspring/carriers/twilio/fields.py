"""The fields of Twilio's webhooks, each checked and bounded."""

from __future__ import annotations

import re
from datetime import UTC
from email.utils import parsedate_to_datetime

from callspring.carriers.contract import BadRequest
from callspring.carriers.outside import clean, e164, identifier, whole
from callspring.carriers.twilio.signature import Form

# What networks say instead of a withheld number reaches Twilio as a word, or as that word spelt on a phone's
# keys, which looks like a real number. Unrecognised, all callers who withhold theirs would be one person.
_WITHHELD = frozenset(
    {
        "+266696687",  # anonymous
        "+7378742833",  # restricted
        "+17378742833",  # restricted, taken for a US number
        "+86282452253",  # unavailable
        "+8656696",  # unknown
        "+8566696",  # unknown, as it is often misspelt
        "+2562533",  # blocked
        "+7748283",  # private
    }
)
_SIP_USER = re.compile(r"sips?:(\+[1-9][0-9]{6,14})@.{1,200}")
_RAW_FIELDS, _RAW_NAME, _RAW_VALUE = 64, 64, 512


def required_id(form: Form, name: str) -> str:
    """The SID in a field. Raises `BadRequest`."""
    found = identifier(form.get(name, ""))
    if not found:
        raise BadRequest(f"{name} is missing or no id")
    return found


def required_number(form: Form, name: str) -> str:
    """The E.164 number in a field. Raises `BadRequest`."""
    found = number(form.get(name, ""))
    if not found:
        raise BadRequest(f"{name} is no E.164 number")
    return found


def number(text: str) -> str:
    """E.164, also out of a SIP address; "" for withheld numbers and for whatever else is no number."""
    found = e164(text) or _sip_user(text)
    return "" if found in _WITHHELD else found


def unix_seconds(timestamp: str) -> float | None:
    """An RFC 2822 date in Unix seconds, None for anything else."""
    if not timestamp or len(timestamp) > 64:
        return None
    try:
        moment = parsedate_to_datetime(timestamp)
        # Without a zone, or with the one that means "unknown", it would be taken for this machine's.
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError, TypeError, IndexError):
        return None


def error_code(form: Form) -> str:
    """`twilio 13224` for the number of one of Twilio's errors in `ErrorCode`, else ""."""
    error = whole(form.get("ErrorCode", ""))
    return f"twilio {error}" if error else ""


def kept(form: Form) -> dict[str, str]:
    """What is kept of the form as it came, bounded and clean."""
    fields = list(form.items())[:_RAW_FIELDS]
    return {clean(name, _RAW_NAME): clean(value, _RAW_VALUE) for name, value in fields}


def _sip_user(text: str) -> str:
    found = _SIP_USER.fullmatch(text)
    return found[1] if found else ""
