"""What is done with scenarios: priced, made in one of the two short ways, switched.

Whole scenarios, with everything that they can have, are made and changed by `callspring.scenarios.making`.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from callspring.accounts.models import Company
from callspring.billing.actions import demand
from callspring.carriers.outside import clean
from callspring.flows.flow import Forward
from callspring.numbers import connecting
from callspring.numbers.e164 import parse_number
from callspring.numbers.models import Number
from callspring.scenarios import checks
from callspring.scenarios.models import Rule, Scenario, ScenarioAlias, SwapTarget
from callspring.scenarios.publishing import publish_on_commit
from callspring.scenarios.readiness import demand_ready
from callspring.scenarios.routing import forward, tell_carriers
from callspring.sites.models import Site


def track_campaign(
    company: Company,
    *,
    site: Site,
    title: str,
    target: str,
    strategy: str,
    name: str = "",
    value: str = "",
    number: Number,
    destination: str,
    ring_seconds: int = 25,
    voicemail: bool = False,
    greeting: str = "",
    enabled: bool = True,
) -> Scenario:
    """Make a scenario with one static number for one strategy (N3).

    `name` and `value` are the strategy's parameters, see `Rule`. Raises `ValidationError` keyed by field.
    """
    problems = checks.Problems()
    strategy = problems.check("strategy", lambda: checks.strategy(strategy), "")
    rule = Rule(
        strategy=strategy,
        name=problems.check("name", lambda: checks.parameter_name(strategy, name), ""),
        value=problems.check("value", lambda: checks.rule_value(strategy, value), ""),
    )
    draft = _draft(
        company,
        problems,
        site=site,
        title=title,
        flow=forward(company, problems, destination, ring_seconds, voicemail=voicemail, greeting=greeting),
    )
    draft.enabled = enabled
    return _save(draft, _target(company, problems, target), rule, [number], problems, "number")


def track_users(
    company: Company,
    *,
    site: Site,
    title: str,
    target: str,
    peak: int,
    numbers: Sequence[Number],
    destination: str,
    ring_seconds: int = 25,
    voicemail: bool = False,
    greeting: str = "",
    enabled: bool = True,
) -> Scenario:
    """Make a scenario whose numbers are a pool that follows every visitor (N4).

    `peak` is the number of visits in the busiest hour. Raises `ValidationError` keyed by field.
    """
    problems = checks.Problems()
    draft = _draft(
        company,
        problems,
        site=site,
        title=title,
        flow=forward(company, problems, destination, ring_seconds, voicemail=voicemail, greeting=greeting),
    )
    draft.enabled = enabled
    draft.peak_hourly_visits = problems.check("peak", lambda: checks.peak(peak), 1)
    rule = Rule(strategy=Rule.Strategy.ALWAYS, dynamic=True)
    return _save(draft, _target(company, problems, target), rule, numbers, problems, "numbers")


def set_enabled(scenario: Scenario, enabled: bool) -> None:
    """Switch a scenario on or off. Its numbers keep ringing the business, and their rent runs on (C5).

    Switching on needs money on a prepaid account, else `NotEnoughFunds`, and all that it takes to work, else `NotReady`
    (`callspring.scenarios.readiness`).
    """
    with transaction.atomic():
        if enabled and not scenario.enabled:
            demand(scenario.company.account, 1)
            demand_ready(scenario)
        Scenario.objects.filter(pk=scenario.pk).update(enabled=enabled)
        publish_on_commit(scenario.company_id, scenario.site_id)
    scenario.enabled = enabled


ALIAS_LENGTH = 40


@transaction.atomic
def call_also(scenario: Scenario, alias: str) -> ScenarioAlias:
    """Let pages call the scenario by another name too, such as the id it was imported from (W7).

    A name means one scenario of the company: the last one that it was given to. Raises `ValueError` for no name.
    """
    alias = clean(alias, ALIAS_LENGTH).strip()
    if not alias:
        raise ValueError(_("Give the name by which your pages call the scenario."))
    before = Scenario.objects.filter(company=scenario.company, aliases__alias=alias).values_list("site", flat=True)
    sites = {*before, scenario.site_id}
    found, _made = ScenarioAlias.objects.update_or_create(
        company=scenario.company, alias=alias, defaults={"scenario": scenario}
    )
    publish_on_commit(scenario.company_id, *sites)
    return found


def _draft(
    company: Company,
    problems: checks.Problems,
    *,
    site: Site,
    title: str,
    flow: Forward,
) -> Scenario:
    """The scenario with what both ways of tracking have in common; not saved."""
    if site.company_id != company.pk:
        problems.add("site", _("Choose one of this company's sites."))
    return Scenario(
        company=company,
        site=site,
        name=problems.check("title", lambda: checks.title(title), ""),
        flow=msgspec.to_builtins(flow),
    )


def _target(company: Company, problems: checks.Problems, target: str) -> str:
    return problems.check("target", lambda: parse_number(target, company.country), "")


@transaction.atomic
def _save(
    draft: Scenario, target: str, rule: Rule, numbers: Sequence[Number], problems: checks.Problems, field: str
) -> Scenario:
    problems.check(field, lambda: _usable(draft, target, numbers), None)
    problems.raise_any()
    last: int | None = Scenario.objects.filter(company=draft.company).aggregate(last=Max("position"))["last"]
    draft.position = 0 if last is None else last + 1
    draft.save()
    SwapTarget.objects.create(scenario=draft, kind=SwapTarget.Kind.NUMBER, value=target)
    rule.scenario = draft
    rule.save()
    _assign(draft, rule, numbers, field)
    publish_on_commit(draft.company_id, draft.site_id, None)
    if any(number.pointed_at and number.fallback != connecting.destination(number) for number in numbers):
        tell_carriers(draft.company_id)
    return draft


def _usable(draft: Scenario, target: str, numbers: Sequence[Number]) -> None:
    if not numbers:
        raise ValidationError(_("Add at least one number."))
    for number in numbers:
        if number.company_id != draft.company_id or number.state != Number.State.ACTIVE:
            raise ValidationError(_("%(number)s is no number of this company.") % {"number": number.e164})
        if number.e164 == target:
            raise ValidationError(_("Choose another number: this is the one it is shown instead of."))


def _assign(scenario: Scenario, rule: Rule, numbers: Sequence[Number], field: str) -> None:
    """Give the numbers to the scenario. One that another scenario got meanwhile stops all (invariant 7)."""
    for number in numbers:
        free = Number.objects.filter(pk=number.pk, scenario=None, state=Number.State.ACTIVE)
        if not free.update(scenario=scenario, rule=rule):
            taken = _("%(number)s is used by another scenario. Choose another one.")
            raise ValidationError({field: [taken % {"number": number.e164}]})
        number.scenario, number.rule = scenario, rule
