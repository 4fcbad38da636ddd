"""The order that people give their scenarios: of equal claims on a swap target the first one wins (C4)."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from callspring.accounts.models import Company
from callspring.scenarios.models import Scenario
from callspring.scenarios.publishing import publish_on_commit


@transaction.atomic
def arrange(company: Company, ids: Sequence[int]) -> None:
    """Put these scenarios into this order, in the places that they have among the company's others.

    Ids of others' scenarios, and of those that are gone, count for nothing.
    """
    present = _in_order(company)
    wanted = [pk for pk in dict.fromkeys(ids) if pk in set(present)]
    queue = iter(wanted)
    chosen = set(wanted)
    _keep(company, present, [next(queue) if pk in chosen else pk for pk in present])


@transaction.atomic
def move(scenario: Scenario, by: int) -> None:
    """Move a scenario `by` places: below 0 is up. It stops at either end."""
    present = _in_order(scenario.company)
    if scenario.pk in present:
        _put(scenario, present, present.index(scenario.pk) + by)


@transaction.atomic
def move_to(scenario: Scenario, place: int) -> None:
    """Put a scenario into a place of the order, the first being 1; behind the last it is the last."""
    present = _in_order(scenario.company)
    if scenario.pk in present:
        _put(scenario, present, place - 1)


def _put(scenario: Scenario, present: Sequence[int], at: int) -> None:
    changed = [pk for pk in present if pk != scenario.pk]
    changed.insert(max(0, min(at, len(changed))), scenario.pk)
    _keep(scenario.company, present, changed)


def _in_order(company: Company) -> list[int]:
    """Locked, so that two who drag at once do not mix their orders."""
    Company.objects.select_for_update(no_key=True).get(pk=company.pk)
    found = Scenario.objects.filter(company=company, deleted_at=None).order_by("position", "pk")
    return list(found.values_list("pk", flat=True))


def _keep(company: Company, before: Sequence[int], after: Sequence[int]) -> None:
    """Doors hear of the sites on which something moved."""
    moved = [pk for one, pk in zip(before, after, strict=True) if one != pk]
    if not moved:
        return
    rows = [Scenario(pk=pk, position=position) for position, pk in enumerate(after)]
    Scenario.objects.bulk_update(rows, ["position"], batch_size=200)
    sites = Scenario.objects.filter(pk__in=moved, site__isnull=False).order_by().values_list("site", flat=True)
    if changed := sorted(set(sites)):
        publish_on_commit(company.pk, *changed)
