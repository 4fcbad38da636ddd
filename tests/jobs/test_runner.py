"""Runners as they live in the back: threads, several at once, that stop, hang and die."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, transaction
from django.utils import timezone

from callspring.jobs import claims
from callspring.jobs import registry as kinds
from callspring.jobs import run as running
from callspring.jobs.actions import enqueue
from callspring.jobs.models import Job
from callspring.jobs.run import Runner
from tests.jobs.kinds import Diary
from tests.races import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def run(*runners: Runner) -> Iterator[None]:
    """The runners in threads; fails when one does not end."""
    threads = [threading.Thread(target=runner.run) for runner in runners]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for runner in runners:
            runner.stop()
        for thread in threads:
            thread.join(20)
        assert not any(thread.is_alive() for thread in threads)


def until(condition: Callable[[], bool], seconds: float = 15.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, list(Job.objects.values("kind", "state", "error"))
        time.sleep(0.02)


def all_done() -> bool:
    return not Job.objects.exclude(state="done").exists()


def test_two_runners_race_and_each_job_runs_once(notes: Diary) -> None:
    for number in range(60):
        enqueue("tests.note", {"n": number})
    with run(Runner(), Runner()):
        until(all_done)
    assert Counter(payload["n"] for payload in notes.payloads) == Counter(range(60))
    assert set(Job.objects.values_list("attempts", flat=True)) == {1}


def test_many_claim_the_same_job_and_one_gets_it(notes: Diary) -> None:  # noqa: ARG001 - its kind is needed
    for _ in range(10):
        enqueue("tests.note", {})
        won = [job for job in at_once([partial(claims.claim, timezone.now())] * 6) if job is not None]
        assert len(won) == 1, won
        assert isinstance(won[0], Job)


def test_many_ask_for_the_same_key_and_it_is_one_job(notes: Diary) -> None:  # noqa: ARG001 - its kind is needed
    def ask() -> None:
        with transaction.atomic():
            enqueue("tests.note", {}, key="call:7")

    assert at_once([ask] * 6) == [None] * 6
    assert Job.objects.count() == 1


def test_a_runner_sweeps_until_nothing_old_is_left(notes: Diary) -> None:  # noqa: ARG001 - its kind is needed
    """More may come in ten minutes than one sweep takes."""
    old = timezone.now() - timedelta(days=8)
    many = range(2 * claims.SWEPT_AT_ONCE + 1)
    Job.objects.bulk_create(Job(kind="old", state="done", run_at=old, finished_at=old) for _ in many)
    with run(Runner()):
        until(lambda: not Job.objects.filter(kind="old").exists())


def test_what_is_committed_is_begun_at_once(notes: Diary, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "POLL_SECONDS", 30.0)
    with run(Runner()):
        time.sleep(0.3)
        enqueue("tests.note", {})
        until(lambda: bool(notes.payloads), seconds=10)


def test_a_long_job_is_not_begun_twice(registry: None, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001
    monkeypatch.setattr(claims, "CLAIM", timedelta(seconds=1))
    monkeypatch.setattr(running, "EXTEND_SECONDS", 0.2)
    begun = []

    @kinds.job("tests.long")
    def long(_payload: dict[str, Any]) -> None:
        begun.append(time.monotonic())
        time.sleep(3)

    enqueue("tests.long", {})
    with run(Runner(), Runner()):
        until(lambda: bool(begun))
        time.sleep(1.5)  # … and then they are told to stop: the job is finished all the same
    assert all_done()
    assert len(begun) == 1


def test_a_hanging_job_loses_its_claim(registry: None, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001
    monkeypatch.setattr(claims, "CLAIM", timedelta(seconds=0.5))
    monkeypatch.setattr(running, "EXTEND_SECONDS", 0.1)
    monkeypatch.setattr(running, "MOST_SECONDS", 0.5)
    free, begun = threading.Event(), []

    @kinds.job("tests.hangs")
    def hangs(_payload: dict[str, Any]) -> None:
        begun.append(1)
        if len(begun) == 1:
            free.wait(20)

    enqueue("tests.hangs", {})
    with run(Runner()):
        until(lambda: len(begun) == 2)
        until(all_done)
        free.set()
    assert Job.objects.get().attempts == 2


def test_one_kind_leaves_a_worker_to_the_others(notes: Diary) -> None:  # noqa: ARG001 - its kind is needed
    free = threading.Event()

    @kinds.job("tests.stuck")
    def stuck(_payload: dict[str, Any]) -> None:
        free.wait(20)

    for _ in range(6):
        enqueue("tests.stuck", {})
    enqueue("tests.note", {})
    with run(Runner(workers=3)):
        until(lambda: Job.objects.filter(kind="tests.note", state="done").exists())
        assert Job.objects.filter(state="running").count() == 2
        free.set()
        until(all_done)


def test_a_database_that_is_away_is_tried_again(notes: Diary, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "RETRY_SECONDS", 0.05)
    real, failures = claims.claim, [OperationalError("server closed the connection")] * 3

    def claim(now: datetime, without: list[str], *, rescue: bool) -> Job | None:
        if failures:
            raise failures.pop()
        return real(now, without, rescue=rescue)

    monkeypatch.setattr(claims, "claim", claim)
    enqueue("tests.note", {})
    with run(Runner()):
        until(all_done)
    assert not failures
    assert len(notes.payloads) == 1


def test_a_runner_puts_schedules_in_place(notes: Diary) -> None:
    kinds.every(3600, "tests.note")
    with run(Runner(), Runner()):
        until(lambda: bool(notes.payloads))
        time.sleep(0.3)
    assert notes.payloads == [{}]
    assert Job.objects.get().state == "queued"


LIFE = """
import os, sys, threading
from datetime import timedelta
from pathlib import Path

import django

from callspring.back.database import migrate
from callspring.config import load

migrate(load())
from callspring.jobs import claims, registry
from callspring.jobs.actions import enqueue
from callspring.jobs.models import Job
from callspring.jobs.run import Runner

claims.CLAIM = timedelta(seconds=1)
begun = Path(sys.argv[1])
runner = Runner()

@registry.job("tests.dies")
def dies(payload):
    with begun.open("a") as file:
        file.write(payload["text"] + "\\n")
    if len(begun.read_text().splitlines()) == 1:
        os._exit(9)
    runner.stop()

enqueue("tests.dies", {"text": "hello"}, key="only one")
threading.Timer(20, runner.stop).start()
runner.run()
print(Job.objects.get(kind="tests.dies").state, flush=True)
os._exit(0)
"""


def test_a_process_dies_in_the_middle_and_the_next_does_the_job(tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    environment = {key: value for key, value in os.environ.items() if not key.startswith("CALLSPRING_")}
    environment |= {"CALLSPRING_VAR": str(tmp_path / "var"), "DJANGO_SETTINGS_MODULE": "callspring.back.settings"}

    def live() -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", LIFE, str(begun)]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)

    assert live().returncode == 9
    second = live()
    assert second.stdout == "done\n", second.stderr
    assert begun.read_text() == "hello\nhello\n"


def test_a_clock_that_is_put_forward_restarts_nothing(notes: Diary, monkeypatch: pytest.MonkeyPatch) -> None:
    """To the others each claim seems to have ended; the runner extends its own before it takes anybody's."""
    runner, other = Runner(), Runner()
    Job.objects.create(kind="tests.note", run_at=timezone.now())
    assert runner._claim()
    assert not other._claim()
    began, ahead = Job.objects.get().claim, timedelta(hours=1)
    for each in (runner, other):
        each._heed_clock(time.time(), time.monotonic())
    later = timezone.now() + ahead
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    for each in (other, runner):  # whoever looks first
        each._heed_clock(time.time() + ahead.total_seconds(), time.monotonic())
        each._keep(time.monotonic())
        assert not each._claim()
    job = Job.objects.get()
    assert (job.claim, job.attempts) == (began, 1)
    assert job.claimed_until is not None
    assert job.claimed_until > later
    # One whose runner is really dead is rescued all the same, a claim's time later.
    other._patient_until = time.monotonic() - 1
    monkeypatch.setattr("django.utils.timezone.now", lambda: later + 2 * claims.CLAIM)
    assert other._claim()
    assert notes.payloads == []
