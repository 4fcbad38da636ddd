"""Numbers."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Query, Router
from ninja.errors import HttpError

from callspring.api import represent
from callspring.api.auth import company_of
from callspring.api.paging import PageQuery, page
from callspring.api.schemas import NumberOut, NumberPage, Problem
from callspring.api.values import Id
from callspring.numbers.queries import number, numbers

router = Router(tags=["numbers"])


class NumberQuery(PageQuery):
    """Which numbers."""

    scenario: Id | None = None


@router.get("/numbers", response={200: NumberPage, 400: Problem}, operation_id="list_numbers")
def list_numbers(request: HttpRequest, query: Query[NumberQuery]) -> NumberPage:
    """The company's numbers, newest first; those with a scenario are tracking numbers."""
    chosen = numbers(company_of(request))
    if query.scenario is not None:
        chosen = chosen.filter(scenario=query.scenario)
    found, after = page(chosen, query, "bought_at")
    return NumberPage(items=[represent.number_out(one) for one in found], next=after)


@router.get("/numbers/{int:number_id}", response={200: NumberOut, 404: Problem}, operation_id="get_number")
def get_number(request: HttpRequest, number_id: int) -> NumberOut:
    """One number, a released one too."""
    found = number(company_of(request), number_id)
    if found is None:
        raise HttpError(404, "There is no such number.")
    return represent.number_out(found)
