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
from django.utils import timezone

from callspring.accounts.models import Account, Company
from callspring.billing.actions import NotEnoughFunds, demand
from callspring.billing.ledger import lock
from callspring.billing.prices import rent_row
from callspring.billing.queries import balance
from callspring.flows.flow import read
from callspring.numbers import shopping
from callspring.numbers.e164 import country_of, kind_of
from callspring.numbers.models import Connection, Number, NumberOrder
from callspring.numbers.renting import rent_of
from callspring.scenarios.actions import set_enabled
from callspring.scenarios.jobs import order_numbers
from callspring.scenarios.models import Rule, Scenario, WantedNumber

TOLD_FOR = timedelta(days=7)  # of orders that failed longer ago nobody is told any more


class WantedChanged(Exception):
    """What is wanted is no longer what was approved; nothing was ordered."""


@dataclass(frozen=True, slots=True)
class QuoteLine:
    """Numbers of one price: `price` is one's for 7 days, `carrier_month` the carrier's own a month (None: unknown)."""

    kind: str
    country: str
    carrier: str
    count: int
    price: int
    carrier_month: int | None

    @property
    def total(self) -> int:
        """All of them for 7 days."""
        return self.count * self.price


@dataclass(frozen=True, slots=True)
class Quote:
    """What numbers cost for 7 days, in minor units of `currency`.

    `balance` is what the account holds; `affordable` is always true for an account in mode own_carrier.
    """

    lines: tuple[QuoteLine, ...]
    currency: str
    balance: int
    prepaid: bool

    @property
    def count(self) -> int:
        """How many numbers."""
        return sum(line.count for line in self.lines)

    @property
    def total(self) -> int:
        """All of them for 7 days."""
        return sum(line.total for line in self.lines)

    @property
    def affordable(self) -> bool:
        """Whether the balance is enough."""
        return not self.prepaid or self.balance >= max(self.total, 1)


def quote(company: Company, carrier: str, e164s: Sequence[str]) -> Quote:
    """The price of these numbers from a carrier. Raises `ValueError` for a kind without a price."""
    account = company.account
    kinds = Counter((kind_of(e164), country_of(e164)) for e164 in e164s)
    lines = []
    for (kind, country), count in kinds.items():
        row = rent_row(kind, account.currency, carrier=carrier, country=country)
        lines.append(QuoteLine(kind, country, carrier, count, row.price, row.carrier_month))
    return Quote(tuple(lines), account.currency, balance(account), account.mode == Account.Mode.PREPAID)


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


@transaction.atomic
def connect(scenario: Scenario, approved: Sequence[str], *, enable: bool) -> list[UUID]:
    """Order what is wanted, all or none, and switch the scenario on; the ids of the batches, one for each rule.

    `approved` is what the person saw, with its price. Raises `WantedChanged`, and `NotEnoughFunds` (`OverCap` among
    them); then nothing is ordered and nothing is switched.
    """
    lock(scenario.company.account)
    found = list(WantedNumber.objects.filter(scenario=scenario).select_related("connection", "rule"))
    if {one.e164 for one in found} != set(approved):
        raise WantedChanged
    if found:
        _demand_all(scenario, found)
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


def _demand_all(scenario: Scenario, found: Sequence[WantedNumber]) -> None:
    """Each batch demands its own part; this is for the whole, so that the sentence names it."""
    account = scenario.company.account
    demand(account, sum(rent_of(one.e164, one.connection.carrier, account.currency) for one in found))


@dataclass(frozen=True, slots=True)
class Progress:
    """What came of the orders of a scenario in the last days: of each number the last one."""

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
    lately = NumberOrder.objects.filter(rule__scenario=scenario, created_at__gt=timezone.now() - TOLD_FOR)
    last = {one.e164: one for one in lately.order_by("id")}
    here = set(Number.objects.filter(scenario=scenario).values_list("e164", flat=True))
    state = NumberOrder.State
    return Progress(
        obtained=[one for one in last.values() if one.e164 in here],
        open=[one for one in last.values() if one.state == state.REQUESTED and one.e164 not in here],
        failed=[one for one in last.values() if one.state == state.FAILED and one.e164 not in here],
    )


def batches_of(scenario: Scenario) -> list[shopping.Batch]:
    """Those in which something failed that the scenario still lacks."""
    found = (shopping.find_batch(scenario.company, batch) for batch in progress(scenario).batches)
    return [batch for batch in found if batch is not None]


__all__ = [
    "NotEnoughFunds", "Progress", "Quote", "QuoteLine", "WantedChanged", "batches_of", "connect", "progress", "quote",
    "quote_wanted", "want", "wanted",
]  # fmt: skip
