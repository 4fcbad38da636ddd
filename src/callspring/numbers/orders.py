"""Buying numbers so that none is paid for and forgotten, whatever fails in between.

1. `place`: the orders are in the record and their rent is set aside before any carrier hears of them.
2. `fulfil`: the carrier is asked for one after the other, outside any transaction; each obtained number is recorded and
   charged at once, both or neither.
3. `reconcile`: what was asked for and never settled (a crash, an answer that got lost) is looked up at the carrier.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from callspring.accounts.models import Account
from callspring.billing.actions import NotEnoughFunds, charge_rent, demand, lock
from callspring.billing.prices import PERIOD
from callspring.carriers.api import CarrierProblem, Owned, Refused, Unreachable
from callspring.carriers.contract import Endpoint
from callspring.numbers.carrier import AtCarrier, address
from callspring.numbers.e164 import kind_of
from callspring.numbers.models import Connection, Number, NumberOrder
from callspring.numbers.renting import rent_of
from callspring.numbers.spending import Priced, refuse_over_cap

if TYPE_CHECKING:
    from callspring.scenarios.models import Rule, Scenario

REQUESTED, OBTAINED, FAILED = NumberOrder.State.REQUESTED, NumberOrder.State.OBTAINED, NumberOrder.State.FAILED
# An answer comes within 30 seconds or not at all; one order may wait long for those before it to be asked.
ASKED_AGO, PLACED_AGO = timedelta(minutes=2), timedelta(hours=1)


class InUse(ValueError):
    """Somebody here has this number already; the message says so."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A number that could not be bought, and why, for people. It was not charged."""

    e164: str
    reason: str


@dataclass(slots=True)
class Bought:
    """What became of an order. `stopped` is why the carrier was not asked to the end, "" when it was."""

    numbers: list[Number] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    stopped: str = ""


def place(
    connection: Connection,
    e164s: Sequence[str],
    fallback: str,
    *,
    batch: UUID | None = None,
    flow: dict[str, Any] | None = None,
    rule_id: int | None = None,
) -> tuple[list[NumberOrder], list[Refusal]]:
    """Write down what is going to be asked for. All of it must be affordable, else `NotEnoughFunds` and nothing is.

    `batch`, `flow` and `rule_id` are kept with each order (`NumberOrder`). Where the month's spending cap would be
    passed it is an `OverCap`, which is a `NotEnoughFunds` too.
    """
    placed, refused = [], []
    kept = {"fallback": fallback, "batch": batch, "flow": flow, "rule_id": rule_id, "scenario_id": scenario_of(rule_id)}
    with transaction.atomic():
        demand_all(connection.company.account, [(e164, connection.carrier) for e164 in e164s])
        for e164 in e164s:
            try:
                placed.append(_place(connection, e164, **kept))
            except InUse as problem:
                refused.append(Refusal(e164, str(problem)))
    return placed, refused


def demand_all(account: Account, wanted: Sequence[Priced]) -> None:
    """Hold the account, and raise `NotEnoughFunds` (`OverCap`) unless all of these can be bought. In a transaction."""
    account = lock(account)
    _demand(account, sum(rent_of(e164, carrier, account.currency) for e164, carrier in wanted))
    refuse_over_cap(account, wanted, timezone.now())


def scenario_of(rule_id: int | None) -> int | None:
    """Which scenario a rule is of."""
    rules: Any = NumberOrder._meta.get_field("rule").related_model  # scenarios are built on numbers
    return None if rule_id is None else rules.objects.values_list("scenario", flat=True).filter(pk=rule_id).first()


def fulfil(at: AtCarrier, orders: Sequence[NumberOrder], bought: Bought) -> None:
    """Ask the carrier for what was placed, and add to `bought` what came of it.

    A number that is refused costs only itself. When the carrier is gone, what was obtained stays and the rest is named.
    """
    for order in orders:
        if bought.stopped:
            _fail(order, bought.stopped)
            bought.refused.append(Refusal(order.e164, bought.stopped))
        else:
            _ask(at, order, bought)


def reconcile(connection: Connection) -> list[Number]:
    """Find out what became of orders that were never settled; returns the numbers that are ours after all.

    Raises `CarrierProblem` when the carrier cannot be asked. Publish the company afterwards.
    """
    now = timezone.now()
    unsettled = NumberOrder.objects.filter(connection=connection, state=REQUESTED)
    asked = list(unsettled.filter(asked_at__lt=now - ASKED_AGO))
    for order in unsettled.filter(asked_at=None, created_at__lt=now - PLACED_AGO):
        _fail(order, _("The carrier was never asked for it."))
    if not asked:
        return []
    at = AtCarrier(connection)
    owned = {one.e164: one for one in at.api.numbers(at.credentials)}
    bought = Bought()
    for order in asked:
        if order.e164 in owned:
            _settle(at, order, owned[order.e164], bought)
        else:
            _fail(order, _("The order did not reach the carrier."))
    return bought.numbers


def add(
    connection: Connection, e164: str, now: datetime, *, paid_until: datetime, owned: Owned | None = None
) -> Number:
    """Put a number into the record. Raises `InUse` when somebody here has it already."""
    try:
        with transaction.atomic():
            return Number.objects.create(
                company=connection.company,
                connection=connection,
                e164=e164,
                kind=kind_of(e164),
                bought_at=now,
                paid_until=paid_until,
                carrier_number_id=owned.carrier_number_id if owned else "",
                can_text=owned.can_text if owned else True,
            )
    except IntegrityError:
        raise InUse(_("%(number)s is in use here already.") % {"number": e164}) from None


def _demand(account: Account, total: int) -> None:
    """What other orders have set aside is as good as spent."""
    others = NumberOrder.objects.filter(company__account=account, state=REQUESTED)
    asked = others.values_list("e164", "connection__carrier")
    set_aside = sum(rent_of(e164, carrier, account.currency) for e164, carrier in asked)
    try:
        demand(account, total + set_aside)
    except NotEnoughFunds as problem:
        raise NotEnoughFunds(total, problem.balance - set_aside) from None


def _place(connection: Connection, e164: str, **kept: Any) -> NumberOrder:
    if Number.objects.filter(e164=e164).exclude(state=Number.State.RELEASED).exists():
        raise InUse(_("%(number)s is in use here already.") % {"number": e164})
    try:
        with transaction.atomic():
            return NumberOrder.objects.create(company=connection.company, connection=connection, e164=e164, **kept)
    except IntegrityError:
        raise InUse(_("%(number)s is being ordered already.") % {"number": e164}) from None


def _ask(at: AtCarrier, order: NumberOrder, bought: Bought) -> None:
    unasked = NumberOrder.objects.filter(pk=order.pk, state=REQUESTED, asked_at=None)
    if not unasked.update(asked_at=timezone.now()):
        return  # it waited so long that it was given up
    try:
        owned = at.api.buy(at.credentials, order.e164, at.webhooks(order.e164, order.fallback))
    except CarrierProblem as problem:
        _without(order, problem, bought)
    else:
        _settle(at, order, owned, bought)


def _without(order: NumberOrder, problem: CarrierProblem, bought: Bought) -> None:
    reason = str(problem)
    if not isinstance(problem, Refused):
        bought.stopped = reason
    if isinstance(problem, Unreachable) and problem.perhaps_done:
        reason = f"{reason} {_('In a few minutes it is known whether it was bought.')}"
    else:
        _fail(order, reason)
    bought.refused.append(Refusal(order.e164, reason))


def _settle(at: AtCarrier, order: NumberOrder, owned: Owned, bought: Bought) -> None:
    """Record and charge what the carrier gave; what cannot be paid any more goes back."""
    try:
        number = _record(order, owned)
    except InUse as problem:  # a colleague has added it from the same account at the carrier
        _fail(order, str(problem))
        bought.refused.append(Refusal(order.e164, str(problem)))
    except NotEnoughFunds:
        reason = _("The balance was spent before it could be paid, so it was given back.")
        with suppress(CarrierProblem):  # then the order stays open, and the next `reconcile` comes here again
            at.api.release(at.credentials, owned.carrier_number_id)
            _fail(order, reason)
        bought.refused.append(Refusal(order.e164, reason))
    else:
        bought.numbers.append(number)


@transaction.atomic
def _record(order: NumberOrder, owned: Owned) -> Number:
    """Both or neither, and once: whoever comes second finds the order settled."""
    now, connection = timezone.now(), order.connection
    account = connection.company.account
    lock(account)
    unsettled = NumberOrder.objects.filter(pk=order.pk).exclude(state=OBTAINED)
    if not unsettled.update(state=OBTAINED, reason="", settled_at=now):
        return Number.objects.exclude(state=Number.State.RELEASED).get(connection=connection, e164=order.e164)
    number = add(connection, order.e164, now, paid_until=now + PERIOD, owned=owned)
    charge_rent(account, number, now)
    if owned.webhooks.voice == address(connection, Endpoint.CALL):  # else it was set elsewhere since, and is not ours
        number.pointed_at, number.fallback = now, order.fallback
        number.fallback_told = AtCarrier(connection).webhooks(order.e164, order.fallback).voice_fallback
    number.flow = order.flow
    # Read again, and held: the order was read before, and its scenario may be deleted, its rule replaced since.
    rule = NumberOrder.objects.get(pk=order.pk).rule
    there = None if rule is None else _there(rule)
    if rule is not None and there is not None:
        number.scenario_id, number.rule_id = there.pk, rule.pk
    number.save(update_fields=["pointed_at", "fallback", "fallback_told", "flow", "scenario", "rule"])
    return number


def _there(rule: Rule) -> Scenario | None:
    """The rule's scenario, None when it was deleted, or the rule taken out of it."""
    scenarios = type(rule.scenario).objects.select_for_update()
    found = scenarios.filter(pk=rule.scenario_id, deleted_at=None).first()
    return found if type(rule).objects.filter(pk=rule.pk).exists() else None


def _fail(order: NumberOrder, reason: str) -> None:
    unsettled = NumberOrder.objects.filter(pk=order.pk, state=REQUESTED)
    unsettled.update(state=FAILED, reason=reason[:300], settled_at=timezone.now())
