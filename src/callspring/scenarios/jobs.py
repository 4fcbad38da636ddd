"""What is done with many numbers later, told to the doors as it goes on: imports, undoing, orders, fallbacks.

It stands here and not in `callspring.numbers` because the doors learn of numbers with the scenarios (`publishing`).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from django.db import transaction
from django.utils import timezone

from callspring.accounts.models import Company
from callspring.billing.ledger import lock
from callspring.carriers.api import CarrierProblem
from callspring.carriers.contract import hands_out_proof
from callspring.carriers.registry import CARRIERS
from callspring.flows.flow import AnyFlow, Forward, rung_first
from callspring.jobs.actions import enqueue
from callspring.jobs.registry import Later, every, job
from callspring.numbers import connecting, shopping, tasks
from callspring.numbers.models import Connection, Number, NumberOrder, NumberTask
from callspring.numbers.orders import demand_all, reconcile
from callspring.numbers.spending import Priced
from callspring.scenarios.publishing import AGAIN, PUBLISH, publish_some, publish_surely
from callspring.scenarios.replacing import let_all_go
from callspring.scenarios.routing import FALLBACKS

log = logging.getLogger(__name__)

CARRY_OUT, FULFIL, RECONCILE = "scenarios.carry_out", "scenarios.fulfil", "scenarios.reconcile"
CHECK_FALLBACKS = "scenarios.check_fallbacks"
SLICE = 60.0  # seconds at a time, so that other jobs have their turn and a claim never ends
DOORS_LEARN = 2.0  # seconds
RECONCILE_EVERY = 120.0  # seconds
CHECK_FALLBACKS_EVERY = 3600.0

Verb, State = NumberTask.Verb, NumberTask.State


class NotTold(Exception):
    """A carrier was not told of a destination; it is tried again."""


@transaction.atomic
def bring_here(connection: Connection, e164s: Sequence[str], flow: Forward | None) -> None:
    """Add these numbers of the account and point them here, soon. `flow` is for those that ring nobody yet."""
    tasks.ask(connection, Verb.BRING, e164s, None if flow is None else msgspec.to_builtins(flow))
    enqueue(CARRY_OUT, {"connection": connection.pk})


def point_again(connection: Connection) -> None:
    """A secret was replaced: where the addresses of numbers bring what was made of it, they are given anew, soon."""
    carrier = CARRIERS.get(connection.carrier)
    if carrier is None or not hands_out_proof(carrier):
        return
    here = Number.objects.exclude(state=Number.State.RELEASED).filter(connection=connection, pointed_at__isnull=False)
    asked = set(tasks.waiting(connection).values_list("e164", flat=True))
    e164s = [e164 for e164 in here.values_list("e164", flat=True) if e164 not in asked]
    if e164s:
        bring_here(connection, e164s, None)


@transaction.atomic
def put_back(connection: Connection, e164s: Sequence[str]) -> None:
    """Bring back what the carrier had set for these numbers, soon; those that no scenario uses leave."""
    tasks.ask(connection, Verb.PUT_BACK, e164s)
    enqueue(CARRY_OUT, {"connection": connection.pk})


@transaction.atomic
def try_again(connection: Connection) -> int:
    """Do once more what failed; of how many numbers that is."""
    count = tasks.ask_again(connection)
    leaving = tasks.waiting(connection).filter(verb=Verb.LEAVE).exists()
    enqueue(CARRY_OUT, {"connection": connection.pk, "disconnect": leaving})
    return count


def disconnect(connection: Connection, *, force: bool = False) -> None:
    """Put all numbers back and end the connection, soon; with `force` what cannot be put back stays as it is.

    Without numbers it is ended at once.

    Raises `callspring.numbers.connecting.StillInUse`.
    """
    connecting.refuse_if_in_use(connection)
    here = Number.objects.filter(connection=connection).exclude(state=Number.State.RELEASED)
    if not here.exists():
        _end(connection, force)
        return
    with transaction.atomic():
        tasks.ask(connection, Verb.LEAVE, here.values_list("e164", flat=True))
        enqueue(CARRY_OUT, {"connection": connection.pk, "disconnect": True, "force": force})


@transaction.atomic
def order_numbers(connection: Connection, e164s: Sequence[str], flow: AnyFlow, rule_id: int | None = None) -> UUID:
    """Order these numbers, soon; their calls follow `flow`, and with `rule_id` they go to that rule. The batch's id.

    Raises `NotEnoughFunds`, and then nothing is ordered; `ValueError` for what is no number.
    """
    # A SIP address cannot be rung while we are silent.
    rung = rung_first(flow)
    fallback = rung if rung.startswith("+") else ""
    batch = shopping.order(connection, e164s, msgspec.to_builtins(flow), fallback, rule_id=rule_id)
    enqueue(FULFIL, {"batch": str(batch)})
    return batch


@transaction.atomic
def order_again(*batches: shopping.Batch) -> None:
    """Order once more what failed, all of it or nothing. Raises `NotEnoughFunds`, for the whole."""
    batches = _as_they_are(batches)
    _demand_all(batches, [(one.e164, batch.connection.carrier) for batch in batches for one in batch.failed])
    for batch in batches:
        shopping.order_again(batch)
        enqueue(FULFIL, {"batch": str(batch.id)})


def order_others(*batches: shopping.Batch) -> int:
    """Order other numbers of the same sort in place of those that failed; how many there were to be had.

    All of these or nothing: raises `NotEnoughFunds`, and `CarrierProblem` where a carrier cannot be asked.
    """
    found: dict[UUID, list[str]] = {}
    for batch in batches:
        taken = {e164 for some in found.values() for e164 in some}
        found[batch.id] = [one.e164 for one in shopping.others(batch, taken)]
    _order_instead(batches, found)
    return sum(map(len, found.values()))


@transaction.atomic
def _order_instead(batches: Sequence[shopping.Batch], found: Mapping[UUID, Sequence[str]]) -> None:
    batches = _as_they_are(batches)
    instead = [(batch, found[batch.id][: len(batch.failed)]) for batch in batches]
    _demand_all(batches, [(e164, batch.connection.carrier) for batch, e164s in instead for e164 in e164s])
    for batch, e164s in instead:
        shopping.order_others(batch, e164s)
        enqueue(FULFIL, {"batch": str(batch.id)})


def _as_they_are(batches: Sequence[shopping.Batch]) -> tuple[shopping.Batch, ...]:
    """Those in which something still failed, while nobody else orders: a colleague may have pressed just before."""
    if not batches:
        return ()
    company = batches[0].connection.company
    lock(company.account)
    found = (shopping.find_batch(company, batch.id) for batch in batches)
    return tuple(batch for batch in found if batch is not None and batch.failed)


def _demand_all(batches: Sequence[shopping.Batch], wanted: Sequence[Priced]) -> None:
    """Each batch demands its own part; this is for the whole, so that the sentence names it."""
    if batches:
        demand_all(batches[0].connection.company.account, wanted)


@job(CARRY_OUT)
def carry_out(payload: dict[str, Any]) -> None:
    """Do what waits for one connection, for a while at a time."""
    found = Connection.objects.filter(pk=payload["connection"], disconnected_at=None)
    connection = found.select_related("company__account").first()
    if connection is None:
        return
    if not tasks.begin(connection):
        raise Later(3, "another job is at it")
    try:
        _carry_out(connection)
    finally:
        tasks.end(connection)
    if payload.get("disconnect"):
        _end(connection, bool(payload.get("force")))


def _carry_out(connection: Connection) -> None:
    if tasks.add_missing(connection):
        publish_surely(connection.company_id)
        raise Later(DOORS_LEARN, "the doors have to know the numbers before they are called")
    more = tasks.carry_out(connection, SLICE)
    publish_surely(connection.company_id)
    if more:
        raise Later(1, "goes on")


@job(FULFIL)
def fulfil(payload: dict[str, Any]) -> None:
    """Ask the carrier for the numbers of one batch, for a while at a time; pages show each as soon as it is here."""
    batch = UUID(payload["batch"])
    arrivals = _Arrivals(batch)
    more = shopping.go_on(batch, SLICE, arrivals.heard)
    arrivals.tell()
    if more:
        raise Later(1, "goes on")


class _Arrivals:
    """Tells the doors of a batch's numbers as they come, and lets those go that they replace.

    It takes a tenth of the time at most, and where that is much, it is done each second.
    """

    def __init__(self, batch: UUID) -> None:
        self._obtained = NumberOrder.objects.filter(batch=batch, state=NumberOrder.State.OBTAINED)
        self._company = Company.objects.filter(number_orders__batch=batch).first()
        self._not_before = 0.0

    def heard(self) -> None:
        """The carrier has answered for one of them."""
        if time.monotonic() >= self._not_before:
            self.tell()

    def tell(self) -> None:
        """Publish the sites on which they are."""
        if self._company is None:
            return
        began = time.monotonic()
        here = Number.objects.filter(company=self._company, e164__in=self._obtained.values("e164"))
        _tell(self._company.pk, here.exclude(state=Number.State.RELEASED).values_list("scenario__site", flat=True))
        ended = time.monotonic()
        self._not_before = ended + min(DOORS_LEARN / 2, 9 * (ended - began))


def _tell(company_id: int, sites: Iterable[int | None]) -> None:
    """Of numbers that have arrived on these sites; None among them: on none."""
    let_all_go(company_id)
    if found := sorted(set(sites), key=lambda site: site or 0):
        publish_surely(company_id, *found)


@job(PUBLISH)
def publish_again(payload: dict[str, Any]) -> None:
    """What could not be published when it was changed, until it can."""
    if not Company.objects.filter(pk=payload["company"]).exists():
        return
    try:
        publish_some(payload["company"], *payload["sites"])
    except Exception as error:
        raise Later(AGAIN, repr(error)) from error


@job(FALLBACKS)
def refresh_fallbacks(payload: dict[str, Any]) -> None:
    """Tell the carriers the company's destinations that have changed."""
    company = Company.objects.filter(pk=payload["company"]).first()
    if company is None:
        return
    problems = [outcome.problem for outcome in connecting.refresh_fallbacks(company) if outcome.problem]
    if problems:
        raise NotTold(f"{len(problems)} numbers: {problems[0]}")


@job(CHECK_FALLBACKS)
def check_fallbacks(_payload: dict[str, Any]) -> None:
    """Where fallbacks lie is a setting: have the carriers told when it is another one than they know."""
    today = timezone.now().date()
    for company in connecting.stale_companies():
        # Once a day: a carrier that refuses is not asked again all day long.
        enqueue(FALLBACKS, {"company": company}, key=f"fallbacks:{company}:{today}")


every(CHECK_FALLBACKS_EVERY, CHECK_FALLBACKS)


@job(RECONCILE)
def reconcile_orders(_payload: dict[str, Any]) -> None:
    """Find out what became of orders whose answer got lost."""
    for connection in shopping.unsettled_connections():
        try:
            came = [number.pk for number in reconcile(connection)]
            sites = Number.objects.filter(pk__in=came).values_list("scenario__site", flat=True)
            _tell(connection.company_id, sites)
        except CarrierProblem as problem:
            log.warning("orders of connection %s are not settled: %s", connection.pk, problem)


every(RECONCILE_EVERY, RECONCILE)


def _end(connection: Connection, force: bool) -> None:
    """What could not be put back keeps the connection, unless that is forced."""
    failed = NumberTask.objects.filter(connection=connection, verb=Verb.LEAVE, state=State.FAILED)
    if failed.exists() and not force:
        return
    # It was just tried; the carrier is not asked for the same again.
    left = Number.objects.filter(connection=connection, e164__in=failed.values("e164"), scenario=None)
    left.update(pointed_at=None, webhooks_before=None, fallback="")
    try:
        connecting.disconnect(connection, force=force)
    except connecting.StillInUse as refusal:
        Connection.objects.filter(pk=connection.pk).update(problem=str(refusal)[:300])
        return
    NumberTask.objects.filter(connection=connection).delete()
    publish_surely(connection.company_id)
