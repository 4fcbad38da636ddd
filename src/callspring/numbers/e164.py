"""Phone numbers as people type them and as everything here keeps them: E.164, `+` and at most 15 digits."""

from __future__ import annotations

from functools import lru_cache

import phonenumbers
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType, ValidationResult

TOLL_FREE = "toll_free"
LOCAL = "local"

_UNREADABLE = gettext_noop("“%(text)s” is not a phone number. Write it like +1 312 555 0142.")
_NO_COUNTRY = gettext_noop("“%(text)s” begins with a country code that does not exist.")
_TOO_SHORT = gettext_noop("“%(text)s” has too few digits for a phone number.")
_TOO_LONG = gettext_noop("“%(text)s” has too many digits for a phone number.")
_NO_AREA = gettext_noop("“%(text)s” lacks the area code.")
_EXTENSION = gettext_noop("“%(text)s” has an extension: give the number without it.")
_NOBODY = gettext_noop("“%(text)s” is a number that nobody can have. Check its digits.")

_UNPARSED = {
    NumberParseException.INVALID_COUNTRY_CODE: _NO_COUNTRY,
    NumberParseException.TOO_SHORT_AFTER_IDD: _TOO_SHORT,
    NumberParseException.TOO_SHORT_NSN: _TOO_SHORT,
    NumberParseException.TOO_LONG: _TOO_LONG,
}
_IMPOSSIBLE = {
    ValidationResult.TOO_SHORT: _TOO_SHORT,
    ValidationResult.TOO_LONG: _TOO_LONG,
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: _NO_AREA,
    ValidationResult.INVALID_COUNTRY_CODE: _NO_COUNTRY,
}


def parse_number(text: str, country: str) -> str:
    """`text` in E.164. Without a country code it is read as a number of `country` (two capital letters).

    Raises `ValueError`: a sentence that says what is wrong with it.
    """
    if not text.strip():
        raise ValueError(_("Give a phone number."))
    try:
        number = phonenumbers.parse(text, country)
    except NumberParseException as error:
        raise _problem(_UNPARSED.get(error.error_type, _UNREADABLE), text) from None
    if number.extension:
        raise _problem(_EXTENSION, text)
    possible = phonenumbers.is_possible_number_with_reason(number)
    if possible != ValidationResult.IS_POSSIBLE:
        raise _problem(_IMPOSSIBLE.get(possible, _NOBODY), text)
    if not phonenumbers.is_valid_number(number):
        raise _problem(_NOBODY, text)
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def kind_of(e164: str) -> str:
    """The kind of a number in E.164: toll_free or local, as `Number.Kind` has them. Raises `ValueError`."""
    try:
        kind = phonenumbers.number_type(phonenumbers.parse(e164))
    except NumberParseException:
        raise _problem(_UNREADABLE, e164) from None
    return TOLL_FREE if kind == PhoneNumberType.TOLL_FREE else LOCAL


@lru_cache(maxsize=10_000)
def country_of(e164: str) -> str:
    """The country of a number in E.164, two capital letters; "" for one of no country and for what is no number."""
    try:
        region = phonenumbers.region_code_for_number(phonenumbers.parse(e164))
    except NumberParseException:
        return ""
    return region if region and region.isalpha() else ""


def _problem(sentence: str, text: str) -> ValueError:
    return ValueError(_(sentence) % {"text": text.strip()[:40]})
