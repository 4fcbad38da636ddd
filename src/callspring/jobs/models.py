"""The table of jobs: what is still to be done, what is under way, and for a while what was done."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

MOST_ERROR = 500  # characters


class Job(models.Model):
    """One piece of work for the handler of `kind` (`callspring.jobs.registry`).

    `key` names the work where the same work may be asked for twice. `attempts` counts how often it was begun, without
    those that ended in `Later`. While it runs, `claim` tells its runner's claim from every other's, and the claim
    ends at `claimed_until` unless it is extended. `error` is why it was not done the last time. A job that is done
    keeps no payload.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    kind = models.CharField(max_length=60)
    payload = models.JSONField(default=dict)
    key = models.CharField(max_length=200, null=True, unique=True)  # noqa: DJ001 - many jobs have none
    state = models.CharField(max_length=8, choices=State, default=State.QUEUED)
    attempts = models.PositiveIntegerField(default=0)
    run_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    claim = models.UUIDField(null=True)
    claimed_until = models.DateTimeField(null=True)
    error = models.CharField(max_length=MOST_ERROR, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            models.Index(fields=["state", "run_at"], name="job_by_due_time"),
            models.Index(fields=["finished_at"], name="job_by_end"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
