"""Deleting a scenario, and bringing it back: for 30 days it can be undone, and its calls keep its name for good."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from callspring.accounts.models import Company
from callspring.numbers import resting
from callspring.numbers.models import Number
from callspring.scenarios.membership import rule_for
from callspring.scenarios.models import Scenario
from callspring.scenarios.publishing import publish_on_commit
from callspring.scenarios.replacing import forget
from callspring.scenarios.routing import tell_carriers

KEPT = timedelta(days=30)


@transaction.atomic
def delete(scenario: Scenario, now: datetime | None = None) -> list[Number]:
    """Switch it off and take it out of all lists; returns its numbers, which rest from now on. Twice is once."""
    now = now or timezone.now()
    ours = Scenario.objects.filter(pk=scenario.pk, deleted_at=None)
    if not ours.update(deleted_at=now, enabled=False):
        return []
    scenario.refresh_from_db()
    gone = resting.rest(scenario.numbers.select_related("scenario", "company"), now)
    forget(gone)
    publish_on_commit(scenario.company_id, scenario.site_id, None)
    return gone


@transaction.atomic
def bring_back(scenario: Scenario, now: datetime | None = None) -> list[Number]:
    """Undo it: the scenario is there again, off, with those of its numbers that nobody else took; returns these.

    Raises `ValueError` where it was deleted too long ago.
    """
    now = now or timezone.now()
    found = Scenario.objects.filter(pk=scenario.pk, deleted_at__gte=now - KEPT)
    if not found.update(deleted_at=None):
        if Scenario.objects.filter(pk=scenario.pk, deleted_at=None).exists():  # pressed twice
            return []
        raise ValueError("deleted too long ago")
    scenario.refresh_from_db()
    back = _its_numbers(scenario)
    publish_on_commit(scenario.company_id, scenario.site_id, None)
    tell_carriers(scenario.company_id)
    return back


def deleted(company: Company, now: datetime | None = None) -> QuerySet[Scenario]:
    """Those that can be brought back, the latest first."""
    since = (now or timezone.now()) - KEPT
    return Scenario.objects.filter(company=company, deleted_at__gte=since).order_by("-deleted_at", "-pk")


def _its_numbers(scenario: Scenario) -> list[Number]:
    """Its last ones, resting or free again, each under the rule that it had."""
    last = Number.objects.filter(company=scenario.company_id, last_scenario=scenario, scenario=None)
    back = []
    for number in last.exclude(state=Number.State.RELEASED).select_related("last_rule").order_by("pk"):
        if (rule := rule_for(scenario, number)) is not None:
            back += resting.take_back([number], scenario.pk, rule.pk)
    return back
