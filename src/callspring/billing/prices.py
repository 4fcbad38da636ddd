"""The price list: what numbers, minutes, messages and plans cost. It is data: `price_list.toml`, which explains it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from types import MappingProxyType

import msgspec
from django.conf import settings
from django.utils import timezone

PERIOD = timedelta(days=7)
OWN_LIST = Path(__file__).with_name("price_list.toml")


class RentRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a number costs for `PERIOD`, and what its carrier bills for it each month (None: not known)."""

    kind: str
    price: int
    carrier: str = ""
    country: str = ""
    carrier_month: int | None = None


class MinuteRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a started minute costs. `direction` is in (kind: of the number called) or out (kind: phone or sip)."""

    direction: str
    kind: str
    price: Decimal
    carrier: str = ""
    country: str = ""


class MessageRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a segment of a text that is sent costs; `country` is the recipient's."""

    price: Decimal
    carrier: str = ""
    country: str = ""


class Prices(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The prices in one currency from one day on."""

    currency: str
    valid_from: date
    rent: tuple[RentRow, ...]
    minutes: tuple[MinuteRow, ...]
    messages: tuple[MessageRow, ...]


class Plan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an account may choose: a fee for `PERIOD`, by currency, and how much use it includes in that time."""

    name: str
    title: str
    about: str
    fee: dict[str, int]
    minutes: int | str = 0
    messages: int | str = 0

    def fee_in(self, currency: str) -> int:
        """The fee in minor units. Raises `ValueError` for a currency that the list does not have."""
        if currency not in self.fee:
            raise ValueError(f"The price list has nothing in {currency}.")
        return self.fee[currency]

    def includes(self, kind: str) -> int | None:
        """How many minutes or messages (the ledger's kinds) are included; None for all of them."""
        given = self.minutes if kind == "minutes" else self.messages
        return None if given == "all" else int(given)


class _File(msgspec.Struct, forbid_unknown_fields=True):
    prices: list[Prices]
    plans: list[Plan]


@dataclass(frozen=True, slots=True)
class PriceList:
    """The whole list. `plans` are by name, the first is a new account's."""

    prices: tuple[Prices, ...]
    plans: Mapping[str, Plan]

    def at(self, currency: str, day: date) -> Prices:
        """The prices that hold on a day. Raises `ValueError` where there are none."""
        valid = [one for one in self.prices if one.currency == currency and one.valid_from <= day]
        if not valid:
            raise ValueError(f"The price list has nothing in {currency}.")
        return max(valid, key=lambda one: one.valid_from)

    @property
    def usual(self) -> Plan:
        """The plan of a new account."""
        return next(iter(self.plans.values()))


def price_list() -> PriceList:
    """The installation's list, else our own. Raises `ValueError` that says what is wrong with it."""
    return read(settings.CONFIG.price_list or OWN_LIST)


@cache
def read(path: Path) -> PriceList:
    """A price list from its file. Raises `ValueError` that says what is wrong with it."""
    try:
        text = tomllib.loads(path.read_text(encoding="utf-8"))
        whole = msgspec.convert(text, _File, strict=True)
        _check(whole)
    except (OSError, ValueError, msgspec.ValidationError) as problem:
        raise ValueError(f"The price list {path} cannot be used: {problem}") from problem
    return PriceList(tuple(whole.prices), MappingProxyType({plan.name: plan for plan in whole.plans}))


def rent(kind: str, currency: str, *, carrier: str = "", country: str = "", at: datetime | None = None) -> int:
    """Rent of one number for `PERIOD` from `at` (now), in minor units. Raises `ValueError` where there is no price.

    `carrier` and `country` (two capital letters) are "" where they are not known: then only rows for all fit.
    """
    return rent_row(kind, currency, carrier=carrier, country=country, at=at).price


def rent_row(kind: str, currency: str, *, carrier: str = "", country: str = "", at: datetime | None = None) -> RentRow:
    """The row that says what a number costs. Raises `ValueError` where there is none."""
    with suppress(ValueError):
        for row in _prices(currency, at).rent:
            if row.kind == kind and _fits(row, carrier, country):
                return row
    raise ValueError(f"The price list has no rent for a {kind} number in {currency}.")


def minute(direction: str, kind: str, currency: str, *, carrier: str, country: str, at: datetime) -> Decimal:
    """A started minute, in minor units; see `MinuteRow`. Nothing where the list has no row for it."""
    rows = [row for row in _prices(currency, at).minutes if (row.direction, row.kind) == (direction, kind)]
    return next((row.price for row in rows if _fits(row, carrier, country)), Decimal(0))


def segment(currency: str, *, carrier: str, country: str, at: datetime) -> Decimal:
    """One segment of a sent text, in minor units; see `MessageRow`. Nothing where the list has no row for it."""
    return next((row.price for row in _prices(currency, at).messages if _fits(row, carrier, country)), Decimal(0))


def whole(price: Decimal) -> int:
    """Minor units, halves up."""
    return int(price.quantize(Decimal(1), ROUND_HALF_UP))


def plan(name: str) -> Plan:
    """The plan of this name; the usual one where the list no longer has it."""
    found = price_list()
    return found.plans.get(name) or found.usual


def _prices(currency: str, at: datetime | None) -> Prices:
    return price_list().at(currency, (at or timezone.now()).astimezone(UTC).date())


def _fits(row: RentRow | MinuteRow | MessageRow, carrier: str, country: str) -> bool:
    return row.carrier in ("", carrier) and row.country in ("", country)


def _check(given: _File) -> None:
    """What the shapes alone do not say. Raises `ValueError`."""
    if not given.plans or not given.prices:
        raise ValueError("it needs prices and a plan")
    names = [one.name for one in given.plans]
    if len(set(names)) < len(names) or any(not 0 < len(name) <= 20 for name in names):
        raise ValueError("each plan needs a name of its own, of 1 to 20 characters")
    currencies = {prices.currency for prices in given.prices}
    for one in given.plans:
        if set(one.fee) != currencies or any(fee < 0 for fee in one.fee.values()):
            raise ValueError(f"{one.name} needs a fee in each currency")
        if any(some != "all" if isinstance(some, str) else some < 0 for some in (one.minutes, one.messages)):
            raise ValueError(f'{one.name}: minutes and messages are numbers or "all"')
    if any(given.plans[0].fee.values()):
        raise ValueError("the first plan, a new account's, must have no fee")
    for prices in given.prices:
        _check_rows(prices)


def _check_rows(prices: Prices) -> None:
    if any(row.price <= 0 or (row.carrier_month or 0) < 0 for row in prices.rent):
        raise ValueError(f"{prices.currency}: a rent must be more than nothing")
    if any(price < 0 for price in [row.price for row in prices.minutes] + [row.price for row in prices.messages]):
        raise ValueError(f"{prices.currency}: a price must not be below nothing")
    if any((row.direction, row.kind) not in _LEGS for row in prices.minutes):
        raise ValueError(f"{prices.currency}: minutes are in (local, toll_free) or out (phone, sip)")


_LEGS = {("in", "local"), ("in", "toll_free"), ("out", "phone"), ("out", "sip")}
