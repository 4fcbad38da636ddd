"""How things are said on the console's pages: numbers, times, places and sources in a person's words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import phonenumbers
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from callspring.visits.touch import CHANNEL_LABELS, Channel

DASH = "\N{EN DASH}"
# Digits after the point where it is not two (ISO 4217, the currencies carriers bill in).
MINOR_DIGITS = {"JPY": 0, "KRW": 0, "CLP": 0, "KWD": 3, "BHD": 3}
SIGNS = {"USD": "$", "EUR": "€", "GBP": "£"}


def phone(e164: str | None) -> str:
    """A number the way its own country writes it, with the country code where it is not North American."""
    if not e164:
        return _("Withheld")
    if not e164.startswith("+"):  # a SIP address
        return e164
    try:
        parsed = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return e164
    if parsed.country_code == 1:
        return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def seconds(length: float | None) -> str:
    """42 s, 3 min 5 s, 1 h 2 min."""
    if length is None:
        return ""
    whole = round(length)
    if whole < 60:
        return _("%(s)d s") % {"s": whole}
    if whole < 3600:
        return _("%(min)d min %(s)d s") % {"min": whole // 60, "s": whole % 60}
    return _("%(h)d h %(min)d min") % {"h": whole // 3600, "min": whole % 3600 // 60}


def percent(share: float | None) -> str:
    """0.874 → 87 %; a dash where there is nothing to divide by. Only a whole is called 100 %."""
    if share is None:
        return DASH
    whole = round(share * 100)
    if share < 1:
        whole = min(whole, 99)
    return _("%(share)d %%") % {"share": whole}


def money(amount: int, currency: str) -> str:
    """Minor units → $1.25; a currency without a known sign keeps its letters."""
    digits = MINOR_DIGITS.get(currency, 2)
    text = number_format(abs(amount) / 10**digits, decimal_pos=digits, force_grouping=True)
    sign = "\N{MINUS SIGN}" if amount < 0 else ""
    return f"{sign}{SIGNS[currency]}{text}" if currency in SIGNS else f"{sign}{text} {currency}"


def source(row: Any) -> str:
    """The name of where somebody came from: `google / cpc`, `Direct`, `Unknown`. `row` has the source columns."""
    if row is None:
        return _("Unknown")
    name, medium, channel = row.source or "", row.medium or "", row.channel or ""
    if name and medium:
        return f"{name} / {medium}"
    return name or channel_name(channel) or medium or _("Unknown")


def channel_name(channel: str) -> str:
    """A channel for people; "" for none."""
    try:
        return _(CHANNEL_LABELS[Channel(channel)])
    except ValueError:
        return channel


def place(visit: Any) -> str:
    """City, region, country: as much as the location file knew."""
    return ", ".join(part for part in (visit.city, visit.region, visit.country) if part)


def host_path(url: str) -> str:
    """The part of an address that people read, without scheme and query."""
    _scheme, separator, rest = url.partition("://")
    if not separator:
        return url
    return re.split(r"[?#]", rest, maxsplit=1)[0].removesuffix("/")


def strategy(rule: Any) -> str:
    """A rule's condition as a sentence fragment: when its number is shown."""
    if rule.dynamic:
        return _("Every visitor gets a number of their own")
    value = {"name": rule.name, "value": rule.value}
    said: dict[str, str] = {
        "url_parameter": _("Address has %(name)s=%(value)s") if rule.value else _("Address has the parameter %(name)s"),
        "landing_page": _("Landed on %(value)s"),
        "referral": _("Came from %(value)s") if rule.value else _("Came from another website"),
        "web_search": _("Came from a web search"),
        "direct": _("Came directly"),
        "always": _("Every visitor"),
    }
    return said[rule.strategy] % value


@dataclass(frozen=True, slots=True)
class Change:
    """How a figure moved. `direction` is up, down or same."""

    text: str
    direction: str


def change(now: float | None, before: float | None, *, points: bool) -> Change | None:
    """None where there is nothing to compare with."""
    if now is None or before is None or (not points and not before):
        return None
    moved = round((now - before) * 100) if points else round((now - before) / before * 100)
    direction = "up" if moved > 0 else "down" if moved < 0 else "same"
    if not moved:
        return Change(_("no change"), direction)
    if points:
        return Change(ngettext("%(n)s point", "%(n)s points", abs(moved)) % {"n": abs(moved)}, direction)
    return Change(_("%(n)s %%") % {"n": number_format(abs(moved), force_grouping=True)}, direction)
