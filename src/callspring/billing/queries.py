"""Reads about money, in minor units of the account's currency."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate

from django.db.models import Sum

from callspring.accounts.models import Account
from callspring.billing.models import LedgerEntry


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a statement; `balance` is what the account held once the entry was written."""

    entry: LedgerEntry
    balance: int


def balance(account: Account) -> int:
    """The sum of the account's entries."""
    total: int | None = LedgerEntry.objects.filter(account=account).aggregate(total=Sum("amount"))["total"]
    return total or 0


def statement(account: Account) -> list[Line]:
    """All entries of an account, oldest first."""
    entries = list(LedgerEntry.objects.filter(account=account).order_by("id"))
    held = accumulate(entry.amount for entry in entries)
    return [Line(entry, after) for entry, after in zip(entries, held, strict=True)]
