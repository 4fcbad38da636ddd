"""Charts about pools: shares over time, numbers over time, and what more numbers would give."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from callspring.console.charts import ACCENT, BRAND, GREY, INK, LEGEND, LINE, PALE
from callspring.console.words import DASH
from callspring.maintenance.queries import Day
from callspring.maintenance.sizing import Answer
from callspring.scenarios.sizing import FULL

GOLD = "#b98a12"
DOTS = {
    "target": (ACCENT, "circle"),
    "most": (ACCENT, "circle"),  # where no size reaches the target: never beside it
    "current": (INK, "diamond"),
    "quarter": (GOLD, "triangle"),
}
GRID = {"left": 4, "right": 12, "top": 44, "bottom": 4, "containLabel": True}


@dataclass(frozen=True, slots=True)
class Column:
    """One of the figures of a chart; the values are as the table of the chart says them."""

    name: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """An ECharts option, and the rows of the table that says the same (label first, then a value for each series)."""

    option: dict[str, Any]
    series: list[Column]
    rows: Sequence[tuple[str, ...]]


def shares_by_day(days: Sequence[Day]) -> Drawn:
    """Accuracy and call certainty, day by day, in per cent."""
    accuracy = [_percent(day.tally.accuracy) for day in days]
    certainty = [_percent(day.certainty) for day in days]
    names = [_("Accuracy"), _("Call certainty")]
    series = [_line(names[0], accuracy, BRAND), _line(names[1], certainty, ACCENT)]
    rows = [
        (date_format(day.day, "j M"), _said(a), _said(c)) for day, a, c in zip(days, accuracy, certainty, strict=True)
    ]
    return Drawn(_over_days(days, _percent_axis(), series), [Column(name) for name in names], rows)


def numbers_by_day(days: Sequence[Day]) -> Drawn:
    """How many numbers the pool had, and how many of them were held at once at most."""
    names = [_("Held at once at most"), _("Numbers of the pool")]
    most = {"name": names[0], "type": "bar", "barMaxWidth": 28, "data": [day.held_most for day in days]}
    most["itemStyle"] = {"color": PALE, "borderRadius": [3, 3, 0, 0]}
    size = _line(names[1], [day.numbers or None for day in days], GREY) | {"step": "middle"}
    rows = [(date_format(day.day, "j M"), str(day.held_most), str(day.numbers)) for day in days]
    axis = _axis() | {"minInterval": 1}
    return Drawn(_over_days(days, axis, [most, size]), [Column(name) for name in names], rows)


def by_numbers(answer: Answer) -> Drawn:
    """Forecast accuracy and certainty against numbers; the sizes that have a name are dots."""
    names = [_("Accuracy"), _("Call certainty")]
    accuracy = [[size.numbers, _percent(size.accuracy)] for size in answer.curve]
    certainty = [[size.numbers, _percent(size.certainty)] for size in answer.curve]
    series = [_line(names[0], accuracy, BRAND), _line(names[1], certainty, PALE)]
    series += [_dot(text, offer.why, offer.size.numbers, offer.size.accuracy) for text, offer in _named(answer)]
    rows = [(str(one.numbers), _said(_percent(one.accuracy)), _said(_percent(one.certainty))) for one in answer.curve]
    return Drawn(_against_numbers(series), [Column(name) for name in names], rows)


def curves(named: Sequence[tuple[str, Sequence[tuple[int, float | None]]]]) -> Drawn:
    """Several shares (0 to 1) against the same numbers, each with its name; the first lies on top."""
    colours = (BRAND, ACCENT, GREY, PALE)
    series = [
        _line(name, [[numbers, _percent(share)] for numbers, share in points], colour) | {"z": 9 - at}
        for at, ((name, points), colour) in enumerate(zip(named, colours, strict=False))
    ]
    sizes = [numbers for numbers, _share in named[0][1]] if named else []
    rows = [
        (str(numbers), *(_said(_percent(points[at][1])) for _name, points in named)) for at, numbers in enumerate(sizes)
    ]
    return Drawn(_against_numbers(series), [Column(name) for name, _points in named], rows)


def _named(answer: Answer) -> list[tuple[str, Any]]:
    words = {
        "target": _("Needed"),
        "most": _("The most"),
        "current": _("Now"),
        "quarter": _("A quarter of the peak"),
    }
    return [(" · ".join(words[why] for why in offer.why), offer) for offer in answer.offers if offer.why]


def _percent(share: float | None) -> float | None:
    """100 only where a forecast is as good as that."""
    if share is None:
        return None
    return 100.0 if share >= FULL else min(round(share * 100, 1), 99.9)


def tenths(share: float | None) -> str:
    """0.994 → 99.4 %; less than all is never 100 % but where a forecast is as good as that."""
    return _said(_percent(share))


def _said(percent: float | None) -> str:
    return DASH if percent is None else _("%(share)s %%") % {"share": f"{percent:g}"}


def _line(name: str, values: Sequence[Any], colour: str) -> dict[str, Any]:
    looks = {"lineStyle": {"width": 2.5, "color": colour}, "itemStyle": {"color": colour}}
    return {"name": name, "type": "line", "data": list(values), "symbolSize": 5, "connectNulls": False, **looks}


def _dot(name: str, why: Collection[str], numbers: int, share: float) -> dict[str, Any]:
    """A size that is special for one reason or several looks as the first of them in `DOTS` does."""
    colour, symbol = next(looks for reason, looks in DOTS.items() if reason in why)
    return {
        "name": name,
        "type": "line",
        "data": [[numbers, _percent(share)]],
        "symbol": symbol,
        "symbolSize": 13,
        "itemStyle": {"color": colour},
    }


def _axis(**more: Any) -> dict[str, Any]:
    label = {"color": INK, **more.pop("label", {})}
    return {"type": "value", "axisLabel": label, "splitLine": {"lineStyle": {"color": LINE}}, "splitNumber": 4, **more}


def _percent_axis() -> dict[str, Any]:
    return _axis(min=0, max=100, interval=25, label={"formatter": "{value} %"})


def _over_days(days: Sequence[Day], axis: dict[str, Any], series: list[dict[str, Any]]) -> dict[str, Any]:
    labels = [date_format(day.day, "j M") for day in days]
    return {
        "legend": LEGEND,
        "grid": GRID,
        "tooltip": {"trigger": "axis"},
        "xAxis": {
            "type": "category",
            "data": labels,
            "axisTick": {"show": False},
            "axisLine": {"lineStyle": {"color": LINE}},
            "axisLabel": {"color": INK, "hideOverlap": True},
        },
        "yAxis": axis,
        "series": series,
    }


def _against_numbers(series: list[dict[str, Any]]) -> dict[str, Any]:
    across = _axis(minInterval=1, name=_("numbers"), nameLocation="middle", nameGap=26, nameTextStyle={"color": INK})
    return {
        "legend": {**LEGEND, "type": "plain"},
        "grid": {**GRID, "top": 60, "bottom": 24},
        "tooltip": {"trigger": "axis"},
        "xAxis": across,
        "yAxis": _percent_axis(),
        "series": series,
    }
