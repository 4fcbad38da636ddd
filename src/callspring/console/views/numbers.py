"""Numbers: those that no scenario uses, where their calls go, giving them back. The others are tracking numbers."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from callspring.accounts.models import Account
from callspring.accounts.roles import Verb
from callspring.carriers.api import CarrierProblem
from callspring.console import words
from callspring.console.connection_page import title
from callspring.console.flows.page import addresses
from callspring.console.guard import manager, may
from callspring.console.request import CompanyRequest
from callspring.console.rest_form import RestForm
from callspring.console.tracking_forms import FlowForm
from callspring.flows.flow import Flow
from callspring.numbers import resting, shopping
from callspring.numbers.actions import release as give_back
from callspring.numbers.models import Number
from callspring.numbers.queries import numbers as all_numbers
from callspring.scenarios.membership import put_in, rule_for
from callspring.scenarios.models import Scenario
from callspring.scenarios.porting import ENDED, port_ins
from callspring.scenarios.publishing import publish_surely
from callspring.scenarios.queries import scenario as find_scenario
from callspring.scenarios.routing import change_routing, flow_of


@require_safe
@may(Verb.SEE_SETUP)
def numbers(request: CompanyRequest) -> HttpResponse:
    """The company's other numbers, with what becomes of their calls, and what is on order."""
    found = all_numbers(request.company)
    others = found.filter(scenario__isnull=True)
    context = {
        "numbers": [(number, flow_of(number)) for number in others.filter(rests_until=None)],
        "resting": list(resting.resting(request.company).select_related("last_scenario__site")),
        "policy_form": RestForm(resting.policy(request.company)),
        "port_ins": port_ins(request.company).exclude(state__in=ENDED).count(),
        "tracking": found.filter(scenario__isnull=False).count(),
        "orders": shopping.unfinished(request.company),
        "prepaid": request.company.account.mode == Account.Mode.PREPAID,
        "sells": shopping.selling_connections(request.company).exists(),
    }
    return render(request, "console/numbers.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@manager
def number_routing(request: CompanyRequest, own_number_id: int) -> HttpResponse:
    """Where a number's calls go while no scenario uses it."""
    number = _find(request, own_number_id)
    if number.scenario_id is not None:
        return redirect("console:scenario_routing", number.scenario_id)
    return _routing(request, number, "console:numbers", words.phone(number.e164))


@require_http_methods(["GET", "HEAD", "POST"])
@manager
def scenario_routing(request: CompanyRequest, scenario_id: int) -> HttpResponse:
    """Where the calls to a scenario's numbers go."""
    found = find_scenario(request.company, scenario_id)
    if found is None:
        raise Http404
    return _routing(request, found, "console:tracking_numbers", found.name)


@require_http_methods(["GET", "HEAD", "POST"])
@manager
def release_number(request: CompanyRequest, own_number_id: int) -> HttpResponse:
    """Give a number back to its carrier for good; what that means is said first."""
    number = _find(request, own_number_id)
    problem = ""
    if request.method == "POST":
        problem = _release(number)
        if not problem:
            publish_surely(request.company.pk)
            said = _("%(number)s is given back. Callers hear from its carrier that it is not in service.")
            messages.success(request, said % {"number": words.phone(number.e164)})
            return redirect("console:numbers")
    context = {
        "number": number,
        "carrier": title(number.connection.carrier),
        "problem": problem,
        "prepaid": request.company.account.mode == Account.Mode.PREPAID,
    }
    return render(request, "console/release.html", context)


@require_POST
@manager
def put_number_back(request: CompanyRequest, own_number_id: int) -> HttpResponse:
    """Put a resting number back into the scenario that it left."""
    number = _find(request, own_number_id)
    scenario = number.last_scenario
    rule = None if scenario is None or scenario.deleted_at else rule_for(scenario, number)
    if scenario is None or rule is None:
        messages.error(request, _("Its scenario is gone. Put it into another one there, once it is free."))
    elif put_in(scenario, rule, [number]):
        said = _("%(number)s is back in “%(name)s”.")
        messages.success(request, said % {"number": words.phone(number.e164), "name": scenario.name})
    else:
        messages.error(request, _("Somebody else has done something with this number meanwhile."))
    return redirect("console:numbers")


@require_POST
@manager
def rest_policy(request: CompanyRequest) -> HttpResponse:
    """How long numbers rest, and what then becomes of them."""
    form = RestForm(resting.policy(request.company), request.POST)
    if form.is_valid():
        try:
            resting.set_policy(request.company, form.cleaned_data["days"], form.cleaned_data["after_rest"])
            messages.success(request, _("Saved."))
        except ValueError as problem:
            messages.error(request, str(problem))
    else:
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
    return redirect("console:numbers")


def _find(request: CompanyRequest, number_id: int) -> Number:
    found = all_numbers(request.company).filter(pk=number_id).first()
    if found is None:
        raise Http404
    return found


def _release(number: Number) -> str:
    """What stands against it; "" when it is done."""
    try:
        give_back(number)
    except (ValueError, CarrierProblem) as problem:
        return str(problem)
    return ""


def _routing(request: CompanyRequest, target: Scenario | Number, back: str, name: str) -> HttpResponse:
    flow = flow_of(target)
    form = FlowForm(request.company, initial=FlowForm.filled(flow) if flow is not None else None)
    if request.method == "POST":
        form = FlowForm(request.company, request.POST)
        if form.is_valid() and _changed(request, form, target):
            rings = words.phone(form.cleaned_data["destination"])
            said = _("Saved. Calls to “%(name)s” ring %(rings)s from now on.")
            messages.success(request, said % {"name": name, "rings": rings})
            return redirect(back)
    count = target.numbers.count() if isinstance(target, Scenario) else 1
    context = {"form": form, "name": name, "back": back, "target": target, "count": count, "silent": flow is None}
    context |= {"is_tree": isinstance(flow, Flow), "flow_address": addresses(target)["page"]}
    return render(request, "console/call_routing.html", context)


def _changed(request: CompanyRequest, form: FlowForm, target: Scenario | Number) -> bool:
    try:
        change_routing(target, **form.cleaned_data, author=request.user)
    except ValidationError as problem:
        form.add_error(None, problem)
        return False
    return True
