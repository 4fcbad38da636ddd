"""How a pool hands its numbers out (P2, P3, N5)."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from callspring.console.guard import manager
from callspring.console.handing_out_form import HandingOutForm
from callspring.console.request import CompanyRequest
from callspring.maintenance import queries
from callspring.scenarios.handing_out import hand_out, spare_numbers
from callspring.scenarios.models import Scenario


@require_http_methods(["GET", "HEAD", "POST"])
@manager
def handing_out(request: CompanyRequest, pool_id: int) -> HttpResponse:
    """The policy, the hold time, and what happens while all numbers are held."""
    scenario = queries.pool_scenario(request.company, pool_id)
    if scenario is None:
        raise Http404
    pool = spare_numbers(scenario)
    form = HandingOutForm(scenario, pool, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid() and _set(scenario, form):
        messages.success(request, _("Saved. Pages go by it from now on."))
        return redirect("console:handing_out", pool_id)
    lost = scenario.overflow == Scenario.Overflow.NUMBER and scenario.overflow_number not in pool
    context = {"scenario": scenario, "tab": "handing_out", "form": form, "lost": lost}
    return render(request, "console/pool_handing_out.html", context)


def _set(scenario: Scenario, form: HandingOutForm) -> bool:
    given = form.cleaned_data
    try:
        hand_out(
            scenario,
            policy=given["policy"],
            hold=given["hold"],
            overflow=given["overflow"],
            overflow_number=form.chosen(),
        )
    except ValueError as problem:
        form.add_error("overflow_number", str(problem))
        return False
    return True
