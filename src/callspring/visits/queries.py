"""Reads about visits, always of one company."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from callspring.accounts.models import Company
from callspring.numbers.models import Number
from callspring.visits.models import Show, Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitFilters:
    """Which visits: `since` is included, `until` is not (both aware); "" and None let all through.

    `number` (E.164) finds visits that were shown this number; `visit_number` finds the one visit.
    """

    since: datetime | None = None
    until: datetime | None = None
    source: str = ""
    channel: str = ""
    number: str = ""
    visit_number: int | None = None


ALL = VisitFilters()


def visits(company: Company, filters: VisitFilters = ALL) -> QuerySet[Visit]:
    """The company's visits, newest first."""
    conditions = {
        "started_at__gte": filters.since,
        "started_at__lt": filters.until,
        "source": filters.source,
        "channel": filters.channel,
        "number": filters.visit_number,
    }
    wanted = {name: value for name, value in conditions.items() if value not in ("", None)}
    found = Visit.objects.filter(company=company, **wanted).select_related("site")
    if filters.number:
        found = found.filter(_was_shown(company, filters.number))
    return found.order_by("-started_at", "-id")


def visit(company: Company, visit_id: UUID) -> Visit | None:
    """One visit; None for an outsider's."""
    return visits(company).filter(pk=visit_id).first()


def _was_shown(company: Company, e164: str) -> Exists:
    ids = Number.objects.filter(company=company, e164=e164).values("id")
    return Exists(Show.objects.filter(visit=OuterRef("id"), number__in=ids, shown_at__isnull=False))
