"""What the owners of an account are told by e-mail. Money is said to nobody else."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from callspring.accounts.models import Account, Company, Membership, User
from callspring.billing.crossings import Level
from callspring.billing.words import money
from callspring.mail.actions import send

BILLING = "/settings/billing/"  # the console's page; this package knows no addresses of the console


def owners(account: Account) -> list[User]:
    """Who is told: the owners of the account's companies, each once."""
    of_account = Membership.objects.filter(company__account=account, role=Membership.Role.OWNER)
    return list(User.objects.filter(is_active=True, memberships__in=of_account).distinct().order_by("pk"))


def tell(account: Account, level: Level, balance: int, now: datetime) -> None:
    """The balance has crossed a line."""
    template = "empty" if level is Level.EMPTY else "low"
    context = {"balance": money(balance, account.currency), "grace_days": settings.CONFIG.grace_days}
    _mail(account, template, context, f"balance:{account.pk}:{template}:{now.isoformat()}")


def warn(account: Account, balance: int, stops_at: datetime) -> None:
    """Swapping will stop."""
    zone = Company.objects.filter(account=account).order_by("pk").values_list("zone", flat=True).first() or "UTC"
    local = timezone.localtime(stops_at, ZoneInfo(zone))
    moment = f"{date_format(local, 'j F, H:i')} ({zone.replace('_', ' ')})"
    context = {"owed": money(-balance, account.currency), "day": date_format(local, "j F"), "moment": moment}
    _mail(account, "warning", context, f"warning:{account.pk}:{_since(account)}")


def say_stopped(account: Account, balance: int, now: datetime) -> None:
    """Swapping has stopped, or still is; said again now and then."""
    context = {"owed": money(-balance, account.currency)}
    _mail(account, "stopped", context, f"stopped:{account.pk}:{_since(account)}:{now.isoformat()}")


def say_plan_ended(account: Account, plan: str, fee: int, balance: int, now: datetime) -> None:
    """The balance did not cover the plan's next 7 days."""
    context = {"plan": plan, "fee": money(fee, account.currency), "balance": money(balance, account.currency)}
    _mail(account, "plan_ended", context, f"plan-ended:{account.pk}:{now.isoformat()}")


def _since(account: Account) -> str:
    return account.arrears_since.isoformat() if account.arrears_since else ""


def _mail(account: Account, template: str, context: dict[str, Any], key: str) -> None:
    why = _("You get this mail because you are an owner of this account.")
    known = {
        **context,
        "company": account.name,
        "billing": settings.CONFIG.console_url + BILLING,
        "why": why,
    }
    for owner in owners(account):
        send(owner.email, f"billing/mail/{template}", known, key=f"{key}:{owner.pk}")
