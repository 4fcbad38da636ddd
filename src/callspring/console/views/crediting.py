"""Settings → Credit, and the page of one change of it."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from django.views.decorators.vary import vary_on_headers

from callspring.accounts.roles import Verb
from callspring.calls import switching
from callspring.calls.models import SettingsChange
from callspring.calls.switching import CannotChange
from callspring.console.credit_page import credit_page, rows, totals
from callspring.console.guard import fragment, manager, may
from callspring.console.request import CompanyRequest

WORKING = (SettingsChange.State.PREVIEWING, SettingsChange.State.APPLYING)


@require_http_methods(["GET", "HEAD", "POST"])
@may(Verb.SEE_SETUP)
def crediting(request: CompanyRequest) -> HttpResponseBase:
    """How calls are credited. Asking for other settings shows first what they would change."""
    if request.method == "POST":
        return _propose(request)
    return render(request, "console/crediting.html", {"page": credit_page(request.company)})


@manager
def _propose(request: CompanyRequest) -> HttpResponse:
    model, repeat_rule = request.POST.get("model", ""), request.POST.get("repeat_rule", "")
    try:
        change = switching.propose(request.company, request.user, model, repeat_rule)
    except CannotChange as problem:
        messages.error(request, _why_not(problem))
        return redirect("console:crediting")
    return redirect("console:credit_change", change.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@may(Verb.SEE_SETUP)
def credit_change(request: CompanyRequest, change_id: int) -> HttpResponseBase:
    """Old beside new, how far it is, and apply, drop or undo."""
    change = SettingsChange.objects.filter(company=request.company, pk=change_id).select_related("by").first()
    if change is None:
        raise Http404
    if request.method == "POST":
        return _act(request, change)
    compared = rows(change)
    context = {
        "change": change,
        "rows": compared,
        "total": totals(compared),
        "working": change.state in WORKING,
        "can_undo": switching.can_undo(change),
    }
    template = "console/parts/credit_change.html" if fragment(request) else "console/credit_change.html"
    return render(request, template, context)


@manager
def _act(request: CompanyRequest, change: SettingsChange) -> HttpResponse:
    try:
        match request.POST.get("do"):
            case "apply":
                switching.apply(change)
            case "drop":
                switching.drop(change)
                return redirect("console:crediting")
            case "undo":
                change = switching.undo(change, request.user)
    except CannotChange as problem:
        messages.error(request, _why_not(problem))
    return redirect("console:credit_change", change.pk)


def _why_not(problem: CannotChange) -> str:
    return {
        "same": _("That is how calls are credited already. Choose something else first."),
        "busy": _("Another change is being applied just now. Wait until it is done."),
        "unknown": _("Choose one of the ways shown."),
    }.get(problem.reason, _("This change cannot be applied any more. Look at the newest one."))
