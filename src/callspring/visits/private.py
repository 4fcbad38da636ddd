"""What visitors write into forms and nobody should keep here: passwords, cards, bank accounts, codes (W6). Pure."""

from __future__ import annotations

import re

FORM_EVENT = "form"  # how the site's code names the event that says that a form was sent
PHONE = ("phone", "tel", "telephone", "mobile")
# Names are compared without case and punctuation.
_SECRET = re.compile(
    r"(?<!com)pass(word|wd|code|phrase|wort)?$|password|pwd|secret|token|csrf|captcha|nonce|card|cc(num|number|exp|csc)"
    r"|ccname|cvv|cvc|csc|iban|bic$|sortcode|routing|account(no|num)|ssn|social(security)|^pin(code)?$|otp|security(code|answer)"
    r"|expir|taxid|passport|licen[cs]e"
)
_CARD = re.compile(r"(?:\d[ -]?){13,19}")


def is_private(name: str, value: str) -> bool:
    """Whether a form's field is nobody's business: by its name, or because a card's number stands in it.

    A field for phone numbers may have as many digits as a card.
    """
    bare = bare_name(name)
    return bool(_SECRET.search(bare)) or (bare not in PHONE and _holds_a_card(value))


def bare_name(name: str) -> str:
    """A field's name without case and punctuation: `First-Name` is `firstname`."""
    return re.sub(r"[\W_]", "", name).lower()


def _holds_a_card(value: str) -> bool:
    """Thirteen to nineteen digits that pass the check of payment cards (Luhn, ISO/IEC 7812-1)."""
    return any(_passes("".join(filter(str.isdecimal, found))) for found in _CARD.findall(value))


def _passes(digits: str) -> bool:
    doubled = (int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(digits)))
    return sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0
