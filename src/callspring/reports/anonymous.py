"""Arrivals without consent: all that is known of them is when they came and from where (W10)."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Sum

from callspring.accounts.models import Company
from callspring.reports.periods import Period
from callspring.visits.models import AnonymousCount


@dataclass(frozen=True, slots=True)
class AnonymousRow:
    """Arrivals of one source, medium and channel."""

    source: str
    medium: str
    channel: str
    count: int


def anonymous_by_source(company: Company, period: Period) -> list[AnonymousRow]:
    """Those of the period's hours, the most frequent source first. Page loads without consent are arrivals, unless they
    come from a page of the company's own or are the same page loaded again."""
    found = AnonymousCount.objects.filter(company=company, hour__gte=period.start, hour__lt=period.end)
    rows = found.values_list("source", "medium", "channel").annotate(n=Sum("count"))
    return [AnonymousRow(*row) for row in rows.order_by("-n", "source", "medium", "channel")]
