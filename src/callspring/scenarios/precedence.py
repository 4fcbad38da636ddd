"""Which scenario goes first where several could show their number to the same visitor in the same place (C4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from callspring.numbers.models import Number
from callspring.scenarios.models import Rule, Scenario
from callspring.scenarios.rules import rank_name, strength
from callspring.stores.snapshot.published import PublishedRule


@dataclass(frozen=True, slots=True)
class Claimant:
    """A rule of a scenario. `rank` is its name in `rules.PRECEDENCE`; `tied`: only the order sets it behind the one
    before it, which is another scenario's and as strong."""

    scenario: Scenario
    rule: Rule
    rank: str
    tied: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a scenario stands among those that it meets: `place` of `count`, and all of their rules in order."""

    place: int
    count: int
    claimants: tuple[Claimant, ...]


def standings(scenarios: Iterable[Scenario]) -> Mapping[int, Standing]:
    """By scenario: where those stand that meet others. Give a company's, in order, with rules and targets prefetched.

    Scenarios meet where they are on for the same site and replace the same thing. Each is placed by its strongest rule;
    a rule without a number to show claims nothing.
    """
    together: dict[tuple[int, str], list[Scenario]] = defaultdict(list)
    on = [one for one in scenarios if one.enabled and one.site_id is not None]
    shows = _with_numbers(on)
    on = [one for one in on if any(rule.pk in shows for rule in one.rules.all())]
    for scenario in on:
        for target in scenario.targets.all():
            together[scenario.site_id or 0, target.value].append(scenario)
    found = {}
    for scenario in on:
        sharing = (together[scenario.site_id or 0, target.value] for target in scenario.targets.all())
        rivals = {one.pk: one for some in sharing for one in some}
        if len(rivals) > 1:
            found[scenario.pk] = _standing(scenario, [one for one in on if one.pk in rivals], shows)
    return found


def _with_numbers(scenarios: Sequence[Scenario]) -> set[int | None]:
    """The rules that have a number, by their ids."""
    active = Number.objects.filter(scenario__in=[one.pk for one in scenarios], state=Number.State.ACTIVE)
    return set(active.order_by().values_list("rule", flat=True).distinct())


def _standing(scenario: Scenario, rivals: list[Scenario], shows: Collection[int | None]) -> Standing:
    rules = [(_published(rule), one, rule) for one in rivals for rule in one.rules.all() if rule.pk in shows]
    rules.sort(key=lambda each: strength(each[0]))  # those as strong keep the order of their scenarios
    claimants: list[Claimant] = []
    before: tuple[int, int] | None = None
    for published, one, rule in rules:
        mine = (strength(published), one.pk)
        tied = before is not None and before[0] == mine[0] and before[1] != mine[1]
        claimants.append(Claimant(one, rule, rank_name(published), tied))
        before = mine
    order = list(dict.fromkeys(each.scenario.pk for each in claimants))
    place = order.index(scenario.pk) + 1 if scenario.pk in order else len(order)
    return Standing(place, len(order), tuple(claimants))


def _published(rule: Rule) -> PublishedRule:
    return PublishedRule(rule.strategy, (), rule.dynamic, rule.name, rule.value)
