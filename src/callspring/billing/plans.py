"""Which plan an account is on, and what that includes.

A change waits until what is paid for has been used: nothing of a fee is given back. A plan whose next 7 days the
balance does not cover ends by itself, and the account goes on with the usual one; plans are no reason to owe money.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from callspring.accounts.models import Account
from callspring.billing import notices
from callspring.billing.actions import NotEnoughFunds
from callspring.billing.ledger import Fact, balance, lock, write
from callspring.billing.models import LedgerEntry
from callspring.billing.prices import PERIOD, Plan, plan, price_list

log = logging.getLogger(__name__)

Kind = LedgerEntry.Kind


@transaction.atomic
def choose(account: Account, name: str, now: datetime) -> None:
    """Choose a plan: from now on, or once the present one is used up. Choosing the present one takes a change back.

    Raises `NotEnoughFunds` where its first 7 days cannot be paid now, and `ValueError` for one that is not there.
    """
    wanted = price_list().plans.get(name)
    if wanted is None:
        raise ValueError(_("Choose one of the plans."))
    account = lock(account)
    if account.mode != Account.Mode.PREPAID:
        raise ValueError(_("Plans are for prepaid accounts."))
    ours = Account.objects.filter(pk=account.pk)
    if account.plan == name:
        ours.update(plan_next="")
    elif account.plan_paid_until is not None and account.plan_paid_until > now:
        ours.update(plan_next=name)
    elif (fee := wanted.fee_in(account.currency)) > (held := balance(account)):
        raise NotEnoughFunds(fee, held)
    else:
        _begin(account, wanted, now, now)


def renew_all(now: datetime) -> None:
    """Charge plans whose 7 days are over."""
    prepaid = Account.objects.filter(mode=Account.Mode.PREPAID, plan_paid_until__lte=now)
    for account in prepaid.order_by("pk"):
        try:
            renew(account, now)
        except ValueError as problem:  # the price list lost its currency; the others go on
            log.error("the plan of account %s is not renewed: %s", account.pk, problem)


@transaction.atomic
def renew(account: Account, now: datetime) -> None:
    """Charge the plan's next 7 days, or go over to the plan chosen meanwhile.

    After an outage the new period begins at once: what nobody could use is not charged.
    """
    account = lock(account)
    ended = account.plan_paid_until
    if ended is None or ended > now:
        return
    start = ended if now - ended < PERIOD else now
    following = plan(account.plan_next or account.plan)
    fee, held = following.fee_in(account.currency), balance(account)
    if fee <= held:
        _begin(account, following, start, now)
        return
    _begin(account, price_list().usual, start, now)
    notices.say_plan_ended(account, following.title, fee, held, now)


def left(account: Account, kind: str, now: datetime) -> int | None:
    """How many minutes or messages (the ledger's kinds) the plan still includes at `now`; None for any number."""
    current = plan(account.plan)
    included = current.includes(kind)
    if not included:  # none at all, or all of them
        return included
    if account.plan_paid_until is None or account.plan_paid_until <= now:
        return 0
    since = account.plan_paid_until - PERIOD
    used = LedgerEntry.objects.filter(account=account, kind=kind, at__gte=since).aggregate(total=Sum("units"))["total"]
    return max(0, included - (used or 0))


def _begin(account: Account, chosen: Plan, start: datetime, now: datetime) -> None:
    """Under the account's lock."""
    fee = chosen.fee_in(account.currency)
    until = start + PERIOD if fee else None
    Account.objects.filter(pk=account.pk).update(plan=chosen.name, plan_next="", plan_paid_until=until)
    if fee:
        key = f"plan:{account.pk}:{start.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
        write(account, [Fact(Kind.PLAN, key, -fee, chosen.title, about=start)], now=now)
