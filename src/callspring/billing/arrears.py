"""What happens while an account owes money: a warning, then the websites show its own numbers, then reminders.

Calls always ring, and no number is ever given back by itself (docs/decisions/0011-money.md). Swapping is not stopped
unless the owners were warned two days before, however long we were down meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.db import transaction

from callspring.accounts.models import Account
from callspring.billing import notices
from callspring.billing.ledger import PUBLISH, balance, lock
from callspring.jobs.actions import enqueue

WARNING = timedelta(days=2)  # before swapping stops
REMIND_EVERY = timedelta(days=7)
REMINDERS = 4  # then the console alone says it


class Act(StrEnum):
    """What is due."""

    WARN = "warn"
    STOP = "stop"
    REMIND = "remind"


@dataclass(frozen=True, slots=True)
class Standing:
    """Since when an account owes, and what has been done about it."""

    since: datetime
    warned_at: datetime | None = None
    stopped_at: datetime | None = None
    reminded_at: datetime | None = None


def stops_at(standing: Standing, grace: timedelta, now: datetime) -> datetime:
    """When swapping stops, if nothing is paid: after the grace period and a warning's time."""
    return max(standing.since + grace, (standing.warned_at or now) + min(WARNING, grace))


def due(standing: Standing, grace: timedelta, now: datetime) -> Act | None:
    """What is to be done now; pure."""
    if standing.stopped_at is not None:
        last = standing.reminded_at or standing.stopped_at
        still = last < standing.stopped_at + REMIND_EVERY * REMINDERS
        return Act.REMIND if still and now >= last + REMIND_EVERY else None
    if standing.warned_at is None:
        return Act.WARN if now >= standing.since + grace - min(WARNING, grace) else None
    return Act.STOP if now >= stops_at(standing, grace, now) else None


def look_at_all(now: datetime) -> None:
    """Do what is due for every account that owes."""
    for account in Account.objects.filter(mode=Account.Mode.PREPAID, arrears_since__isnull=False).order_by("pk"):
        look_at(account, now)


@transaction.atomic
def look_at(account: Account, now: datetime) -> Act | None:
    """Do what is due for one account; returns what that was."""
    account = lock(account)
    if account.arrears_since is None or account.mode != Account.Mode.PREPAID:
        return None
    grace = timedelta(days=settings.CONFIG.grace_days)
    standing = Standing(account.arrears_since, account.warned_at, account.swapping_stopped_at, account.reminded_at)
    act = due(standing, grace, now)
    ours = Account.objects.filter(pk=account.pk)
    if act is Act.WARN:
        ours.update(warned_at=now)
        notices.warn(account, balance(account), stops_at(standing, grace, now))
    elif act is Act.STOP:
        ours.update(swapping_stopped_at=now)
        enqueue(PUBLISH, {"account": account.pk})
        notices.say_stopped(account, balance(account), now)
    elif act is Act.REMIND:
        ours.update(reminded_at=now)
        notices.say_stopped(account, balance(account), now)
    return act


def when_it_stops(account: Account, now: datetime) -> datetime | None:
    """When swapping stops if nothing is paid; None while nothing is owed."""
    if account.arrears_since is None:
        return None
    standing = Standing(account.arrears_since, account.warned_at)
    return stops_at(standing, timedelta(days=settings.CONFIG.grace_days), now)
