"""Figures over a period: totals, by source, over time. Always of one company, in its own time zone."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import TruncDate, TruncMinute

from callspring.accounts.models import Company
from callspring.calls.models import Call, Flag
from callspring.numbers.models import Number
from callspring.reports.periods import Period
from callspring.reports.shares import calls_by_source, whole
from callspring.scenarios.marker import marker
from callspring.visits.models import Show, Visit

Key = tuple[str, str, str]  # source, medium, channel


@dataclass(frozen=True, slots=True)
class Totals:
    """How many of each; `answered` counts calls that a person at the business took."""

    visitors: int
    visits: int
    calls: int
    answered: int

    @property
    def answered_share(self) -> float | None:
        """From 0 to 1; None without calls."""
        return self.answered / self.calls if self.calls else None


@dataclass(frozen=True, slots=True)
class SourceRow:
    """What one source, medium and channel brought. Calls count for what they are credited to; all "" is unknown.

    A call that counts for several touches (K6) stands in each of their rows with its share, so that all rows together
    make up the calls.
    """

    source: str
    medium: str
    channel: str
    visitors: int
    visits: int
    calls: float
    answered: float


@dataclass(frozen=True, slots=True)
class Point:
    """One day (a date) or hour (a time) of a trend."""

    at: Any
    visits: int
    calls: int


def totals(company: Company, period: Period) -> Totals:
    """Everything of the period in four figures."""
    visits = _visits(company, period).aggregate(visits=Count("id"), visitors=Count("visitor", distinct=True))
    calls = _calls(company, period).aggregate(calls=Count("id"), answered=Count("id", filter=ANSWERED))
    return Totals(visits["visitors"], visits["visits"], calls["calls"], calls["answered"])


def by_source(company: Company, period: Period) -> list[SourceRow]:
    """One row per source, medium and channel that brought a visit or a call; most calls first, then most visitors."""
    brought = _brought(company, period)
    made = calls_by_source(_calls(company, period))
    rows = [_row(key, brought.get(key, (0, 0)), made.get(key, (0, 0))) for key in {*brought, *made}]
    return sorted(rows, key=lambda row: (-row.calls, -row.visitors, -row.visits, row.source, row.medium, row.channel))


def _brought(company: Company, period: Period) -> dict[Key, tuple[int, int]]:
    """Visitors and visits by source. Who was shown a static number counts for that number's source, as its calls do:
    otherwise a campaign's visitors and its calls would stand in different rows."""
    visits = _visits(company, period)
    static = Show.objects.filter(company=company, dynamic=False, shown_at__isnull=False)
    free = visits.exclude(Exists(static.filter(visit=OuterRef("pk")))).values_list("source", "medium", "channel")
    rows = [(row[:3], row[3:]) for row in free.annotate(who=Count("visitor", distinct=True), n=Count("id")).order_by()]
    shown = static.filter(visit__in=visits.values("pk")).values_list("number").order_by()
    sources = _sources_of_static_numbers(company)
    for number, who, n in shown.annotate(who=Count("visitor", distinct=True), n=Count("visit", distinct=True)):
        rows.append((sources.get(number, ("", "", "")), (who, n)))
    brought: dict[Key, tuple[int, int]] = {}
    for key, (visitors, count) in rows:
        before = brought.get(key, (0, 0))
        brought[key] = (before[0] + visitors, before[1] + count)
    return brought


def _sources_of_static_numbers(company: Company) -> dict[int, Key]:
    numbers = Number.objects.filter(company=company, rule__dynamic=False).select_related("rule__scenario")
    found: dict[int, Key] = {}
    for number in numbers:
        if (rule := number.rule) is not None:
            source = marker(rule.strategy, rule.name, rule.value, rule.scenario.name)
            found[number.pk] = (source.source, source.medium, source.channel)
    return found


def _row(key: Key, brought: tuple[int, int], made: tuple[int, int]) -> SourceRow:
    calls, answered = (whole(millionths) for millionths in made)
    return SourceRow(*key, visitors=brought[0], visits=brought[1], calls=calls, answered=answered)


def trend(company: Company, period: Period) -> list[Point]:
    """Visits and calls of every day, or of every hour where the period is one day."""
    at: list[Any] = list(period.hours() if period.hourly else period.dates())
    visits = _over_time(_visits(company, period), period)
    calls = _over_time(_calls(company, period), period)
    return [Point(moment, visits[_key(moment)], calls[_key(moment)]) for moment in at]


ANSWERED = Q(answered_at__isnull=False)
CURRENT = Q(credits__current=True) | Q(credits__isnull=True)  # a call that nobody has credited yet counts too


def _visits(company: Company, period: Period) -> QuerySet[Visit]:
    return Visit.objects.filter(company=company, started_at__gte=period.start, started_at__lt=period.end)


def _calls(company: Company, period: Period) -> QuerySet[Call]:
    """Calls flagged as tests or spam count as nothing."""
    calls = Call.objects.filter(company=company, flag=Flag.NONE)
    return calls.filter(CURRENT, started_at__gte=period.start, started_at__lt=period.end)


def _over_time(rows: QuerySet[Any], period: Period) -> Counter[Any]:
    """How many per date, or per hour's beginning (Unix seconds)."""
    if period.hourly:
        return _by_hour(rows, period)
    counted = rows.annotate(day=TruncDate("started_at", tzinfo=period.zone)).values_list("day")
    return Counter(dict(counted.annotate(n=Count("id")).order_by()))


def _by_hour(rows: QuerySet[Any], period: Period) -> Counter[Any]:
    """Databases take an hour that the clock shows twice for one, so they count minutes and we make hours of them."""
    start = int(period.start.timestamp())
    hours: Counter[Any] = Counter()
    minutes = rows.annotate(minute=TruncMinute("started_at", tzinfo=UTC)).values_list("minute")
    for minute, number in minutes.annotate(n=Count("id")).order_by():
        hours[start + (int(minute.timestamp()) - start) // 3600 * 3600] += number
    return hours


def _key(moment: Any) -> Any:
    return int(moment.timestamp()) if isinstance(moment, datetime) else moment
