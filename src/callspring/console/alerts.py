"""Alerts that a person has not put away yet. Putting one away is about this episode: the next one is shown again."""

from __future__ import annotations

from django.utils import timezone

from callspring.console.models import SeenAlert
from callspring.console.request import CompanyRequest
from callspring.reports.alerts import Alert, alerts


def unseen(request: CompanyRequest) -> list[Alert]:
    """What is wrong now, but for what this person put away. One question more only when something is."""
    found = alerts(request.company, timezone.now())
    if not found:
        return []
    seen = SeenAlert.objects.filter(
        user=request.user, company=request.company, episode__in=[alert.episode for alert in found]
    )
    away = set(seen.values_list("episode", flat=True))
    return [alert for alert in found if alert.episode not in away]


def put_away(request: CompanyRequest, episode: str) -> None:
    """Show this episode to this person no more. One that is not on is nothing to put away."""
    if any(alert.episode == episode for alert in unseen(request)):
        SeenAlert.objects.bulk_create(
            [SeenAlert(user=request.user, company=request.company, episode=episode)], ignore_conflicts=True
        )
