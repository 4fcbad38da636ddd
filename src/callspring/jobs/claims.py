"""How a runner takes a job, keeps it and gives it back. All by conditional updates, so that several processes may."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db.models import F, Q

from callspring.jobs.models import Job
from callspring.jobs.registry import schedules

CLAIM = timedelta(seconds=60)
KEEP_DONE, KEEP_FAILED = timedelta(days=7), timedelta(days=30)
# What a failed job was about (a mail has somebody's words in it) is kept for an operator who has it tried again.
KEEP_PAYLOAD = timedelta(days=2)
FIRST_DELAY, LONGEST_DELAY = 5.0, 3600.0  # seconds
SWEPT_AT_ONCE = 500
_LOOK_AT = 20


def claim(now: datetime, without: Collection[str] = (), *, rescue: bool = True) -> Job | None:
    """The job that has been due longest and is of none of the kinds `without`, now ours; None when none is due.

    A job whose runner died is due again when its claim has ended; without `rescue` such ones are left alone.
    """
    due = _due(now) if rescue else Q(state=Job.State.QUEUED, run_at__lte=now)
    for candidate in Job.objects.filter(due).exclude(kind__in=without).order_by("run_at", "pk")[:_LOOK_AT]:
        mine = uuid4()
        # Whoever comes second updates nothing: the row does not meet the condition any more.
        won = Job.objects.filter(due, pk=candidate.pk).update(
            state=Job.State.RUNNING,
            claim=mine,
            claimed_until=now + CLAIM,
            started_at=now,
            attempts=F("attempts") + 1,
        )
        if won:
            return Job.objects.filter(pk=candidate.pk, claim=mine).first()
    return None


def _due(now: datetime) -> Q:
    return Q(state=Job.State.QUEUED, run_at__lte=now) | Q(state=Job.State.RUNNING, claimed_until__lt=now)


def extend(claims: Iterable[UUID | None], now: datetime) -> None:
    """These are still being worked on."""
    Job.objects.filter(state=Job.State.RUNNING, claim__in=list(claims)).update(claimed_until=now + CLAIM)


def unsuccessful(most: int) -> list[Job]:
    """Jobs that have failed for good, the latest first."""
    return list(Job.objects.filter(state=Job.State.FAILED).order_by("-finished_at", "-pk")[:most])


def revive(pk: int, now: datetime) -> bool:
    """Have a failed job tried again from the beginning; False where it has not failed or what it was about is gone."""
    failed_one = Job.objects.filter(pk=pk, state=Job.State.FAILED).exclude(payload={})
    return bool(failed_one.update(state=Job.State.QUEUED, run_at=now, attempts=0, finished_at=None))


def done(job: Job, now: datetime) -> bool:
    """The work is done; a scheduled job waits for its next time. False where the claim was lost meanwhile."""
    if _is_scheduled(job):
        return _put_back(job, now, schedules()[job.kind], attempts=0, error="")
    return _end(job, now, state=Job.State.DONE, payload={}, error="")


def failed(job: Job, now: datetime, error: str) -> bool:
    """It will not be tried again, unless it is scheduled. False where the claim was lost meanwhile."""
    if _is_scheduled(job):
        return _put_back(job, now, schedules()[job.kind], attempts=0, error=error)
    return _end(job, now, state=Job.State.FAILED, error=error)


def again(job: Job, now: datetime, error: str) -> bool:
    """A try has failed; the next comes after a while. False where the claim was lost meanwhile."""
    seconds = delay(job.attempts)
    if _is_scheduled(job):
        seconds = min(seconds, schedules()[job.kind])
    return _put_back(job, now, seconds, attempts=job.attempts, error=error)


def later(job: Job, now: datetime, seconds: float, reason: str) -> bool:
    """It asks to be tried again in `seconds`; that was no try. False where the claim was lost meanwhile."""
    return _put_back(job, now, max(1.0, seconds), attempts=max(0, job.attempts - 1), error=reason)


def delay(attempts: int) -> float:
    """Seconds until the try after this many: 5 s, then twice as long each time, up to an hour; a half of it is luck,
    so that what failed together does not come back together."""
    longest = min(LONGEST_DELAY, FIRST_DELAY * 2.0 ** min(attempts - 1, 20))
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, guards nothing


def put_schedules(now: datetime) -> None:
    """See that each scheduled kind has its one job, due no later than its schedule says."""
    for kind, seconds in schedules().items():
        key = _schedule_key(kind)
        Job.objects.bulk_create([Job(kind=kind, key=key, run_at=now)], ignore_conflicts=True)
        latest = now + timedelta(seconds=seconds)
        ended = Q(state__in=(Job.State.DONE, Job.State.FAILED)) | Q(state=Job.State.QUEUED, run_at__gt=latest)
        Job.objects.filter(ended, key=key).update(
            state=Job.State.QUEUED, run_at=latest, attempts=0, finished_at=None, claim=None, claimed_until=None
        )


def sweep(now: datetime) -> int:
    """Forget jobs done a week ago and failed a month ago, and sooner what failed ones were about.

    Returns how many were forgotten; call again while it is not 0.
    """
    Job.objects.filter(state=Job.State.FAILED, finished_at__lt=now - KEEP_PAYLOAD).exclude(payload={}).update(
        payload={}
    )
    old = Q(state=Job.State.DONE, finished_at__lt=now - KEEP_DONE)
    old |= Q(state=Job.State.FAILED, finished_at__lt=now - KEEP_FAILED)
    chosen = list(Job.objects.filter(old).order_by("finished_at").values_list("pk", flat=True)[:SWEPT_AT_ONCE])
    # The condition once more: a scheduled job may have been taken up again since we looked.
    deleted, _by_model = Job.objects.filter(old, pk__in=chosen).delete()
    return deleted


def _schedule_key(kind: str) -> str:
    return f"every:{kind}"


def _is_scheduled(job: Job) -> bool:
    return job.kind in schedules() and job.key == _schedule_key(job.kind)


def _put_back(job: Job, now: datetime, seconds: float, *, attempts: int, error: str) -> bool:
    return _release(
        job, state=Job.State.QUEUED, run_at=now + timedelta(seconds=seconds), attempts=attempts, error=error
    )


def _end(job: Job, now: datetime, **values: object) -> bool:
    return _release(job, finished_at=now, **values)


def _release(job: Job, **values: object) -> bool:
    """Only while the claim is ours: somebody else may have the job since ours ended."""
    ours = Job.objects.filter(pk=job.pk, state=Job.State.RUNNING, claim=job.claim)
    return bool(ours.update(claim=None, claimed_until=None, **values))
