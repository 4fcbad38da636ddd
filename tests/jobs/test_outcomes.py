"""What becomes of one job, by what its handler does."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from callspring.jobs import claims
from callspring.jobs import registry as kinds
from callspring.jobs.actions import MOST_PAYLOAD, enqueue
from callspring.jobs.models import Job
from callspring.jobs.registry import GiveUp, Later
from callspring.jobs.run import run_due, work
from tests.jobs.kinds import Diary

pytestmark = pytest.mark.django_db


def due_now(job: Job) -> None:
    """As if its back-off were over."""
    Job.objects.filter(pk=job.pk, state=Job.State.QUEUED).update(run_at=timezone.now())


def test_a_job_is_done_once_and_keeps_no_payload(notes: Diary) -> None:
    enqueue("tests.note", {"text": "hello", "to": [1, 2]})
    assert run_due() == 1
    assert run_due() == 0
    assert notes.payloads == [{"text": "hello", "to": [1, 2]}]
    job = Job.objects.get()
    assert (job.state, job.payload, job.attempts, job.error, job.claim) == ("done", {}, 1, "", None)
    assert job.finished_at


def test_a_job_shares_the_fate_of_its_transaction(notes: Diary) -> None:
    with transaction.atomic():
        enqueue("tests.note", {"n": 1})
        transaction.set_rollback(True)
    with transaction.atomic():
        enqueue("tests.note", {"n": 2})
    assert run_due() == 1
    assert notes.payloads == [{"n": 2}]


def test_the_same_key_is_one_job_the_first(notes: Diary) -> None:
    for text in ("first", "second"):
        enqueue("tests.note", {"text": text}, key="call:7")
    run_due()
    enqueue("tests.note", {"text": "third"}, key="call:7")
    enqueue("tests.note", {"text": "other"}, key="call:8")
    run_due()
    assert notes.payloads == [{"text": "first"}, {"text": "other"}]


def test_a_job_waits_for_its_time(notes: Diary) -> None:
    enqueue("tests.note", {}, run_at=timezone.now() + timedelta(hours=1))
    assert run_due() == 0
    due_now(Job.objects.get())
    assert run_due() == 1
    assert len(notes.payloads) == 1


def test_later_is_no_try(notes: Diary) -> None:
    notes.then = [Later(90, "the line is busy")] * 5
    enqueue("tests.note", {"n": 1})
    for _ in range(5):
        before = timezone.now()
        assert run_due() == 1
        job = Job.objects.get()
        assert (job.state, job.attempts, job.error) == ("queued", 0, "the line is busy")
        assert timedelta(seconds=89) < job.run_at - before < timedelta(seconds=100)
        due_now(job)
    assert run_due() == 1
    assert Job.objects.get().state == "done"
    assert notes.payloads == [{"n": 1}] * 6


def test_give_up_is_final(notes: Diary, caplog: pytest.LogCaptureFixture) -> None:
    notes.then = [GiveUp("nobody has this number")]
    enqueue("tests.note", {"n": 1})
    assert run_due() == 1
    job = Job.objects.get()
    assert (job.state, job.error, job.payload) == ("failed", "nobody has this number", {"n": 1})
    assert "nobody has this number" in caplog.text


def test_trouble_is_tried_again_with_longer_waits_and_then_has_failed(notes: Diary) -> None:
    notes.then = [OSError("cable cut")] * 3
    enqueue("tests.note", {})
    waits = []
    for attempt in (1, 2):
        before = timezone.now()
        assert run_due() == 1
        job = Job.objects.get()
        assert (job.state, job.attempts, job.error) == ("queued", attempt, "OSError: cable cut")
        waits.append((job.run_at - before).total_seconds())
        due_now(job)
    assert 2.5 <= waits[0] <= 6
    assert 5 <= waits[1] <= 11
    assert run_due() == 1
    assert Job.objects.get().state == "failed"
    assert run_due() == 0


def test_waits_grow_to_an_hour_and_differ() -> None:
    waits = [[claims.delay(attempt) for _ in range(50)] for attempt in (1, 5, 30, 10_000)]
    for each, longest in zip(waits, (5, 80, 3600, 3600), strict=True):
        assert longest / 2 <= min(each) < max(each) <= longest


def test_a_job_whose_process_died_is_begun_again_and_not_forever(notes: Diary) -> None:
    enqueue("tests.note", {})
    now = timezone.now()
    for _ in range(3):
        assert claims.claim(now)  # … and its process dies
        assert claims.claim(now + claims.CLAIM) is None, "its claim still holds"
        now += claims.CLAIM + timedelta(seconds=1)
    last = claims.claim(now)
    assert last
    work(last)
    assert notes.payloads == []
    job = Job.objects.get()
    assert job.state == "failed"
    assert "begun 3 times" in job.error


def test_who_lost_a_claim_changes_nothing(notes: Diary) -> None:  # noqa: ARG001 - its kind is needed
    enqueue("tests.note", {})
    now = timezone.now()
    slow = claims.claim(now)
    quick = claims.claim(now + claims.CLAIM + timedelta(seconds=1))
    assert slow
    assert quick
    assert not claims.failed(slow, now, "too late")
    assert not claims.again(slow, now, "too late")
    assert not claims.later(slow, now, 1, "too late")
    assert claims.done(quick, now)
    assert not claims.done(slow, now)
    assert Job.objects.get().state == "done"


def test_an_extended_claim_holds(notes: Diary) -> None:  # noqa: ARG001 - its kind is needed
    enqueue("tests.note", {})
    now = timezone.now()
    job = claims.claim(now)
    assert job
    claims.extend([job.claim], now + claims.CLAIM)
    assert claims.claim(now + 2 * claims.CLAIM) is None
    assert claims.claim(now + 2 * claims.CLAIM + timedelta(seconds=1))


def test_an_unknown_kind_is_refused_and_one_of_another_version_has_failed(registry: None) -> None:  # noqa: ARG001
    with pytest.raises(LookupError, match=r"tests\.gone"):
        enqueue("tests.gone", {})
    Job.objects.create(kind="tests.gone", run_at=timezone.now())
    assert run_due() == 1
    job = Job.objects.get()
    assert job.state == "failed"
    assert "nothing here handles jobs of kind 'tests.gone'" in job.error


def test_what_cannot_be_stored_is_refused(notes: Diary) -> None:  # noqa: ARG001 - its kind is needed
    with pytest.raises(TypeError):
        enqueue("tests.note", {"when": timezone.now()})
    with pytest.raises(ValueError, match="longer than"):
        enqueue("tests.note", {"text": "x" * MOST_PAYLOAD})
    for key in ("", "k" * 201):
        with pytest.raises(ValueError, match="key"):
            enqueue("tests.note", {}, key=key)
    assert not Job.objects.exists()


def test_a_kind_has_one_handler(notes: Diary) -> None:  # noqa: ARG001 - its kind is needed
    with pytest.raises(ValueError, match="handled by"):
        kinds.job("tests.note")(lambda _payload: None)


SECRETS = (
    OSError("cannot reach https://AC1:hunter22@api.example/v1"),
    ValueError("login failed: password=hunter22"),
    ValueError('headers {"Authorization": "Basic hunter22"}'),
    ValueError("bad link /reset/" + "hunter22" * 5),
    RuntimeError("duplicate key value\nDETAIL: Key (email)=(hunter22) exists."),
)


@pytest.mark.parametrize("error", SECRETS, ids=str)
def test_neither_log_nor_row_has_a_secret(notes: Diary, caplog: pytest.LogCaptureFixture, error: Exception) -> None:
    caplog.set_level(logging.DEBUG, "callspring")
    notes.then = [error]
    enqueue("tests.note", {"token": "hunter22"})
    run_due()
    job = Job.objects.get()
    assert type(error).__name__ in job.error
    assert "hunter22" not in job.error + caplog.text
    assert "kinds.py" in caplog.text, "where it happened is logged"


def test_an_error_is_bounded(notes: Diary) -> None:
    notes.then = [OSError("very long " * 1000)]
    enqueue("tests.note", {})
    run_due()
    assert len(Job.objects.get().error) == 500


def test_old_jobs_are_swept(notes: Diary) -> None:  # noqa: ARG001 - its kind is needed
    now = timezone.now()
    for state, days in (("done", 8), ("done", 6), ("failed", 31), ("failed", 29)):
        Job.objects.create(kind=f"{state} {days}", state=state, run_at=now, finished_at=now - timedelta(days=days))
    Job.objects.create(kind="queued", run_at=now - timedelta(days=99))
    Job.objects.create(kind="running", state="running", run_at=now - timedelta(days=99), claimed_until=now)
    assert claims.sweep(now) == 2
    assert claims.sweep(now) == 0
    assert set(Job.objects.values_list("kind", flat=True)) == {"done 6", "failed 29", "queued", "running"}


def test_what_a_failed_job_was_about_goes_after_two_days(notes: Diary) -> None:  # noqa: ARG001 - its kind is needed
    """A mail that could not be sent has somebody's words in it."""
    now = timezone.now()
    for days in (3, 1):
        Job.objects.create(
            kind="tests.note", payload={"to": "x"}, state="failed", run_at=now, finished_at=now - timedelta(days=days)
        )
    claims.sweep(now)
    old, young = Job.objects.order_by("pk")
    assert (old.payload, young.payload) == ({}, {"to": "x"})
    assert not claims.revive(old.pk, now)
    assert claims.revive(young.pk, now)
    assert not claims.revive(young.pk, now)
    assert run_due() == 1
    assert [job.pk for job in claims.unsuccessful(9)] == [old.pk]
