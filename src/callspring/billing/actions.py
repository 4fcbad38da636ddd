"""What changes an account's balance. Every entry has a key that names its fact, so it is written once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol

from django.db import transaction

from callspring.accounts.models import Account
from callspring.billing.models import LedgerEntry
from callspring.billing.prices import rent
from callspring.billing.queries import balance


class NotEnoughFunds(Exception):
    """A prepaid account cannot pay; nothing was charged. `needed` and `balance` are minor units."""

    def __init__(self, needed: int, balance: int) -> None:
        super().__init__(f"{needed} needed, {balance} on the account (minor units)")
        self.needed = needed
        self.balance = balance


class Rented(Protocol):
    """What billing knows of a number."""

    @property
    def id(self) -> int:
        """Stands in the entry's key."""

    @property
    def e164(self) -> str:
        """For the statement."""

    @property
    def kind(self) -> str:
        """Decides the price."""


@transaction.atomic
def open_balance(account: Account, amount: int, key: str) -> LedgerEntry:
    """Put an opening balance (minor units, above 0) on an account. The same key again changes nothing."""
    if amount <= 0:
        raise ValueError("an opening balance is more than nothing")
    lock(account)
    entry, _ = LedgerEntry.objects.get_or_create(
        key=key, defaults={"account": account, "kind": LedgerEntry.Kind.OPENING, "amount": amount}
    )
    return entry


@transaction.atomic
def charge_rent(account: Account, number: Rented, period_start: datetime) -> LedgerEntry | None:
    """Charge one number's rent for the 7 days from `period_start` (aware); asked twice, charged once.

    None for an account in mode own_carrier, whose carrier sends the bill. Raises `NotEnoughFunds`.
    """
    if account.mode != Account.Mode.PREPAID:
        return None
    lock(account)
    key = rent_key(number, period_start)
    price = rent(number.kind, account.currency)
    if (charged := LedgerEntry.objects.filter(key=key).first()) is not None:
        return charged
    demand(account, price)
    return LedgerEntry.objects.create(
        account=account, key=key, kind=LedgerEntry.Kind.RENT, amount=-price, note=number.e164
    )


def demand(account: Account, amount: int) -> None:
    """Raise `NotEnoughFunds` unless a prepaid account has `amount`. Mode own_carrier is never stopped."""
    if account.mode == Account.Mode.PREPAID and (held := balance(account)) < amount:
        raise NotEnoughFunds(amount, held)


def lock(account: Account) -> None:
    """Let nobody else change this account's money until the transaction ends.

    SQLite's transactions are alone anyway (`transaction_mode` IMMEDIATE), so there this only reads.
    """
    Account.objects.select_for_update().get(pk=account.pk)


def rent_key(number: Rented, period_start: datetime) -> str:
    """The name of the fact "this number's rent for the period that starts then"."""
    return f"rent:{number.id}:{period_start.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
