"""What the credit of one call costs with 1,000 candidates in the record: our own CPU, apart from the database's.

The candidates are a thousand shows of the number, as the record gives them: sorting out who held it and when, who is
worth a closer look, and the verdict over those are ours. The worst case, in which as many as may be are worth it, is
measured beside the usual one, in which somebody is looking at the number.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

CALL = datetime(2026, 3, 2, 12, tzinfo=UTC)
SHOWS = 1000
GOAL_MS = 2.0
ROUNDS = 200

Row = tuple[int, int, UUID, UUID, datetime, datetime, datetime, datetime]


@dataclass(frozen=True, slots=True)
class Result:
    """Milliseconds of CPU for one call."""

    name: str
    milliseconds: float
    goal: float = GOAL_MS

    @property
    def missed(self) -> bool:
        """Whether it took too long."""
        return self.milliseconds > self.goal

    def __str__(self) -> str:
        verdict = "   MISSED" if self.missed else ""
        return f"{self.name:60} {self.milliseconds:6.2f} ms (goal {self.goal} ms){verdict}"


def run() -> list[Result]:
    """Both cases."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "callspring.back.settings")
    import django

    django.setup()
    usual, worst = _rows(open_page=True), _rows(open_page=False)
    return [
        Result("credit of a call, 1,000 shows, one visitor on the page", _milliseconds(lambda: _credit(usual))),
        Result("credit of a call, 1,000 shows, all of the last hour", _milliseconds(lambda: _credit(worst))),
    ]


def _rows(*, open_page: bool) -> list[Row]:
    """Newest first: a show every 20 minutes for a fortnight, or all of the last hour."""
    step = timedelta(minutes=20) if open_page else timedelta(seconds=3)
    rows: list[Row] = []
    for place in range(SHOWS):
        left = CALL - timedelta(minutes=2) - step * place
        if open_page and place == 0:
            left = CALL
        came, until = left - timedelta(seconds=100), left + timedelta(seconds=150)
        rows.append((7, 3, uuid4(), uuid4(), came, came, left, until))
    return rows


def _credit(rows: list[Row]) -> None:
    """What `callspring.calls.candidates` and `credit` do with the rows, without the queries between."""
    from callspring.calls.candidates import holders, worth_a_look
    from callspring.calls.credit import Candidate, judge
    from callspring.calls.timing import PRIOR
    from callspring.visits.touch import Source

    now = CALL.timestamp()
    near, faint = worth_a_look(holders(rows, now), {}, now, PRIOR)
    sources = [Source(f"source {number}", "cpc") for number in range(8)]
    candidates = [
        Candidate(
            visit=str(one.visit),
            visit_number=place,
            visitor=str(one.visitor),
            source=sources[place % 8],
            device="mobile",
            start=one.granted,
            left=one.active,
            exclusive=one.exclusive,
            came_by=f"source {place % 8}\ncpc\n",
        )
        for place, one in enumerate(near)
    ]
    judge(candidates, now, PRIOR, tail=sum(faint))


def _milliseconds(work: Callable[[], None]) -> float:
    """The median of many rounds, so that a busy machine does not count."""
    work()
    taken = []
    for _ in range(ROUNDS):
        start = time.process_time_ns()
        work()
        taken.append(time.process_time_ns() - start)
    return sorted(taken)[ROUNDS // 2] / 1e6
