"""Visits."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Query, Router
from ninja.errors import HttpError

from callspring.api import represent
from callspring.api.auth import company_of
from callspring.api.paging import PageQuery, page
from callspring.api.schemas import Problem, VisitDetailOut, VisitPage
from callspring.api.values import Id, Moment, PhoneNumber, Text
from callspring.calls.timeline import visit_timeline
from callspring.visits.queries import VisitFilters, visit, visits

router = Router(tags=["visits"])


class VisitQuery(PageQuery):
    """Which visits."""

    since: Annotated[Moment | None, Field(alias="from", description="Started at or after (ISO 8601)")] = None
    until: Annotated[Moment | None, Field(alias="to", description="Started before (ISO 8601)")] = None
    source: Text = ""
    channel: Text = ""
    number: Annotated[PhoneNumber, Field(description="A number that was shown in the visit")] = ""
    visit_number: Id | None = None


@router.get("/visits", response={200: VisitPage, 400: Problem}, operation_id="list_visits")
def list_visits(request: HttpRequest, query: Query[VisitQuery]) -> VisitPage:
    """Visits, newest first."""
    filters = VisitFilters(
        since=query.since,
        until=query.until,
        source=query.source,
        channel=query.channel,
        number=query.number,
        visit_number=query.visit_number,
    )
    found, after = page(visits(company_of(request), filters), query, "started_at")
    return VisitPage(items=[represent.visit_out(one) for one in found], next=after)


@router.get("/visits/{uuid:visit_id}", response={200: VisitDetailOut, 404: Problem}, operation_id="get_visit")
def get_visit(request: HttpRequest, visit_id: UUID) -> VisitDetailOut:
    """One visit, with what the visitor did before and after calling."""
    company = company_of(request)
    found = visit(company, visit_id)
    if found is None:
        raise HttpError(404, "There is no such visit.")
    return represent.visit_detail_out(found, visit_timeline(company, visit_id))
