"""Reads about calls, always of one company."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from callspring.accounts.models import Company
from callspring.calls.models import Call, Credit, Recording
from callspring.visits.models import PageView, Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFilters:
    """Which calls: `since` is included, `until` is not (both aware); "" and None let all through.

    `number` and `caller` are E.164, `scenario` is an id; the rest are the values that calls and credits hold.
    """

    since: datetime | None = None
    until: datetime | None = None
    source: str = ""
    channel: str = ""
    status: str = ""
    grade: str = ""
    number: str = ""
    scenario: int | None = None
    caller: str = ""
    tag: str = ""
    qualified: bool | None = None


ALL = CallFilters()


@dataclass(frozen=True, slots=True)
class CallDetail:
    """A call with its credit in force, the visit it came from and the page being viewed, as far as known."""

    call: Call
    credit: Credit | None
    visit: Visit | None
    page_view: PageView | None


def calls(company: Company, filters: CallFilters = ALL) -> QuerySet[Call]:
    """The company's calls, newest first, each with its number, its scenario and its credit in force."""
    wanted = {name: value for name, value in _conditions(filters).items() if value not in ("", None)}
    if filters.source or filters.channel or filters.grade:
        wanted["credits__current"] = True
    current = Credit.objects.filter(current=True).select_related("correction__by").prefetch_related("shares")
    in_force = Prefetch("credits", current, to_attr="credits_in_force")
    found = Call.objects.filter(company=company, **wanted).select_related("number", "scenario")
    return found.prefetch_related(in_force).order_by("-started_at", "-id")


def call_detail(company: Company, call_id: UUID) -> CallDetail | None:
    """One call; None for an outsider's."""
    return next(iter(details(company, list(calls(company).filter(pk=call_id)))), None)


def details(company: Company, found: Sequence[Call]) -> list[CallDetail]:
    """The details of calls that `calls` found, in their order, in two queries for all of them."""
    in_force = [credit_of(call) for call in found]
    known = [credit for credit in in_force if credit]
    visits = Visit.objects.filter(company=company).in_bulk([credit.visit for credit in known if credit.visit])
    pages = PageView.objects.filter(company=company).in_bulk([credit.page_view for credit in known if credit.page_view])
    return [
        CallDetail(
            call,
            credit,
            visits.get(credit.visit) if credit and credit.visit else None,
            pages.get(credit.page_view) if credit and credit.page_view else None,
        )
        for call, credit in zip(found, in_force, strict=True)
    ]


def credit_of(call: Call) -> Credit | None:
    """The credit in force of a call that `calls` found; None while there is none."""
    in_force: list[Credit] = call.credits_in_force  # type: ignore[attr-defined] # put there by `calls`
    return in_force[0] if in_force else None


def recording(company: Company, recording_id: UUID) -> Recording | None:
    """One recording; None for an outsider's."""
    return Recording.objects.filter(company=company, pk=recording_id).first()


def _conditions(filters: CallFilters) -> dict[str, Any]:
    """What each filter asks of a call, "" and None included."""
    return {
        "started_at__gte": filters.since,
        "started_at__lt": filters.until,
        "credits__source": filters.source,
        "credits__channel": filters.channel,
        "credits__grade": filters.grade,
        "status": filters.status,
        "dialled": filters.number,
        "scenario": filters.scenario,
        "caller": filters.caller,
        "tags__key": filters.tag.casefold(),
        "qualified": filters.qualified,
    }
