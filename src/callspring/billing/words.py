"""How sums of money are written."""

from __future__ import annotations

import re
from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext as _

# Digits after the point where it is not two (ISO 4217, the currencies carriers bill in).
MINOR_DIGITS = {"JPY": 0, "KRW": 0, "CLP": 0, "KWD": 3, "BHD": 3}
SIGNS = {"USD": "$", "EUR": "€", "GBP": "£"}
_TYPED = re.compile(r"([+-]?)([0-9]{1,9})(?:[.,]([0-9]+))?", re.ASCII)


def money(amount: int | Decimal, currency: str) -> str:
    """Minor units → $1.25; a currency without a known sign keeps its letters. Parts of a cent are shown: $0.005."""
    digits = MINOR_DIGITS.get(currency, 2)
    exact = abs(Decimal(amount)).scaleb(-digits)
    exponent = exact.normalize().as_tuple().exponent
    shown = max(digits, -exponent if isinstance(exponent, int) else 0)
    text = number_format(exact, decimal_pos=shown, force_grouping=True)
    sign = "\N{MINUS SIGN}" if amount < 0 else ""
    return f"{sign}{SIGNS[currency]}{text}" if currency in SIGNS else f"{sign}{text} {currency}"


def plain(amount: int, currency: str) -> str:
    """For programs: -1.25."""
    digits = MINOR_DIGITS.get(currency, 2)
    return f"{Decimal(amount).scaleb(-digits):.{digits}f}"


def minor_units(text: str, currency: str) -> int:
    """What a person typed, in minor units: 20, $20.50, -3,5. Raises `ValueError`, a sentence for people."""
    digits = MINOR_DIGITS.get(currency, 2)
    typed = _TYPED.fullmatch(text.strip().replace(SIGNS.get(currency, currency), "").replace("\N{MINUS SIGN}", "-"))
    if typed is None or len(typed[3] or "") > digits:
        example = "20" if not digits else f"20.{'50'.ljust(digits, '0')}"
        raise ValueError(_("Give a sum like %(example)s.") % {"example": example})
    units = int(typed[2] + (typed[3] or "").ljust(digits, "0"))
    return -units if typed[1] == "-" else units
