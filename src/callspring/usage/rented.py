"""Which numbers an account pays for here: those bought here. What a company brought along, its own carrier bills."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from callspring.accounts.models import Account
from callspring.numbers.models import Number
from callspring.numbers.queries import bought_here


def rented(account: Account) -> QuerySet[Number]:
    """The account's numbers that were bought here, released ones too."""
    return Number.objects.filter(bought_here(), company__account=account).select_related("connection", "company")


def held(account: Account) -> QuerySet[Number]:
    """Those that it still has, without those whose carrier was disconnected or that were imported."""
    return rented(account).exclude(state=Number.State.RELEASED).order_by("pk")


def is_rented(number: Number) -> bool:
    """Whether this number was bought here."""
    return Number.objects.filter(bought_here(), pk=number.pk).exists()


def charged_from(account: Account, number: Number) -> datetime:
    """When the number's next period begins: where the last one ended, and not before the account was prepaid."""
    since = account.prepaid_since
    return max(number.paid_until, since) if since else number.paid_until
