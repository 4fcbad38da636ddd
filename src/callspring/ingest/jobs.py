"""What the ingester could not finish and has done later."""

from __future__ import annotations

from typing import Any

from callspring.ingest.handing_over import KIND, hand_over_again
from callspring.jobs.registry import job


@job(KIND)
def _hand_over(payload: dict[str, Any]) -> None:
    hand_over_again(payload)
