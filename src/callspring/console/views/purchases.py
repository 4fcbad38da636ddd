"""Buying a scenario's numbers: the approval with every cost, what came of the order, and trying again."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from callspring.accounts.roles import Verb
from callspring.billing.actions import NotEnoughFunds
from callspring.billing.prices import PERIOD, plan
from callspring.carriers.api import CarrierProblem
from callspring.console.guard import fragment, manager, may
from callspring.console.request import CompanyRequest
from callspring.console.saving import too_little
from callspring.console.wizard.costs import use_costs
from callspring.numbers.shopping import leave
from callspring.scenarios.jobs import order_again, order_others
from callspring.scenarios.models import Scenario
from callspring.scenarios.purchases import (
    PriceChanged,
    WantedChanged,
    batches_of,
    connect,
    price_of,
    progress,
    quote_wanted,
    wanted,
)
from callspring.scenarios.queries import scenario as find_scenario
from callspring.scenarios.readiness import NotReady
from callspring.scenarios.replacing import replaced


@require_http_methods(["GET", "HEAD", "POST"])
@manager
def approve(request: CompanyRequest, scenario_id: int) -> HttpResponse:
    """Every cost of the numbers that the scenario is to have; *Connect* buys them."""
    found = _find(request, scenario_id)
    if request.method == "POST":
        return _connect(request, found)
    if not wanted(found):
        return redirect("console:purchase", found.pk) if progress(found).count else redirect("console:tracking_numbers")
    return _approval(request, found)


@require_safe
@may(Verb.SEE_SETUP)
def purchase(request: CompanyRequest, scenario_id: int) -> HttpResponse:
    """What came of the scenario's orders, while they are under way and afterwards."""
    found = _find(request, scenario_id)
    context = {"scenario": found, "progress": progress(found), "replaced": replaced(found).count()}
    piece = "console/parts/purchase.html" if fragment(request) else "console/purchase.html"
    return render(request, piece, context)


@require_POST
@manager
def retry_purchase(request: CompanyRequest, scenario_id: int) -> HttpResponse:
    """Order once more what could not be had."""
    found = _find(request, scenario_id)
    try:
        order_again(*batches_of(found))
    except NotEnoughFunds as problem:
        messages.error(request, too_little(problem, request.company.account.currency))
    return redirect("console:purchase", found.pk)


@require_POST
@manager
def purchase_others(request: CompanyRequest, scenario_id: int) -> HttpResponse:
    """Order others of the same sort in place of what could not be had."""
    found = _find(request, scenario_id)
    failed = batches_of(found)
    try:
        had = order_others(*failed)
    except NotEnoughFunds as problem:
        messages.error(request, too_little(problem, request.company.account.currency))
    except CarrierProblem as problem:
        messages.error(request, str(problem))
    else:
        if failed and not had:
            messages.error(request, _("No others of this sort are to be had. Edit the scenario and choose some."))
    return redirect("console:purchase", found.pk)


@require_POST
@manager
def leave_purchase(request: CompanyRequest, scenario_id: int) -> HttpResponse:
    """What could not be had need not be had."""
    found = _find(request, scenario_id)
    for batch in batches_of(found):
        leave(batch)
    messages.success(request, _("Left at that. The order is still listed under Numbers, Orders."))
    return redirect("console:tracking_numbers")


def _find(request: CompanyRequest, scenario_id: int) -> Scenario:
    found = find_scenario(request.company, scenario_id)
    if found is None:
        raise Http404
    return found


def _connect(request: CompanyRequest, found: Scenario) -> HttpResponse:
    enable, price = request.POST.get("go") == "enable", request.POST.get("price", "")
    seen = int(price) if price.isascii() and price.isdecimal() and len(price) < 16 else -1
    try:
        batches = connect(found, cast("list[str]", request.POST.getlist("number")), seen, enable=enable)
    except PriceChanged:
        return _approval(request, found, _("The price has changed since this page was shown. Look again."))
    except WantedChanged:
        if not wanted(found):  # pressed twice, or a colleague was quicker
            return redirect("console:purchase", found.pk)
        return _approval(request, found, _("The numbers have changed since this page was shown. Look again."))
    except NotEnoughFunds as problem:
        return _approval(request, found, too_little(problem, request.company.account.currency))
    except NotReady as problem:
        return _approval(request, found, str(problem))
    if not batches:
        return redirect("console:tracking_numbers")
    shown = _("“%(name)s” is on. Its numbers are shown as they arrive.") if found.site_id else _("“%(name)s” is on.")
    said = shown if found.enabled else _("“%(name)s” stays off.")
    messages.success(request, said % {"name": found.name})
    return redirect("console:purchase", found.pk)


def _approval(request: CompanyRequest, found: Scenario, problem: str = "") -> HttpResponse:
    numbers = [one.e164 for one in wanted(found)]
    account, now, bill = request.company.account, timezone.now(), quote_wanted(found)
    context = {
        "scenario": found,
        "numbers": numbers,
        "bill": bill,
        "price": price_of(bill),
        "replaced": replaced(found).count(),
        "costs": use_costs(found, numbers, now),
        "plan": plan(account.plan),
        "renews": now + PERIOD,
        "problem": problem,
        "enabling": found.enabled or "enable" in request.GET or request.POST.get("go") == "enable",
    }
    return render(request, "console/approve.html", context)
