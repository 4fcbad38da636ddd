"""The fields of a webhook, each checked and bounded."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from callspring.carriers import forms
from callspring.carriers.contract import BadRequest, CarrierRequest
from callspring.carriers.outside import clean, identifier, web_address

Fields = Mapping[str, Any]
_DURATION = re.compile(r"PT(?:([0-9]{1,3})H)?(?:([0-9]{1,4})M)?(?:([0-9]{1,6})(?:\.[0-9]{1,9})?S)?")
_RAW_FIELDS, _RAW_NAME, _RAW_VALUE = 64, 64, 512


def parsed(request: CarrierRequest) -> Any:
    """The JSON of a webhook. Raises `BadRequest`."""
    if len(request.body) > forms.BODY_LIMIT:
        raise BadRequest("the body is too long")
    try:
        return msgspec.json.decode(request.body)
    except (msgspec.DecodeError, ValueError, RecursionError):
        raise BadRequest("webhooks are JSON, this is none") from None


def fields_of(value: Any) -> Fields:
    """An object's fields. Raises `BadRequest` for anything else."""
    if not isinstance(value, dict):
        raise BadRequest("this is no object")
    return value


def said(fields: Fields, name: str) -> str:
    """The text in a field, "" for what is none."""
    value = fields.get(name)
    return value if isinstance(value, str) else ""


def number(fields: Fields, name: str) -> str:
    """E.164 in a field; "" for withheld numbers and whatever else is none."""
    return forms.number(said(fields, name)[:300])


def required_id(fields: Fields, name: str) -> str:
    """The id in a field. Raises `BadRequest`."""
    found = identifier(said(fields, name))
    if not found:
        raise BadRequest(f"{name} is missing or no id")
    return found


def address(fields: Fields, name: str) -> str:
    """The web address in a field, "" for what is none."""
    return web_address(said(fields, name))


def unix_seconds(value: Any) -> float | None:
    """A time of ISO 8601 with its zone in Unix seconds, None for anything else."""
    if not isinstance(value, str) or not 19 < len(value) <= 40:
        return None
    try:
        moment = datetime.fromisoformat(value)
        return moment.timestamp() if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


def between(fields: Fields, first: str, last: str) -> int | None:
    """Whole seconds between the times in two fields, None where one of them is missing."""
    begun, over = unix_seconds(fields.get(first)), unix_seconds(fields.get(last))
    return None if begun is None or over is None else max(0, round(over - begun))


def seconds(value: Any) -> int | None:
    """A duration of ISO 8601 such as `PT13.67S` in whole seconds, None for anything else."""
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return None
    hours, minutes, rest = (int(part or 0) for part in found.groups())
    return hours * 3600 + minutes * 60 + rest


def raw(fields: Fields) -> dict[str, str]:
    """What is kept of the webhook as it came, bounded and clean."""
    some = list(fields.items())[:_RAW_FIELDS]
    return {clean(name, _RAW_NAME): clean(_text(value), _RAW_VALUE) for name, value in some if value is not None}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
