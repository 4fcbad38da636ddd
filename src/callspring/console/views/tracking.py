"""Tracking numbers: the table of scenarios, switched, put into order, deleted and brought back in it (C6)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from callspring.accounts.models import Account
from callspring.accounts.roles import Verb
from callspring.billing.actions import NotEnoughFunds
from callspring.console.guard import fragment, manager, may
from callspring.console.request import CompanyRequest, may_change
from callspring.console.scenario_table import table
from callspring.console.wizard import drafts
from callspring.numbers import resting
from callspring.scenarios import deleting, ordering
from callspring.scenarios.actions import set_enabled
from callspring.scenarios.models import Scenario
from callspring.scenarios.purchases import wanted
from callspring.scenarios.queries import scenario
from callspring.scenarios.readiness import NotReady

UNDO = "deleted_scenario"  # in the session, for the next page
MOST_IDS = 2_000


@require_safe
@may(Verb.SEE_REPORTS)
def tracking_numbers(request: CompanyRequest) -> HttpResponse:
    """Every scenario with its numbers and tallies; asked by htmx, the table alone."""
    if fragment(request):
        return _table(request)
    undo = request.session.pop(UNDO, None)
    gone = deleting.deleted(request.company)
    context = _context(request) | {
        "deleted": gone,
        "kept_days": deleting.KEPT.days,
        "undo": next((one for one in gone if one.pk == undo), None),
        "resting": resting.resting(request.company).count(),
        "drafts": drafts.mine(request) if may_change(request.membership) else [],
    }
    return render(request, "console/tracking_numbers.html", context)


@require_POST
@manager
def switch(request: CompanyRequest, scenario_id: int) -> HttpResponse:
    """Set the status to what the switch was pressed for; pressed twice changes nothing."""
    found, on = _find(request, scenario_id), request.POST.get("enabled") == "yes"
    if on and not found.enabled and wanted(found):  # that costs something, so it is approved first
        return redirect(reverse("console:approve", args=[found.pk]) + "?enable=1")
    try:
        set_enabled(found, on)
    except NotEnoughFunds:
        refused = _("“%(name)s” stays off: nothing is left on the account. Top it up under Settings, Billing.")
        messages.error(request, refused % {"name": found.name})
        return _back(request)
    except NotReady as lack:
        messages.error(request, _("“%(name)s” stays off.") % {"name": found.name} + f" {lack}")
        return _back(request)
    off = _("“%(name)s” is off: pages show your own number again.") if found.site_id else _("“%(name)s” is off.")
    said = _("“%(name)s” is on.") if found.enabled else off
    messages.success(request, said % {"name": found.name})
    return _back(request)


@require_POST
@manager
def scenario_order(request: CompanyRequest) -> HttpResponse:
    """Move one scenario (`up` or `down` has its id; `scenario` has it and goes to `place`), or put those of `ids`,
    separated by commas, into this order."""
    for name, by in (("up", -1), ("down", 1)):
        if name in request.POST:
            ordering.move(_find(request, _number(request.POST[name])), by)
    if "place" in request.POST:
        ordering.move_to(_find(request, _number(request.POST.get("scenario", ""))), _number(request.POST["place"]))
    if "ids" in request.POST:
        ids = [_number(part) for part in request.POST["ids"].split(",")[:MOST_IDS]]
        ordering.arrange(request.company, ids)
    return _table(request) if fragment(request) else _back(request)


@require_http_methods(["GET", "HEAD", "POST"])
@manager
def delete_scenario(request: CompanyRequest, scenario_id: int) -> HttpResponse:
    """Delete a scenario; asks first, and says that switching it off is enough to stop it."""
    found = _find(request, scenario_id)
    if request.method == "POST":
        count = len(deleting.delete(found))
        request.session[UNDO] = found.pk
        rest = ngettext("Its number rests.", "Its %(n)d numbers rest.", count) % {"n": count} if count else ""
        messages.success(request, (_("“%(name)s” is deleted.") % {"name": found.name} + f" {rest}").strip())
        return redirect("console:tracking_numbers")
    context = {
        "scenario": found,
        "numbers": found.numbers.order_by("pk"),
        "calls": found.calls.exists(),
        "policy": resting.policy(request.company),
        "kept_days": deleting.KEPT.days,
        "prepaid": request.company.account.mode == Account.Mode.PREPAID,
    }
    return render(request, "console/delete_scenario.html", context)


@require_POST
@manager
def restore_scenario(request: CompanyRequest, scenario_id: int) -> HttpResponse:
    """Bring a deleted scenario back, with those of its numbers that are still to be had. It is off."""
    found = Scenario.objects.filter(company=request.company, pk=scenario_id).first()
    if found is None:
        raise Http404
    try:
        back = deleting.bring_back(found, timezone.now())
    except ValueError:
        messages.error(request, _("“%(name)s” was deleted too long ago to come back.") % {"name": found.name})
        return redirect("console:tracking_numbers")
    count = len(back)
    numbers = ngettext("with %(n)d number", "with %(n)d numbers", count) % {"n": count}
    said = _("“%(name)s” is there again, %(numbers)s. It is off until you turn it on.")
    messages.success(request, said % {"name": found.name, "numbers": numbers})
    return redirect("console:tracking_numbers")


def _context(request: CompanyRequest) -> dict[str, Any]:
    shown = table(request.company, request.GET)
    several = len({row.scenario.site_id for row in shown.rows}) > 1
    return {"table": shown, "several_sites": several}


def _table(request: CompanyRequest) -> HttpResponse:
    return render(request, "console/parts/scenarios.html", _context(request))


def _find(request: CompanyRequest, scenario_id: int) -> Scenario:
    found = scenario(request.company, scenario_id)
    if found is None:
        raise Http404
    return found


def _number(text: str) -> int:
    """0, which nothing has, for what is no number."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else 0


def _back(request: CompanyRequest) -> HttpResponse:
    """To the table as it was sorted and searched."""
    query = f"?{request.GET.urlencode()}" if request.GET else ""
    return redirect(reverse("console:tracking_numbers") + query)
