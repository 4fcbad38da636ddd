"""What happened in a visit, in order of time: pages, clicks, numbers shown, and the calls credited to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from callspring.accounts.models import Company
from callspring.calls.models import Call
from callspring.visits.models import PageView, Show, VisitEvent

Subject = PageView | VisitEvent | Show | Call


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened in or after a visit. `kind`: page_view, tel_click, custom, show or call."""

    at: datetime
    kind: str
    subject: Subject


def visit_timeline(company: Company, visit_id: UUID) -> list[Moment]:
    """Everything known of a visit in order of time: pages, clicks, numbers shown, calls credited to it."""
    of_visit = {"company": company, "visit": visit_id}
    calls = Call.objects.filter(company=company, credits__visit=visit_id, credits__current=True)
    moments = [
        *(Moment(page.started_at, "page_view", page) for page in PageView.objects.filter(**of_visit)),
        *(Moment(event.at, event.kind, event) for event in VisitEvent.objects.filter(**of_visit)),
        *(Moment(show.shown_at, "show", show) for show in _shows(company, visit_id) if show.shown_at),
        *(Moment(call.started_at, "call", call) for call in calls.select_related("number")),
    ]
    return sorted(moments, key=lambda moment: moment.at)


def _shows(company: Company, visit_id: UUID) -> QuerySet[Show]:
    return Show.objects.filter(company=company, visit=visit_id, shown_at__isnull=False)
