"""How a scenario would do that is not saved yet: among the others of its site, as they are published.

Numbers that are still to be bought stand for themselves: they have no id, so they are given one below 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from callspring.accounts.models import Company
from callspring.numbers.models import Number
from callspring.scenarios.conditions import Facts, Place
from callspring.scenarios.explaining import Explained, explain
from callspring.scenarios.hosts import own_hosts
from callspring.scenarios.making import Settings
from callspring.scenarios.models import Scenario
from callspring.scenarios.overlaps import Idle, Overlap, idle_rules, overlaps
from callspring.scenarios.publishing import published_site
from callspring.scenarios.tagging import NUMBER, spellings
from callspring.sites.models import Site
from callspring.stores.snapshot.published import PublishedRule, PublishedScenario, PublishedTarget, PublishedTerm
from callspring.visits.sources import classify
from callspring.visits.touch import Touch

NEW = 0  # the id of a scenario that is not saved


@dataclass(frozen=True, slots=True)
class Candidate:
    """The scenarios of a site, in order, with one among them that is not published: `id`. `numbers` are E.164 by id."""

    id: int
    scenarios: Sequence[PublishedScenario]
    names: Mapping[int, str]
    numbers: Mapping[int, str]

    def overlaps(self) -> list[Overlap]:
        """Where it and another want the same target of the same visitor, and only the order decides."""
        return [one for one in overlaps(self.scenarios) if self.id in (one.first, one.second)]

    def idle(self) -> list[Idle]:
        """Those of its rules that win nobody, and others' that it leaves nobody."""
        return [one for one in idle_rules(self.scenarios) if self.id in (one.scenario, one.by)]

    def explain(self, facts: Facts) -> list[Explained]:
        """What each scenario decides for a new visitor."""
        return explain(self.scenarios, facts)


def candidate(company: Company, settings: Settings, scenario: Scenario | None = None) -> Candidate | None:
    """The scenario as it is described, among the others of its site; None without a site."""
    if settings.site is None:
        return None
    numbers = _ids(company, settings)
    mine = _published(settings, scenario.pk if scenario else NEW, numbers)
    site = published_site(settings.site)
    others = [one for one in site.scenarios if one.id != mine.id]
    place = _place(scenario, others) if scenario is not None else len(others)
    names = dict(Scenario.objects.filter(pk__in=[one.id for one in others]).values_list("pk", "name"))
    shown = {pk: e164 for e164, pk in numbers.items()} | {one.id: one.e164 for one in site.numbers}
    return Candidate(mine.id, [*others[:place], mine, *others[place:]], names | {mine.id: settings.title}, shown)


def facts_of(site: Site, url: str, referrer: str, place: Place) -> tuple[Facts, Touch]:
    """Somebody who arrives at `url` from `referrer`, at a place (country, region, city)."""
    touch = classify(url, referrer, own_hosts(site))
    host = "" if touch.referrer_is_own else touch.referrer_host
    return Facts(touch.source, host, touch.path, touch.parameters, place), touch


def _published(settings: Settings, pk: int, numbers: Mapping[str, int]) -> PublishedScenario:
    return PublishedScenario(
        id=pk,
        targets=tuple(
            PublishedTarget(one.value, spellings(one.value) if one.kind == NUMBER else (), one.part)
            for one in settings.targets
        ),
        rules=tuple(
            PublishedRule(
                rule.strategy, tuple(numbers[e164] for e164 in rule.numbers), rule.dynamic, rule.name, rule.value
            )
            for rule in settings.rules
        ),
        hold=150,
        overflow=settings.overflow,
        terms=tuple(PublishedTerm(kind, value) for kind, value in settings.terms),
    )


def _ids(company: Company, settings: Settings) -> dict[str, int]:
    every = [e164 for rule in settings.rules for e164 in rule.numbers]
    ours = Number.objects.filter(company=company, e164__in=every).exclude(state=Number.State.RELEASED)
    known = dict(ours.values_list("e164", "pk"))
    return {e164: known.get(e164, -place) for place, e164 in enumerate(every, 1)}


def _place(scenario: Scenario, others: Sequence[PublishedScenario]) -> int:
    """Where it stands in the order that people gave."""
    order = Scenario.objects.filter(pk__in=[one.id for one in others])
    return sum((one.position, one.pk) < (scenario.position, scenario.pk) for one in order)
