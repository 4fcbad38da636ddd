"""Whether a scenario can win any visitor at all, or another one wins them all before it."""

from __future__ import annotations

from collections.abc import Iterable

from callspring.numbers.models import Number
from callspring.scenarios.models import Rule, Scenario
from callspring.scenarios.rules import PRECEDENCE, rank_name
from callspring.stores.snapshot.published import PublishedRule


def blocked_by(scenario: Scenario, rule: Rule) -> Scenario | None:
    """The scenario in force on the same site and target that leaves `rule` no visitor; None if there is none.

    `scenario` may be unsaved; it stands behind all others then.
    """
    rivals = Rule.objects.filter(
        scenario__site=scenario.site,
        scenario__target=scenario.target,
        scenario__enabled=True,
        numbers__state=Number.State.ACTIVE,
    ).exclude(scenario=scenario.pk)
    ordered = rivals.select_related("scenario").order_by("scenario__position", "scenario_id", "position").distinct()
    before = ordered if scenario.pk is None else (one for one in ordered if _stands_before(one.scenario, scenario))
    rival = blocker(rule, before)
    return rival.scenario if rival else None


def blocker(rule: Rule, earlier: Iterable[Rule]) -> Rule | None:
    """The first of the `earlier` rules that wins every visitor whom `rule` could win. Pure.

    Only unconditional rules do that, and only to rules of their own rank or a weaker one (C4).
    """
    mine = _rank(rule)
    return next((one for one in earlier if one.strategy == Rule.Strategy.ALWAYS and _rank(one) <= mine), None)


def _rank(rule: Rule) -> int:
    return PRECEDENCE[rank_name(PublishedRule(rule.strategy, (), rule.dynamic, rule.name, rule.value))]


def _stands_before(one: Scenario, other: Scenario) -> bool:
    return (one.position, one.pk) < (other.position, other.pk)
