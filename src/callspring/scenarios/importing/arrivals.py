"""Numbers of an import that come later: as soon as one is here and free, it goes into its scenario."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from callspring.accounts.models import Company
from callspring.jobs.registry import every, job
from callspring.numbers.models import Number
from callspring.scenarios.importing.carrying_out import KEPT
from callspring.scenarios.membership import put_in
from callspring.scenarios.models import ImportedNumber, Rule, Scenario, SettingsImport

PLACE = "scenarios.place_imported_numbers"
PLACE_EVERY = 60.0  # seconds


def awaited(scenario: Scenario) -> QuerySet[ImportedNumber]:
    """What is still to come."""
    return ImportedNumber.objects.filter(scenario=scenario, placed_at=None)


def place(company: Company | None = None) -> int:
    """Put what has arrived into its scenario; how many went. None: of every company.

    A resting number waits until its rest is over, one that another scenario uses stays there.
    """
    free = Number.objects.filter(
        company=OuterRef("company"), e164=OuterRef("e164"), scenario=None, state=Number.State.ACTIVE
    )
    found = ImportedNumber.objects.filter(Exists(free), placed_at=None, scenario__deleted_at=None)
    if company is not None:
        found = found.filter(company=company)
    return sum(_place(one) for one in found.select_related("scenario__company", "rule"))


def _place(one: ImportedNumber) -> bool:
    rule = _rule(one)
    number = Number.objects.filter(company=one.company_id, e164=one.e164, state=Number.State.ACTIVE).first()
    if rule is None or number is None or not put_in(one.scenario, rule, [number]):
        return False
    ImportedNumber.objects.filter(pk=one.pk).update(placed_at=timezone.now())
    return True


def _rule(one: ImportedNumber) -> Rule | None:
    """Under which it goes in; of a scenario whose rules were made anew the pool, else the first."""
    if one.rule is not None:
        return one.rule
    rules = list(one.scenario.rules.all())
    return next((rule for rule in rules if rule.dynamic), None) or next(iter(rules), None)


@job(PLACE)
def _place_all(_payload: dict[str, Any]) -> None:
    SettingsImport.objects.filter(state=SettingsImport.State.DRAFT, created_at__lt=timezone.now() - KEPT).delete()
    place()


every(PLACE_EVERY, PLACE)
