"""What is done with numbers: offered, bought, added from a carrier account of the company's own, given back.

The doors learn of a changed number when the company is published (`callspring.scenarios.publishing`), which is the
caller's part.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from callspring.accounts.models import Company
from callspring.carriers.api import Available, CarrierProblem, Unreachable
from callspring.numbers import orders
from callspring.numbers.carrier import AtCarrier, sellers
from callspring.numbers.e164 import parse_number
from callspring.numbers.models import Connection, Number
from callspring.numbers.orders import ASKED_AGO, Bought, Refusal, reconcile
from callspring.numbers.queries import connections

__all__ = [
    "Available",
    "Bought",
    "CannotOrder",
    "Refusal",
    "adopt",
    "buy",
    "finish_releases",
    "offer",
    "parse_number",
    "reconcile",
    "release",
]

log = logging.getLogger(__name__)


class CannotOrder(Exception):
    """No number can be ordered: the message says what to do instead."""


def offer(company: Company, kind: str, area_code: str = "", count: int = 1) -> Sequence[Available]:
    """At most `count` numbers of `kind` that could be bought now. Raises `CannotOrder`."""
    at = AtCarrier(ordering_connection(company))
    try:
        return at.api.search(at.credentials, country=company.country, kind=kind, area_code=area_code, count=count)
    except CarrierProblem as problem:
        raise CannotOrder(str(problem)) from None


def ordering_connection(company: Company) -> Connection:
    """Through which connection the company buys: the oldest at a carrier that sells. Raises `CannotOrder`."""
    found = connections(company).filter(carrier__in=sellers()).first()
    if found is None:
        raise CannotOrder(_("Connect a carrier that sells numbers first."))
    return found


def buy(company: Company, e164s: Sequence[str], fallback: str) -> Bought:
    """Buy these numbers and pay 7 days' rent for each; `fallback` (E.164) is rung while we do not answer.

    All of them must be affordable, else `NotEnoughFunds` and nothing is bought. A number that the carrier
    refuses is named in the answer and not charged. Raises `CannotOrder` when the carrier fails before the first is
    obtained, and `ValueError` for what is no E.164.
    """
    connection = ordering_connection(company)
    placed, refused = orders.place(connection, list(dict.fromkeys(e164s)), fallback)
    bought = Bought(refused=refused)
    orders.fulfil(AtCarrier(connection), placed, bought)
    if bought.stopped and not bought.numbers:
        # Of the number at which it stopped there may be more to say than of those after it.
        raise CannotOrder(max((one.reason for one in bought.refused if one.reason.startswith(bought.stopped)), key=len))
    return bought


@transaction.atomic
def adopt(connection: Connection, e164s: Iterable[str]) -> list[Number]:
    """Add numbers that the company already has at its own carrier account: nothing is bought or charged.

    The carrier is not asked: `callspring.numbers.connecting.import_numbers` does that, and points them here. Raises
    `ValueError` when somebody here has one of them already; then none is added.
    """
    now = timezone.now()
    return [orders.add(connection, e164, now, paid_until=now) for e164 in dict.fromkeys(e164s)]


def release(number: Number) -> None:
    """Give a number back to the carrier for good.

    Raises `ValueError` while a scenario uses it, and `CarrierProblem` when the carrier does not take it back; then it
    is as before. Where the carrier's answer got lost the number may be gone: it stays out of all scenarios
    (`Number.giving_back_since`) and the carrier is asked again, see `finish_releases`.
    """
    ours = Number.objects.filter(pk=number.pk)
    state, since = ours.values_list("state", "giving_back_since").get()
    if state == Number.State.RELEASED:
        return
    leaving = {"state": Number.State.RESTING, "giving_back_since": since or timezone.now()}
    # Resting, no scenario can take it while the carrier is asked.
    if not ours.filter(scenario=None).exclude(state=Number.State.RELEASED).update(**leaving):
        if ours.filter(scenario=None).exists():  # a colleague was a moment quicker
            return
        raise ValueError(_("%(number)s is used by a scenario. Take it out first.") % {"number": number.e164})
    at = AtCarrier(number.connection)
    try:
        if identifier := carrier_id(at, number):
            at.api.release(at.credentials, identifier)
    except BaseException as problem:
        if not (isinstance(problem, Unreachable) and problem.perhaps_done):
            # Unless a colleague has released it meanwhile: then it is somebody else's now.
            ours.filter(state=Number.State.RESTING).update(state=state, giving_back_since=since)
        raise
    at_carrier = {"pointed_at": None, "webhooks_before": None, "fallback": "", "fallback_told": ""}
    ours.update(state=Number.State.RELEASED, rests_until=None, giving_back_since=None, **at_carrier)
    number.refresh_from_db()


def finish_releases(now: datetime) -> list[Number]:
    """Ask once more where a number was on its way back and nobody knows whether it arrived; returns those now gone.

    A carrier takes a number back that it no longer has without a word.
    """
    asked = Number.objects.filter(giving_back_since__lt=now - ASKED_AGO).exclude(state=Number.State.RELEASED)
    gone = []
    for number in asked.select_related("connection").order_by("pk"):
        try:
            release(number)
        except (CarrierProblem, ValueError) as problem:
            log.warning("number %s is not given back yet: %s", number.pk, problem)
        else:
            gone.append(number)
    return gone


def carrier_id(at: AtCarrier, number: Number) -> str:
    """The carrier's own id of a number; asked once for those that were added without. "" when it does not have it."""
    if not number.carrier_number_id:
        owned = at.api.numbers(at.credentials)
        number.carrier_number_id = next((one.carrier_number_id for one in owned if one.e164 == number.e164), "")
        number.save(update_fields=["carrier_number_id"])
    return number.carrier_number_id
