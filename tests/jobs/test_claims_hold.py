"""No order of claims, deaths, outcomes and time breaks the promises: no job has two claims that hold, none is lost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from callspring.jobs import claims
from callspring.jobs.models import Job
from tests.jobs.kinds import diary, fresh_registry

START = datetime(2026, 3, 2, 12, tzinfo=UTC)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["enqueue", "claim", "die", "extend", "done", "again", "later", "fail", "wait"]),
        st.integers(0, 3),
    ),
    max_size=40,
)


@dataclass
class Held:
    """A job that some runner believes to have, until when at most."""

    job: Job
    until: datetime


class Machine:
    """Several runners' view of the table, step by step."""

    def __init__(self) -> None:
        self.now = START
        self.held: list[Held] = []
        self.ended: dict[int, str] = {}
        self.enqueued = 0

    def step(self, name: str, which: int) -> None:
        if name == "enqueue":
            Job.objects.create(kind="tests.note", key=f"k{self.enqueued}", run_at=self.now)
            self.enqueued += 1
        elif name == "wait":
            self.now += (timedelta(seconds=1), timedelta(seconds=30), claims.CLAIM, timedelta(hours=1))[which]
        elif name == "claim":
            self.claim()
        elif which < len(self.held):
            self.end(name, self.held[which])

    def claim(self) -> None:
        job = claims.claim(self.now)
        if job is None:
            return
        for other in self.held:
            assert other.job.pk != job.pk or other.until < self.now, "two claims hold"
        assert job.pk not in self.ended, "a job that has ended was claimed"
        self.held.append(Held(job, self.now + claims.CLAIM))

    def end(self, name: str, held: Held) -> None:
        current = not any(one.job.pk == held.job.pk for one in self.held[self.held.index(held) + 1 :])
        if name == "extend":
            claims.extend([held.job.claim], self.now)
            held.until = self.now + claims.CLAIM if current else held.until
            return
        self.held.remove(held)
        if name == "die":
            return
        deeds = {
            "done": lambda: claims.done(held.job, self.now),
            "fail": lambda: claims.failed(held.job, self.now, "no"),
            "again": lambda: claims.again(held.job, self.now, "no"),
            "later": lambda: claims.later(held.job, self.now, 10, "no"),
        }
        counted = deeds[name]()
        if held.until >= self.now:
            assert counted, "a claim that holds was ignored"
        if counted and name in ("done", "fail"):
            self.ended[held.job.pk] = name

    def drain(self) -> None:
        """Everybody is dead; in the end each job is done by somebody else."""
        for _ in range(2 * self.enqueued + 2):
            self.now += timedelta(hours=2)
            while (job := claims.claim(self.now)) is not None:
                assert claims.done(job, self.now)
                assert job.pk not in self.ended
                self.ended[job.pk] = "done"


class ClaimsHold(TestCase):
    @settings(max_examples=60, deadline=None)
    @given(STEPS)
    def test_in_any_order(self, steps: list[tuple[str, int]]) -> None:
        with fresh_registry():
            diary()
            machine = Machine()
            for name, which in steps:
                machine.step(name, which)
            machine.drain()
            states = {"done": "done", "fail": "failed"}
            found = dict(Job.objects.values_list("pk", "state"))
            assert found == {pk: states[how] for pk, how in machine.ended.items()}
            assert len(found) == machine.enqueued
