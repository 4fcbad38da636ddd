"""The table of scenarios: each with what it did."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, QuerySet
from django.utils import timezone

from callspring.accounts.models import Company
from callspring.calls.models import Call, Flag
from callspring.maintenance.queries import accuracy, certainty, fallen, maintained
from callspring.numbers.models import Number
from callspring.scenarios.accuracy import Tally
from callspring.scenarios.models import Scenario
from callspring.scenarios.queries import kind, scenarios
from callspring.visits.models import Show

ACCURACY_WINDOW = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class ScenarioRow:
    """A scenario with what it did.

    `kind` is static, dynamic or both. `visitors` are those who saw a number of it, each once; `calls` are without
    tests and spam. `accuracy` (P4, from 0 to 1) is over the pool's shows of the last 30 days, None before the first;
    `certainty` beside it is the mean probability of the visits that the calls of these days are credited to.
    `maintained`: its accuracy is looked after by itself. `lately` is the accuracy of the last 7 days where a person
    should add numbers, because maintenance does not.
    """

    scenario: Scenario
    kind: str
    numbers: list[Number]
    visitors: int
    calls: int
    accuracy: float | None
    certainty: float | None
    maintained: bool = False
    lately: float | None = None


def scenario_rows(company: Company, found: Iterable[Scenario] | None = None) -> list[ScenarioRow]:
    """Scenarios with their tallies: those of `found` that are the company's, else all. As many queries for all."""
    chosen = list(scenarios(company)) if found is None else [s for s in found if s.company_id == company.pk]
    ids = [scenario.pk for scenario in chosen]
    numbers = _numbers(ids)
    visitors = _count(Show.objects.filter(scenario__in=ids, shown_at__isnull=False), Count("visitor", distinct=True))
    calls = _count(Call.objects.filter(scenario__in=ids, flag=Flag.NONE), Count("id"))
    now = timezone.now()
    since, worse = now - ACCURACY_WINDOW, fallen(ids, now)
    exclusive, certain, kept = accuracy(ids, since), certainty(ids, since), maintained(company)
    return [
        ScenarioRow(
            scenario,
            kind(scenario),
            numbers.get(scenario.pk, []),
            visitors.get(scenario.pk, 0),
            calls.get(scenario.pk, 0),
            exclusive.get(scenario.pk, Tally()).accuracy,
            certain.get(scenario.pk, (0, None))[1],
            scenario.pk in kept,
            worse[scenario.pk].lately_accuracy if scenario.pk in worse else None,
        )
        for scenario in chosen
    ]


def _numbers(ids: list[int]) -> dict[int, list[Number]]:
    found: dict[int, list[Number]] = {}
    for number in Number.objects.filter(scenario__in=ids, state=Number.State.ACTIVE):
        found.setdefault(number.scenario_id or 0, []).append(number)
    return found


def _count(rows: QuerySet[Show] | QuerySet[Call], count: Count) -> dict[int, int]:
    return dict(rows.order_by().values_list("scenario").annotate(count=count))
