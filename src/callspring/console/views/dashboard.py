"""The first page: what a period brought, from where, and the latest calls."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from callspring.calls.models import Call
from callspring.console import call_log as log
from callspring.console import words
from callspring.console.charts import Chart, Series
from callspring.console.guard import fragment, member
from callspring.console.request import CompanyRequest
from callspring.console.snippet import snippet_line
from callspring.reports import queries as reports
from callspring.reports.periods import Period, last_days
from callspring.scenarios.models import Scenario
from callspring.visits.models import Visit

PERIODS = {"today": 1, "7": 7, "30": 30}
TOP_SOURCES = 8
LATEST = 10


@require_safe
@vary_on_headers("HX-Request", "HX-Target")
@member
def dashboard(request: CompanyRequest) -> HttpResponse:
    """`?period=` today, 7 or 30 (days, today among them). For htmx the piece it names, 204 while that is as `seen`."""
    if fragment(request):
        return _piece(request)
    chosen = request.GET.get("period", "7")
    if chosen not in PERIODS:
        chosen = "7"
    period = last_days(PERIODS[chosen], timezone.now(), request.zone)
    steps = _first_steps(request)
    context = {
        "chosen": chosen,
        "periods": [("today", _("Today")), ("7", _("7 days")), ("30", _("30 days"))],
        "period": period,
        "span": _span(period),
        "steps": steps,
        "steps_stamp": _stamp(steps),
        "snippet": snippet_line(request.company),
        **(_figures(request, period) if steps["visit"] or steps["call"] else {}),
    }
    return render(request, "console/dashboard.html", context)


def _piece(request: CompanyRequest) -> HttpResponse:
    """The latest calls. A first step that is done changes the whole page, and happens three times in all."""
    seen = request.GET.get("seen")
    if request.headers.get("HX-Target") == "first-steps":
        done = seen == _stamp(_first_steps(request))
        return HttpResponse(status=204) if done else HttpResponse(headers={"HX-Refresh": "true"})
    latest = log.latest(request.company, LATEST)
    if seen == latest.stamp:
        return HttpResponse(status=204)
    return render(request, "console/parts/latest_calls.html", {"latest": latest})


def _stamp(steps: dict[str, bool]) -> str:
    """Which steps are done: `101` is without a tracking number."""
    return "".join(str(int(done)) for done in steps.values())


def _first_steps(request: CompanyRequest) -> dict[str, bool]:
    """What a new company has done already, in the order in which it is done."""
    company = request.company
    return {
        "visit": Visit.objects.filter(company=company).exists(),
        "scenario": Scenario.objects.filter(company=company, enabled=True).exists(),
        "call": Call.objects.filter(company=company).exists(),
    }


def _figures(request: CompanyRequest, period: Period) -> dict[str, Any]:
    sources = reports.by_source(request.company, period)
    return {
        "now": reports.totals(request.company, period),
        "before": reports.totals(request.company, period.before()),
        "sources": sources[:TOP_SOURCES],
        "more_sources": len(sources[TOP_SOURCES:]),
        "source_chart": _source_chart(sources[:TOP_SOURCES]),
        "trend_chart": _trend_chart(reports.trend(request.company, period), period),
        "latest": log.latest(request.company, LATEST),
    }


def _trend_chart(points: list[reports.Point], period: Period) -> Chart:
    form = "H:i" if period.hourly else "j M"
    visits = Series(_("Visits"), [point.visits for point in points])
    calls = Series(_("Calls"), [point.calls for point in points])
    return Chart("trend", [date_format(point.at, form) for point in points], [visits, calls])


def _source_chart(rows: list[reports.SourceRow]) -> Chart:
    with_calls = [row for row in rows if row.calls]
    answered = Series(_("Answered"), [row.answered for row in with_calls])
    others = Series(_("Not answered"), [row.calls - row.answered for row in with_calls])
    return Chart("bars", [words.source(row) for row in with_calls], [answered, others])


def _span(period: Period) -> str:
    """The first and the last day, or one day with its weekday."""
    first, last = period.dates()[0], period.dates()[-1]
    if period.hourly:
        return date_format(first, "l, j F")
    left = date_format(first, "j" if first.month == last.month else "j F")
    return f"{left}\N{EN DASH}{date_format(last, 'j F')}"
