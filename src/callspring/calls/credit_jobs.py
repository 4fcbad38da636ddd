"""What is done about credits in the background."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from callspring.calls import learning, switching
from callspring.calls.flags import judge_again
from callspring.jobs.registry import every, job

LEARN_SECONDS = 60.0


@job("calls.judge_again")
def _judge_again(payload: dict[str, Any]) -> None:
    """The later calls of one caller, of whose call to a number something else is known now (K3, K4)."""
    since = datetime.fromisoformat(payload["since"]) if "since" in payload else None
    judge_again(payload["company"], (payload["caller"], payload["dialled"]), since)


@job("calls.learn")
def _learn(_payload: dict[str, Any]) -> None:
    """The timing models take in the credits and visits that are new (P1)."""
    learning.expose_all(timezone.now())
    learning.learn_all()


@job("calls.preview_settings")
def _preview(payload: dict[str, Any]) -> None:
    """How calls would be credited by other settings (K6)."""
    switching.preview(payload["change"])


@job("calls.apply_settings")
def _apply(payload: dict[str, Any]) -> None:
    """All calls are credited by new settings (K6)."""
    switching.recompute(payload["change"])


every(LEARN_SECONDS, "calls.learn")
