"""How a call and its visit are put into a person's words: numbers, lengths of time, places, sources."""

from __future__ import annotations

import re
from typing import Any

import phonenumbers
from django.utils.translation import gettext as _

from callspring.sites.international import address_to_unicode
from callspring.visits.touch import CHANNEL_LABELS, Channel

DASH = "\N{EN DASH}"


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
    """The part of an address that people read, without scheme and query; `xn--` as they write it where that is safe."""
    _scheme, separator, rest = url.partition("://")
    if not separator:
        return url
    return address_to_unicode(re.split(r"[?#]", rest, maxsplit=1)[0].removesuffix("/"))
