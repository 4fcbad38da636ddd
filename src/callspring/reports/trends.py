"""How calls went over time, by hour and weekday, and by what they are credited to. Of one company, in its own zone.

Days and hours are made of what the clock shows there, also on the days it changes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db.models import Count, QuerySet
from django.db.models.functions import ExtractHour, ExtractWeekDay, TruncDate, TruncMinute

from callspring.accounts.models import Company
from callspring.calls.models import Call
from callspring.reports.call_log import ANSWERED, MISSED
from callspring.reports.periods import Period
from callspring.reports.queries import SourceRow, trend
from callspring.scenarios.models import Scenario

DAYS_DRAWN = 92  # more are drawn by the week
WEEKS_DRAWN = 400  # days; more are drawn by the month
SUNDAY = 1  # of Django's ExtractWeekDay


@dataclass(frozen=True, slots=True)
class Moment:
    """What happened from `at` (a date, or an hour's beginning) to the next. `calls` has those in progress too."""

    at: Any
    visits: int
    calls: int
    answered: int
    missed: int


@dataclass(frozen=True, slots=True)
class ScenarioCalls:
    """A scenario's calls in a period; `scenario` is its id, None for numbers that no scenario used."""

    scenario: int | None
    name: str
    calls: int
    answered: int


@dataclass(frozen=True, slots=True)
class ChannelCalls:
    """A channel's visits and calls in a period; "" is unknown."""

    channel: str
    visits: int
    calls: float
    answered: float


def step(period: Period) -> str:
    """How finely a period is drawn: hour, day, week or month."""
    if period.hourly:
        return "hour"
    return "day" if period.days <= DAYS_DRAWN else "week" if period.days <= WEEKS_DRAWN else "month"


def moments(company: Company, period: Period) -> list[Moment]:
    """Every step of the period in order, also those in which nothing happened."""
    answered, missed = _over_time(company, period)
    fine = [
        Moment(point.at, point.visits, point.calls, answered[_key(point.at)], missed[_key(point.at)])
        for point in trend(company, period)
    ]
    return fine if step(period) in ("hour", "day") else _coarser(fine, step(period))


def _coarser(fine: Iterable[Moment], size: str) -> list[Moment]:
    """Days put together. The first and the last week or month may be cut by the period."""
    found: dict[date, list[int]] = {}
    for one in fine:
        begins = one.at.replace(day=1) if size == "month" else one.at - timedelta(days=one.at.weekday())
        sums = found.setdefault(begins, [0, 0, 0, 0])
        for place, value in enumerate((one.visits, one.calls, one.answered, one.missed)):
            sums[place] += value
    return [Moment(begins, *sums) for begins, sums in found.items()]


def _over_time(company: Company, period: Period) -> tuple[Counter[Any], Counter[Any]]:
    """Answered and missed calls per date, or per hour's beginning (Unix seconds).

    Databases take an hour that the clock shows twice for one, so they count minutes and we make hours of them.
    """
    begins = TruncMinute("started_at", tzinfo=UTC) if period.hourly else TruncDate("started_at", tzinfo=period.zone)
    counted = _calls(company, period).annotate(begins=begins).values_list("begins")
    answered: Counter[Any] = Counter()
    missed: Counter[Any] = Counter()
    start = int(period.start.timestamp())
    for at, taken, lost in counted.annotate(a=Count("pk", filter=ANSWERED), m=Count("pk", filter=MISSED)).order_by():
        key = start + (int(at.timestamp()) - start) // 3600 * 3600 if period.hourly else at
        answered[key] += taken
        missed[key] += lost
    return answered, missed


def by_hour_and_weekday(company: Company, period: Period) -> list[list[int]]:
    """Seven rows from Monday, 24 hours each: how many calls came in."""
    heat = [[0] * 24 for _day in range(7)]
    found = _calls(company, period).annotate(
        weekday=ExtractWeekDay("started_at", tzinfo=period.zone), hour=ExtractHour("started_at", tzinfo=period.zone)
    )
    for weekday, hour, number in found.values_list("weekday", "hour").annotate(n=Count("pk")).order_by():
        heat[(weekday - SUNDAY + 6) % 7][hour] = number
    return heat


def by_scenario(company: Company, period: Period) -> list[ScenarioCalls]:
    """Scenarios that had calls, most first."""
    found = _calls(company, period).order_by().values_list("scenario")
    counted = list(found.annotate(n=Count("pk"), a=Count("pk", filter=ANSWERED)))
    names = dict(Scenario.objects.filter(company=company).values_list("pk", "name"))
    rows = [ScenarioCalls(pk, names.get(pk, ""), calls, taken) for pk, calls, taken in counted]
    return sorted(rows, key=lambda row: (-row.calls, row.name))


def by_channel(rows: Iterable[SourceRow]) -> list[ChannelCalls]:
    """The rows by source put together by channel, most calls first."""
    found: dict[str, list[SourceRow]] = {}
    for row in rows:
        found.setdefault(row.channel, []).append(row)
    made = [
        ChannelCalls(channel, sum(row.visits for row in those), *(_sum(those, name) for name in ("calls", "answered")))
        for channel, those in found.items()
    ]
    return sorted(made, key=lambda row: (-row.calls, -row.visits, row.channel))


def _sum(rows: Iterable[SourceRow], name: str) -> float:
    """To the millionth, as shares are."""
    total = round(sum(getattr(row, name) for row in rows), 6)
    return int(total) if total == int(total) else total


def _calls(company: Company, period: Period) -> QuerySet[Call]:
    """Those that count."""
    return Call.objects.filter(company=company, flag="", started_at__gte=period.start, started_at__lt=period.end)


def _key(moment: Any) -> Any:
    return int(moment.timestamp()) if isinstance(moment, datetime) else moment
