"""The price list: what a number costs. Plans join it with issue 5."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType

PERIOD = timedelta(days=7)

# Currency → kind of number → rent for one period, in minor units (cents).
RENT: Mapping[str, Mapping[str, int]] = MappingProxyType(
    {
        "USD": MappingProxyType({"local": 75, "toll_free": 100}),
        "EUR": MappingProxyType({"local": 70, "toll_free": 95}),
    }
)


def rent(kind: str, currency: str) -> int:
    """Rent of one number for `PERIOD`, in minor units. Raises `ValueError` where the list has no price."""
    try:
        return RENT[currency][kind]
    except KeyError:
        raise ValueError(f"The price list has no rent for a {kind} number in {currency}.") from None
