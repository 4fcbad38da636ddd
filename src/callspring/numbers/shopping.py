"""Buying numbers through a connection of one's choice: looked for, ordered together as a batch, with what came of each.

The parts of an order that talk to the carrier are `callspring.numbers.orders`; here they are done for a while and then
gone on with, so that an order of many numbers can be a job.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from callspring.accounts.models import Company
from callspring.carriers.api import Available
from callspring.numbers import orders
from callspring.numbers.carrier import AtCarrier, sellers
from callspring.numbers.e164 import LOCAL, country_of, kind_of
from callspring.numbers.models import Connection, Number, NumberOrder
from callspring.numbers.orders import Bought
from callspring.numbers.queries import connections

MOST = 100  # in one order: a slip of the finger must not buy a city
SHOWN = 50  # found numbers
TOLD_FOR = timedelta(days=7)  # what failed longer ago is of no interest any more
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


def alike(connection: Connection, e164: str, count: int) -> list[Available]:
    """Numbers that could be bought and are like this one: of its country, kind and, while there are, its area.

    What is on order already is not among them. Raises `CarrierProblem`.
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
    return list(found.values())[:count]


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
    about |= {"flow": flow, "rule_id": rule_id}
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


def go_on(batch: UUID, seconds: float) -> bool:
    """Ask the carrier for what was ordered, for about `seconds`; True when there is more to ask for."""
    until, bought = time.monotonic() + seconds, Bought()
    unasked = NumberOrder.objects.filter(batch=batch, state=State.REQUESTED, asked_at=None)
    at: AtCarrier | None = None
    for one in unasked.select_related("connection__company__account", "rule__scenario"):
        if time.monotonic() > until:
            return True
        at = at or AtCarrier(one.connection)
        orders.fulfil(at, [one], bought)
    return False


def order_again(batch: Batch) -> None:
    """Order once more what failed. Raises `NotEnoughFunds`."""
    first, e164s = batch.orders[0], [one.e164 for one in batch.failed]
    order(batch.connection, e164s, first.flow or {}, first.fallback, batch.id, first.rule_id)


def others(batch: Batch) -> list[Available]:
    """What could be ordered in place of what failed, as many where there are so many. Raises `CarrierProblem`."""
    failed = {one.e164 for one in batch.failed}
    if not failed:
        return []
    found = alike(batch.connection, batch.failed[0].e164, 2 * len(failed))
    return [one for one in found if one.e164 not in failed][: len(failed)]


@transaction.atomic
def order_others(batch: Batch, e164s: Sequence[str]) -> None:
    """Order these in place of as many that failed; those are spoken of no more. Raises `NotEnoughFunds`."""
    first = batch.orders[0]
    order(batch.connection, e164s, first.flow or {}, first.fallback, batch.id, first.rule_id)
    given_up = [one.e164 for one in batch.failed[: len(e164s)]]
    failed = NumberOrder.objects.filter(batch=batch.id, e164__in=given_up, state=State.FAILED)
    failed.update(state=State.REPLACED)


def find_batch(company: Company, batch: UUID) -> Batch | None:
    """The company's batch; None for an outsider's."""
    found = NumberOrder.objects.filter(company=company, batch=batch).exclude(state=State.REPLACED)
    found = found.select_related("connection").order_by("id")
    last = {one.e164: one for one in found}
    return Batch(batch, next(iter(last.values())).connection, list(last.values())) if last else None


def unfinished(company: Company) -> list[NumberOrder]:
    """Orders of the last days that are open or failed, newest first; of each number the last, and none that is here."""
    here = Number.objects.filter(company=company).exclude(state=Number.State.RELEASED)
    lately = NumberOrder.objects.filter(company=company, created_at__gt=timezone.now() - TOLD_FOR)
    lately = lately.exclude(state=State.REPLACED)
    last = {one.e164: one for one in lately.exclude(e164__in=here.values("e164")).order_by("id")}
    return sorted((one for one in last.values() if one.state != State.OBTAINED), key=lambda one: -one.pk)


def unsettled_connections() -> QuerySet[Connection]:
    """Where orders are open."""
    asked = NumberOrder.objects.filter(state=State.REQUESTED)
    return Connection.objects.filter(pk__in=asked.values("connection"), disconnected_at=None)
