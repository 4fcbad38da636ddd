"""A chart as the page carries it: an ECharts option as JSON (drawn by `frontend/console/charts.ts`), and the rows of
the table that says the same to screen readers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR

BRAND, ACCENT, PALE, GREY = "#0b6e63", "#d9622b", "#a9c9c4", "#8b97a3"
INK, LINE = "#566270", "#e8ebee"


@dataclass(frozen=True, slots=True)
class Series:
    """One line or one colour of bars."""

    name: str
    values: Sequence[float]


@dataclass(frozen=True, slots=True)
class Chart:
    """`trend`: the first series as bars over time, the others as lines on their own axis, the last of them dashed.
    `columns`: one standing bar per label, the series stacked. `bars`: the same lying. `lines`: percentages, the second
    series dashed."""

    kind: Literal["trend", "columns", "bars", "lines"]
    labels: list[str]
    series: list[Series]

    @property
    def option(self) -> dict[str, Any]:
        """What ECharts is given."""
        return {"trend": _trend, "columns": _columns, "bars": _bars, "lines": _lines}[self.kind](self)

    @property
    def rows(self) -> list[tuple[str | float, ...]]:
        """Label, then one figure per series."""
        return list(zip(self.labels, *(one.values for one in self.series), strict=True))


@dataclass(frozen=True, slots=True)
class HeatRow:
    """A weekday; `cells` are (count, level) by hour, the level from 0 for none to `LEVELS` for the most."""

    name: str
    short: str
    cells: list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Heat:
    """A table that is its own picture: seven days from Monday, and how many of them had anything."""

    rows: list[HeatRow]
    most: int


LEVELS = 5


def heat(counts: list[list[int]]) -> Heat:
    """Seven rows of 24 counts."""
    most = max(max(row) for row in counts)
    return Heat(
        [
            HeatRow(str(WEEKDAYS[day]), str(WEEKDAYS_ABBR[day]), [(count, _level(count, most)) for count in row])
            for day, row in enumerate(counts)
        ],
        most,
    )


def _level(count: int, most: int) -> int:
    """Rounded up: one call is never drawn as none."""
    return -(-count * LEVELS // most) if most else 0


LEGEND = {"top": 0, "left": 0, "icon": "roundRect", "itemWidth": 10, "itemHeight": 10, "textStyle": {"color": INK}}


def _value_axis(name: str, **more: Any) -> dict[str, Any]:
    """Whole numbers only, a quiet grid."""
    return {
        "type": "value",
        "name": name,
        "minInterval": 1,
        "splitNumber": 4,
        "axisLabel": {"color": INK},
        "nameTextStyle": {"color": INK},
        "splitLine": {"lineStyle": {"color": LINE}},
        **more,
    }


def _time_axis(labels: list[str]) -> dict[str, Any]:
    return {
        "type": "category",
        "data": labels,
        "axisTick": {"show": False},
        "axisLine": {"lineStyle": {"color": LINE}},
        "axisLabel": {"color": INK, "hideOverlap": True},
    }


def _over_time(chart: Chart, axes: list[dict[str, Any]], series: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "legend": LEGEND,
        "grid": {"left": 4, "right": 4, "top": 40, "bottom": 4, "containLabel": True},
        "tooltip": {"trigger": "axis"},
        "xAxis": _time_axis(chart.labels),
        "yAxis": axes,
        "series": series,
    }


def _trend(chart: Chart) -> dict[str, Any]:
    first, *others = chart.series
    bars = {"type": "bar", "barMaxWidth": 28, "itemStyle": {"color": PALE, "borderRadius": [3, 3, 0, 0]}}
    drawn = [{"name": first.name, "data": first.values, **bars}]
    for line, (colour, form) in zip(others, ((ACCENT, "solid"), (GREY, "dashed")), strict=False):
        looks = {
            "type": "line",
            "yAxisIndex": 1,
            "symbolSize": 6 if form == "solid" else 0,
            "lineStyle": {"width": 2.5 if form == "solid" else 1.5, "color": colour, "type": form},
            "itemStyle": {"color": colour},
        }
        drawn.append({"name": line.name, "data": line.values, **looks})
    return _over_time(chart, [_value_axis(""), _value_axis("", position="right", splitLine={"show": False})], drawn)


def _columns(chart: Chart) -> dict[str, Any]:
    looks = {"type": "bar", "stack": "all", "barMaxWidth": 28}
    drawn = [
        {"name": one.name, "data": one.values, "itemStyle": {"color": colour}, **looks}
        for one, colour in zip(chart.series, (BRAND, ACCENT), strict=True)
    ]
    return _over_time(chart, [_value_axis("")], drawn)


def _lines(chart: Chart) -> dict[str, Any]:
    """From 0 to 100 %."""
    drawn = [
        {
            "name": one.name,
            "type": "line",
            "data": one.values,
            "smooth": 0.3,
            "symbolSize": 5 if form == "solid" else 0,
            "lineStyle": {"width": 2.5 if form == "solid" else 1.5, "color": colour, "type": form},
            "itemStyle": {"color": colour},
        }
        for one, colour, form in zip(chart.series, (BRAND, GREY), ("solid", "dashed"), strict=False)
    ]
    return _over_time(chart, [_value_axis("%", min=0, max=100, interval=25)], drawn)


def _bars(chart: Chart) -> dict[str, Any]:
    """ECharts draws the first label at the bottom; ours are in order of importance."""
    colours = [BRAND, PALE]
    label = {"color": INK, "width": 130, "overflow": "truncate"}
    return {
        "legend": LEGEND,
        "grid": {"left": 4, "right": 12, "top": 36, "bottom": 4, "containLabel": True},
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}},
        "xAxis": _value_axis(""),
        "yAxis": {
            "type": "category",
            "inverse": True,
            "data": chart.labels,
            "axisTick": {"show": False},
            "axisLine": {"show": False},
            "axisLabel": label,
        },
        "series": [
            {
                "name": one.name,
                "type": "bar",
                "stack": "all",
                "barMaxWidth": 16,
                "data": one.values,
                "itemStyle": {"color": colour},
            }
            for one, colour in zip(chart.series, colours, strict=True)
        ],
    }
