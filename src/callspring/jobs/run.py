"""The runner: threads of the back that do the jobs that are due, and never give up on the database.

Several processes may each have a runner on the same database. A job is done at least once: when a process dies between
the work and writing down that it is done, another does it again.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections import Counter
from uuid import UUID

from django.db import close_old_connections, connection
from django.utils import timezone

from callspring.jobs import claims, trouble
from callspring.jobs.actions import news
from callspring.jobs.models import Job
from callspring.jobs.registry import GiveUp, Later, find

log = logging.getLogger(__name__)

WORKERS = 4
POLL_SECONDS = 0.5
RETRY_SECONDS = 1.0
EXTEND_SECONDS = 15.0
# A handler that takes longer hangs: its claim is left to end, and somebody else tries.
MOST_SECONDS = 900.0
SWEEP_SECONDS = 600.0
STEP_SECONDS = 10.0  # a clock that is corrected bit by bit never moves so far between two looks


def run_due(most: int = 1000) -> int:
    """Do what is due, in this thread, until nothing is; returns how many runs that were (`most` at most).

    For tests and for commands: what a job enqueues is done too, what it wants later is not waited for.
    """
    for count in range(most):
        job = claims.claim(timezone.now())
        if job is None:
            return count
        work(job)
    return most


def work(job: Job) -> None:
    """Call the handler of a claimed job and write down what became of it."""
    registered = find(job.kind)
    if registered is None:
        _failed(job, f"nothing here handles jobs of kind {job.kind!r}; was it enqueued by another version?")
        return
    if job.attempts > registered.tries:
        _failed(job, f"begun {registered.tries} times, and the process died or hung each time")
        return
    try:
        registered.handler(job.payload)
    except Later as wish:
        claims.later(job, timezone.now(), wish.seconds, trouble.words(wish.reason))
    except GiveUp as end:
        _failed(job, trouble.words(end.reason))
    except Exception as error:  # whatever it is: the job is tried again, and the others go on
        _tried(job, error, registered.tries)
    else:
        claims.done(job, timezone.now())


def _tried(job: Job, error: Exception, tries: int) -> None:
    said = trouble.of(error)
    if job.attempts >= tries:
        _failed(job, said)
    else:
        claims.again(job, timezone.now(), said)
    log.warning("job %s failed, try %d of %d: %s [%s]", job, job.attempts, tries, said, trouble.place(error))


def _failed(job: Job, reason: str) -> None:
    claims.failed(job, timezone.now(), reason)
    log.error("job %s has failed: %s", job, reason)


class Runner:
    """Claims jobs and hands them to worker threads until it is told to stop."""

    def __init__(self, workers: int = WORKERS) -> None:
        self._workers = workers
        self._stop = threading.Event()
        self._claimed: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._running: dict[UUID | None, tuple[Job, float]] = {}  # by claim, with when it began
        self._lock = threading.Lock()
        self._extended = self._swept = float("-inf")
        self._ahead: float | None = None  # how far the clock is ahead of the monotonic one
        self._patient_until = float("-inf")

    def run(self) -> None:
        """Work until `stop()`. A database that is away is tried again every second."""
        threads = [
            threading.Thread(target=self._serve, name=f"jobs-{number}", daemon=True) for number in range(self._workers)
        ]
        for thread in threads:
            thread.start()
        while not self._stop.is_set():
            self._look()
        for _ in threads:
            self._claimed.put(None)
        for thread in threads:
            self._keep_until_ended(thread)
        connection.close()

    def stop(self) -> None:
        """Begin nothing more. `run` returns when what is under way has ended; whoever does not wait for that loses
        nothing, for the claims of those jobs end and they are done again."""
        self._stop.set()
        news.set()

    def _look(self) -> None:
        """One round: keep what we have, claim what is due, wait a little."""
        try:
            close_old_connections()
            self._heed_clock(time.time(), time.monotonic())
            self._keep(time.monotonic())
            busy = self._claim()
        except Exception:  # the database is away, most likely; ending would leave all later work undone
            log.exception("the jobs cannot be read; they wait")
            connection.close()
            self._stop.wait(RETRY_SECONDS)
            return
        if not busy:
            news.wait(POLL_SECONDS)
            news.clear()

    def _claim(self) -> bool:
        """Claim one job if a worker is free for it. True when there may be another."""
        with self._lock:
            kinds = Counter(job.kind for job, _ in self._running.values())
        if kinds.total() >= self._workers:
            return False
        # One worker at least is left for other kinds: a mail server that hangs must not keep texts from being sent.
        most = max(1, self._workers - 1)
        full = [kind for kind, count in kinds.items() if count >= most]
        job = claims.claim(timezone.now(), full, rescue=time.monotonic() >= self._patient_until)
        if job is None:
            return False
        with self._lock:
            self._running[job.claim] = (job, time.monotonic())
        self._claimed.put(job)
        return True

    def _heed_clock(self, wall: float, now: float) -> None:
        """Where the clock was put forward, claims seem to have ended that have not.

        Ours are extended at once, and others get the time to extend theirs before we take over a job.
        """
        ahead = wall - now
        if self._ahead is not None and ahead - self._ahead > STEP_SECONDS:
            self._extended = float("-inf")
            self._patient_until = now + claims.CLAIM.total_seconds()
            log.warning("the clock was put forward by %.0f s", ahead - self._ahead)
        self._ahead = ahead

    def _keep(self, now: float) -> None:
        """Extend our claims; now and then put schedules in place and sweep."""
        if now - self._extended > EXTEND_SECONDS:
            with self._lock:
                alive = [mine for mine, (_, began) in self._running.items() if now - began < MOST_SECONDS]
            claims.extend(alive, timezone.now())
            self._extended = now
        if now - self._swept > SWEEP_SECONDS:
            claims.put_schedules(timezone.now())
            if not claims.sweep(timezone.now()):  # else there is more: the next look goes on
                self._swept = now

    def _keep_until_ended(self, thread: threading.Thread) -> None:
        while thread.is_alive():
            thread.join(POLL_SECONDS)
            try:
                self._keep(time.monotonic())
            except Exception:  # then the claims end, and the jobs are done again
                log.exception("the claims of running jobs cannot be extended")

    def _serve(self) -> None:
        """A worker: one job after the other."""
        while (job := self._claimed.get()) is not None:
            try:
                close_old_connections()
                work(job)
            except Exception:  # the outcome could not be written down: the claim ends and the job is done again
                log.exception("what became of job %s cannot be written down; it will be done again", job)
                connection.close()
            finally:
                with self._lock:
                    self._running.pop(job.claim, None)
                news.set()
        connection.close()
