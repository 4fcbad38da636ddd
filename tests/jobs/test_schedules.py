from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from callspring.jobs import claims
from callspring.jobs import registry as kinds
from callspring.jobs.models import Job
from callspring.jobs.registry import GiveUp
from callspring.jobs.run import run_due, work
from tests.jobs.kinds import Diary, fresh_registry

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def scheduled(now: datetime, seconds: float = 3600) -> None:
    kinds.every(seconds, "tests.note")
    claims.put_schedules(now)


def test_it_runs_at_once_and_then_after_its_time(notes: Diary) -> None:
    now = timezone.now()
    scheduled(now)
    scheduled(now)  # another process starts as well
    assert run_due() == 1
    assert run_due() == 0
    job = Job.objects.get()
    assert job.state == "queued"
    assert timedelta(0) < job.run_at - (now + HOUR) < timedelta(minutes=1)
    claims.put_schedules(timezone.now())
    assert claims.claim(now + HOUR - timedelta(minutes=1)) is None
    assert claims.claim(now + HOUR + timedelta(minutes=1))
    assert notes.payloads == [{}]


def test_there_are_never_two_runs_at_once(notes: Diary) -> None:  # noqa: ARG001 - its kind is needed
    now = timezone.now()
    scheduled(now)
    running = claims.claim(now)
    assert running
    claims.put_schedules(now)
    assert claims.claim(now) is None
    work(running)
    assert claims.claim(timezone.now()) is None


def test_a_run_that_fails_is_tried_soon_and_at_the_latest_when_it_is_due(notes: Diary) -> None:
    notes.then = [OSError("disk")] * 3 + [GiveUp("no")]
    now = timezone.now()
    scheduled(now)
    for _ in range(3):  # the kind's three tries
        assert run_due() == 1
        job = Job.objects.get()
        assert (job.state, job.error) == ("queued", "OSError: disk")
        Job.objects.update(run_at=now)
    assert run_due() == 1
    assert (Job.objects.get().state, Job.objects.get().error) == ("queued", "no")
    Job.objects.update(run_at=now)
    assert run_due() == 1
    assert Job.objects.get().error == ""
    assert len(notes.payloads) == 5


def test_a_short_schedule_does_not_wait_for_a_long_back_off(notes: Diary) -> None:
    notes.then = [OSError("disk")]
    now = timezone.now()
    scheduled(now, seconds=0.5)
    run_due()
    assert Job.objects.get().run_at - now < timedelta(seconds=2)


def test_a_shorter_schedule_counts_from_now(notes: Diary) -> None:  # noqa: ARG001 - its kind is needed
    now = timezone.now()
    scheduled(now, seconds=86_400)
    run_due()
    scheduled(now, seconds=60)
    assert Job.objects.get().run_at <= now + timedelta(seconds=60)


def test_what_is_no_longer_scheduled_ends(notes: Diary) -> None:
    scheduled(timezone.now())
    with fresh_registry():
        kinds.job("tests.note")(lambda _payload: None)
        run_due()
        assert Job.objects.get().state == "done"
    scheduled(timezone.now())
    assert Job.objects.get().state == "queued", "and it is taken up again when it is back"
    assert notes.payloads == []
