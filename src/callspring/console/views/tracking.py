"""Tracking numbers: the list, and switching one on or off."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from callspring.accounts.roles import Verb
from callspring.billing.actions import NotEnoughFunds
from callspring.console.guard import manager, may
from callspring.console.request import CompanyRequest
from callspring.reports.scenarios import scenario_rows
from callspring.scenarios.actions import set_enabled
from callspring.scenarios.queries import scenario


@require_safe
@may(Verb.SEE_REPORTS)
def tracking_numbers(request: CompanyRequest) -> HttpResponse:
    """Every scenario with its numbers and tallies."""
    rows = scenario_rows(request.company)
    several_sites = len({row.scenario.site_id for row in rows}) > 1
    return render(request, "console/tracking_numbers.html", {"rows": rows, "several_sites": several_sites})


@require_POST
@manager
def switch(request: CompanyRequest, scenario_id: int) -> HttpResponse:
    """Set the status to what the switch was pressed for; pressed twice changes nothing."""
    found = scenario(request.company, scenario_id)
    if found is None:
        raise Http404
    try:
        set_enabled(found, request.POST.get("enabled") == "yes")
    except NotEnoughFunds:
        refused = _("“%(name)s” stays off: nothing is left on the account. Top it up under Settings, Billing.")
        messages.error(request, refused % {"name": found.name})
        return redirect("console:tracking_numbers")
    said = _("“%(name)s” is on.") if found.enabled else _("“%(name)s” is off: pages show your own number again.")
    messages.success(request, said % {"name": found.name})
    return redirect("console:tracking_numbers")
