"""The kinds of values that parameters take, each checked so that no database refuses it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated

from ninja import Field
from pydantic import AfterValidator, BeforeValidator

LARGEST_ID = 2**63 - 1
YEARS = range(1970, 9000)


def _text(value: str) -> str:
    if "\x00" in value:
        raise ValueError("This must not contain the character NUL.")
    return value


def _moment(value: datetime) -> datetime:
    """A time without an offset is read as UTC."""
    if value.year not in YEARS:
        raise ValueError(f"Give a year from {YEARS[0]} to {YEARS[-1]}.")
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _phone_number(value: object) -> object:
    """E.164. A `+` that was not escaped in the address arrives as a space, or not at all."""
    if not isinstance(value, str) or not value:
        return value
    if not re.fullmatch(r"[ +]?[0-9]{3,15}", value, re.ASCII):
        raise ValueError("Give the number in E.164, such as +13125550142 (in an address: %2B13125550142).")
    return "+" + value.lstrip(" +")


Text = Annotated[str, Field(max_length=300), AfterValidator(_text)]
Moment = Annotated[datetime, AfterValidator(_moment)]
PhoneNumber = Annotated[str, BeforeValidator(_phone_number)]
Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]
