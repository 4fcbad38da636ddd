"""The monthly spending cap: on by default in both modes, it stops numbers from being bought, and never a call."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from callspring.accounts.models import Account, Company
from callspring.billing.actions import MOST, NotEnoughFunds
from callspring.billing.ledger import lock
from callspring.billing.words import MINOR_DIGITS


class OverCap(NotEnoughFunds):
    """Buying this would pass the month's cap; nothing was bought. `balance` is what the cap leaves, in minor units."""

    def __init__(self, needed: int, left: int, cap: int) -> None:
        super().__init__(needed, left)
        self.cap = cap


def cap_of(account: Account) -> int | None:
    """The most that the account spends in a month, in minor units; None where its owners want no cap."""
    if account.monthly_cap is not None:
        return account.monthly_cap or None
    return usual(account.currency)


def usual(currency: str) -> int | None:
    """The cap of an account that set none: what this installation says, in minor units."""
    units: int = settings.CONFIG.monthly_cap
    return units * 10 ** MINOR_DIGITS.get(currency, 2) or None


@transaction.atomic
def set_cap(account: Account, amount: int | None) -> None:
    """Cap the month's spending: minor units, 0 for no cap, None for the installation's. Raises `ValueError`."""
    if amount is not None and not 0 <= amount <= MOST:
        raise ValueError(_("Give a sum that is not below nothing."))
    Account.objects.filter(pk=lock(account).pk).update(monthly_cap=amount)


def month_of(account: Account, now: datetime | None = None) -> tuple[datetime, datetime]:
    """The month that `now` is in, where the account's first company is: from its first midnight until the next's."""
    zone = Company.objects.filter(account=account).order_by("pk").values_list("zone", flat=True).first()
    return month((now or timezone.now()).astimezone(ZoneInfo(zone or "UTC")))


def month(local: datetime) -> tuple[datetime, datetime]:
    """The first midnight of the month and of the next one, in the zone of `local`."""
    first = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0, fold=0)
    following = first + timedelta(days=32)  # by the calendar, whatever the clocks do
    return first, following.replace(day=1)
