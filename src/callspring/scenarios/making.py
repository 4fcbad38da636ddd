"""A whole scenario, made or changed in one go: what it replaces, for whom, with which numbers, where calls go.

Nothing is bought here: numbers that the company does not have are wanted (`callspring.scenarios.purchases`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from callspring.accounts.models import Company
from callspring.flows.flow import AnyFlow, Forward
from callspring.numbers.models import Connection, Number
from callspring.numbers.resting import rest
from callspring.scenarios import checks, purchases
from callspring.scenarios.flow_history import note
from callspring.scenarios.models import Rule, Scenario, SwapTarget, Term
from callspring.scenarios.publishing import publish_on_commit
from callspring.scenarios.routing import flow_of, forward, tell_carriers
from callspring.scenarios.tagging import Target, mask, prefix
from callspring.sites.models import Site

MOST_RULES = 50


@dataclass(frozen=True, slots=True)
class RuleSettings:
    """A condition and its numbers (E.164): one number for all whom it lets through, or (`dynamic`) the pool."""

    strategy: str
    name: str = ""
    value: str = ""
    dynamic: bool = False
    numbers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Settings:
    """All that people decide about a scenario. Without `site` and targets it stands for numbers that are offline.

    `terms` are (kind, value) of `Term`; `peak` is the number of visits in the busiest hour, None where nobody said.
    What is said of calls counts unless they follow a flow of several steps, which stays.
    """

    title: str
    site: Site | None
    targets: tuple[Target, ...]
    rules: tuple[RuleSettings, ...]
    destination: str = ""
    ring_seconds: int = 25
    voicemail: bool = False
    greeting: str = ""
    mask: str = ""
    prefix: str = ""
    terms: tuple[tuple[str, str], ...] = ()
    peak: int | None = None
    overflow: str = Scenario.Overflow.SHARE


@transaction.atomic
def save(
    company: Company,
    settings: Settings,
    *,
    connection: Connection | None = None,
    scenario: Scenario | None = None,
    later: bool = False,
) -> Scenario:
    """Make a scenario (switched off), or change `scenario`, whose status stays. Numbers that leave it rest.

    Numbers that the company does not have are to be bought from `connection`; with `later` nobody buys them, and the
    caller sees to it that they come (`callspring.scenarios.importing`). Raises `ValidationError` keyed by field.
    """
    problems = checks.Problems()
    draft = scenario or Scenario(company=company, enabled=False)
    if scenario is not None and not _is_there(scenario):
        problems.add("title", _("This scenario was deleted meanwhile. Bring it back first, then change it."))
    before, site_before = draft.flow, draft.site_id
    flow = _flow(draft, settings, problems)
    _fill(draft, settings, problems)
    _check_rules(draft, settings, problems)
    problems.raise_any()
    if scenario is not None:
        note(draft, None)
    draft.flow = msgspec.to_builtins(flow)
    _store(draft, settings)
    note(draft, None)
    rules = _store_rules(draft, settings.rules)
    _give_numbers(draft, settings.rules, rules, connection, later=later)
    publish_on_commit(company.pk, None, *{site_before, draft.site_id})
    if scenario is None or draft.flow != before:
        tell_carriers(company.pk)
    return draft


def _is_there(scenario: Scenario) -> bool:
    """Held until the change is made, so that nobody deletes it meanwhile."""
    return Scenario.objects.select_for_update().filter(pk=scenario.pk, deleted_at=None).first() is not None


def keeps_flow(scenario: Scenario | None) -> bool:
    """Whether its calls follow a flow that was put together step by step; that is changed elsewhere."""
    return scenario is not None and not isinstance(flow_of(scenario), Forward)


def _flow(draft: Scenario, settings: Settings, problems: checks.Problems) -> AnyFlow:
    before = flow_of(draft) if not draft._state.adding else None
    if before is not None and not isinstance(before, Forward):
        return before
    return forward(
        draft.company,
        problems,
        settings.destination,
        settings.ring_seconds,
        voicemail=settings.voicemail,
        greeting=settings.greeting,
        before=before,
    )


def _fill(draft: Scenario, settings: Settings, problems: checks.Problems) -> None:
    if settings.site is not None and settings.site.company_id != draft.company_id:
        problems.add("site", _("Choose one of this company's sites."))
    draft.site = settings.site
    draft.name = problems.check("title", lambda: checks.title(settings.title), "")
    draft.mask = problems.check("mask", lambda: mask(settings.mask), "")
    draft.prefix = problems.check("prefix", lambda: prefix(settings.prefix), "")
    draft.overflow = settings.overflow
    if settings.peak is not None:
        peak = settings.peak
        draft.peak_hourly_visits = problems.check("peak", lambda: checks.peak(peak), None)
    else:
        draft.peak_hourly_visits = None


def _check_rules(draft: Scenario, settings: Settings, problems: checks.Problems) -> None:
    rules, targets = settings.rules, {one.value for one in settings.targets}
    every = [e164 for rule in rules for e164 in rule.numbers]
    if not every:
        problems.add("numbers", _("Add at least one number."))
    if len(set(every)) < len(every):
        problems.add("numbers", _("A number can stand in one rule only."))
    if targets & set(every):
        problems.add("numbers", _("Choose another number: this is the one it is shown instead of."))
    if len(rules) > MOST_RULES:
        problems.add("rules", _("A scenario has at most %(most)d rules.") % {"most": MOST_RULES})
    if sum(rule.dynamic for rule in rules) > 1:
        problems.add("rules", _("A scenario has one pool at most. Give the other rules a number each."))
    if any(len(rule.numbers) != 1 for rule in rules if not rule.dynamic):
        problems.add("rules", _("Give each rule that shows one number its number."))
    taken = Number.objects.filter(company=draft.company, e164__in=every).exclude(scenario=None)
    for number in taken.exclude(scenario=draft.pk) if draft.pk else taken:
        problems.add("numbers", _("%(number)s is used by another scenario.") % {"number": number.e164})


def _store(draft: Scenario, settings: Settings) -> None:
    if draft._state.adding:
        last: int | None = Scenario.objects.filter(company=draft.company).aggregate(last=Max("position"))["last"]
        draft.position = 0 if last is None else last + 1
        draft.save()
    else:
        # Not `enabled`: a colleague may have pressed the switch meanwhile.
        draft.save(update_fields=["site", "name", "mask", "prefix", "flow", "peak_hourly_visits", "overflow"])
    SwapTarget.objects.filter(scenario=draft).delete()
    SwapTarget.objects.bulk_create(
        SwapTarget(scenario=draft, position=place, kind=one.kind, value=one.value, part=one.part)
        for place, one in enumerate(settings.targets)
    )
    Term.objects.filter(scenario=draft).delete()
    Term.objects.bulk_create(
        Term(scenario=draft, position=place, kind=kind, value=value)
        for place, (kind, value) in enumerate(settings.terms)
    )


def _store_rules(scenario: Scenario, wanted: Sequence[RuleSettings]) -> list[Rule]:
    """The rules as they are to be. Those that stay keep their rows, for numbers, orders and shows name them."""
    left = list(scenario.rules.all())
    rules: list[Rule] = [_taken(left, one) or Rule(scenario=scenario, dynamic=one.dynamic) for one in wanted]
    if left:
        Number.objects.filter(rule__in=left).update(rule=None)
        Rule.objects.filter(pk__in=[rule.pk for rule in left]).delete()
    for place, (rule, one) in enumerate(zip(rules, wanted, strict=True)):
        rule.position, rule.strategy, rule.name, rule.value = place, one.strategy, one.name, one.value
        rule.save()
    return rules


def _taken(left: list[Rule], wanted: RuleSettings) -> Rule | None:
    """The row that said the same, or was the pool."""
    for rule in left:
        same = (rule.strategy, rule.name, rule.value) == (wanted.strategy, wanted.name, wanted.value)
        if rule.dynamic == wanted.dynamic and (same or wanted.dynamic):
            left.remove(rule)
            return rule
    return None


def _give_numbers(
    scenario: Scenario,
    wanted: Sequence[RuleSettings],
    rules: Sequence[Rule],
    connection: Connection | None,
    *,
    later: bool,
) -> None:
    every = {e164 for one in wanted for e164 in one.numbers}
    gone = Number.objects.filter(scenario=scenario, state=Number.State.ACTIVE).exclude(e164__in=every)
    rest(gone.select_related("scenario", "company"), timezone.now())
    missing: dict[str, Rule] = {}
    for one, rule in zip(wanted, rules, strict=True):
        for e164 in one.numbers:
            free = Number.objects.filter(Q(scenario=None) | Q(scenario=scenario), company=scenario.company, e164=e164)
            if not free.filter(state=Number.State.ACTIVE).update(scenario=scenario, rule=rule):
                missing[e164] = rule
    if later:
        return
    taken = Number.objects.filter(company=scenario.company, e164__in=missing).exclude(state=Number.State.RELEASED)
    for number in taken:  # somebody was quicker
        raise ValidationError({"numbers": [_("%(number)s is used by another scenario.") % {"number": number.e164}]})
    if missing and connection is None:
        raise ValidationError({"numbers": [_("Connect a carrier that sells numbers first.")]})
    purchases.want(scenario, connection, missing)
