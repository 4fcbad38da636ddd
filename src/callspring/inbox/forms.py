"""What a form's event says: who sent it, and which of its fields may be kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from callspring.inbox.writing import one_line, written
from callspring.numbers.e164 import parse_number

Value = str | int | float | bool | None

PHONE = ("phone", "tel", "telephone", "mobile")
NAMES = ("name", "fullname", "yourname")
FIRST_AND_LAST = ("firstname", "lastname")
MOST_FIELDS = 20
LONGEST_KEY = 60
LONGEST_VALUE = 500
# What nobody should write into a phone system. Keys are compared without case and punctuation.
_SECRET = re.compile(
    r"pass(word|wd|code|phrase|wort)?$|password|pwd|secret|token|csrf|captcha|nonce|card|cc(num|number|exp|csc|name)|cvv"
    r"|cvc|csc|iban|bic$|sortcode|routing|account(no|num)|ssn|social(security)|^pin(code)?$|otp|security(code|answer)"
    r"|expir|taxid|passport|licen[cs]e"
)
_CARD = re.compile(r"(?:\d[ -]?){13,19}")


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
    bare = {_bare(key): value for key, value in said.items()}
    phone = _phone(bare, country)
    if not phone:
        return None
    fields = {key: value for key, value in said.items() if value and not _is_secret(key, value)}
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


def _is_secret(key: str, value: str) -> bool:
    bare = _bare(key)
    return bool(_SECRET.search(bare)) or (bare not in PHONE and _holds_a_card(value))


def _holds_a_card(value: str) -> bool:
    """Thirteen to nineteen digits that pass the check of payment cards (Luhn, ISO/IEC 7812-1)."""
    return any(_passes("".join(filter(str.isdecimal, found))) for found in _CARD.findall(value))


def _passes(digits: str) -> bool:
    doubled = (int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(digits)))
    return sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0


def _bare(key: str) -> str:
    return re.sub(r"[\W_]", "", key).lower()


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else written(str(value), LONGEST_VALUE)
