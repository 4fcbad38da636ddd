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
from callspring.numbers.models import Connection, Number, NumberOrder
from callspring.numbers.resting import rest
from callspring.scenarios import checks, purchases
from callspring.scenarios.aliases import demand_free, set_aliases
from callspring.scenarios.flow_history import note
from callspring.scenarios.models import ImportedNumber, ReplacedNumber, Rule, Scenario, SwapTarget, Term
from callspring.scenarios.publishing import publish_on_commit
from callspring.scenarios.replacing import let_go
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

    `aliases` are the names by which pages call it; None leaves those it has. `terms` are (kind, value) of `Term`;
    `peak` is the number of visits in the busiest hour, None where nobody said. What is said of calls counts unless
    they follow a flow of several steps, which stays.
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
    aliases: tuple[str, ...] | None = None


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
    caller sees to it that they come (`callspring.scenarios.importing`). While the scenario is on, numbers that these
    replace serve until they are here (`replacing`). Raises `ValidationError` keyed by field.
    """
    problems = checks.Problems()
    draft = scenario or Scenario(company=company, enabled=False)
    if scenario is not None and not _is_there(draft):
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
    rules, left = _store_rules(draft, settings.rules)
    kept = {e164 for one in settings.rules for e164 in one.numbers}
    missing = _give_numbers(draft, settings.rules, rules)
    if not later:
        _coming(draft, missing, kept)
        _buy_later(draft, missing, connection)
    _take_out(draft, kept, set(missing.values()))
    _retire(left)
    publish_on_commit(company.pk, None, *{site_before, draft.site_id})
    if scenario is None or draft.flow != before:
        tell_carriers(company.pk)
    return draft


def _is_there(scenario: Scenario) -> bool:
    """Held until the change is made, so that nobody deletes or switches it meanwhile."""
    held = Scenario.objects.select_for_update().filter(pk=scenario.pk, deleted_at=None).first()
    if held is not None:
        scenario.enabled = held.enabled
    return held is not None


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
    known = None if draft._state.adding else draft
    problems.check("aliases", lambda: demand_free(draft.company, known, settings.aliases or ()), None)
    draft.overflow = settings.overflow
    if settings.overflow != Scenario.Overflow.NUMBER:
        draft.overflow_number = None
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
    awaited = ImportedNumber.objects.filter(scenario=draft.pk or 0, placed_at=None)
    taken = Number.objects.filter(company=draft.company, e164__in=every).exclude(scenario=None)
    taken = taken.exclude(e164__in=awaited.values("e164"))
    for number in taken.exclude(scenario=draft.pk) if draft.pk else taken:
        problems.add("numbers", _("%(number)s is used by another scenario.") % {"number": number.e164})


def _store(draft: Scenario, settings: Settings) -> None:
    if draft._state.adding:
        last: int | None = Scenario.objects.filter(company=draft.company).aggregate(last=Max("position"))["last"]
        draft.position = 0 if last is None else last + 1
        draft.save()
    else:
        # Not `enabled`: a colleague may have pressed the switch meanwhile.
        fields = ["site", "name", "mask", "prefix", "flow", "peak_hourly_visits", "overflow", "overflow_number"]
        draft.save(update_fields=fields)
    SwapTarget.objects.filter(scenario=draft).delete()
    SwapTarget.objects.bulk_create(
        SwapTarget(scenario=draft, position=place, kind=one.kind, value=one.value, part=one.part)
        for place, one in enumerate(settings.targets)
    )
    if settings.aliases is not None:
        set_aliases(draft, settings.aliases)
    Term.objects.filter(scenario=draft).delete()
    Term.objects.bulk_create(
        Term(scenario=draft, position=place, kind=kind, value=value)
        for place, (kind, value) in enumerate(settings.terms)
    )


def _store_rules(scenario: Scenario, wanted: Sequence[RuleSettings]) -> tuple[list[Rule], list[Rule]]:
    """The rules as they are to be, and those that are left over. Those that stay keep their rows: others name them."""
    left = list(Rule.every.filter(scenario=scenario).order_by("retired", "position", "id"))
    rules: list[Rule] = [_taken(left, one) or Rule(scenario=scenario, dynamic=one.dynamic) for one in wanted]
    for place, (rule, one) in enumerate(zip(rules, wanted, strict=True)):
        rule.position, rule.strategy, rule.name, rule.value = place, one.strategy, one.name, one.value
        rule.retired = False
        rule.save()
    return rules, left


def _taken(left: list[Rule], wanted: RuleSettings) -> Rule | None:
    """The row that said the same, or was the pool."""
    for rule in left:
        same = (rule.strategy, rule.name, rule.value) == (wanted.strategy, wanted.name, wanted.value)
        if rule.dynamic == wanted.dynamic and (same or wanted.dynamic):
            left.remove(rule)
            return rule
    return None


def _retire(rules: Sequence[Rule]) -> None:
    """Take rules out whose numbers have left. What is on order for them becomes a free number."""
    for kind in (Number, NumberOrder, ImportedNumber):
        kind._default_manager.filter(rule__in=rules).update(rule=None)
    named = set(Number.objects.filter(last_rule__in=rules).values_list("last_rule", flat=True))
    Rule.every.filter(pk__in=named).update(retired=True)
    Rule.every.filter(pk__in=[rule.pk for rule in rules if rule.pk not in named]).delete()


def _give_numbers(scenario: Scenario, wanted: Sequence[RuleSettings], rules: Sequence[Rule]) -> dict[str, Rule]:
    """Put those that are here under their rules; the others, and for which rule each is."""
    missing: dict[str, Rule] = {}
    for one, rule in zip(wanted, rules, strict=True):
        for e164 in one.numbers:
            free = Number.objects.filter(Q(scenario=None) | Q(scenario=scenario), company=scenario.company, e164=e164)
            if not free.filter(state=Number.State.ACTIVE).update(scenario=scenario, rule=rule):
                missing[e164] = rule
    return missing


def _coming(scenario: Scenario, missing: dict[str, Rule], kept: set[str]) -> None:
    """Of those that an import has announced it is noted for which rule they come; what left the list is not awaited."""
    for one in ImportedNumber.objects.filter(scenario=scenario, placed_at=None):
        rule = missing.pop(one.e164, None)
        if rule is not None:
            ImportedNumber.objects.filter(pk=one.pk).update(rule=rule)
        elif one.e164 in kept:
            ImportedNumber.objects.filter(pk=one.pk).update(placed_at=timezone.now())
        else:
            one.delete()


def _buy_later(scenario: Scenario, missing: dict[str, Rule], connection: Connection | None) -> None:
    taken = Number.objects.filter(company=scenario.company, e164__in=missing).exclude(state=Number.State.RELEASED)
    for number in taken:  # somebody was quicker
        raise ValidationError({"numbers": [_("%(number)s is used by another scenario.") % {"number": number.e164}]})
    if missing and connection is None:
        raise ValidationError({"numbers": [_("Connect a carrier that sells numbers first.")]})
    purchases.want(scenario, connection, missing)


def _take_out(scenario: Scenario, kept: set[str], bought: set[Rule]) -> None:
    """Numbers that leave rest, unless pages show them and others are still to come in their place."""
    ReplacedNumber.objects.filter(scenario=scenario).delete()
    gone = Number.objects.filter(scenario=scenario, state=Number.State.ACTIVE).exclude(e164__in=kept)
    on_order = NumberOrder.objects.filter(rule__scenario=scenario, state=NumberOrder.State.REQUESTED)
    waiting = {rule.pk for rule in bought} | set(on_order.values_list("rule", flat=True))
    stay = gone.filter(rule__in=waiting) if scenario.enabled else gone.none()
    ReplacedNumber.objects.bulk_create(ReplacedNumber(scenario=scenario, number=number) for number in stay)
    leaving = gone.filter(replaced=None)
    rest(leaving.select_related("scenario", "company"), timezone.now())
    let_go(scenario)
