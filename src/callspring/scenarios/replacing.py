"""Numbers that are replaced: they serve until those that were bought in their place are here.

So that pages always have a number to show, whatever becomes of an order: where the carrier has none of the new numbers,
the old ones stay. `callspring.scenarios.making` says which are replaced, the jobs that carry orders out let them go.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from callspring.numbers.models import Number, NumberOrder
from callspring.numbers.resting import rest
from callspring.scenarios.models import ReplacedNumber, Scenario, WantedNumber
from callspring.scenarios.publishing import publish_on_commit


def replaced(scenario: Scenario) -> QuerySet[Number]:
    """The numbers of the scenario that leave as soon as their successors are here, the oldest first."""
    found = Number.objects.filter(scenario=scenario, state=Number.State.ACTIVE, replaced__scenario=F("scenario"))
    return found.select_related("scenario", "company").order_by("pk")


def forget(numbers: Iterable[Number]) -> None:
    """These are not replaced any more: they stay, or have left."""
    ReplacedNumber.objects.filter(number__in=[number.pk for number in numbers]).delete()


@transaction.atomic
def let_go(scenario: Scenario) -> list[Number]:
    """Let those rest whose successors are here; returns them.

    Of each rule as many stay as are still wanted or on order, and all of them while it has no other number.
    """
    Scenario.objects.select_for_update().filter(pk=scenario.pk).first()
    of_rule: dict[int | None, list[Number]] = defaultdict(list)
    for number in replaced(scenario):
        of_rule[number.rule_id].append(number)
    gone = [one for rule, held in of_rule.items() for one in held[: max(0, len(held) - _needed(rule, held))]]
    if gone:
        gone = rest(gone, timezone.now())
        forget(gone)
        publish_on_commit(scenario.company_id, scenario.site_id, None)
    return gone


def let_all_go(company_id: int) -> list[Number]:
    """`let_go` for each scenario of a company in which something is replaced."""
    waiting = Scenario.objects.filter(company=company_id, replaced__isnull=False).distinct().order_by("pk")
    return [number for scenario in waiting for number in let_go(scenario)]


def _needed(rule_id: int | None, held: list[Number]) -> int:
    """How many of those that a rule has only until others come it cannot do without yet."""
    others = Number.objects.filter(rule=rule_id, state=Number.State.ACTIVE).exclude(pk__in=[one.pk for one in held])
    if rule_id is None:
        return 0
    if not others.exists():
        return len(held)
    on_order = NumberOrder.objects.filter(rule=rule_id, state=NumberOrder.State.REQUESTED)
    return on_order.count() + WantedNumber.objects.filter(rule=rule_id).count()
