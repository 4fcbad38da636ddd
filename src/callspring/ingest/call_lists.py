"""Whose turn it is to read a connection's list of calls: one at a time, and what came of it is kept.

1. `hand_out`: every connection that nobody reads gets a ticket, and a job with it.
2. `read`: with the ticket the list is read, and the mark moves forward.
3. Where the carrier cannot be reached the job waits with its ticket; where it denies us the next one comes in an hour.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from callspring.carriers.api import CarrierProblem, Denied, NotOffered, Unreachable
from callspring.ingest import recovery
from callspring.ingest.models import CallList
from callspring.ingest.visits import moment
from callspring.jobs.actions import enqueue
from callspring.jobs.registry import Later
from callspring.numbers.carrier import NoApi
from callspring.numbers.connecting import PROBLEM_LENGTH
from callspring.numbers.models import Connection

READ = "ingest.read_call_list"
HELD = timedelta(minutes=20)  # longer than a handler may take
DENIED_REST = timedelta(hours=1)
WAIT_SECONDS = 60.0  # for a carrier that cannot be reached and does not say how long


def hand_out(now: datetime) -> int:
    """Have the lists read of all connections that nobody reads; of how many that is."""
    connections = list(_worth_asking(now).values_list("pk", flat=True))
    CallList.objects.bulk_create([CallList(connection_id=pk) for pk in connections], ignore_conflicts=True)
    return sum(_hand_out(pk, now) for pk in connections)


@transaction.atomic
def _hand_out(connection: int, now: datetime) -> bool:
    ticket = uuid4()
    free = CallList.objects.filter(Q(held_until=None) | Q(held_until__lt=now), connection=connection)
    won = bool(free.update(ticket=ticket, held_until=now + HELD))
    if won:
        enqueue(READ, {"connection": connection, "ticket": str(ticket)})
    return won


def _worth_asking(now: datetime) -> QuerySet[Connection]:
    """Connections that are in use; of others those with a call that nobody will tell the end of any more."""
    open_long = Q(pk__in=recovery.open_since_yesterday(now).values("connection"))
    return Connection.objects.filter(Q(disconnected_at=None) | open_long).order_by("pk")


def read(connection_id: int, ticket: UUID, now: float) -> None:
    """Read the list with this ticket; nothing happens where somebody else holds another by now.

    Raises `Later` where the carrier cannot be reached.
    """
    mine = CallList.objects.filter(connection=connection_id, ticket=ticket)
    if not mine.update(held_until=moment(now) + HELD):
        return
    mark = mine.select_related("connection").get()
    try:
        listed = _read(mark, now)
    except (NotOffered, NoApi):
        listed = set()  # nothing will ever be said of its calls
    except Unreachable as problem:
        wait = problem.retry_after or WAIT_SECONDS
        mine.update(held_until=moment(now) + timedelta(seconds=wait) + HELD)
        raise Later(wait, str(problem)) from None
    except CarrierProblem as problem:
        _complain(mark, problem)
        mine.update(ticket=None, held_until=moment(now) + DENIED_REST)
        return
    else:
        _all_is_well(mark)
    recovery.end_unreported(mark.connection, listed, now)
    mine.update(ticket=None, held_until=None)


def _read(mark: CallList, now: float) -> set[str]:
    """Our ids of all calls that the carrier lists, of the time since the last look and of calls still open."""
    connection, listed = mark.connection, set[str]()
    if connection.disconnected_at is not None:
        return listed
    since, until = recovery.first_window(connection, mark.read_until, now), now - recovery.SETTLED
    for begin, end in recovery.forgotten(connection, since, now):
        listed |= recovery.take_in(connection, begin, end, now)
    for begin, end in recovery.windows(since, until):
        listed |= recovery.take_in(connection, begin, end, now)
        CallList.objects.filter(pk=mark.pk, ticket=mark.ticket).update(read_until=moment(end))
    return listed


def _complain(mark: CallList, problem: CarrierProblem) -> None:
    """What the carrier says of the account is kept with it; another refusal concerns the list alone."""
    if isinstance(problem, Denied):
        said = str(problem)[:PROBLEM_LENGTH]
        CallList.objects.filter(pk=mark.pk).update(problem=said)
        Connection.objects.filter(pk=mark.pk, disconnected_at=None).update(problem=said)


def _all_is_well(mark: CallList) -> None:
    """It has just accepted the secret. What somebody else put down with the connection is theirs to take back."""
    if mark.problem:
        CallList.objects.filter(pk=mark.pk).update(problem="")
        denied = Connection.objects.filter(pk=mark.pk, disconnected_at=None, problem=mark.problem)
        denied.update(problem="", tested_at=timezone.now())
