"""The numbers of one scenario: taken out, put back, and a pool made larger or smaller, price first."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from callspring.billing.actions import NotEnoughFunds
from callspring.carriers.outside import e164
from callspring.console.connection_page import title
from callspring.console.guard import manager
from callspring.console.request import CompanyRequest
from callspring.console.requirement_words import asked_for_numbers
from callspring.console.saving import too_little
from callspring.numbers import resting
from callspring.numbers.actions import CannotOrder
from callspring.numbers.models import Number
from callspring.numbers.queries import free_numbers
from callspring.numbers.quotes import quote
from callspring.scenarios import membership
from callspring.scenarios.membership import LastNumber, NotAsShown, Resize
from callspring.scenarios.models import Rule, Scenario
from callspring.scenarios.queries import scenario as find_scenario
from callspring.scenarios.sizing import MOST_NUMBERS as MOST


@require_http_methods(["GET", "HEAD", "POST"])
@manager
def scenario_numbers(request: CompanyRequest, scenario_id: int) -> HttpResponse:
    """What the scenario has; POST does one of `DEEDS`."""
    found = find_scenario(request.company, scenario_id)
    if found is None:
        raise Http404
    deed = request.POST.get("go", "") if request.method == "POST" else ""
    if not deed:
        return _page(request, found)
    if deed not in DEEDS:
        raise Http404
    try:
        return DEEDS[deed](request, found)
    except NotEnoughFunds as problem:
        messages.error(request, too_little(problem, request.company.account.currency))
    except (LastNumber, NotAsShown, CannotOrder) as problem:
        messages.error(request, str(problem))
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
    return redirect("console:scenario_numbers", found.pk)


def _take_out(request: CompanyRequest, scenario: Scenario) -> HttpResponse:
    chosen = _chosen(request, scenario.numbers.all())
    if not chosen:
        raise ValidationError(_("Choose at least one number."))
    gone = membership.take_out(scenario, chosen)
    said = ngettext("%(n)d number rests from now on.", "%(n)d numbers rest from now on.", len(gone))
    messages.success(request, said % {"n": len(gone)})
    return redirect("console:scenario_numbers", scenario.pk)


def _put_in(request: CompanyRequest, scenario: Scenario) -> HttpResponse:
    """Resting and free numbers, each under the rule that it had; for those that had none, the form says which."""
    rule = _rule(request, scenario)
    chosen = _chosen(request, _offered(scenario))
    came = [one for number in chosen for one in membership.put_in(scenario, _under(rule, scenario, number), [number])]
    said = ngettext("%(n)d number is in.", "%(n)d numbers are in.", len(came))
    messages.success(request, said % {"n": len(came)})
    return redirect("console:scenario_numbers", scenario.pk)


def _look(request: CompanyRequest, scenario: Scenario) -> HttpResponse:
    """What another size means, and what it costs."""
    rule, size = _rule(request, scenario), _size(request)
    change = membership.look_at_size(scenario, rule, size, use_free="use_free" in request.POST)
    context: dict[str, Any] = {"scenario": scenario, "rule": rule, "size": size, "change": change}
    if change.buy and change.connection is not None:
        e164s = [one.e164 for one in change.buy]
        context["bill"] = quote(request.company, change.connection.carrier, e164s)
        context["asked"] = asked_for_numbers(change.connection, e164s)
        context["title"] = title(change.connection.carrier)
    context["policy"] = resting.policy(request.company)
    return render(request, "console/pool_size.html", context)


def _change(request: CompanyRequest, scenario: Scenario) -> HttpResponse:
    """Do what was looked at, for no more than the price that was shown.

    Numbers that were sold since are replaced by others of their sort, and that is said.
    """
    rule, size = _rule(request, scenario), _size(request)
    seen = [e164(text) for text in request.POST.getlist("buy")[:MOST]]
    change = membership.look_at_size(scenario, rule, size, use_free="use_free" in request.POST, rather=seen)
    change = membership.approved(scenario, change, seen)
    batch = membership.resize(scenario, rule, change)
    messages.success(request, _done(change))
    if others := {one.e164 for one in change.buy} - set(seen):
        said = ngettext(
            "%(n)d of them was sold meanwhile: another of its sort is ordered instead, at the same price.",
            "%(n)d of them were sold meanwhile: others of their sort are ordered instead, at the same price.",
            len(others),
        )
        messages.info(request, said % {"n": len(others)})
    return redirect("console:order", batch) if batch else redirect("console:scenario_numbers", scenario.pk)


DEEDS = {"take_out": _take_out, "put_in": _put_in, "look": _look, "change": _change}


def _done(change: Resize) -> str:
    said = []
    if change.out:
        said.append(ngettext("%(n)d number rests.", "%(n)d numbers rest.", len(change.out)) % {"n": len(change.out)})
    if came := len(change.back) + len(change.free):
        said.append(ngettext("%(n)d number is in.", "%(n)d numbers are in.", came) % {"n": came})
    if change.buy:
        ordered = ngettext("%(n)d number is on order.", "%(n)d numbers are on order.", len(change.buy))
        said.append(ordered % {"n": len(change.buy)})
    return " ".join(said) or _("Nothing was to be changed.")


def _page(request: CompanyRequest, scenario: Scenario) -> HttpResponse:
    here = list(scenario.numbers.select_related("connection").order_by("pk"))
    rules = [(rule, [number for number in here if number.rule_id == rule.pk]) for rule in scenario.rules.all()]
    resting_here = list(resting.resting(request.company, scenario.pk))
    context = {
        "scenario": scenario,
        "rules": rules,
        "several_rules": len(rules) > 1,
        "resting": resting_here,
        "free": [one for one in free_numbers(request.company) if one.e164 != scenario.target],
        "policy": resting.policy(request.company),
        "most": MOST,
    }
    return render(request, "console/scenario_numbers.html", context)


def _offered(scenario: Scenario) -> list[Number]:
    """What could be put in: its own resting numbers and the company's free ones."""
    return [*resting.resting(scenario.company, scenario.pk), *free_numbers(scenario.company)]


def _chosen(request: CompanyRequest, among: Any) -> list[Number]:
    ids = set(request.POST.getlist("number"))
    return [number for number in among if str(number.pk) in ids]


def _under(rule: Rule, scenario: Scenario, number: Number) -> Rule:
    had = membership.rule_for(scenario, number)
    return had if had is not None and had.pk == number.last_rule_id else rule


def _rule(request: CompanyRequest, scenario: Scenario) -> Rule:
    asked = request.POST.get("rule", "")
    found = next((rule for rule in scenario.rules.all() if str(rule.pk) == asked), None)
    if found is None:
        raise Http404
    return found


def _size(request: CompanyRequest) -> int:
    text = request.POST.get("size", "").strip()
    if not (text.isascii() and text.isdecimal() and len(text) < 7 and 1 <= int(text) <= MOST):
        raise ValidationError(_("Give a number of numbers from 1 to %(most)d.") % {"most": MOST})
    return int(text)
