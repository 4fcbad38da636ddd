"""Which numbers of a connected account come here: chosen, told what will change, then brought by a job."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from callspring.carriers.api import CarrierProblem
from callspring.console.connection_page import title
from callspring.console.guard import manager
from callspring.console.importing import MOST, Line, changes, containing, lines
from callspring.console.request import CompanyRequest
from callspring.console.tracking_forms import FlowForm
from callspring.console.views.carriers import doors_address, find_connection
from callspring.flows.flow import Forward
from callspring.numbers.connecting import can_fall_back
from callspring.numbers.models import Connection
from callspring.scenarios.jobs import bring_here
from callspring.scenarios.routing import new_flow


@require_http_methods(["GET", "HEAD", "POST"])
@manager
def import_numbers(request: CompanyRequest, connection_id: int) -> HttpResponse:
    """The account's numbers; what is chosen goes on to what will change, and from there to the job."""
    connection = find_connection(request, connection_id)
    try:
        found = lines(connection)
    except CarrierProblem as problem:
        context = {"connection": connection, "title": title(connection.carrier), "problem": problem, "step": "numbers"}
        return render(request, "console/import_numbers.html", context)
    if request.method != "POST":
        form = FlowForm(request.company, initial=FlowForm.usual(request.company))
        return _choose(request, connection, found, form, [])
    return _chosen(request, connection, found)


def _chosen(request: CompanyRequest, connection: Connection, found: list[Line]) -> HttpResponse:
    wanted = set(request.POST.getlist("number")[: MOST * 2])
    chosen = [line for line in found if line.free and line.e164 in wanted]
    form = FlowForm(request.company, request.POST)
    if request.POST.get("go") == "back":
        return _choose(request, connection, found, FlowForm(request.company, initial=request.POST.dict()), chosen)
    problem = _wrong_choice(chosen)
    flow = None if problem else _flow(request, form, chosen)
    if problem or (flow is None and _silent(chosen)):
        return _choose(request, connection, found, form, chosen, problem)
    if request.POST.get("go") != "import" or (doors_address().hidden and "anyway" not in request.POST):
        return _review(request, connection, chosen, form, flow)
    bring_here(connection, [line.e164 for line in chosen], flow)
    said = ngettext("%(n)d number is on its way here.", "%(n)d numbers are on their way here.", len(chosen))
    messages.success(request, said % {"n": len(chosen)})
    return redirect("console:connection", connection.pk)


def _wrong_choice(chosen: list[Line]) -> str:
    if not chosen:
        return _("Choose at least one number.")
    if len(chosen) > MOST:
        return _("Choose at most %(most)d numbers at a time.") % {"most": MOST}
    return ""


def _silent(chosen: list[Line]) -> bool:
    return any(line.silent for line in chosen)


def _flow(request: CompanyRequest, form: FlowForm, chosen: list[Line]) -> Forward | None:
    """Where those without a scenario are to ring; None where nobody needs it, or the form has what is wrong."""
    if not _silent(chosen) or not form.is_valid():
        return None
    data: dict[str, Any] = form.cleaned_data
    if data["destination"] in {line.e164 for line in chosen}:
        said = _("This number is to come here itself: its calls would go round. Give another one, or leave it out.")
        form.add_error("destination", said)
        return None
    try:
        return new_flow(request.company, **data)
    except ValidationError as problem:
        form.add_error(None, problem)
        return None


def _choose(
    request: CompanyRequest,
    connection: Connection,
    found: list[Line],
    form: FlowForm,
    chosen: list[Line],
    problem: str = "",
) -> HttpResponse:
    matching = containing(found, request.GET.get("q", "")[:80])
    context = {
        "connection": connection,
        "title": title(connection.carrier),
        "lines": matching[:MOST],
        "more": len(matching) - MOST,
        "free": sum(line.free for line in found),
        "count": len(found),
        "chosen": {line.e164 for line in chosen},
        "query": request.GET.get("q", "")[:80],
        "form": form,
        "wrong": problem,
        "address": doors_address(),
        "step": "numbers",
    }
    return render(request, "console/import_numbers.html", context)


def _review(
    request: CompanyRequest, connection: Connection, chosen: list[Line], form: FlowForm, flow: Forward | None
) -> HttpResponse:
    rings = flow.destination if flow is not None and flow.destination.startswith("+") else ""
    context = {
        "connection": connection,
        "title": title(connection.carrier),
        "changes": [(line, changes(connection, line, rings)) for line in chosen],
        "flow": flow,
        "form": form,
        "address": doors_address(),
        "falls_back": can_fall_back(connection.carrier),
        "unticked": request.POST.get("go") == "import",
        "step": "changes",
    }
    return render(request, "console/import_review.html", context)
