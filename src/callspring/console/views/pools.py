"""Pools: how accurate they are, what maintenance decides about them, and how many numbers they need."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from callspring.accounts.roles import Verb
from callspring.console.decision_words import said
from callspring.console.guard import fragment, manager, may
from callspring.console.pool_charts import by_numbers, numbers_by_day, shares_by_day
from callspring.console.replay_page import replay_page
from callspring.console.request import CompanyRequest
from callspring.console.sizing_form import MaintenanceForm, SizingForm
from callspring.maintenance import queries, replaying, sizing
from callspring.maintenance.actions import set_certainty_target, set_maintained
from callspring.numbers.quotes import Quote, quote
from callspring.scenarios.models import Scenario

SPANS = (7, 30, 90)
PAGE = 50


@require_safe
@may(Verb.SEE_REPORTS)
def pool_accuracy(request: CompanyRequest, pool_id: int) -> HttpResponse:
    """Accuracy, call certainty and use over time; `?days=` 7, 30 or 90."""
    scenario = _pool(request, pool_id)
    span = next((days for days in SPANS if request.GET.get("days") == str(days)), 30)
    today = timezone.localdate(timezone=request.zone)
    days = queries.days(scenario, today - timedelta(days=span - 1), today, request.zone)
    shows, exclusive = sum(day.tally.shows for day in days), sum(day.tally.exclusive for day in days)
    left = sum(day.left for day in days)
    calls, certain = queries.certainty([scenario.pk], timezone.now() - timedelta(days=span)).get(scenario.pk, (0, None))
    context = {
        "spans": SPANS,
        "span": span,
        "shows": shows,
        "not_exclusive": shows - exclusive,
        "shared": shows - exclusive - left,
        "left": left,
        "accuracy": exclusive / shows if shows else None,
        "calls": calls,
        "certainty": certain,
        "numbers": queries.pool(scenario).count(),
        "held_most": max(day.held_most for day in days),
        "shares": shares_by_day(days),
        "use": numbers_by_day(days),
    }
    return _page(request, scenario, "accuracy", context)


@require_safe
@may(Verb.SEE_REPORTS)
def pool_maintenance(request: CompanyRequest, pool_id: int) -> HttpResponse:
    """The switch, and every decision with its figures."""
    scenario = _pool(request, pool_id)
    kept = queries.maintenance(scenario)
    return _maintenance_page(request, scenario, MaintenanceForm(kept.certainty_target))


@require_POST
@manager
def set_maintenance(request: CompanyRequest, pool_id: int) -> HttpResponse:
    """Switch it to what was pressed (`enabled`), or change the certainty that is wanted (`certainty`)."""
    scenario = _pool(request, pool_id)
    if "enabled" in request.POST:
        enabled = request.POST["enabled"] == "yes"
        set_maintained(scenario, enabled)
        text = _("“%(name)s” is looked after once a day.") if enabled else _("“%(name)s” keeps the numbers it has.")
        messages.success(request, text % {"name": scenario.name})
        if request.POST.get("from") == "table":
            return redirect("console:tracking_numbers")
        return redirect("console:pool_maintenance", pool_id)
    form = MaintenanceForm(0.0, request.POST)
    if not form.is_valid():
        return _maintenance_page(request, scenario, form)
    set_certainty_target(scenario, form.cleaned_data["certainty"] / 100)
    messages.success(request, _("Saved."))
    return redirect("console:pool_maintenance", pool_id)


@require_safe
@may(Verb.SEE_REPORTS)
def pool_sizing(request: CompanyRequest, pool_id: int) -> HttpResponse:
    """The calculator with what was measured of one pool."""
    scenario = _pool(request, pool_id)
    context = _sizing(request, scenario)
    if fragment(request):
        return render(request, "console/parts/sizing_answer.html", context)
    return _page(request, scenario, "sizing", context | replay_page(scenario))


@require_safe
@may(Verb.SEE_REPORTS)
def calculator(request: CompanyRequest) -> HttpResponse:
    """The calculator with what is typed."""
    context = _sizing(request, None)
    part = "console/parts/sizing_answer.html" if fragment(request) else "console/calculator.html"
    return render(request, part, context)


@require_POST
@manager
def start_replay(request: CompanyRequest, pool_id: int) -> HttpResponse:
    """Play the last 30 days again, soon."""
    replaying.ask(_pool(request, pool_id))
    return redirect(f"{reverse('console:pool_sizing', args=[pool_id])}#replay")


@require_safe
@may(Verb.SEE_REPORTS)
def replay_progress(request: CompanyRequest, pool_id: int) -> HttpResponse:
    """How far the replay is, and its curves once it is done."""
    scenario = _pool(request, pool_id)
    return render(request, "console/parts/replay.html", {"scenario": scenario, **replay_page(scenario)})


def _pool(request: CompanyRequest, pool_id: int) -> Scenario:
    found = queries.pool_scenario(request.company, pool_id)
    if found is None:
        raise Http404
    return found


def _page(request: CompanyRequest, scenario: Scenario, tab: str, context: dict[str, Any]) -> HttpResponse:
    kept = queries.maintenance(scenario)
    return render(request, f"console/pool_{tab}.html", {"scenario": scenario, "tab": tab, "kept": kept, **context})


def _maintenance_page(request: CompanyRequest, scenario: Scenario, form: MaintenanceForm) -> HttpResponse:
    page = _number(request.GET.get("page", ""))
    found = queries.decisions(request.company, scenario)
    rows = list(found[page * PAGE : (page + 1) * PAGE + 1])
    context = {
        "form": form,
        "decisions": [said(decision) for decision in rows[:PAGE]],
        "newer": page,
        "older": page + 1 if len(rows) > PAGE else None,
        "numbers": queries.pool(scenario).count(),
        "one_more": _one_more(request, scenario),
    }
    return _page(request, scenario, "maintenance", context)


def _one_more(request: CompanyRequest, scenario: Scenario) -> Quote | None:
    """What one more number like the pool's newest costs; None where there is no price, or no such number."""
    like = queries.pool(scenario).select_related("connection").order_by("pk").last()
    try:
        return quote(request.company, like.carrier, [like.e164]) if like else None
    except ValueError:
        return None


def _sizing(request: CompanyRequest, scenario: Scenario | None) -> dict[str, Any]:
    now = timezone.now()
    usual = sizing.usual(scenario, now)
    form = SizingForm(usual, request.GET if request.GET else None)
    context: dict[str, Any] = {"scenario": scenario, "form": form, "measured": usual.over == "hours"}
    if form.is_bound and not form.is_valid():
        return context
    asked = form.question() if form.is_bound else usual
    answer = sizing.answer(request.company, scenario, asked, now)
    return context | {"answer": answer, "chart": by_numbers(answer)}


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
