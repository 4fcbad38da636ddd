"""What is charged by itself, and what the doors are told of it."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from callspring.accounts.models import Company
from callspring.billing.ledger import PUBLISH
from callspring.jobs.registry import every, job
from callspring.scenarios.publishing import publish_company
from callspring.usage import charging, renewing


@job("usage.renew_rent")
def _renew_rent(_payload: dict[str, Any]) -> None:
    renewing.renew_all(timezone.now())


@job("usage.charge_latest")
def _charge_latest(_payload: dict[str, Any]) -> None:
    charging.charge_all(timezone.now(), charging.LATEST)


@job("usage.charge_all")
def _charge_all(_payload: dict[str, Any]) -> None:
    charging.charge_all(timezone.now(), charging.ALL)


@job(PUBLISH)
def _publish(payload: dict[str, Any]) -> None:
    """Whether websites of the account's companies swap has changed."""
    for company in Company.objects.filter(account=payload["account"]).order_by("pk"):
        publish_company(company.pk)


every(120.0, "usage.renew_rent")
every(60.0, "usage.charge_latest")
every(6 * 3600.0, "usage.charge_all")
