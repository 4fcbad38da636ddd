"""A chart as the page carries it: an ECharts option as JSON (drawn by `frontend/console/charts.ts`), and the rows of
the table that says the same to screen readers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

BRAND, ACCENT, PALE = "#0b6e63", "#d9622b", "#a9c9c4"
INK, LINE = "#566270", "#e8ebee"


@dataclass(frozen=True, slots=True)
class Series:
    """One line or one colour of bars."""

    name: str
    values: list[int]


@dataclass(frozen=True, slots=True)
class Chart:
    """`trend`: the first series as bars over time, the second as a line on its own axis. `bars`: one lying bar per
    label, the series stacked."""

    kind: Literal["trend", "bars"]
    labels: list[str]
    series: list[Series]

    @property
    def option(self) -> dict[str, Any]:
        """What ECharts is given."""
        return _trend(self) if self.kind == "trend" else _bars(self)

    @property
    def rows(self) -> list[tuple[str | int, ...]]:
        """Label, then one figure per series."""
        return list(zip(self.labels, *(one.values for one in self.series), strict=True))


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


def _trend(chart: Chart) -> dict[str, Any]:
    first, second = chart.series
    bars = {"type": "bar", "barMaxWidth": 28, "itemStyle": {"color": PALE, "borderRadius": [3, 3, 0, 0]}}
    line = {
        "type": "line",
        "yAxisIndex": 1,
        "symbolSize": 6,
        "lineStyle": {"width": 2.5, "color": ACCENT},
        "itemStyle": {"color": ACCENT},
    }
    return {
        "legend": LEGEND,
        "grid": {"left": 4, "right": 4, "top": 40, "bottom": 4, "containLabel": True},
        "tooltip": {"trigger": "axis"},
        "xAxis": {
            "type": "category",
            "data": chart.labels,
            "axisTick": {"show": False},
            "axisLine": {"lineStyle": {"color": LINE}},
            "axisLabel": {"color": INK, "hideOverlap": True},
        },
        "yAxis": [_value_axis(""), _value_axis("", position="right", splitLine={"show": False})],
        "series": [
            {"name": first.name, "data": first.values, **bars},
            {"name": second.name, "data": second.values, **line},
        ],
    }


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
