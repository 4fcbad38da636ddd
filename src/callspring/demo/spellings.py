"""The ways a person writes one telephone number."""

from __future__ import annotations

import re
from dataclasses import dataclass

import phonenumbers

REGION = "US"  # numbers typed without a country code are read as the demo shop's neighbours would


class NotANumber(ValueError):
    """What was typed cannot be dialled. The message says so to the person who typed it."""


def to_e164(typed: str, region: str = REGION) -> str:
    """Read a number as a phone's keypad would take it, in any usual way of writing, into E.164 with `+`.

    Possible is enough: whether somebody has the number is for the exchange to say. Raises `NotANumber`.
    """
    try:
        number = phonenumbers.parse(typed[:64], region)
    except phonenumbers.NumberParseException as error:
        raise NotANumber(f"“{typed[:64]}” is not a telephone number.") from error
    if number.extension or not phonenumbers.is_possible_number(number):
        raise NotANumber(f"“{typed[:64]}” is not a telephone number that can be dialled.")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def pretty(destination: str) -> str:
    """Write an E.164 number for people. A SIP address is left as it is."""
    if not re.fullmatch(r"\+[1-9]\d{4,14}", destination):
        return destination or "a withheld number"
    number = phonenumbers.parse(destination)
    national = phonenumbers.region_code_for_country_code(number.country_code or 0) == REGION
    form = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(number, form.NATIONAL if national else form.INTERNATIONAL)


@dataclass(frozen=True, slots=True)
class Spellings:
    """One number as a shop's pages write it: for +18005550199

    `e164` +18005550199, `national` (800) 555-0199, `dashes` 800-555-0199, `spaces` +1 800 555 0199,
    `dots` 1.800.555.0199, and in two parts `first` 800 and `rest` 555-0199.
    """

    e164: str
    national: str
    dashes: str
    spaces: str
    dots: str
    first: str
    rest: str


def spell(e164: str) -> Spellings:
    """All spellings of an E.164 number. Raises `NotANumber`."""
    number = phonenumbers.parse(to_e164(e164))
    national = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
    groups = re.findall(r"\d+", national)
    code = str(number.country_code)
    return Spellings(
        e164=e164,
        national=national,
        dashes="-".join(groups),
        spaces=" ".join([f"+{code}", *groups]),
        dots=".".join([code, *groups]),
        first=groups[0],
        rest="-".join(groups[1:]),
    )
