"""Buying numbers: looked for, price first, confirmed, and then what came of each."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from callspring.billing.actions import NotEnoughFunds
from callspring.carriers.api import CarrierProblem
from callspring.carriers.outside import e164
from callspring.console.carrier_forms import BuyForm
from callspring.console.connection_page import title
from callspring.console.guard import manager
from callspring.console.request import CompanyRequest
from callspring.console.requirement_words import asked_for, asked_for_numbers
from callspring.console.saving import too_little
from callspring.console.tracking_forms import FlowForm
from callspring.numbers import shopping
from callspring.numbers.e164 import kind_of
from callspring.numbers.models import Connection, Number
from callspring.numbers.quotes import quote, quote_one
from callspring.numbers.shopping import Wanted
from callspring.scenarios.jobs import order_numbers
from callspring.scenarios.routing import new_flow

SEARCHED = ("connection", "country", "kind", "area_code", "digits")


@require_http_methods(["GET", "HEAD", "POST"])
@manager
def buy_numbers(request: CompanyRequest) -> HttpResponse:
    """GET looks for numbers; POST asks where they shall ring, and then orders them."""
    if request.method == "POST":
        return _chosen(request)
    asked = {name: request.GET[name] for name in SEARCHED if name in request.GET}
    form = BuyForm(request.company, asked) if asked else BuyForm(request.company, initial=_usual(request))
    return _search_page(request, form)


def _usual(request: CompanyRequest) -> dict[str, Any]:
    """Local numbers in the area of the newest one."""
    newest = Number.objects.filter(company=request.company, kind=Number.Kind.LOCAL).order_by("-id").first()
    area = newest.e164[2:5] if newest is not None and newest.e164.startswith("+1") else ""
    return {"country": request.company.country, "kind": Number.Kind.LOCAL, "area_code": area}


def _search_page(request: CompanyRequest, form: BuyForm, wrong: str = "") -> HttpResponse:
    context: dict[str, Any] = {"form": form, "wrong": wrong, "chosen": request.POST.getlist("number")}
    if form.is_bound and form.is_valid():
        connection: Connection = form.cleaned_data["connection"]
        data = form.cleaned_data
        wanted = Wanted(data["country"], data["kind"], data["area_code"], contains=data["digits"])
        context |= _found(request, connection, wanted)
    context["sells"] = shopping.selling_connections(request.company).exists()
    return render(request, "console/buy_numbers.html", context)


def _found(request: CompanyRequest, connection: Connection, wanted: Wanted) -> dict[str, Any]:
    try:
        found = shopping.search(connection, wanted)
    except CarrierProblem as problem:
        return {"problem": str(problem)}
    price = quote_one(request.company, connection.carrier, wanted.kind, wanted.country)
    said = {"found": found, "bill": price, "one": price.lines[0]}
    said |= {"asked": asked_for(connection, wanted.country, wanted.kind)}
    said |= {"addresses": any(one.address for one in found)}
    return said | {"connection": connection, "title": title(connection.carrier), "searched": True}


def _chosen(request: CompanyRequest) -> HttpResponse:
    search = BuyForm(request.company, request.POST)
    chosen = list(dict.fromkeys(filter(_is_number, request.POST.getlist("number"))))
    wrong = ""
    if not chosen:
        wrong = _("Choose at least one number.")
    elif len(chosen) > shopping.MOST:
        wrong = _("Order at most %(most)d numbers at a time.") % {"most": shopping.MOST}
    if wrong or not search.is_valid() or request.POST.get("go") == "back":
        return _search_page(request, search, wrong)
    form = FlowForm(request.company, initial=FlowForm.usual(request.company))
    if request.POST.get("go") == "buy":
        form = FlowForm(request.company, request.POST)
    if form.is_bound and form.is_valid():
        batch = _order(request, search.cleaned_data["connection"], chosen, form)
        if batch is not None:
            return redirect("console:order", batch)
    return _confirm_page(request, search, chosen, form)


def _is_number(text: str) -> bool:
    try:
        return bool(e164(text) and kind_of(text))
    except ValueError:
        return False


def _order(request: CompanyRequest, connection: Connection, chosen: list[str], form: FlowForm) -> UUID | None:
    """The batch; None where the form has what is wrong."""
    if form.cleaned_data["destination"] in chosen:
        form.add_error("destination", _("This is one of the numbers that you are buying. Give another one."))
        return None
    try:
        return order_numbers(connection, chosen, new_flow(request.company, **form.cleaned_data))
    except NotEnoughFunds as problem:
        form.add_error(None, too_little(problem, request.company.account.currency))
    except ValidationError as problem:
        form.add_error(None, problem)
    return None


def _confirm_page(request: CompanyRequest, search: BuyForm, chosen: list[str], form: FlowForm) -> HttpResponse:
    connection: Connection = search.cleaned_data["connection"]
    context = {
        "search": [(name, request.POST.get(name, "")) for name in SEARCHED],
        "chosen": chosen,
        "form": form,
        "connection": connection,
        "title": title(connection.carrier),
        "asked": asked_for_numbers(connection, chosen),
        "bill": quote(request.company, connection.carrier, chosen),
    }
    return render(request, "console/buy_confirm.html", context)
