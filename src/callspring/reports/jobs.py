"""What reports have done by themselves."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from callspring.jobs.registry import every, job
from callspring.reports.alerts import warn_of_dead_targets, warn_owners

LOOK_SECONDS, DEAD_TARGET_SECONDS = 60.0, 1800.0


@job("reports.warn_owners")
def _warn_owners(_payload: dict[str, Any]) -> None:
    warn_owners(timezone.now())


@job("reports.warn_of_dead_targets")
def _warn_of_dead_targets(_payload: dict[str, Any]) -> None:
    warn_of_dead_targets(timezone.now())


every(LOOK_SECONDS, "reports.warn_owners")
every(DEAD_TARGET_SECONDS, "reports.warn_of_dead_targets")
