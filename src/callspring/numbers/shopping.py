"""Buying numbers through a connection of one's choice: looked for, ordered together as a batch, with what came of each.

The parts of an order that talk to the carrier are `callspring.numbers.orders`; here they are done for a while and then
gone on with, so that an order of many numbers can be a job.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Exists, Min, OuterRef, Q, QuerySet
from django.utils import timezone

from callspring.accounts.models import Company
from callspring.carriers.api import Available
from callspring.numbers import orders
from callspring.numbers.carrier import AtCarrier, sellers
from callspring.numbers.e164 import LOCAL, country_of, kind_of
from callspring.numbers.models import Connection, Number, NumberOrder
from callspring.numbers.orders import Bought
from callspring.numbers.queries import connections
from callspring.numbers.quotes import Quote, quote_one

MOST = 100  # in one order: a slip of the finger must not buy a city
SHOWN = 50  # found numbers
TOLD_FOR = timedelta(days=7)  # of orders that belong to no batch, which nobody can retry or leave at that
State = NumberOrder.State


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for. `country` is two capital letters; `area_code` and `contains` are digits or ""."""

    country: str
    kind: str
    area_code: str = ""
    contains: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """What was ordered together: of each number the last order, in the order they were first asked for."""

    id: UUID
    connection: Connection
    orders: Sequence[NumberOrder]

    @property
    def obtained(self) -> list[NumberOrder]:
        """Those that are ours."""
        return [order for order in self.orders if order.state == State.OBTAINED]

    @property
    def failed(self) -> list[NumberOrder]:
        """Those that could not be had."""
        return [order for order in self.orders if order.state == State.FAILED]

    @property
    def left(self) -> list[NumberOrder]:
        """Those that could not be had and need not be."""
        return [order for order in self.orders if order.state == State.LEFT]

    @property
    def open(self) -> list[NumberOrder]:
        """Those of which it is not known yet."""
        return [order for order in self.orders if order.state == State.REQUESTED]

    @property
    def settled(self) -> int:
        """Of how many it is known."""
        return len(self.orders) - len(self.open)

    @property
    def unknown(self) -> list[NumberOrder]:
        """Those of the open ones whose answer got lost: minutes later it is known."""
        since = timezone.now() - timedelta(seconds=45)
        return [order for order in self.open if order.asked_at is not None and order.asked_at < since]


def quote_ahead(company: Company, kind: str = LOCAL) -> Quote:
    """The price of one number at home, before a carrier was chosen: at the one that is usually bought from.

    Raises `ValueError` for a kind without a price.
    """
    usual = selling_connections(company).first()
    return quote_one(company, usual.carrier if usual else "", kind, company.country)


def selling_connections(company: Company) -> QuerySet[Connection]:
    """Those through which the company can buy."""
    return connections(company).filter(carrier__in=sellers())


def search(connection: Connection, wanted: Wanted, count: int = SHOWN) -> Sequence[Available]:
    """At most `count` numbers that could be bought now. Raises `CarrierProblem`."""
    at = AtCarrier(connection)
    return at.api.search(
        at.credentials,
        country=wanted.country,
        kind=wanted.kind,
        area_code=wanted.area_code,
        contains=wanted.contains,
        count=count,
    )


def alike(connection: Connection, e164: str, count: int, rather: Collection[str] = ()) -> list[Available]:
    """Numbers that could be bought and are like this one: of its country, kind and, while there are, its area.

    Those of `rather` come first. What is on order already is not among them. Raises `CarrierProblem`.
    """
    kind, country = kind_of(e164), country_of(e164)
    area = e164[2:5] if kind == LOCAL and e164.startswith("+1") else ""  # elsewhere their length is not fixed
    found: dict[str, Available] = {}
    for code in dict.fromkeys((area, "")):
        offered = search(connection, Wanted(country, kind, code), min(count + SHOWN, MOST))
        ordered = NumberOrder.objects.filter(state=State.REQUESTED, e164__in=[one.e164 for one in offered])
        taken = {*ordered.values_list("e164", flat=True), *found}
        found |= {one.e164: one for one in offered if one.e164 not in taken}
        if len(found) >= count:
            break
    return sorted(found.values(), key=lambda one: one.e164 not in rather)[:count]


def order(
    connection: Connection,
    e164s: Sequence[str],
    flow: dict[str, Any],
    fallback: str,
    batch: UUID | None = None,
    rule_id: int | None = None,
) -> UUID:
    """Order these numbers, as part of `batch` or as a new one; nobody is asked yet, see `go_on`.

    `fallback` (E.164, or "") is rung while we are silent. With `rule_id` they are for that rule's scenario, and go into
    it as they arrive. Raises `NotEnoughFunds` (`OverCap` among them), and then nothing is ordered; `ValueError` for
    what is no number.
    """
    batch = batch or uuid4()
    wanted = list(dict.fromkeys(e164s))
    _placed, refused = orders.place(connection, wanted, fallback, batch=batch, flow=flow, rule_id=rule_id)
    about: dict[str, Any] = {"company": connection.company, "connection": connection, "fallback": fallback}
    about |= {"flow": flow, "rule_id": rule_id, "scenario_id": orders.scenario_of(rule_id)}
    # Whoever presses twice has ordered once: of the last order in a batch people are told what came of it.
    alive = set(NumberOrder.objects.filter(batch=batch).exclude(state=State.FAILED).values_list("e164", flat=True))
    NumberOrder.objects.bulk_create(
        NumberOrder(
            batch=batch, e164=one.e164, state=State.FAILED, reason=one.reason, settled_at=timezone.now(), **about
        )
        for one in refused
        if one.e164 not in alive
    )
    return batch


def go_on(batch: UUID, seconds: float, answered: Callable[[], None] | None = None) -> bool:
    """Ask the carrier for what was ordered, for about `seconds`; True when there is more to ask for.

    `answered` is called after each answer of it.
    """
    until, bought = time.monotonic() + seconds, Bought()
    unasked = NumberOrder.objects.filter(batch=batch, state=State.REQUESTED, asked_at=None)
    at: AtCarrier | None = None
    for one in unasked.select_related("connection__company__account", "rule__scenario"):
        if time.monotonic() > until:
            return True
        at = at or AtCarrier(one.connection)
        orders.fulfil(at, [one], bought)
        if answered is not None:
            answered()
    return False


def order_again(batch: Batch) -> None:
    """Order once more what failed. Raises `NotEnoughFunds`."""
    first, e164s = batch.orders[0], [one.e164 for one in batch.failed]
    order(batch.connection, e164s, first.flow or {}, first.fallback, batch.id, _rule_now(first))


def others(batch: Batch, besides: Collection[str] = ()) -> list[Available]:
    """What could be ordered in place of what failed, as many where there are so many, and none of `besides`.

    Raises `CarrierProblem`.
    """
    failed = {one.e164 for one in batch.failed}
    if not failed:
        return []
    found = alike(batch.connection, batch.failed[0].e164, 2 * len(failed) + len(besides))
    return [one for one in found if one.e164 not in failed and one.e164 not in besides][: len(failed)]


@transaction.atomic
def order_others(batch: Batch, e164s: Sequence[str]) -> None:
    """Order these in place of as many that failed; those are spoken of no more. Raises `NotEnoughFunds`."""
    first = batch.orders[0]
    order(batch.connection, e164s, first.flow or {}, first.fallback, batch.id, _rule_now(first))
    given_up = [one.e164 for one in batch.failed[: len(e164s)]]
    failed = NumberOrder.objects.filter(batch=batch.id, e164__in=given_up, state=State.FAILED)
    failed.update(state=State.REPLACED)


def leave(batch: Batch) -> None:
    """What failed need not be had: nobody is told of it any more, but the order still shows it."""
    failed = NumberOrder.objects.filter(company=batch.connection.company_id, batch=batch.id, state=State.FAILED)
    failed.update(state=State.LEFT)


def find_batch(company: Company, batch: UUID) -> Batch | None:
    """The company's batch; None for an outsider's."""
    return next(iter(_batches(company, [batch])), None)


def batches(company: Company, first: int, count: int) -> list[Batch]:
    """The company's orders, newest first: `count` of them from the one that is `first` (0: the newest)."""
    found = NumberOrder.objects.filter(company=company, batch__isnull=False).order_by()
    newest = found.values("batch").annotate(placed=Min("id")).order_by("-placed")
    return _batches(company, [row["batch"] for row in newest[first : first + count] if row["batch"]])


def unfinished(company: Company) -> list[NumberOrder]:
    """Orders that are open, or failed and nobody did anything about it, newest first; of each number the last.

    None of a number that is here by now.
    """
    here = Number.objects.filter(company=company).exclude(state=Number.State.RELEASED)
    later = NumberOrder.objects.filter(company=company, e164=OuterRef("e164"), id__gt=OuterRef("id"))
    found = NumberOrder.objects.filter(~Exists(later), company=company, state__in=(State.REQUESTED, State.FAILED))
    found = found.filter(Q(batch__isnull=False) | Q(created_at__gt=timezone.now() - TOLD_FOR))
    return list(found.exclude(e164__in=here.values("e164")).select_related("scenario").order_by("-id"))


def unsettled_connections() -> QuerySet[Connection]:
    """Where orders are open."""
    asked = NumberOrder.objects.filter(state=State.REQUESTED)
    return Connection.objects.filter(pk__in=asked.values("connection"), disconnected_at=None)


def _batches(company: Company, ids: Sequence[UUID]) -> list[Batch]:
    """In this order, without those that are another's."""
    found = NumberOrder.objects.filter(company=company, batch__in=list(ids)).exclude(state=State.REPLACED)
    last: dict[UUID | None, dict[str, NumberOrder]] = {}
    for one in found.select_related("connection__company__account", "scenario").order_by("id"):
        last.setdefault(one.batch, {})[one.e164] = one
    rows = [(batch, list(last[batch].values())) for batch in ids if batch in last]
    return [Batch(batch, of_it[0].connection, of_it) for batch, of_it in rows]


def _rule_now(first: NumberOrder) -> int | None:
    """For which rule it is ordered again: as before; where that was taken out, the pool, or a rule without a number."""
    if first.rule_id is not None or first.scenario is None:
        return first.rule_id
    rules = first.scenario.rules.order_by("-dynamic", "position", "id")
    return next((rule.pk for rule in rules if rule.dynamic or not rule.numbers.exists()), None)
