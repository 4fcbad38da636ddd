"""What the ingester could not finish and has done later, and what it did not get to hear."""

from __future__ import annotations

import time
from typing import Any
from uuid import UUID

from django.utils import timezone

from callspring.ingest import call_lists
from callspring.ingest.handing_over import KIND, hand_over_again
from callspring.jobs.registry import every, job

SWEEP, SWEEP_EVERY = "ingest.sweep_calls", 180.0  # seconds


@job(KIND)
def _hand_over(payload: dict[str, Any]) -> None:
    hand_over_again(payload)


@job(SWEEP)
def _sweep_calls(_payload: dict[str, Any]) -> None:
    """Have every carrier asked which calls there were."""
    call_lists.hand_out(timezone.now())


@job(call_lists.READ)
def _read_call_list(payload: dict[str, Any]) -> None:
    call_lists.read(int(payload["connection"]), UUID(payload["ticket"]), time.time())


every(SWEEP_EVERY, SWEEP)
