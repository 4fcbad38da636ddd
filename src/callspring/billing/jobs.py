"""What billing does by itself."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from callspring.billing import arrears, checkout, plans
from callspring.jobs.registry import every, job


@job("billing.plans")
def _plans(_payload: dict[str, Any]) -> None:
    plans.renew_all(timezone.now())


@job("billing.arrears")
def _arrears(_payload: dict[str, Any]) -> None:
    arrears.look_at_all(timezone.now())


@job("billing.top_ups")
def _top_ups(_payload: dict[str, Any]) -> None:
    checkout.ask_about_open(timezone.now())


every(300.0, "billing.plans")
every(300.0, "billing.arrears")
every(60.0, "billing.top_ups")
