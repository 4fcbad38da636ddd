"""What a form's event says: who sent it, and which of its fields may be kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from callspring.inbox.writing import one_line, written
from callspring.numbers.e164 import parse_number
from callspring.visits.private import PHONE, bare_name, is_private

Value = str | int | float | bool | None

NAMES = ("name", "fullname", "yourname")
FIRST_AND_LAST = ("firstname", "lastname")
MOST_FIELDS = 20
LONGEST_KEY = 60
LONGEST_VALUE = 500


@dataclass(frozen=True, slots=True)
class Form:
    """A form that can be answered. `phone` is E.164, `name` "" when nobody gave one."""

    phone: str
    name: str
    fields: dict[str, str]

    @property
    def body(self) -> str:
        """The fields as lines, for reading and searching."""
        return "\n".join(f"{key}: {value}" for key, value in self.fields.items())


def read_form(data: Mapping[str, Value], country: str) -> Form | None:
    """The form behind an event's data; None without a phone number that can be read as one of `country` (ISO 3166)."""
    said = {one_line(key, LONGEST_KEY): _text(value) for key, value in list(data.items())[:MOST_FIELDS]}
    bare = {bare_name(key): value for key, value in said.items()}
    phone = _phone(bare, country)
    if not phone:
        return None
    fields = {key: value for key, value in said.items() if value and not is_private(key, value)}
    return Form(phone, _name(bare), fields)


def _phone(bare: Mapping[str, str], country: str) -> str:
    for key in PHONE:
        try:
            return parse_number(bare.get(key, "")[:40], country)
        except ValueError:
            continue
    return ""


def _name(bare: Mapping[str, str]) -> str:
    whole = next((bare[key] for key in NAMES if bare.get(key)), "")
    return one_line(whole or " ".join(bare.get(key, "") for key in FIRST_AND_LAST), 80)


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else written(str(value), LONGEST_VALUE)
