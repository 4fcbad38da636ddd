"""Whether a scenario can win any visitor at all, or another one wins them all before it."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from callspring.scenarios.models import Rule, Scenario
from callspring.scenarios.overlaps import Idle, idle_rules
from callspring.scenarios.publishing import published_site
from callspring.stores.snapshot.published import PublishedRule, PublishedScenario, PublishedTarget

ANY = (0,)  # stands for numbers that are still to come


def blocked_by(scenario: Scenario, rule: Rule, targets: Iterable[str] | None = None) -> Scenario | None:
    """The scenario in force on the same site that leaves `rule` no visitor; None if there is none.

    `scenario` may be unsaved; it stands behind all others then. `targets` (numbers, selectors) are what it is to
    replace, None for those that it has.
    """
    if scenario.site is None:
        return None
    mine = PublishedRule(rule.strategy, ANY, rule.dynamic, rule.name, rule.value)
    present = list(published_site(scenario.site).scenarios)
    place = next((at for at, one in enumerate(present) if one.id == scenario.pk), None)
    if targets is None:
        targets = [one.value for one in scenario.targets.all()]
    draft = PublishedScenario(0, tuple(map(PublishedTarget, targets)), (mine,), 0, "")
    if place is None:
        present.insert(_place(scenario, present), draft)
    else:
        present[place] = replace(draft, targets=present[place].targets)
    found = blocker(present)
    return Scenario.objects.filter(pk=found.by).first() if found else None


def blocker(scenarios: list[PublishedScenario]) -> Idle | None:
    """What is to be said of the draft (id 0) among these scenarios. Pure."""
    return next((idle for idle in idle_rules(scenarios) if idle.scenario == 0), None)


def _place(scenario: Scenario, present: list[PublishedScenario]) -> int:
    """Where a scenario that is off, or not saved, would stand."""
    if scenario._state.adding:
        return len(present)
    before = Scenario.objects.filter(pk__in=[one.id for one in present], position__lte=scenario.position)
    return sum((one.position, one.pk) < (scenario.position, scenario.pk) for one in before)
