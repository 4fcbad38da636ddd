"""What looks after pools by itself."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from callspring.jobs.registry import every, job
from callspring.maintenance import hours, replaying, running

WORK_OUT_EVERY, SIZES_EVERY, LOOK_EVERY = 10.0, 60.0, 600.0  # seconds
DAYS_AT_ONCE = 100


@job("maintenance.work_out")
def _work_out(_payload: dict[str, Any]) -> None:
    """Accuracy, live."""
    hours.work_out(most_days=DAYS_AT_ONCE)


@job("maintenance.sizes")
def _sizes(_payload: dict[str, Any]) -> None:
    running.look_at_sizes(timezone.now())


@job(replaying.JOB, tries=3)
def _replay(payload: dict[str, Any]) -> None:
    replaying.carry_out(payload["replay"])


@job("maintenance.run")
def _run(_payload: dict[str, Any]) -> None:
    """Whoever is due today; each scenario once a day."""
    hours.work_out()
    running.look_at_sizes(timezone.now())
    running.run_all(timezone.now())


every(WORK_OUT_EVERY, "maintenance.work_out")
every(SIZES_EVERY, "maintenance.sizes")
every(LOOK_EVERY, "maintenance.run")
