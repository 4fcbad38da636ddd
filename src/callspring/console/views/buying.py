"""Buying numbers: looked for, price first, confirmed, and then what came of each."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from callspring.accounts.models import Account, Company
from callspring.accounts.roles import Verb
from callspring.billing.actions import NotEnoughFunds
from callspring.billing.prices import rent
from callspring.billing.queries import balance
from callspring.carriers.api import CarrierProblem
from callspring.carriers.outside import e164
from callspring.console.carrier_forms import BuyForm
from callspring.console.connection_page import title
from callspring.console.countries import WITHOUT_PAPERS
from callspring.console.guard import fragment, manager, may
from callspring.console.request import CompanyRequest
from callspring.console.saving import too_little
from callspring.console.tracking_forms import FlowForm
from callspring.numbers import shopping
from callspring.numbers.e164 import kind_of
from callspring.numbers.models import Connection, Number
from callspring.numbers.renting import rent_of
from callspring.numbers.shopping import Wanted
from callspring.scenarios.jobs import order_again, order_numbers
from callspring.scenarios.jobs import order_others as order_instead
from callspring.scenarios.routing import new_flow

SEARCHED = ("connection", "country", "kind", "area_code", "digits")


@dataclass(frozen=True, slots=True)
class Bill:
    """What an order costs for 7 days, in minor units; `lines` are (kind, how many, price of one).

    `known`: otherwise the carrier alone knows. `prepaid`: it is charged to the balance, otherwise the carrier bills it.
    """

    lines: list[tuple[str, int, int]]
    currency: str
    balance: int
    known: bool
    prepaid: bool

    @property
    def total(self) -> int:
        """All of it."""
        return sum(count * price for _kind, count, price in self.lines)

    @property
    def affordable(self) -> bool:
        """Whether the balance is enough."""
        return not self.prepaid or self.balance >= self.total


def bill(company: Company, connection: Connection, e164s: list[str]) -> Bill:
    """What these numbers cost. The sandbox's prices are known in every mode."""
    account = company.account
    names = dict(Number.Kind.choices)
    priced = Counter((kind_of(e164), rent_of(e164, connection.carrier, account.currency)) for e164 in e164s)
    lines = [(str(names[kind]), count, price) for (kind, price), count in priced.items()]
    prepaid = account.mode == Account.Mode.PREPAID
    return Bill(lines, account.currency, balance(account), prepaid or connection.carrier == "sandbox", prepaid)


@require_http_methods(["GET", "HEAD", "POST"])
@manager
def buy_numbers(request: CompanyRequest) -> HttpResponse:
    """GET looks for numbers; POST asks where they shall ring, and then orders them."""
    if request.method == "POST":
        return _chosen(request)
    asked = {name: request.GET[name] for name in SEARCHED if name in request.GET}
    form = BuyForm(request.company, asked) if asked else BuyForm(request.company, initial=_usual(request))
    return _search_page(request, form)


@require_safe
@may(Verb.SEE_SETUP)
def order(request: CompanyRequest, batch_id: UUID) -> HttpResponse:
    """What came of an order, while it is under way and afterwards."""
    batch = shopping.find_batch(request.company, batch_id)
    if batch is None:
        raise Http404
    context = {"batch": batch, "title": title(batch.connection.carrier)}
    piece = "console/parts/order.html" if fragment(request) else "console/order.html"
    return render(request, piece, context)


@require_POST
@manager
def retry_order(request: CompanyRequest, batch_id: UUID) -> HttpResponse:
    """Order once more what could not be had."""
    batch = shopping.find_batch(request.company, batch_id)
    if batch is None:
        raise Http404
    try:
        order_again(batch)
    except NotEnoughFunds as problem:
        messages.error(request, too_little(problem, request.company.account.currency))
    return redirect("console:order", batch.id)


@require_POST
@manager
def order_others(request: CompanyRequest, batch_id: UUID) -> HttpResponse:
    """Order other numbers of the same sort in place of what could not be had."""
    batch = shopping.find_batch(request.company, batch_id)
    if batch is None:
        raise Http404
    try:
        found = order_instead(batch)
    except NotEnoughFunds as problem:
        messages.error(request, too_little(problem, request.company.account.currency))
    except CarrierProblem as problem:
        messages.error(request, str(problem))
    else:
        if found < len(batch.failed):
            messages.warning(request, _("No more such numbers are to be had. Choose others under Numbers."))
    return redirect("console:order", batch.id)


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
    currency = request.company.account.currency
    one = rent(wanted.kind, currency, carrier=connection.carrier, country=wanted.country)
    known = bill(request.company, connection, []).known
    said = {"found": found, "rent": one if known else None, "currency": currency}
    said |= {"papers": connection.carrier != "sandbox" and wanted.country not in WITHOUT_PAPERS}
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
        "bill": bill(request.company, connection, chosen),
    }
    return render(request, "console/buy_confirm.html", context)
