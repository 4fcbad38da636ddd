"""Numbers that are ported in: written down while they are on their way, and brought here once the carrier has them.

The port itself is asked for at the carrier, with a signed letter: no program may do that in somebody's name.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import date
from typing import Any

import msgspec
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from callspring.accounts.models import Company
from callspring.carriers.api import CarrierProblem
from callspring.flows.flow import Forward
from callspring.jobs.registry import every, job
from callspring.numbers.carrier import AtCarrier
from callspring.numbers.e164 import parse_number
from callspring.numbers.models import Connection, PortIn
from callspring.numbers.queries import numbers
from callspring.scenarios.jobs import bring_here

log = logging.getLogger(__name__)

LOOK_FOR = "scenarios.look_for_port_ins"
LOOK_EVERY = 1800.0  # seconds
State = PortIn.State
ENDED = (State.REFUSED, State.ARRIVED, State.CALLED_OFF)
# What people may say about it; that it arrived is found out.
SAID = tuple(state for state in State if state != State.ARRIVED)


def write_down(
    connection: Connection, number: str, losing_carrier: str, flow: Forward, *, wanted_on: date | None, notes: str = ""
) -> PortIn:
    """A number is to come to this connection's account, and then follows `flow`. Raises `ValueError`, for people."""
    e164 = parse_number(number, connection.company.country)
    if numbers(connection.company).filter(e164=e164).exists():
        raise ValueError(_("%(number)s is here already.") % {"number": e164})
    try:
        with transaction.atomic():
            return PortIn.objects.create(
                company=connection.company,
                connection=connection,
                e164=e164,
                losing_carrier=losing_carrier,
                wanted_on=wanted_on,
                notes=notes,
                flow=msgspec.to_builtins(flow),
            )
    except IntegrityError:
        raise ValueError(_("%(number)s is on its way already.") % {"number": e164}) from None


def change(port_in: PortIn, state: str, wanted_on: date | None, notes: str) -> None:
    """Write down where it stands. Raises `ValueError`; one that arrived stays as it is."""
    if state not in SAID:
        raise ValueError(_("Choose one of the states."))
    ours = PortIn.objects.filter(pk=port_in.pk).exclude(state=State.ARRIVED)
    about: dict[str, Any] = {"wanted_on": wanted_on, "notes": notes, "changed_at": timezone.now()}
    try:
        with transaction.atomic():
            ours.update(state=state, **about)
    except IntegrityError:
        raise ValueError(_("%(number)s is on its way already.") % {"number": port_in.e164}) from None
    port_in.refresh_from_db()


def port_ins(company: Company) -> QuerySet[PortIn]:
    """The company's, newest first."""
    return PortIn.objects.filter(company=company).select_related("connection")


def port_in(company: Company, port_in_id: int) -> PortIn | None:
    """One of the company's; None for an outsider's."""
    return port_ins(company).filter(pk=port_in_id).first()


def look_for(connection: Connection, waiting: Iterable[PortIn]) -> list[PortIn]:
    """Bring here what the account has by now; returns those. Raises `CarrierProblem`."""
    at = AtCarrier(connection)
    owned = {one.e164 for one in at.api.numbers(at.credentials)}
    return [one for one in waiting if one.e164 in owned and _arrived(connection, one)]


@transaction.atomic
def _arrived(connection: Connection, port_in: PortIn) -> bool:
    now = timezone.now()
    ours = PortIn.objects.filter(pk=port_in.pk).exclude(state__in=ENDED)
    if not ours.update(state=State.ARRIVED, arrived_at=now, changed_at=now):
        return False
    flow = None if port_in.flow is None else msgspec.convert(port_in.flow, Forward)
    bring_here(connection, [port_in.e164], flow)
    return True


@job(LOOK_FOR)
def _look_for_all(_payload: dict[str, Any]) -> None:
    waiting = PortIn.objects.exclude(state__in=ENDED).filter(connection__disconnected_at=None)
    by_connection: dict[Connection, list[PortIn]] = {}
    for one in waiting.select_related("connection"):
        by_connection.setdefault(one.connection, []).append(one)
    for connection, some in by_connection.items():
        try:
            look_for(connection, some)
        except CarrierProblem as problem:
            log.warning("port-ins of connection %s are not looked for: %s", connection.pk, problem)


every(LOOK_EVERY, LOOK_FOR)
