"""The call log's filters and pages, as they stand in the address.

Pages are cut by the last call shown, not by counting: a call that comes in meanwhile moves nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from callspring.accounts.models import Company
from callspring.calls.models import Call, CallStatus, Grade
from callspring.calls.queries import CallDetail, CallFilters, calls, details
from callspring.console import words
from callspring.reports.choices import call_channels, call_sources, dialled_numbers
from callspring.reports.periods import last_days
from callspring.scenarios.models import Scenario

PAGE = 50
PERIODS = {"today": 1, "7": 7, "30": 30, "90": 90}


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the log. `older` and `newer` are cursors, "" where there is nothing."""

    rows: list[CallDetail]
    older: str
    newer: str
    total: int

    @property
    def stamp(self) -> str:
        """Changes when anything on the page would look different."""
        seen = [(row.call.pk, row.call.status, row.call.duration, row.credit and row.credit.pk) for row in self.rows]
        text = repr((seen, self.total, timezone.localdate()))
        return blake2b(text.encode(), digest_size=8).hexdigest()

    @property
    def newest(self) -> CallDetail | None:
        """The first row."""
        return self.rows[0] if self.rows else None


def page(company: Company, query: QueryDict) -> Page:
    """The page of the log that an address asks for. What it does not understand it leaves out."""
    found = filtered(company, query)
    cursor, backwards = _cursor(query.get("before", "")), _cursor(query.get("after", ""))
    if backwards:
        ahead = list(found.filter(_beyond(backwards, newer=True)).order_by("started_at", "id")[: PAGE + 1])
        shown = list(reversed(ahead[:PAGE]))
        return _page(shown, found, older=bool(shown), newer=len(ahead) > PAGE)
    rest = found.filter(_beyond(cursor, newer=False)) if cursor else found
    shown = list(rest[: PAGE + 1])
    return _page(shown[:PAGE], found, older=len(shown) > PAGE, newer=bool(cursor))


def latest(company: Company, count: int) -> Page:
    """The newest calls, without filters and without further pages."""
    rows = details(company, list(calls(company)[:count]))
    return Page(rows, "", "", len(rows))


def _page(shown: list[Call], found: QuerySet[Call], *, older: bool, newer: bool) -> Page:
    rows = details(shown[0].company, shown) if shown else []
    return Page(
        rows,
        _mark(shown[-1]) if older and shown else "",
        _mark(shown[0]) if newer and shown else "",
        found.count(),
    )


def filtered(company: Company, query: QueryDict) -> QuerySet[Call]:
    """The calls that the filters in the address let through."""
    days = PERIODS.get(query.get("period", ""))
    since = last_days(days, timezone.now(), _zone()).start if days else None
    scenario = _text(query, "scenario")
    found = calls(
        company,
        CallFilters(
            since=since,
            source=_text(query, "source"),
            channel=_text(query, "channel"),
            status=_text(query, "status"),
            grade=_text(query, "grade"),
            number=_text(query, "number"),
            scenario=int(scenario) if scenario.isdecimal() and len(scenario) < 16 else None,
        ),
    ).select_related("number", "scenario", "company")
    digits = re.sub(r"\D", "", query.get("caller", ""))
    return found.filter(caller__contains=digits) if digits else found


def _text(query: QueryDict, name: str) -> str:
    """A filter's value without what PostgreSQL takes for the end of a string."""
    return query.get(name, "").replace("\0", "")[:200]


def _zone() -> Any:
    return timezone.get_current_timezone()


def _beyond(cursor: tuple[datetime, UUID], *, newer: bool) -> Q:
    at, call_id = cursor
    if newer:
        return Q(started_at__gt=at) | Q(started_at=at, id__gt=call_id)
    return Q(started_at__lt=at) | Q(started_at=at, id__lt=call_id)


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _mark(call: Call) -> str:
    """Microseconds since 1970, and the id: exact in both databases."""
    return f"{(call.started_at - EPOCH) // timedelta(microseconds=1)}.{call.pk.hex}"


def _cursor(text: str) -> tuple[datetime, UUID] | None:
    found = re.fullmatch(r"([0-9]{1,17})\.([0-9a-f]{32})", text)
    return (EPOCH + timedelta(microseconds=int(found[1])), UUID(found[2])) if found else None


@dataclass(frozen=True, slots=True)
class Filter:
    """One choice of the filter bar. `options` are (value, label)."""

    name: str
    label: str
    options: list[tuple[str, str]]
    chosen: str

    @property
    def said(self) -> str:
        """The label of what is chosen."""
        return next((label for value, label in self.options if value == self.chosen), self.chosen)


def filters(company: Company, query: QueryDict) -> list[Filter]:
    """Everything that can be filtered by, with what is chosen now."""
    choices: list[tuple[str, str, list[tuple[str, str]]]] = [
        ("period", _("Period"), _periods()),
        ("source", _("Source"), [(source, source) for source in call_sources(company)]),
        ("channel", _("Channel"), [(one, words.channel_name(one)) for one in call_channels(company)]),
        ("scenario", _("Scenario"), _scenarios(company)),
        ("number", _("Number"), [(number, words.phone(number)) for number in dialled_numbers(company)]),
        ("status", _("Status"), [(str(value), str(label)) for value, label in CallStatus.choices]),
        ("grade", _("Grade"), [(str(value), str(label)) for value, label in Grade.choices]),
    ]
    return [Filter(name, label, options, query.get(name, "")) for name, label, options in choices]


def _periods() -> list[tuple[str, str]]:
    return [("today", _("Today")), ("7", _("7 days")), ("30", _("30 days")), ("90", _("90 days"))]


def _scenarios(company: Company) -> list[tuple[str, str]]:
    return [(str(pk), name) for pk, name in Scenario.objects.filter(company=company).values_list("pk", "name")]
