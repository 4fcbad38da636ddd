"""What visitors did around their calls: pages and presses on phone links, for many visits at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, Case, F, Q, QuerySet, When, Window
from django.db.models.functions import RowNumber

from callspring.accounts.models import Company
from callspring.visits.models import PageView, VisitEvent

MOST_ROWS = 100  # of each kind, on each side of the moment


@dataclass(frozen=True, slots=True)
class Step:
    """One thing a visitor did: `kind` is page_view or tel_click.

    A page view has `url`, `title` and for how long it was open (`seconds`); `viewed` marks the page on which somebody
    was when they called. A press on a phone link has the digits it dialled as `number`.
    """

    at: datetime
    kind: str
    page_view: UUID
    url: str = ""
    title: str = ""
    number: str = ""
    seconds: float | None = None
    viewed: bool = False


def steps_around(company: Company, moments: Mapping[UUID, datetime]) -> dict[UUID, list[Step]]:
    """What each visit did around its moment, in order of time, in two queries: `moments` by the visit's id.

    At most the 100 nearest pages and presses on either side: a robot may have called up thousands.
    """
    if not moments:
        return {}
    of_company = {"company": company, "visit__in": list(moments)}
    steps: dict[UUID, list[Step]] = {}
    for page in _nearest(PageView.objects.filter(**of_company), "started_at", moments):
        steps.setdefault(page.visit, []).append(_page_step(page))
    clicks = VisitEvent.objects.filter(**of_company, kind=VisitEvent.Kind.TEL_CLICK)
    for event in _nearest(clicks, "at", moments):
        steps.setdefault(event.visit, []).append(Step(event.at, event.kind, event.page_view, number=event.name))
    return {visit: sorted(of_visit, key=lambda step: step.at) for visit, of_visit in steps.items()}


def _nearest(rows: QuerySet[Any], field: str, moments: Mapping[UUID, datetime]) -> QuerySet[Any]:
    """The rows of each visit that are the nearest before and after its moment."""
    later = Q(*(Q(("visit", visit), (f"{field}__gt", at)) for visit, at in moments.items()), _connector=Q.OR)
    after = Case(When(later, then=True), default=False, output_field=BooleanField())
    side = [F("visit"), F("is_after")]
    counted = rows.annotate(is_after=after).annotate(
        nth=Window(RowNumber(), partition_by=side, order_by=F(field).asc()),
        nth_last=Window(RowNumber(), partition_by=side, order_by=F(field).desc()),
    )
    nearest: QuerySet[Any] = counted.filter(
        Q(is_after=True, nth__lte=MOST_ROWS) | Q(is_after=False, nth_last__lte=MOST_ROWS)
    )
    return nearest


def _page_step(page: PageView) -> Step:
    left = page.left_at or page.last_active_at
    seconds = max(0.0, (left - page.started_at).total_seconds())
    return Step(page.started_at, "page_view", page.pk, page.url, page.title, seconds=seconds)
