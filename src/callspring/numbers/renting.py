"""What a number costs here: its price in the list, by kind, country and carrier."""

from __future__ import annotations

from callspring.billing.prices import rent
from callspring.numbers.e164 import country_of, kind_of


def rent_of(e164: str, carrier: str, currency: str) -> int:
    """Rent of one number for 7 days, in minor units. Raises `ValueError` for what is no number or has no price."""
    return rent(kind_of(e164), currency, carrier=carrier, country=country_of(e164))
