"""Scenarios."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Query, Router
from ninja.errors import HttpError

from callspring.api import represent
from callspring.api.auth import company_of
from callspring.api.paging import PageQuery, page
from callspring.api.schemas import Problem, ScenarioOut, ScenarioPage
from callspring.reports.scenarios import scenario_rows
from callspring.scenarios.queries import scenario, scenarios

router = Router(tags=["scenarios"])


@router.get("/scenarios", response={200: ScenarioPage, 400: Problem}, operation_id="list_scenarios")
def list_scenarios(request: HttpRequest, query: Query[PageQuery]) -> ScenarioPage:
    """Scenarios with their tallies, newest first."""
    company = company_of(request)
    found, after = page(scenarios(company).prefetch_related("terms", "aliases"), query, "created_at")
    return ScenarioPage(items=[represent.scenario_out(row) for row in scenario_rows(company, found)], next=after)


@router.get("/scenarios/{int:scenario_id}", response={200: ScenarioOut, 404: Problem}, operation_id="get_scenario")
def get_scenario(request: HttpRequest, scenario_id: int) -> ScenarioOut:
    """One scenario with its tallies."""
    company = company_of(request)
    found = scenario(company, scenario_id)
    if found is None:
        raise HttpError(404, "There is no such scenario.")
    return represent.scenario_out(scenario_rows(company, [found])[0])
