"""The fields of a webhook, each checked and bounded."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from callspring.carriers import forms
from callspring.carriers.contract import BadRequest
from callspring.carriers.outside import clean, identifier

Fields = Mapping[str, Any]
_DIGITS = re.compile(r"\+?[1-9][0-9]{6,14}")
_RAW_FIELDS, _RAW_NAME, _RAW_VALUE = 64, 64, 512


def number(value: Any) -> str:
    """E.164 of the digits that Vonage writes without a plus; "" for withheld numbers and whatever else is none."""
    text = value if isinstance(value, str) else ""
    return forms.number("+" + text.removeprefix("+")) if _DIGITS.fullmatch(text) else forms.number(text)


def required_number(fields: Fields, name: str) -> str:
    """The number in a field. Raises `BadRequest`."""
    found = number(fields.get(name))
    if not found:
        raise BadRequest(f"{name} is no telephone number")
    return found


def required_id(fields: Fields, name: str) -> str:
    """The id in a field. Raises `BadRequest`."""
    value = fields.get(name)
    found = identifier(value) if isinstance(value, str) else ""
    if not found:
        raise BadRequest(f"{name} is missing or no id")
    return found


def unix_seconds(value: Any) -> float | None:
    """A time of ISO 8601 in Unix seconds, also without its zone, which is UTC; None for anything else."""
    if not isinstance(value, str) or not 10 <= len(value) <= 40:
        return None
    try:
        moment = datetime.fromisoformat(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def raw(fields: Fields) -> dict[str, str]:
    """What is kept of the webhook as it came, bounded and clean."""
    some = list(fields.items())[:_RAW_FIELDS]
    return {clean(name, _RAW_NAME): clean(_text(value), _RAW_VALUE) for name, value in some if value is not None}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
