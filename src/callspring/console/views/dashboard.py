"""The first page: what a period brought, from where, and the latest calls. All of it keeps itself up to date."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from callspring.accounts.roles import Verb
from callspring.calls.models import Call
from callspring.console import call_log as log
from callspring.console.alerts import put_away, unseen
from callspring.console.digests import digest
from callspring.console.figures import BYS, By, figures
from callspring.console.guard import fragment, may
from callspring.console.request import CompanyRequest
from callspring.console.snippet import snippet_line
from callspring.console.spans import Span, days_of, names, span_of
from callspring.reports.periods import Period
from callspring.reports.spans import named
from callspring.scenarios.models import Scenario
from callspring.visits.models import AnonymousCount, Visit

AT_ONCE = ("today", "7", "30", "90")  # the other periods are in a menu
LATEST = 10


@require_safe
@vary_on_headers("HX-Request", "HX-Target", "HX-History-Restore-Request")
@may(Verb.SEE_REPORTS, instead="console:inbox")
def dashboard(request: CompanyRequest) -> HttpResponse:
    """`?period=` a name or custom with `from` and `to`; `?by=` what calls are put down to. For htmx the piece it names,
    204 while that is as `seen`."""
    if fragment(request) and not request.headers.get("HX-History-Restore-Request"):
        return _piece(request)
    steps = _first_steps(request)
    context: dict[str, Any] = {"steps": steps, "steps_stamp": _stamp(steps), "snippet": snippet_line(request.company)}
    context |= _alerts(request)
    if steps["visit"] or steps["call"]:
        latest = log.latest(request.company, LATEST)
        context |= {"latest": latest, **_figures(request, latest)}
    return render(request, "console/dashboard.html", context)


def _piece(request: CompanyRequest) -> HttpResponse:
    """A first step that is done changes the whole page, and happens three times in all."""
    seen, target = request.GET.get("seen"), request.headers.get("HX-Target")
    if target == "first-steps":
        done = seen == _stamp(_first_steps(request))
        return HttpResponse(status=204) if done else HttpResponse(headers={"HX-Refresh": "true"})
    if target == "alerts":
        context = _alerts(request)
        return _unless_seen(request, context["alerts_stamp"], "alerts", context)
    latest = log.latest(request.company, LATEST)
    if target == "figures":
        context = _figures(request, latest)
        return _unless_seen(request, context["figures_stamp"], "figures", context)
    return _unless_seen(request, latest.stamp, "latest_calls", {"latest": latest})


def _unless_seen(request: CompanyRequest, stamp: str, part: str, context: dict[str, Any]) -> HttpResponse:
    if request.GET.get("seen") == stamp:
        return HttpResponse(status=204)
    return render(request, f"console/parts/{part}.html", context)


@require_POST
@may(Verb.SEE_REPORTS)
def put_away_alert(request: CompanyRequest) -> HttpResponse:
    """This person has seen this episode of an alert. For htmx the alerts that are left."""
    put_away(request, request.POST.get("episode", "")[:64])
    if not fragment(request):
        return redirect("console:dashboard")
    return render(request, "console/parts/alerts.html", _alerts(request))


def _alerts(request: CompanyRequest) -> dict[str, Any]:
    found = unseen(request)
    return {"alerts": found, "alerts_stamp": digest(found)}


def _stamp(steps: dict[str, bool]) -> str:
    """Which steps are done: `101` is without a tracking number."""
    return "".join(str(int(done)) for done in steps.values())


def _first_steps(request: CompanyRequest) -> dict[str, bool]:
    """What a new company has done already, in the order in which it is done."""
    company = request.company
    return {
        "visit": any(model.objects.filter(company=company).exists() for model in (Visit, AnonymousCount)),
        "scenario": Scenario.objects.filter(company=company, enabled=True).exists(),
        "call": Call.objects.filter(company=company).exists(),
    }


def _figures(request: CompanyRequest, latest: log.Page) -> dict[str, Any]:
    """The figures with what the page says about them."""
    span, period = _span(request)
    by = _by(request)
    found = figures(request.company, span, period, by, latest.stamp)
    return {
        "figures": found,
        "figures_stamp": digest(found, span.pairs, by),
        "span": span,
        "days": days_of(period),
        "log_query": urlencode(span.pairs),
        "period": period,
        "by": by,
        "bys": [("source", _("Source")), ("channel", _("Channel")), ("scenario", _("Scenario"))],
        "periods": [pair for pair in names() if pair[0] in AT_ONCE],
        "more_periods": [pair for pair in names() if pair[0] not in AT_ONCE],
    }


def _span(request: CompanyRequest) -> tuple[Span, Period]:
    """The last seven days where the address asks for no period."""
    now = timezone.now()
    asked = span_of(request.GET, now, request.zone)
    if asked.period:
        return asked, asked.period
    return Span("7", week := cast(Period, named("7", now, request.zone)), runs=True), week


def _by(request: CompanyRequest) -> By:
    asked = request.GET.get("by", "")
    return next((by for by in BYS if by == asked), "source")
