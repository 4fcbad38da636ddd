"""Buying the numbers of a scenario: wanted when it is saved, ordered when somebody approves the price (C5).

1. `want`: saving writes down which numbers the scenario is to have; nothing is bought.
2. `quote`: what they cost, by carrier, country and kind.
3. `connect`: they are ordered, all or none; each goes into the scenario as it arrives (`callspring.numbers.orders`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Exists, OuterRef
from django.utils import timezone

from callspring.billing.actions import NotEnoughFunds
from callspring.billing.ledger import lock
from callspring.flows.flow import read
from callspring.numbers import shopping
from callspring.numbers.models import Connection, Number, NumberOrder
from callspring.numbers.orders import demand_all
from callspring.numbers.quotes import Quote, QuoteLine, quote
from callspring.scenarios.actions import set_enabled
from callspring.scenarios.jobs import order_numbers
from callspring.scenarios.models import ReplacedNumber, Rule, Scenario, WantedNumber

LATELY = timedelta(days=7)  # numbers that came longer ago are no news


class WantedChanged(Exception):
    """What is wanted is no longer what was approved; nothing was ordered."""


class PriceChanged(WantedChanged):
    """It costs something else than what was approved; nothing was ordered."""


def want(scenario: Scenario, connection: Connection | None, wanted: Mapping[str, Rule]) -> None:
    """The scenario is to have these numbers (E.164 → the rule that each is for), and no others besides those it has."""
    WantedNumber.objects.filter(scenario=scenario).delete()
    if connection is not None:
        WantedNumber.objects.bulk_create(
            WantedNumber(scenario=scenario, rule=rule, connection=connection, e164=e164)
            for e164, rule in wanted.items()
        )


def wanted(scenario: Scenario) -> list[WantedNumber]:
    """What is to be bought once somebody approves."""
    return list(scenario.wanted.select_related("connection", "rule"))


def quote_wanted(scenario: Scenario) -> Quote:
    """What the numbers cost that the scenario is still to have."""
    found = wanted(scenario)
    carrier = found[0].connection.carrier if found else ""
    return quote(scenario.company, carrier, [one.e164 for one in found])


def price_of(bill: Quote) -> int:
    """The sum that people approve, in minor units: 7 days' rent, or what the carrier bills a month."""
    return bill.month if bill.by_month else bill.total


@transaction.atomic
def connect(scenario: Scenario, approved: Sequence[str], price: int, *, enable: bool) -> list[UUID]:
    """Order what is wanted, all or none, and switch the scenario on; the ids of the batches, one for each rule.

    `approved` is what the person saw, `price` what it was said to cost (`price_of`). Raises `WantedChanged`
    (`PriceChanged` among them), and `NotEnoughFunds` (`OverCap` among them); then nothing is ordered, nothing switched.
    """
    lock(scenario.company.account)
    found = list(WantedNumber.objects.filter(scenario=scenario).select_related("connection", "rule"))
    if {one.e164 for one in found} != set(approved):
        raise WantedChanged
    if found:
        if price_of(quote_wanted(scenario)) != price:
            raise PriceChanged
        demand_all(scenario.company.account, [(one.e164, one.connection.carrier) for one in found])
    of_rule: dict[int, list[WantedNumber]] = defaultdict(list)
    for one in found:
        of_rule[one.rule_id].append(one)
    flow = read(scenario.flow)
    batches = [
        order_numbers(rows[0].connection, [row.e164 for row in rows], flow, rule_id)
        for rule_id, rows in of_rule.items()
    ]
    WantedNumber.objects.filter(scenario=scenario).delete()
    if enable:
        set_enabled(scenario, True)
    return batches


@dataclass(frozen=True, slots=True)
class Progress:
    """What came of the orders of a scenario: of each number the last one.

    What failed is told until somebody does something about it, the others for some days, or while one beside them did.
    """

    obtained: Sequence[NumberOrder]
    open: Sequence[NumberOrder]
    failed: Sequence[NumberOrder]

    @property
    def count(self) -> int:
        """How many were ordered."""
        return len(self.obtained) + len(self.open) + len(self.failed)

    @property
    def settled(self) -> int:
        """Of how many it is known."""
        return len(self.obtained) + len(self.failed)

    @property
    def batches(self) -> list[UUID]:
        """The batches in which something failed."""
        return list(dict.fromkeys(one.batch for one in self.failed if one.batch is not None))


def progress(scenario: Scenario) -> Progress:
    """What came of the scenario's orders. A number that is here now did not fail."""
    last = {one.e164: one for one in NumberOrder.objects.filter(scenario=scenario).order_by("id")}
    here = set(Number.objects.filter(scenario=scenario).values_list("e164", flat=True))
    state, since = NumberOrder.State, timezone.now() - LATELY
    away = [one for one in last.values() if one.e164 not in here]
    failed = [one for one in away if one.state == state.FAILED]
    told = {one.batch for one in failed}
    return Progress(
        obtained=[one for one in last.values() if one.e164 in here and (one.created_at > since or one.batch in told)],
        open=[one for one in away if one.state == state.REQUESTED],
        failed=failed,
    )


@dataclass(frozen=True, slots=True)
class Waiting:
    """Of how many numbers of a scenario something is still to be done or to be seen.

    `wanted` wait for somebody to approve the price, `open` are on order, `failed` could not be had; `replaced` serve
    until those that were bought in their place are here.
    """

    wanted: int = 0
    open: int = 0
    failed: int = 0
    replaced: int = 0


def waiting(scenario_ids: Sequence[int]) -> Mapping[int, Waiting]:
    """By scenario, where there is something; `progress` has the numbers of one. As many queries for all."""
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    for name, model in (("wanted", WantedNumber), ("replaced", ReplacedNumber)):
        rows = model._default_manager.filter(scenario__in=scenario_ids).order_by().values_list("scenario")
        for scenario, count in rows.annotate(count=Count("pk")):
            counts[scenario][name] = count
    for scenario, state in _troubled(scenario_ids):
        counts[scenario]["open" if state == NumberOrder.State.REQUESTED else "failed"] += 1
    return {scenario: Waiting(**found) for scenario, found in counts.items()}


def _troubled(scenario_ids: Sequence[int]) -> list[tuple[int, str]]:
    """(scenario, state) of each number that is on order, or failed and nobody did anything about it."""
    state = NumberOrder.State
    later = NumberOrder.objects.filter(scenario=OuterRef("scenario"), e164=OuterRef("e164"), pk__gt=OuterRef("pk"))
    here = Number.objects.filter(scenario=OuterRef("scenario"), e164=OuterRef("e164"))
    last = NumberOrder.objects.filter(scenario__in=scenario_ids, state__in=(state.REQUESTED, state.FAILED))
    last = last.filter(~Exists(later), ~Exists(here)).order_by()
    return [(one, said) for one, said in last.values_list("scenario", "state") if one is not None]


def batches_of(scenario: Scenario) -> list[shopping.Batch]:
    """Those in which something failed that the scenario still lacks."""
    found = (shopping.find_batch(scenario.company, batch) for batch in progress(scenario).batches)
    return [batch for batch in found if batch is not None]


__all__ = [
    "NotEnoughFunds", "PriceChanged", "Progress", "Quote", "QuoteLine", "Waiting", "WantedChanged", "batches_of",
    "connect", "price_of", "progress", "quote", "quote_wanted", "waiting", "want", "wanted",
]  # fmt: skip
