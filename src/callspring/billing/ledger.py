"""The one way into the ledger: under the account's lock, each fact once; the owners are told of crossings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from callspring.accounts.models import Account, User
from callspring.billing import notices
from callspring.billing.crossings import Level, crossed
from callspring.billing.models import LedgerEntry
from callspring.jobs.actions import enqueue

SPENDING = timedelta(days=30)
SHARE = 10  # percent of the last 30 days' spending
MOST_NOTE = 200
# Its handler is where the doors' snapshot is made: `callspring.usage.jobs`.
PUBLISH = "usage.publish_account"

Kind = LedgerEntry.Kind
USE = (Kind.RENT, Kind.PLAN, Kind.MINUTES, Kind.MESSAGES)
_LEVELS = {
    Account.Told.NOTHING.value: Level.FINE,
    Account.Told.LOW.value: Level.LOW,
    Account.Told.EMPTY.value: Level.EMPTY,
}
_TOLD = {level: told for told, level in _LEVELS.items()}


@dataclass(frozen=True, slots=True)
class Fact:
    """What an entry is to say; see `LedgerEntry`. `company` is an id."""

    kind: str
    key: str
    amount: int
    note: str = ""
    company: int | None = None
    about: datetime | None = None
    units: int = 0
    subject: UUID | None = None
    reverses: LedgerEntry | None = None


def lock(account: Account) -> Account:
    """The account as it is now, whose money nobody else changes until the transaction ends.

    SQLite's transactions are alone anyway (`transaction_mode` IMMEDIATE), so there this only reads.
    """
    return Account.objects.select_for_update().get(pk=account.pk)


def balance(account: Account) -> int:
    """The sum of the account's entries."""
    total: int | None = LedgerEntry.objects.filter(account=account).aggregate(total=Sum("amount"))["total"]
    return total or 0


@transaction.atomic
def write(
    account: Account, facts: Sequence[Fact], *, actor: User | None = None, now: datetime | None = None
) -> list[LedgerEntry]:
    """Write what is not written yet; returns the entry of each fact, in order.

    Raises `ValueError` where a key is another account's: then nothing is written.
    """
    now = now or timezone.now()
    locked = lock(account)
    known = {entry.key: entry for entry in LedgerEntry.objects.filter(key__in=[fact.key for fact in facts])}
    if any(entry.account_id != account.pk for entry in known.values()):
        raise ValueError("another account has an entry of this key")
    fresh = {fact.key: _entry(locked, fact, actor, now) for fact in facts if fact.key not in known}
    LedgerEntry.objects.bulk_create(fresh.values())
    if fresh:
        _watch(locked, now, rearm=any(entry.amount > 0 for entry in fresh.values()))
    return [known.get(fact.key) or fresh[fact.key] for fact in facts]


def look_again(account: Account, now: datetime) -> None:
    """The owner set another threshold, or the account another mode: what that crosses is told."""
    _watch(lock(account), now, rearm=True)


def threshold(account: Account, now: datetime) -> int:
    """The balance at which the owners are told that it is low: what they set, else a tenth of 30 days' spending."""
    if account.low_balance is not None:
        return account.low_balance
    return spent(account, now - SPENDING, now) * SHARE // 100


def spent(account: Account, first: datetime, last: datetime) -> int:
    """What use cost from `first` until `last`, in minor units; never below 0."""
    return spent_on(account, USE, first, last)


def spent_on(account: Account, kinds: Sequence[str], first: datetime, last: datetime) -> int:
    """What entries of these kinds took, written from `first` until `last`, in minor units; never below 0."""
    found = LedgerEntry.objects.filter(account=account, kind__in=kinds, at__gte=first, at__lte=last)
    total: int | None = found.aggregate(total=Sum("amount"))["total"]
    return max(0, -(total or 0))


def _entry(account: Account, fact: Fact, actor: User | None, now: datetime) -> LedgerEntry:
    return LedgerEntry(
        account=account,
        company_id=fact.company,
        key=fact.key,
        kind=fact.kind,
        amount=fact.amount,
        currency=account.currency,
        note=fact.note[:MOST_NOTE],
        at=now,
        about=fact.about,
        units=fact.units,
        subject=fact.subject,
        reverses=fact.reverses,
        actor=actor,
    )


def _watch(account: Account, now: datetime, *, rearm: bool) -> None:
    """Tell the owners of what was crossed, and note since when the account owes."""
    if account.mode != Account.Mode.PREPAID:
        return
    held = balance(account)
    # A balance below nothing needs no threshold, which is a sum over many entries.
    told = crossed(_LEVELS[account.told], held, threshold(account, now) if held > 0 else 0, rearm=rearm)
    changed: dict[str, object] = {"told": _TOLD[told.level]}
    if held < 0 and account.arrears_since is None:
        changed["arrears_since"] = now
    elif held >= 0 and account.arrears_since is not None:
        changed |= {"arrears_since": None, "warned_at": None, "reminded_at": None, "swapping_stopped_at": None}
        if account.swapping_stopped_at is not None:
            enqueue(PUBLISH, {"account": account.pk})
    Account.objects.filter(pk=account.pk).update(**changed)
    if told.mail:
        notices.tell(account, told.level, held, now)
