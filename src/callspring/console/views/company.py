"""Settings → Company."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from callspring.accounts.actions import change_company
from callspring.accounts.roles import Verb
from callspring.console.forms import CompanyForm
from callspring.console.guard import manager, may
from callspring.console.request import CompanyRequest


@require_http_methods(["GET", "HEAD", "POST"])
@may(Verb.SEE_SETUP)
def company(request: CompanyRequest) -> HttpResponseBase:
    """Name and time zone: everybody may look."""
    if request.method == "POST":
        return _change(request)
    return _page(request, CompanyForm(initial={"name": request.company.name, "zone": request.company.zone}))


@manager
def _change(request: CompanyRequest) -> HttpResponse:
    form = CompanyForm(request.POST)
    if not form.is_valid():
        return _page(request, form)
    change_company(request.company, form.cleaned_data["name"], form.cleaned_data["zone"])
    messages.success(request, _("Saved."))
    return redirect("console:company")


def _page(request: CompanyRequest, form: CompanyForm) -> HttpResponse:
    return render(request, "console/company.html", {"form": form})
