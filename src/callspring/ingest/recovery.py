"""Calls that we did not hear of, or not to their end: the carrier's own list makes the record whole (K7).

The doors were down, the disk was full, the fallback rang, one event got lost: whatever it was, what is missing here and
stands in the carrier's list is written as if it had just been ingested, at its own time. What was heard stays: of a leg
whose end is known the list says nothing new, and a call whose number was not ours then is none of ours.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence, Set
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from msgspec.structs import replace

from callspring.calls.models import Call, CallEvent, CallStatus
from callspring.calls.state import TERMINAL
from callspring.carriers.contract import CallSignal, Endpoint, Leg, Status
from callspring.ids import call_id, said_id
from callspring.ingest.batch import REFUSED, write_calls
from callspring.ingest.belonging import scenario_then
from callspring.ingest.calls import record_calls
from callspring.ingest.visits import moment
from callspring.numbers.carrier import calls
from callspring.numbers.models import Connection, Number
from callspring.records import CallSaid
from callspring.scenarios.publishing import route
from callspring.stores.snapshot.published import Route

log = logging.getLogger(__name__)

# What is younger is on its way to us by itself.
SETTLED = 60.0  # seconds
# Before the time until which the list was read: clocks differ, and a list may learn of a call late.
MARGIN = 300.0
# The carrier's time of a call may differ so much from when its question reached us.
ASTRAY = 60.0
OPEN_LONG = timedelta(minutes=10)  # a call that has not ended by then is asked for
GIVE_UP = timedelta(days=1)  # no carrier lets a call last longer
FARTHEST = timedelta(days=30)  # so far back a list is read
DAY = 86_400.0
NEVER_REPORTED = "never reported"
OPEN = (CallStatus.RINGING, CallStatus.ANSWERED)
_AT_ONCE = 500

Window = tuple[float, float]  # Unix seconds, both included
Heard = dict[str, list[tuple[str, str]]]  # our id of a call → leg id and status of what is known


def windows(since: float, until: float) -> Iterator[Window]:
    """The time between the two, a day at most at once."""
    while since < until:
        end = min(until, since + DAY)
        yield since, end
        since = end


def forgotten(connection: Connection, before: float, now: float) -> list[Window]:
    """When calls that are still open came in, of those from before `before`: what to ask the carrier for."""
    found = _open(connection).filter(
        started_at__lt=min(moment(before), moment(now) - OPEN_LONG), started_at__gte=moment(now) - FARTHEST
    )
    spans: list[Window] = []
    for at in sorted(one.timestamp() for one in found.values_list("started_at", flat=True)):
        if spans and at - spans[-1][0] < DAY / 4:
            spans[-1] = spans[-1][0], at + ASTRAY
        else:
            spans.append((at - ASTRAY, at + ASTRAY))
    return spans


def first_window(connection: Connection, read_until: datetime | None, now: float) -> float:
    """From when on the list is to be read. What came before the connection is none of ours."""
    earliest = connection.created_at
    if read_until is None:
        return max(earliest, moment(now) - GIVE_UP).timestamp()
    return max(earliest, read_until - timedelta(seconds=MARGIN), moment(now) - FARTHEST).timestamp()


def take_in(connection: Connection, since: float, until: float, now: float) -> set[str]:
    """Write what is missing of the calls that came in between the two; our ids of all that the carrier lists.

    Raises `CarrierProblem`, and `DatabaseError` when the database cannot take anything now.
    """
    by_call: dict[str, list[CallSignal]] = {}
    for signal in calls(connection, since, until):
        by_call.setdefault(_id(connection, signal), []).append(signal)
    ids = list(by_call)
    for start in range(0, len(ids), _AT_ONCE):
        some = {call: by_call[call] for call in ids[start : start + _AT_ONCE]}
        _take_in_some(connection, some, now)
    return set(ids)


def open_since_yesterday(now: datetime) -> QuerySet[Call]:
    """Calls of all connections that have not ended for longer than any call lasts."""
    return Call.objects.filter(status__in=OPEN, started_at__lt=now - GIVE_UP)


def end_unreported(connection: Connection, listed: Set[str], now: float) -> int:
    """End calls that have been open for a day and of which the carrier, asked just now, lists none; how many."""
    old = _open(connection).filter(started_at__lt=moment(now) - GIVE_UP)
    unknown = [call for call in old.order_by("started_at") if str(call.pk) not in listed]
    for call in unknown:
        _write([_given_up(connection, call, now)])
    return len(unknown)


def _open(connection: Connection) -> QuerySet[Call]:
    return Call.objects.filter(connection=connection, status__in=OPEN)


def _id(connection: Connection, signal: CallSignal) -> str:
    return call_id(connection.carrier, connection.pk, signal.carrier_call_id)


def _take_in_some(connection: Connection, by_call: dict[str, list[CallSignal]], now: float) -> None:
    heard: Heard = {}
    events = CallEvent.objects.filter(company=connection.company_id, call__in=list(by_call))
    for known_call, leg_id, status in events.values_list("call", "leg_id", "status"):
        heard.setdefault(str(known_call), []).append((leg_id, status))
    numbers = _numbers(connection, (signal for signals in by_call.values() for signal in signals))
    written: list[CallSaid] = []
    for call, signals in by_call.items():
        known = heard.get(call, [])
        number = next((ours for one in signals if (ours := _ours(one, numbers)) is not None), None)
        if known or number is not None:
            missing = [one for one in signals if _is_missing(one, known) and (one.at or now) <= now - SETTLED]
            written += _write([_said(connection, call, one, number, now) for one in missing])
    _fold_again(written)


def _numbers(connection: Connection, signals: Iterable[CallSignal]) -> dict[str, Number]:
    dialled = {signal.dialled for signal in signals if signal.status is Status.ASKED}
    found = Number.objects.filter(connection=connection, e164__in=dialled).exclude(state=Number.State.RELEASED)
    return {number.e164: number for number in found.select_related("scenario", "last_scenario")}


def _ours(signal: CallSignal, numbers: dict[str, Number]) -> Number | None:
    """The number that was called, if it was ours by then."""
    number = numbers.get(signal.dialled) if signal.status is Status.ASKED else None
    was_ours = number is not None and signal.at is not None and number.bought_at <= moment(signal.at)
    return number if was_ours else None


def _is_missing(signal: CallSignal, known: Sequence[tuple[str, str]]) -> bool:
    """Whether this says more than is known. A key that was not pressed ends a leg that its carrier calls answered, so
    what was heard of a leg itself beats the list."""
    if signal.status is Status.ASKED:
        return all(status != Status.ASKED for _, status in known)
    if signal.status in TERMINAL:
        return all(leg != signal.leg_id or status not in TERMINAL for leg, status in known)
    return all(leg != signal.leg_id for leg, _ in known)


def _said(connection: Connection, call: str, signal: CallSignal, number: Number | None, now: float) -> CallSaid:
    """As the voice door would have spooled it; an event has the same id where the carrier counts its events."""
    asked, business = signal.status is Status.ASKED, signal.leg is Leg.BUSINESS
    endpoint = Endpoint.CALL if asked else Endpoint.EVENTS
    where = None if number is None or business else _then(number, call, signal, now)
    return CallSaid(
        id=said_id(call, endpoint, signal.leg_id, signal.status, signal.sequence),
        received_at=now,
        at=now if signal.at is None else signal.at,
        company=connection.company_id,
        connection=connection.pk,
        call=call,
        carrier_call_id=signal.carrier_call_id,
        leg=signal.leg,
        leg_id=signal.leg_id,
        status=signal.status,
        sequence=signal.sequence,
        caller="" if business else signal.caller,
        dialled="" if business else signal.dialled,
        number=where.number if where else 0,
        scenario=where.scenario if where else 0,
        destination=signal.dialled if business else "",
        duration=signal.duration,
        cause=signal.cause,
        raw=dict(signal.raw),
        caller_name=signal.caller_name,
        attestation=signal.attestation,
    )


def _then(number: Number, call: str, signal: CallSignal, now: float) -> Route:
    """Where the number's calls went to when this one came; it may have another scenario by now."""
    where = route(number)
    at = moment(now if signal.at is None else signal.at)
    return replace(where, scenario=scenario_then(number, at, moment(now), where.scenario, UUID(call)))


def _given_up(connection: Connection, call: Call, now: float) -> CallSaid:
    """Its end, at the last sign of it: nothing says how much longer it was."""
    times = CallEvent.objects.filter(company=connection.company_id, call=call.pk).order_by("-at")
    last = times.values_list("at", flat=True).first() or call.started_at
    return CallSaid(
        id=said_id(str(call.pk), NEVER_REPORTED, call.carrier_call_id, Status.FAILED, 0),
        received_at=now,
        at=last.timestamp(),
        company=connection.company_id,
        connection=connection.pk,
        call=str(call.pk),
        carrier_call_id=call.carrier_call_id,
        leg=Leg.CALLER,
        leg_id=call.carrier_call_id,
        status=Status.FAILED,
        cause=NEVER_REPORTED,
    )


def _write(records: list[CallSaid]) -> list[CallSaid]:
    """One call's records. The ingester may begin the same call at the same moment: then it is there the second time."""
    if not records:
        return []
    for last in (False, True):
        try:
            with transaction.atomic():
                write_calls(records)
        except IntegrityError:
            if last:
                log.exception("call %s of the carrier's list is refused", records[0].call)
        except REFUSED:
            log.exception("call %s of the carrier's list is refused", records[0].call)
            break
        else:
            return records
    return []


def _fold_again(records: Sequence[CallSaid]) -> None:
    """The ingester may have brought one of these calls up to date without having seen what we had not committed yet."""
    if records:
        with transaction.atomic():
            record_calls(records)
