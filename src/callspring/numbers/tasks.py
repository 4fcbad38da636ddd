"""What somebody wants done with numbers at a carrier: written down, done one after the other, each with its outcome.

1. `ask`: one `NumberTask` for each number is in the record.
2. `add_missing`: numbers that are to come here are in the record with their call flow, before any call comes.
3. `carry_out`: the carrier is told, number by number.

Whoever carries out may die at any moment; another goes on. The doors learn of the numbers when the company is
published, between 2 and 3 and afterwards, which is the caller's part (`callspring.scenarios.jobs`).
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from callspring.carriers.api import CarrierProblem, Owned
from callspring.numbers.carrier import AtCarrier
from callspring.numbers.connecting import Outcome, importing, undo
from callspring.numbers.models import Connection, Number, NumberTask
from callspring.numbers.orders import InUse, add

Verb, State = NumberTask.Verb, NumberTask.State
TAKEN = timedelta(minutes=2)  # longer than a carrier takes for one number
AT_WORK = timedelta(minutes=4)  # longer than one who carries out takes at a time; who died blocks the next so long
IN_A_ROW = 5  # numbers that fail for the same reason: the others would too


def ask(connection: Connection, verb: str, e164s: Iterable[str], flow: dict[str, Any] | None = None) -> None:
    """Write down that this is to be done with these numbers; what was asked of them before counts no more."""
    now = timezone.now()
    about = {"company_id": connection.company_id, "connection": connection, "verb": verb, "flow": flow}
    tasks = [NumberTask(e164=e164, asked_at=now, **about) for e164 in dict.fromkeys(e164s)]
    fields = ["verb", "flow", "state", "problem", "asked_at", "ended_at", "taken_until"]
    NumberTask.objects.bulk_create(
        tasks, batch_size=100, update_conflicts=True, unique_fields=["connection", "e164"], update_fields=fields
    )


def ask_again(connection: Connection) -> int:
    """Try once more what failed; returns of how many numbers."""
    failed = NumberTask.objects.filter(connection=connection, state=State.FAILED)
    return failed.update(state=State.WAITING, problem="", asked_at=timezone.now(), ended_at=None, taken_until=None)


def waiting(connection: Connection) -> QuerySet[NumberTask]:
    """What is still to be done."""
    return NumberTask.objects.filter(connection=connection, state=State.WAITING)


def add_missing(connection: Connection) -> bool:
    """Put into the record what is to come here and is not yet, each with its flow. True when something was changed.

    Where the carrier cannot be asked, all that waits has failed.
    """
    changed = _give_flows(connection)
    here = set(_here(connection).values_list("e164", flat=True))
    missing = [task for task in waiting(connection).filter(verb=Verb.BRING) if task.e164 not in here]
    if not missing:
        return changed
    try:
        at = AtCarrier(connection)
        owned = {one.e164: one for one in at.api.numbers(at.credentials)}
    except CarrierProblem as problem:
        fail_rest(connection, str(problem))
        return changed
    added = [_add(connection, task, owned.get(task.e164)) for task in missing]
    return changed or any(added)


def begin(connection: Connection) -> bool:
    """Whether nobody is at it, and now we are: two at once would each ask the carrier for its whole list."""
    now = timezone.now()
    ours = Connection.objects.filter(pk=connection.pk)
    free = ours.filter(Q(at_work_until=None) | Q(at_work_until__lt=now))
    return bool(free.update(at_work_until=now + AT_WORK))


def end(connection: Connection) -> None:
    """Somebody else may go on."""
    Connection.objects.filter(pk=connection.pk).update(at_work_until=None)


def carry_out(connection: Connection, seconds: float) -> bool:
    """Do what waits, for about `seconds`; True when there is more."""
    until = time.monotonic() + seconds
    same, last = 0, ""
    for outcome in _outcomes(connection, until):
        same = same + 1 if outcome.problem and outcome.problem == last else 0
        last = outcome.problem
        if same + 1 >= IN_A_ROW:
            fail_rest(connection, last)
    return waiting(connection).exists()


def fail_rest(connection: Connection, problem: str) -> None:
    """Nothing that waits can be done, for this reason."""
    waiting(connection).update(state=State.FAILED, problem=problem[:500], ended_at=timezone.now())


def _here(connection: Connection) -> QuerySet[Number]:
    return Number.objects.filter(connection=connection).exclude(state=Number.State.RELEASED)


def _give_flows(connection: Connection) -> bool:
    """Numbers that are here already and ring nobody get what was asked for them."""
    silent = _here(connection).filter(scenario=None, flow__isnull=True)
    changed = False
    for task in waiting(connection).filter(verb=Verb.BRING, flow__isnull=False):
        changed |= bool(silent.filter(e164=task.e164).update(flow=task.flow))
    return changed


def _add(connection: Connection, task: NumberTask, owned: Owned | None) -> bool:
    problem = ""
    if owned is None:
        problem = _("The account does not have this number.")
    elif not owned.can_voice:
        problem = _("This number cannot receive calls.")
    else:
        now = timezone.now()
        try:
            number = add(connection, task.e164, now, paid_until=now, owned=owned)
        except InUse as error:
            problem = str(error)
        else:
            number.flow = task.flow
            number.save(update_fields=["flow"])
    if problem:
        _end(connection, task.verb, Outcome(task.e164, problem))
    return not problem


def _outcomes(connection: Connection, until: float) -> Iterator[Outcome]:
    """Each outcome is written down before it is given."""
    for verb in Verb.values:
        if not waiting(connection).filter(verb=verb).exists():
            continue
        taken = _taken(connection, verb, until)
        done = importing(connection, taken) if verb == Verb.BRING else _putting_back(connection, verb, taken)
        try:
            for outcome in done:
                _end(connection, verb, outcome)
                yield outcome
        except CarrierProblem as problem:  # of the account, not of one number
            fail_rest(connection, str(problem))


def _putting_back(connection: Connection, verb: str, e164s: Iterable[str]) -> Iterator[Outcome]:
    """A number that no scenario uses leaves: it is as if it had never come."""
    for e164 in e164s:
        number = _here(connection).filter(e164=e164).first()
        if number is None:
            yield Outcome(e164)
        else:
            yield from undo(number, remove=verb == Verb.LEAVE or number.scenario_id is None)


def _taken(connection: Connection, verb: str, until: float) -> Iterator[str]:
    """What waits, one after the other, each ours for a while: another who carries out takes the next one."""
    while time.monotonic() < until:
        now = timezone.now()
        free = waiting(connection).filter(Q(taken_until=None) | Q(taken_until__lt=now), verb=verb)
        task = free.order_by("id").first()
        if task is None:
            return
        if free.filter(pk=task.pk).update(taken_until=now + TAKEN):
            yield task.e164


def _end(connection: Connection, verb: str, outcome: Outcome) -> None:
    """That it went well is the last word, also where somebody else had no luck meanwhile."""
    asked = NumberTask.objects.filter(connection=connection, e164=outcome.e164, verb=verb)
    if outcome.problem:
        asked = asked.filter(state=State.WAITING)
    state = State.FAILED if outcome.problem else State.DONE
    asked.update(state=state, problem=outcome.problem[:500], ended_at=timezone.now(), taken_until=None)
