"""The dashboard's figures of a period: totals, trend, what calls are credited to, and when they come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from urllib.parse import urlencode

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from callspring.accounts.models import Company
from callspring.console import words
from callspring.console.charts import Chart, Heat, Series, heat
from callspring.console.recent import remembered
from callspring.console.spans import Span
from callspring.reports import queries as reports
from callspring.reports.anonymous import anonymous_by_source
from callspring.reports.call_log import ABSENT, LogFilters, Sums, sums
from callspring.reports.periods import Period
from callspring.reports.trends import by_channel, by_hour_and_weekday, by_scenario, moments, step

By = Literal["source", "channel", "scenario"]
BYS: tuple[By, ...] = ("source", "channel", "scenario")
TOP, TOP_ANONYMOUS = 8, 5
SECONDS = 30  # how old visits may be; a call changes the figures at once
LONG, LONG_SECONDS = 92, 120  # days; of longer periods calls may be as old too: much is read, and one call is little


@dataclass(frozen=True, slots=True)
class Row:
    """What one source, channel or scenario brought. `query` leads to its calls in the log; `visits` is None where they
    are not counted by that."""

    name: str
    visits: int | None
    calls: float
    answered: float
    query: str


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything that a period's figures show. `more` rows are not among `rows`; `anonymous` arrivals without consent
    are in none of the others, and `anonymous_rows` name the most frequent of their sources."""

    now: reports.Totals
    before: reports.Totals
    calls: Sums
    calls_before: Sums
    step: str
    trend: Chart
    outcome: Chart
    rows: list[Row]
    more: int
    anonymous: int
    anonymous_rows: list[Row]
    bars: Chart
    heat: Heat


def figures(company: Company, span: Span, period: Period, by: By, pulse: object) -> Figures:
    """The figures, at most `SECONDS` old; a `pulse` that has not been seen has them worked out anew."""
    is_long = period.days > LONG
    what = ("figures", span.pairs, period.start, by, None if is_long else pulse)
    return remembered(company, what, LONG_SECONDS if is_long else SECONDS, lambda: _figures(company, span, period, by))


def _figures(company: Company, span: Span, period: Period, by: By) -> Figures:
    before = period.before()
    rows = _rows(company, period, by)
    points = moments(company, period)
    earlier = moments(company, before)
    shown = [_labelled(row, span) for row in rows[:TOP]]
    unknown = anonymous_by_source(company, period)
    return Figures(
        now=reports.totals(company, period),
        before=reports.totals(company, before),
        calls=sums(company, LogFilters(since=period.start, until=period.end)),
        calls_before=sums(company, LogFilters(since=before.start, until=before.end)),
        step=step(period),
        trend=_trend(points, [point.calls for point in earlier], step(period)),
        outcome=_outcome(points, step(period)),
        rows=shown,
        more=len(rows[TOP:]),
        anonymous=sum(row.count for row in unknown),
        anonymous_rows=[Row(words.source(row), row.count, 0, 0, "") for row in unknown[:TOP_ANONYMOUS]],
        bars=_bars([row for row in shown if row.calls]),
        heat=heat(by_hour_and_weekday(company, period)),
    )


def _rows(company: Company, period: Period, by: By) -> list[Row]:
    """With the filters of the log as their query."""
    if by == "scenario":
        return [_scenario(row.scenario, row.name, row.calls, row.answered) for row in by_scenario(company, period)]
    sources = reports.by_source(company, period)
    if by == "channel":
        return [
            Row(
                words.channel_name(row.channel) or _("Unknown"),
                row.visits,
                row.calls,
                row.answered,
                urlencode({"channel": row.channel or ABSENT}),
            )
            for row in by_channel(sources)
        ]
    return [Row(words.source(row), row.visits, row.calls, row.answered, _source_query(row)) for row in sources]


def _scenario(scenario: int | None, name: str, calls: int, answered: int) -> Row:
    query = urlencode({"scenario": scenario or ABSENT})
    return Row(name or _("No scenario"), None, calls, answered, query)


def _source_query(row: reports.SourceRow) -> str:
    columns = {"source": row.source, "medium": row.medium, "channel": row.channel}
    return urlencode({name: value or ABSENT for name, value in columns.items()})


def _labelled(row: Row, span: Span) -> Row:
    return Row(row.name, row.visits, row.calls, row.answered, f"{row.query}&{urlencode(span.pairs)}")


def _labels(points: list[Any], size: str) -> list[str]:
    return [_label(point.at, size) for point in points]


def _label(at: Any, size: str) -> str:
    if size == "hour":
        return date_format(at, "H:i") + (f" {at.tzname()}" if _shown_twice(at) else "")
    return date_format(at, "M Y" if size == "month" else "j M")


def _shown_twice(at: datetime) -> bool:
    """The clock shows this hour twice on the day it is set back."""
    return at.utcoffset() != at.replace(fold=1 - at.fold).utcoffset()


def _trend(points: list[Any], earlier: list[int], size: str) -> Chart:
    """The period before has as many steps, but where clocks or months differ."""
    padded = (earlier + [0] * len(points))[: len(points)]
    return Chart(
        "trend",
        _labels(points, size),
        [
            Series(_("Visits"), [point.visits for point in points]),
            Series(_("Calls"), [point.calls for point in points]),
            Series(_("Calls in the period before"), padded),
        ],
    )


def _outcome(points: list[Any], size: str) -> Chart:
    answered = Series(_("Answered"), [point.answered for point in points])
    missed = Series(_("Missed"), [point.missed for point in points])
    return Chart("columns", _labels(points, size), [answered, missed])


def _bars(rows: list[Row]) -> Chart:
    answered = Series(_("Answered"), [round(row.answered, 1) for row in rows])
    others = Series(_("Not answered"), [round(row.calls - row.answered, 1) for row in rows])
    return Chart("bars", [row.name for row in rows], [answered, others])
