"""Rent renews itself: when a number's 7 days end, the next 7 begin, whether or not a scenario uses it or is on.

Each period is charged once, by its key, and the number's `paid_until` moves with it in the same transaction: several
runners at once, or one that dies in between, charge nothing twice and forget nothing. After an outage all periods that
passed are charged, for the numbers were there and rang.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from callspring.accounts.models import Account
from callspring.billing.actions import renew_rent, rent_key
from callspring.billing.ledger import lock
from callspring.billing.models import LedgerEntry
from callspring.billing.prices import PERIOD
from callspring.numbers.models import Number
from callspring.usage.rented import charged_from, held, is_rented

log = logging.getLogger(__name__)

AT_ONCE = 100  # numbers in one transaction: an account with thousands must not block its calls' charges for long


def renew_all(now: datetime) -> int:
    """Renew what has ended by `now`; returns of how many numbers. A number that has no price holds up no other."""
    due = _due(now).order_by("company__account", "pk").values_list("company__account", "pk")
    by_account: dict[int, list[int]] = {}
    for account, number in due:
        by_account.setdefault(account, []).append(number)
    return sum(
        _renew(account, numbers[first : first + AT_ONCE], now)
        for account, numbers in by_account.items()
        for first in range(0, len(numbers), AT_ONCE)
    )


@transaction.atomic
def begin(account: Account, now: datetime) -> None:
    """The account is charged by use from `now` on: numbers whose period was never charged begin one at once."""
    lock(account)
    for number in held(account).filter(paid_until__gt=now):
        key = rent_key(number, number.paid_until - PERIOD)
        if not LedgerEntry.objects.filter(account=account, key=key).exists():
            Number.objects.filter(pk=number.pk, paid_until=number.paid_until).update(paid_until=now)


def _due(now: datetime) -> QuerySet[Number]:
    return Number.objects.filter(paid_until__lte=now).exclude(state=Number.State.RELEASED)


@transaction.atomic
def _renew(account_id: int, numbers: list[int], now: datetime) -> int:
    """All of these numbers of one account, or none."""
    account = lock(Account(pk=account_id))
    due = _due(now).filter(pk__in=numbers, company__account=account)
    return sum(_renew_one(account, number, now) for number in due.select_related("connection").order_by("pk"))


def _renew_one(account: Account, number: Number, now: datetime) -> bool:
    """False where somebody else was first, it was given back meanwhile, or it has no price."""
    starts = list(_starts(charged_from(account, number), now))
    ours = Number.objects.filter(pk=number.pk, paid_until=number.paid_until).exclude(state=Number.State.RELEASED)
    try:
        with transaction.atomic():
            if not starts or not ours.update(paid_until=starts[-1] + PERIOD):
                return False
            if account.mode == Account.Mode.PREPAID and is_rented(number):
                renew_rent(account, number, starts, now)
    except ValueError as problem:
        log.error("number %s is not charged: %s", number.pk, problem)
        return False
    return True


def _starts(start: datetime, now: datetime) -> Iterator[datetime]:
    """The periods that have begun by `now`. A week is 7 times 24 hours, whatever clocks are put forward meanwhile."""
    while start <= now:
        yield start
        start += PERIOD
