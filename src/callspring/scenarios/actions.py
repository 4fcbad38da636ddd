"""What is done with scenarios: priced, made, switched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from callspring.accounts.models import Account, Company
from callspring.billing.actions import demand
from callspring.billing.prices import rent
from callspring.billing.queries import balance
from callspring.flows.flow import Forward
from callspring.numbers import connecting
from callspring.numbers.e164 import parse_number
from callspring.numbers.models import Number
from callspring.scenarios import checks
from callspring.scenarios.models import Rule, Scenario
from callspring.scenarios.publishing import publish_on_commit
from callspring.scenarios.routing import forward, tell_carriers
from callspring.sites.models import Site


@dataclass(frozen=True, slots=True)
class Quote:
    """What numbers cost for 7 days, in minor units of `currency`.

    `balance` is what the account holds; `affordable` is always true for an account in mode own_carrier.
    """

    per_number: int
    total: int
    currency: str
    balance: int
    affordable: bool


def quote(company: Company, kind: str, count: int) -> Quote:
    """The price of `count` numbers of `kind`. Raises `ValueError` for a kind without a price."""
    account = company.account
    per_number = rent(kind, account.currency)
    total, held = per_number * count, balance(account)
    affordable = account.mode == Account.Mode.OWN_CARRIER or held >= total
    return Quote(per_number, total, account.currency, held, affordable)


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
        target=target,
        flow=forward(company, problems, destination, ring_seconds, voicemail=voicemail, greeting=greeting),
    )
    draft.enabled = enabled
    return _save(draft, rule, [number], problems, "number")


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
        target=target,
        flow=forward(company, problems, destination, ring_seconds, voicemail=voicemail, greeting=greeting),
    )
    draft.enabled = enabled
    draft.peak_hourly_visits = problems.check("peak", lambda: checks.peak(peak), 1)
    rule = Rule(strategy=Rule.Strategy.ALWAYS, dynamic=True)
    return _save(draft, rule, numbers, problems, "numbers")


def set_enabled(scenario: Scenario, enabled: bool) -> None:
    """Switch a scenario on or off. Its numbers keep ringing the business, and their rent runs on (C5).

    Switching on needs money on a prepaid account, else `NotEnoughFunds`.
    """
    with transaction.atomic():
        if enabled and not scenario.enabled:
            demand(scenario.company.account, 1)
        Scenario.objects.filter(pk=scenario.pk).update(enabled=enabled)
        publish_on_commit(scenario.company_id)
    scenario.enabled = enabled


def _draft(
    company: Company,
    problems: checks.Problems,
    *,
    site: Site,
    title: str,
    target: str,
    flow: Forward,
) -> Scenario:
    """The scenario with what both ways of tracking have in common; not saved."""
    country = company.country
    if site.company_id != company.pk:
        problems.add("site", _("Choose one of this company's sites."))
    return Scenario(
        company=company,
        site=site,
        name=problems.check("title", lambda: checks.title(title), ""),
        target=problems.check("target", lambda: parse_number(target, country), ""),
        flow=msgspec.to_builtins(flow),
    )


@transaction.atomic
def _save(draft: Scenario, rule: Rule, numbers: Sequence[Number], problems: checks.Problems, field: str) -> Scenario:
    problems.check(field, lambda: _usable(draft, numbers), None)
    problems.raise_any()
    last: int | None = Scenario.objects.filter(company=draft.company).aggregate(last=Max("position"))["last"]
    draft.position = 0 if last is None else last + 1
    draft.save()
    rule.scenario = draft
    rule.save()
    _assign(draft, rule, numbers, field)
    publish_on_commit(draft.company_id)
    if any(number.pointed_at and number.fallback != connecting.destination(number) for number in numbers):
        tell_carriers(draft.company_id)
    return draft


def _usable(draft: Scenario, numbers: Sequence[Number]) -> None:
    if not numbers:
        raise ValidationError(_("Add at least one number."))
    for number in numbers:
        if number.company_id != draft.company_id or number.state != Number.State.ACTIVE:
            raise ValidationError(_("%(number)s is no number of this company.") % {"number": number.e164})
        if number.e164 == draft.target:
            raise ValidationError(_("Choose another number: this is the one it is shown instead of."))


def _assign(scenario: Scenario, rule: Rule, numbers: Sequence[Number], field: str) -> None:
    """Give the numbers to the scenario. One that another scenario got meanwhile stops all (invariant 7)."""
    for number in numbers:
        free = Number.objects.filter(pk=number.pk, scenario=None, state=Number.State.ACTIVE)
        if not free.update(scenario=scenario, rule=rule):
            taken = _("%(number)s is used by another scenario. Choose another one.")
            raise ValidationError({field: [taken % {"number": number.e164}]})
        number.scenario, number.rule = scenario, rule
