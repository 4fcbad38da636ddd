"""Alerts about an account that owes money. They say no sums: those are for owners."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from callspring.accounts.models import Company
from callspring.billing.arrears import when_it_stops


@dataclass(frozen=True, slots=True)
class Owing:
    """What an alert about it says; `episode` names this time that the account owes."""

    episode: str
    title: str
    text: str
    step: str


def owing(company: Company, now: datetime) -> Owing | None:
    """None while the company's account owes nothing."""
    account = company.account
    if account.arrears_since is None:
        return None
    step = _("An owner can top it up under Settings, Billing. Everything is as it was at once.")
    since = f"{account.arrears_since:%Y%m%dT%H%M%S}"
    if account.swapping_stopped_at is not None:
        text = _("Visitors see no tracking numbers. Calls to all of them still ring your business.")
        return Owing(f"owing-stopped:{since}", _("Your websites show your own numbers, for money is owed"), text, step)
    stops = date_format(timezone.localtime(when_it_stops(account, now)), "j F, H:i")
    text = _("Calls ring as before. From %(moment)s your websites show your own numbers again.") % {"moment": stops}
    return Owing(f"owing:{since}", _("The account owes money"), text, step)
