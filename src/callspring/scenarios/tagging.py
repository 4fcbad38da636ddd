"""Tagging (W4): what a scenario replaces on pages, and how its numbers are displayed there. Pure.

What is typed is checked here; `ValueError` is a sentence that says what to do.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

import phonenumbers
from django.utils.translation import gettext as _
from phonenumbers import NumberParseException, PhoneNumberFormat

from callspring.numbers.e164 import country_of, parse_number

MOST_TARGETS = 20
SELECTOR_LENGTH, MASK_LENGTH, PREFIX_LENGTH = 200, 40, 20
NUMBER, SELECTOR = "number", "selector"
PARTS = ("country", "area", "rest")

_NAME = r"-?[A-Za-z_][A-Za-z0-9_-]*"
_ATTRIBUTE = rf"\[{_NAME}(?:[~|^$*]?=(?:\"[^\"\\\]\[<>\x00-\x1f\x7f]*\"|'[^'\\\]\[<>\x00-\x1f\x7f]*'|{_NAME}))?\]"
_MARK = rf"(?:[#.]{_NAME}|{_ATTRIBUTE})"
_SIMPLE = rf"(?:{_NAME}{_MARK}*|{_MARK}+)"
# No regular expression here can run away: each repetition is told from the next by its first character.
_SELECTOR = re.compile(rf"(?:{_SIMPLE}(?: *[>+~] *| +))*{_SIMPLE}", re.ASCII)
_LAST = re.compile(r"[ >+~]")
_MASK = re.compile(r"[X0-9 ()+.\-–/·]+")


class Target(NamedTuple):
    """A swap target as typed and checked. `kind`: number (`value` is E.164) or selector; `part`: see `SwapTarget`."""

    kind: str
    value: str
    part: str = ""


class Written(NamedTuple):
    """How a number is displayed. `text` is "" where a page keeps the way in which its own number was written.

    `whole` is what elements show that are found by a selector, and `country`, `area`, `rest` its parts.
    """

    text: str
    whole: str
    country: str
    area: str
    rest: str


def target(text: str, country: str, part: str = "") -> Target:
    """What somebody typed: a phone number, as a company of `country` writes it, or a CSS selector."""
    text = text.strip()
    if part not in ("", *PARTS):
        raise ValueError(_("Choose the whole number, the country code, the area code or the rest."))
    if part or text[:1] in ("#", ".", "[") or re.search(r"[#.\[][A-Za-z_-]", text):
        return Target(SELECTOR, selector(text), part)
    return Target(NUMBER, parse_number(text, country))


def selector(text: str) -> str:
    """A CSS selector of ids, classes, elements and attributes, with its spaces put in order.

    What it finds is overwritten, so its last part must name an id, a class or an attribute: `a` alone would empty every
    link of the page.
    """
    text = " ".join(text.split())
    if len(text) > SELECTOR_LENGTH:
        raise ValueError(_("Shorten the selector to %(most)d characters.") % {"most": SELECTOR_LENGTH})
    if not _SELECTOR.fullmatch(text):
        said = _("“%(text)s” is not a class or an id. Write .phone for a class, #phone for an id.")
        raise ValueError(said % {"text": text[:60]})
    outside = re.sub(r"\[[^\]]*\]", "[", text)  # what stands in brackets is one attribute, whatever it says
    if not re.search(r"[#.\[]", _LAST.split(outside)[-1]):
        said = _("“%(text)s” would replace too much. Add the class or id of the element, such as %(better)s.")
        raise ValueError(said % {"text": text[:60], "better": f"{text.split()[-1][:40]}.phone"})
    return text


def targets(typed: list[tuple[str, str]], country: str) -> list[Target]:
    """The swap targets of a scenario from (text, part) each; empty texts are passed over, none is named twice."""
    found = [target(text, country, part) for text, part in typed if text.strip()]
    if len(found) > MOST_TARGETS:
        raise ValueError(_("A scenario replaces at most %(most)d things. Leave some out.") % {"most": MOST_TARGETS})
    for place, one in enumerate(found):
        if one.value in [other.value for other in found[:place]]:
            raise ValueError(_("“%(what)s” is listed twice. Leave one out.") % {"what": one.value})
    return found


def mask(text: str) -> str:
    """A mask such as `8 (XXX) XXX-XX-XX`; "" is: as the page has written its own number."""
    text = " ".join(text.upper().replace("Х", "X").split())
    if not text:
        return ""
    if len(text) > MASK_LENGTH:
        raise ValueError(_("Shorten the mask to %(most)d characters.") % {"most": MASK_LENGTH})
    if not _MASK.fullmatch(text):
        raise ValueError(_("A mask has X for each digit, and spaces, brackets, dots and dashes: 8 (XXX) XXX-XX-XX."))
    if not 4 <= text.count("X") <= 15:
        raise ValueError(_("A mask has between 4 and 15 X, one for each digit of the number."))
    if text.count("(") != text.count(")"):
        raise ValueError(_("A bracket of the mask is open. Close it."))
    return text


def prefix(text: str) -> str:
    """What stands before the number, such as `Tel. `. It may end with a space."""
    if len(text) > PREFIX_LENGTH:
        raise ValueError(_("Shorten the prefix to %(most)d characters.") % {"most": PREFIX_LENGTH})
    if not text.isprintable() or any(sign in text for sign in "<>"):
        raise ValueError(_("The prefix has characters that pages cannot show. Type it anew."))
    return text if text.strip() else ""


def suits(mask: str, e164: str) -> bool:
    """Whether the number written by this mask, dialled as it stands in its own country, still reaches it.

    `8 (XXX) XXX-XX-XX` suits a Russian number and no American one: nobody would be reached there by the 8.
    """
    try:
        read = phonenumbers.parse(fill(mask, e164), country_of(e164) or None)
    except NumberParseException:
        return False
    return phonenumbers.format_number(read, PhoneNumberFormat.E164) == e164


def fill(mask: str, e164: str) -> str:
    """The mask with the number's digits, the last digit at the last X.

    They are the national digits, or all of them where the mask begins with `+X`. Digits for which there is no X stand
    before the first one; X without a digit are left out, with brackets that are empty then. No digit is ever lost.
    """
    number = phonenumbers.parse(e164)
    digits = e164.lstrip("+") if mask.startswith("+X") else phonenumbers.national_significant_number(number)
    places = mask.count("X")
    first, rest = digits[: max(0, len(digits) - places)], digits[max(0, len(digits) - places) :]
    line = iter([""] * (places - len(rest)) + list(rest))
    text = "".join(next(line) if sign == "X" else sign for sign in mask)
    at = mask.find("X")
    text = text[:at] + first + text[at:]
    return " ".join(re.sub(r"\(\)|\([^0-9]*\)", "", text).split()).strip("-./· ")


def written(e164: str, mask: str, prefix: str) -> Written:
    """How a number is displayed by a mask and a prefix.

    A mask that does not suit the number is passed over, and the usual way of its country is taken: a number that cannot
    be dialled is never shown.
    """
    usual = national(e164)
    good = bool(mask) and suits(mask, e164)
    text = prefix + (fill(mask, e164) if good else usual) if good or prefix else ""
    return Written(text, text or usual, *parts(e164))


def parts(e164: str) -> tuple[str, str, str]:
    """Country code, area code and the rest, as the country writes them: `+1`, `312`, `555-0142`.

    Numbers of countries without area codes have "" there and are all rest.
    """
    number = phonenumbers.parse(e164)
    country = f"+{number.country_code}"
    usual = phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL).removeprefix(country).strip()
    length = phonenumbers.length_of_national_destination_code(number)
    if not length:
        return country, "", usual
    at = _behind(usual, length)
    return country, phonenumbers.national_significant_number(number)[:length], usual[at:].lstrip(" -./)")


@lru_cache(maxsize=10_000)
def national(e164: str) -> str:
    """The usual way to write a number in its own country: `(312) 555-0142`."""
    return phonenumbers.format_number(phonenumbers.parse(e164), PhoneNumberFormat.NATIONAL)


@lru_cache(maxsize=10_000)
def spellings(e164: str) -> tuple[str, ...]:
    """A number's digits as pages write them: `+18005550199`, `18005550199`, `8005550199`. The first is E.164.

    What is dialled before a country code (`00`, `011`) is no part of them: the snippet knows it.

    Where the country writes a trunk prefix (`0800 …` in Germany), that spelling is among them, and last, where it is a
    zero, the one with both prefixes: `+44 020 …` is not right, and written all the same.
    """
    number = phonenumbers.parse(e164)
    digits = e164.lstrip("+")
    significant = phonenumbers.national_significant_number(number)
    usual = "".join(filter(str.isdecimal, national(e164)))
    found = {f"+{digits}", digits, usual, significant}
    both = (f"+{number.country_code}{usual}",) if usual == f"0{significant}" else ()
    return (*sorted(found, key=lambda text: (-len(text), text)), *both)


def _behind(text: str, digits: int) -> int:
    """Where the text goes on behind so many digits."""
    for at, sign in enumerate(text):
        if digits == 0:
            return at
        digits -= sign.isdecimal()
    return len(text)
