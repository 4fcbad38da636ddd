"""Reads about money, in minor units of the account's currency."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate

from django.db.models import QuerySet, Sum

from callspring.accounts.models import Account
from callspring.billing.ledger import balance
from callspring.billing.models import LedgerEntry, TopUp

__all__ = ["Line", "Wanted", "balance", "entries", "lines", "moved", "open_top_ups", "page", "statement"]

AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a statement; `balance` is what the account held once the entry was written."""

    entry: LedgerEntry
    balance: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries: of one kind ("" for all), from `first` until before `last`."""

    kind: str = ""
    first: datetime | None = None
    last: datetime | None = None


def entries(account: Account, wanted: Wanted) -> QuerySet[LedgerEntry]:
    """Those entries of an account, oldest first. Within an account ids rise with time: entries are written in turn."""
    found = LedgerEntry.objects.filter(account=account).order_by("id").select_related("actor", "company")
    if wanted.kind:
        found = found.filter(kind=wanted.kind)
    if wanted.first is not None:
        found = found.filter(at__gte=wanted.first)
    if wanted.last is not None:
        found = found.filter(at__lt=wanted.last)
    return found


def moved(account: Account, wanted: Wanted) -> tuple[int, int]:
    """What those entries brought, and what they took (not below 0)."""
    found = entries(account, wanted).order_by()
    came = found.filter(amount__gt=0).aggregate(total=Sum("amount"))["total"]
    went = found.filter(amount__lt=0).aggregate(total=Sum("amount"))["total"]
    return came or 0, -(went or 0)


def statement(account: Account) -> list[Line]:
    """All entries of an account, oldest first."""
    return list(lines(account, Wanted()))


def lines(account: Account, wanted: Wanted) -> Iterator[Line]:
    """Those entries with the balance after each, oldest first, read some at a time."""
    amounts = LedgerEntry.objects.filter(account=account).order_by("id").values_list("id", "amount")
    ids, summed = zip(*amounts, strict=True) if amounts else ((), ())
    after = dict(zip(ids, accumulate(summed), strict=True))
    # An entry written since is for the next time.
    for entry in entries(account, wanted).filter(id__lte=max(ids, default=0)).iterator(AT_ONCE):
        yield Line(entry, after[entry.pk])


def page(account: Account, wanted: Wanted, before: int | None, size: int) -> list[Line]:
    """The newest `size` of those entries (with an id below `before`), newest first."""
    found = entries(account, wanted).order_by("-id")
    newest = list((found.filter(id__lt=before) if before else found)[:size])
    if not newest:
        return []
    # Entries of other kinds lie between these, and move the balance too.
    between = LedgerEntry.objects.filter(account=account, id__gte=newest[-1].pk, id__lte=newest[0].pk)
    earlier = LedgerEntry.objects.filter(account=account, id__lt=newest[-1].pk)
    held: int = earlier.aggregate(total=Sum("amount"))["total"] or 0
    after = {}
    for pk, amount in between.order_by("id").values_list("id", "amount"):
        held += amount
        after[pk] = held
    return [Line(entry, after[entry.pk]) for entry in newest]


def open_top_ups(account: Account, since: datetime) -> QuerySet[TopUp]:
    """Payments that are under way or went wrong lately, newest first."""
    found = TopUp.objects.filter(account=account, created_at__gte=since)
    return found.exclude(state__in=(TopUp.State.PAID, TopUp.State.ENDED)).order_by("-id")
