"""Pools: accuracy over time, maintenance's decisions, and how many numbers are needed."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema
from ninja.errors import HttpError

from callspring.accounts.models import Company
from callspring.api.auth import company_of
from callspring.api.paging import PageQuery, page
from callspring.api.schemas import Problem
from callspring.maintenance import queries, sizing
from callspring.maintenance.models import Decision
from callspring.scenarios.models import Scenario

router = Router(tags=["pools"])
Share = Annotated[float | None, Field(description="From 0 to 1; null of nothing")]


class DayOut(Schema):
    """A pool on one day of the company's time zone. `held_most`: so many numbers were held at once at most."""

    day: date
    shows: int
    exclusive: int
    accuracy: Share
    certainty: Share
    numbers: int
    held_most: int


class AccuracyOut(Schema):
    """Accuracy and call certainty of the whole time, and by day."""

    accuracy: Share
    certainty: Share
    shows: int
    calls: int
    days: list[DayOut]


class DecisionOut(Schema):
    """What maintenance decided on one day, and the figures it rested on. `rent` is in minor units, for 7 days.

    It goes by all shows since the size last changed; `lately_…` are those of the last 7 days. `has_fallen`: accuracy
    was below 90 % in these, but not on the whole, so that nothing was done: a person should add numbers.
    """

    day: date
    at: datetime
    action: str
    reason: str
    shows: int
    exclusive: int
    lately_shows: int
    lately_exclusive: int
    has_fallen: bool
    numbers: int
    resting: int
    ending: int
    certainty: Share
    certainty_target: float
    accuracy_left: Share
    certainty_left: Share
    count: int
    from_rest: int
    e164s: list[str]
    rent: int
    currency: str


class DecisionPage(Schema):
    """Decisions, newest first."""

    items: list[DecisionOut]
    next: str | None


class SizeOut(Schema):
    """A size and what it would give. `why`: target, most, current, quarter.

    Rents are in minor units, null without a price.
    """

    numbers: int
    accuracy: float
    certainty: float
    rent_7_days: int | None
    rent_30_days: int | None
    why: list[str]


class PointOut(Schema):
    """One point of the curve."""

    numbers: int
    accuracy: float
    certainty: float


class SizingOut(Schema):
    """What was asked, how many numbers reach the target, sizes worth a look, and the whole curve.

    Where more than 20,000 numbers would be needed, the most that a pool has, `needed` is 20,000 and `reached` false.
    """

    peak: int
    visit: int
    hold: int
    accuracy: float
    over: str
    needed: int
    reached: bool
    currency: str
    sizes: list[SizeOut]
    curve: list[PointOut]


class SizingQuery(Schema):
    """Traffic and target; what is left out is as measured, else as usual."""

    peak: Annotated[int | None, Field(ge=1, le=20_000, description="Shows in the busiest hour")] = None
    visit: Annotated[int | None, Field(ge=1, le=7200, description="Seconds from the show to the last activity")] = None
    hold: Annotated[int | None, Field(ge=0, le=7200, description="Seconds that a number is held after that")] = None
    accuracy: Annotated[float, Field(ge=0.5, le=1, description="The accuracy that is wanted")] = 0.95
    over: Annotated[Literal["hours", "peak"] | None, Field(description="All measured hours, or the busiest one")] = None


class DaysQuery(Schema):
    """How far back."""

    days: Annotated[int, Field(ge=1, le=366)] = 30


@router.get("/pools/{int:pool_id}/accuracy", response={200: AccuracyOut, 404: Problem}, operation_id="get_accuracy")
def get_accuracy(request: HttpRequest, pool_id: int, query: Query[DaysQuery]) -> AccuracyOut:
    """Accuracy (P4) and call certainty of a scenario's pool, today included. `pool_id` is the scenario's id."""
    company = company_of(request)
    scenario, zone = _pool(company, pool_id), ZoneInfo(company.zone)
    today = timezone.localdate(timezone=zone)
    found = queries.days(scenario, today - timedelta(days=query.days - 1), today, zone)
    shows, exclusive = sum(day.tally.shows for day in found), sum(day.tally.exclusive for day in found)
    since = timezone.now() - timedelta(days=query.days)
    calls, certain = queries.certainty([scenario.pk], since).get(scenario.pk, (0, None))
    days = [
        DayOut(
            day=day.day, shows=day.tally.shows, exclusive=day.tally.exclusive, accuracy=day.tally.accuracy,
            certainty=day.certainty, numbers=day.numbers, held_most=day.held_most,
        )
        for day in found
    ]  # fmt: skip
    whole = exclusive / shows if shows else None
    return AccuracyOut(accuracy=whole, certainty=certain, shows=shows, calls=calls, days=days)


@router.get(
    "/pools/{int:pool_id}/decisions",
    response={200: DecisionPage, 400: Problem, 404: Problem},
    operation_id="list_decisions",
)
def list_decisions(request: HttpRequest, pool_id: int, query: Query[PageQuery]) -> DecisionPage:
    """What maintenance decided about a pool, newest first."""
    company = company_of(request)
    found, after = page(queries.decisions(company, _pool(company, pool_id)), query, "at")
    return DecisionPage(items=[_decision(one) for one in found], next=after)


@router.get("/pools/{int:pool_id}/sizing", response={200: SizingOut, 404: Problem}, operation_id="size_pool")
def size_pool(request: HttpRequest, pool_id: int, query: Query[SizingQuery]) -> SizingOut:
    """How many numbers a pool needs, from its own traffic of the last 30 days; figures that are given replace it."""
    company = company_of(request)
    return _sized(company, _pool(company, pool_id), query)


@router.get("/sizing", response=SizingOut, operation_id="size")
def size(request: HttpRequest, query: Query[SizingQuery]) -> SizingOut:
    """How many numbers traffic like this needs, with the company's prices."""
    return _sized(company_of(request), None, query)


def _pool(company: Company, pool_id: int) -> Scenario:
    found = queries.pool_scenario(company, pool_id) if pool_id < 2**63 else None
    if found is None:
        raise HttpError(404, "There is no such pool.")
    return found


def _decision(one: Decision) -> DecisionOut:
    return DecisionOut(**{name: getattr(one, name) for name in DecisionOut.model_fields})


def _sized(company: Company, scenario: Scenario | None, asked: SizingQuery) -> SizingOut:
    now = timezone.now()
    usual = sizing.usual(scenario, now)
    question = sizing.Question(
        asked.peak or usual.peak,
        asked.visit or usual.visit,
        usual.hold if asked.hold is None else asked.hold,
        asked.accuracy,
        asked.over or usual.over,
    )
    found = sizing.answer(company, scenario, question, now)
    sizes = [
        SizeOut(
            numbers=offer.size.numbers, accuracy=offer.size.accuracy, certainty=offer.size.certainty,
            rent_7_days=offer.week, rent_30_days=offer.month, why=list(offer.why),
        )
        for offer in found.offers
    ]  # fmt: skip
    curve = [PointOut(numbers=one.numbers, accuracy=one.accuracy, certainty=one.certainty) for one in found.curve]
    return SizingOut(
        peak=question.peak, visit=question.visit, hold=question.hold, accuracy=question.target, over=question.over,
        needed=found.needed, reached=found.enough, currency=found.currency, sizes=sizes, curve=curve,
    )  # fmt: skip
