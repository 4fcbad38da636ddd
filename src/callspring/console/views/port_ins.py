"""Port-ins: numbers that are on their way here from another telephone company."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from callspring.accounts.roles import Verb
from callspring.console.guard import manager, may
from callspring.console.port_in_forms import PortInForm, PortInStateForm
from callspring.console.request import CompanyRequest
from callspring.console.tracking_forms import FlowForm
from callspring.console.words import phone
from callspring.numbers.models import PortIn
from callspring.scenarios import porting
from callspring.scenarios.routing import new_flow


@require_http_methods(["GET", "HEAD", "POST"])
@may(Verb.SEE_SETUP)
def port_ins(request: CompanyRequest) -> HttpResponseBase:
    """All of them; POST writes a new one down."""
    if request.method == "POST":
        return _write_down(request)
    return _list(
        request, PortInForm(request.company), FlowForm(request.company, initial=FlowForm.usual(request.company))
    )


@require_http_methods(["GET", "HEAD", "POST"])
@may(Verb.SEE_SETUP)
def port_in(request: CompanyRequest, port_in_id: int) -> HttpResponseBase:
    """One of them, and where it stands."""
    found = porting.port_in(request.company, port_in_id)
    if found is None:
        raise Http404
    form = PortInStateForm(found)
    if request.method == "POST":
        return _change(request, found)
    return render(request, "console/port_in.html", {"port_in": found, "form": form})


@manager
def _write_down(request: CompanyRequest) -> HttpResponse:
    form, flow = PortInForm(request.company, request.POST), FlowForm(request.company, request.POST)
    if form.is_valid() and flow.is_valid():
        data = form.cleaned_data
        try:
            made = porting.write_down(
                data["connection"],
                data["number"],
                data["losing_carrier"],
                new_flow(request.company, **flow.cleaned_data),
                wanted_on=data["wanted_on"],
                notes=data["notes"],
            )
        except ValueError as problem:
            form.add_error("number", str(problem))
        else:
            messages.success(request, _("%(number)s is written down.") % {"number": phone(made.e164)})
            return redirect("console:port_in", made.pk)
    return _list(request, form, flow)


@manager
def _change(request: CompanyRequest, found: PortIn) -> HttpResponse:
    form = PortInStateForm(found, request.POST)
    if form.is_valid():
        data = form.cleaned_data
        try:
            porting.change(found, data["state"], data["wanted_on"], data["notes"])
        except ValueError as problem:
            form.add_error("state", str(problem))
        else:
            messages.success(request, _("Saved."))
            return redirect("console:port_ins")
    return render(request, "console/port_in.html", {"port_in": found, "form": form})


def _list(request: CompanyRequest, form: PortInForm, flow: FlowForm) -> HttpResponse:
    found = porting.port_ins(request.company)
    context = {"port_ins": found, "form": form, "flow": flow, "can": form.fields["connection"].queryset.exists()}  # type: ignore[attr-defined]
    return render(request, "console/port_ins.html", context)
