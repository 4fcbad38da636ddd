"""What the doors turned away of late, for the site's owner."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, Sum
from django.utils.translation import gettext as _

from callspring.accounts.models import Company
from callspring.sites.queries import removed_sites
from callspring.visits.drops import DROP_REASONS, Drop
from callspring.visits.models import DropCount


@dataclass(frozen=True, slots=True)
class DropRow:
    """One reason on one host. `hour` is the beginning of the last hour in which it happened."""

    reason: str
    sentence: str
    host: str
    count: int
    hour: datetime


def recent_drops(company: Company, since: datetime) -> list[DropRow]:
    """Dropped requests since then, most frequent first."""
    found = DropCount.objects.filter(company=company.pk, hour__gte=since)
    rows = (
        found.values_list("reason", "host").annotate(n=Sum("count"), last=Max("hour")).order_by("-n", "reason", "host")
    )
    gone = {host for hosts in removed_sites(company).values_list("hosts", flat=True) for host in hosts}
    return [
        DropRow(reason, _sentence(reason, removed=host in gone), host, count, last)
        for reason, host, count, last in rows[:50]
    ]


def _sentence(reason: str, *, removed: bool) -> str:
    if removed and reason == Drop.UNKNOWN_HOST:
        return _("The script ran on a site that you removed: its pages kept their own number.")
    try:
        return _(DROP_REASONS[Drop(reason)])
    except ValueError:  # counted by a newer door than this back
        return reason
