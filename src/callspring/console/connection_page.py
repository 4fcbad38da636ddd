"""A connection as its page shows it: its numbers, what was asked to be done with them, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.functional import cached_property

from callspring.accounts.models import Company
from callspring.carriers.registry import description
from callspring.flows.flow import AnyFlow
from callspring.numbers.connecting import can_fall_back
from callspring.numbers.models import Connection, Number, NumberTask
from callspring.numbers.queries import connections
from callspring.scenarios.routing import flow_of

TOLD_FOR = timedelta(hours=1)  # what ended longer ago went well or is forgotten
Verb, State = NumberTask.Verb, NumberTask.State


def title(carrier: str) -> str:
    """A carrier's name."""
    return description(carrier).title


def is_own(carrier: str) -> bool:
    """Whether it takes credentials of the company's own; the sandbox is always there."""
    return bool(description(carrier).fields)


@dataclass(frozen=True, slots=True)
class ConnectionRow:
    """A connection in the list."""

    connection: Connection
    title: str
    numbers: int
    waiting: int
    failed: int
    own: bool


def connection_rows(company: Company) -> list[ConnectionRow]:
    """All connections of the company, with how many numbers each has."""
    held = Count("numbers", filter=~Q(numbers__state=Number.State.RELEASED), distinct=True)
    tasks = {state: Count("tasks", filter=Q(tasks__state=state), distinct=True) for state in State.values}
    found = connections(company).annotate(held=held, waiting=tasks[State.WAITING], failed=tasks[State.FAILED])
    return [
        ConnectionRow(one, title(one.carrier), one.held, one.waiting, one.failed, is_own(one.carrier)) for one in found
    ]


@dataclass(frozen=True, slots=True)
class NumberRow:
    """A number of the connection. `number` is None for one that did not come, or has left."""

    e164: str
    number: Number | None
    task: NumberTask | None

    @property
    def flow(self) -> AnyFlow | None:
        """Where its calls go when they come here and no scenario uses it."""
        return None if self.number is None else flow_of(self.number)

    @property
    def waiting(self) -> bool:
        """Something is still to be done with it."""
        return self.task is not None and self.task.state == State.WAITING

    @property
    def problem(self) -> str:
        """Why the last thing failed."""
        return self.task.problem if self.task is not None and self.task.state == State.FAILED else ""

    @property
    def can_be_put_back(self) -> bool:
        """Whether there is something to bring back."""
        return not self.waiting and self.number is not None and self.number.webhooks_before is not None

    @property
    def can_be_brought(self) -> bool:
        """Whether it is here and its calls are not."""
        return not self.waiting and not self.problem and self.number is not None and self.number.pointed_at is None


class ConnectionPage:
    """All that the page says; `tasks` and `numbers` are read once."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.title = title(connection.carrier)
        self.own = is_own(connection.carrier)
        self.falls_back = can_fall_back(connection.carrier)

    @cached_property
    def rows(self) -> Sequence[NumberRow]:
        """Failed ones first, then those under way, then the others."""
        tasks, numbers = {task.e164: task for task in self._tasks}, {one.e164: one for one in self._numbers}
        since = timezone.now() - TOLD_FOR
        told = {e164 for e164, task in tasks.items() if _is_told(task, since)}
        rows = [NumberRow(e164, numbers.get(e164), tasks.get(e164)) for e164 in sorted(numbers.keys() | told)]
        return sorted(rows, key=lambda row: (not row.problem, not row.waiting))

    @cached_property
    def wave(self) -> Sequence[NumberTask]:
        """What was asked for last, while it is under way or has just ended."""
        waiting = [task.asked_at for task in self._tasks if task.state == State.WAITING]
        ended = [task.asked_at for task in self._tasks if _is_told(task, timezone.now() - TOLD_FOR)]
        if not ended:
            return []
        since = min(waiting) if waiting else max(ended)
        return [task for task in self._tasks if task.asked_at >= since]

    @property
    def waiting(self) -> int:
        """How much of that is still to be done."""
        return sum(task.state == State.WAITING for task in self.wave)

    @property
    def ended(self) -> int:
        """How much of that is over."""
        return len(self.wave) - self.waiting

    @property
    def done(self) -> int:
        """How much of that went well."""
        return sum(task.state == State.DONE for task in self.wave)

    @property
    def verb(self) -> str:
        """What was asked for last."""
        return self.wave[0].verb if self.wave else ""

    @property
    def failed(self) -> int:
        """How many numbers something failed with."""
        return sum(bool(row.problem) for row in self.rows)

    @property
    def leaving(self) -> bool:
        """Whether the connection is being ended."""
        return any(task.verb == Verb.LEAVE and task.state != State.DONE for task in self._tasks)

    @property
    def to_put_back(self) -> list[NumberRow]:
        """Numbers that can go back to what they were at the carrier."""
        return [row for row in self.rows if row.can_be_put_back]

    @property
    def shown_on_pages(self) -> int:
        """How many of those a scenario uses."""
        return sum(row.number is not None and row.number.scenario_id is not None for row in self.to_put_back)

    @cached_property
    def _tasks(self) -> list[NumberTask]:
        return list(NumberTask.objects.filter(connection=self.connection))

    @cached_property
    def _numbers(self) -> list[Number]:
        here = Number.objects.filter(connection=self.connection).exclude(state=Number.State.RELEASED)
        return list(here.select_related("scenario"))


def _is_told(task: NumberTask, since: object) -> bool:
    """Failures are told of until they are tried again."""
    return task.state != State.DONE or (task.ended_at is not None and task.ended_at > since)  # type: ignore[operator]
