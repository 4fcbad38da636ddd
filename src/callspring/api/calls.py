"""Calls."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Query, Router
from ninja.errors import HttpError

from callspring.api import represent
from callspring.api.auth import company_of
from callspring.api.paging import PageQuery, page
from callspring.api.schemas import CallOut, CallPage, Problem
from callspring.api.values import Id, Moment, PhoneNumber, Text
from callspring.calls.models import CallStatus, Grade
from callspring.calls.queries import CallFilters, call_detail, calls, details

router = Router(tags=["calls"])


class CallQuery(PageQuery):
    """Which calls."""

    since: Annotated[Moment | None, Field(alias="from", description="Started at or after (ISO 8601)")] = None
    until: Annotated[Moment | None, Field(alias="to", description="Started before (ISO 8601)")] = None
    source: Text = ""
    channel: Text = ""
    status: CallStatus | None = None
    grade: Grade | None = None
    number: Annotated[PhoneNumber, Field(description="The dialled number")] = ""
    scenario: Id | None = None
    caller: Annotated[PhoneNumber, Field(description="The caller's number")] = ""
    tag: Text = ""
    qualified: bool | None = None


@router.get("/calls", response={200: CallPage, 400: Problem}, summary="List calls", operation_id="list_calls")
def list_calls(request: HttpRequest, query: Query[CallQuery]) -> CallPage:
    """Calls, newest first, each with the credit in force."""
    filters = CallFilters(
        since=query.since,
        until=query.until,
        source=query.source,
        channel=query.channel,
        status=query.status or "",
        grade=query.grade or "",
        number=query.number,
        scenario=query.scenario,
        caller=query.caller,
        tag=query.tag,
        qualified=query.qualified,
    )
    company = company_of(request)
    found, after = page(calls(company, filters).prefetch_related("tags"), query, "started_at")
    return CallPage(items=[represent.call_out(detail) for detail in details(company, found)], next=after)


@router.get("/calls/{uuid:call_id}", response={200: CallOut, 404: Problem}, operation_id="get_call")
def get_call(request: HttpRequest, call_id: UUID) -> CallOut:
    """One call."""
    detail = call_detail(company_of(request), call_id)
    if detail is None:
        raise HttpError(404, "There is no such call.")
    return represent.call_out(detail)
