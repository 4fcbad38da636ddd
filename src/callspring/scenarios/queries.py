"""Reads about a company's scenarios."""

from __future__ import annotations

from django.db.models import QuerySet

from callspring.accounts.models import Company
from callspring.scenarios.models import Scenario


def scenarios(company: Company) -> QuerySet[Scenario]:
    """The company's scenarios in the order people gave them, with their rules and swap targets."""
    return (
        Scenario.objects.filter(company=company, deleted_at=None)
        .select_related("site")
        .prefetch_related("rules", "targets")
    )


def scenario(company: Company, scenario_id: int) -> Scenario | None:
    """One scenario; None for an outsider's."""
    return scenarios(company).filter(pk=scenario_id).first()


def kind(scenario: Scenario) -> str:
    """static, dynamic, or both."""
    dynamic = {rule.dynamic for rule in scenario.rules.all()}
    if len(dynamic) == 2:
        return "both"
    return "dynamic" if dynamic == {True} else "static"
