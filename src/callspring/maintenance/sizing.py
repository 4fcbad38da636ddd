"""The calculator's answer (P5) to a question about traffic, out of typed figures or a scenario's own record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from callspring.accounts.models import Company
from callspring.maintenance import queries
from callspring.numbers.quotes import Quote
from callspring.pools.timing import Timing
from callspring.scenarios.models import Scenario
from callspring.scenarios.sizing import (
    FULL,
    HOUR,
    MOST_NUMBERS,
    Calls,
    Size,
    Traffic,
    accuracy,
    calls_of,
    curve,
    forecast,
    needed,
    peak_traffic,
    pool_size,
)

Over = Literal["hours", "peak"]
USUAL_HOLD: int = Scenario._meta.get_field("hold_seconds").get_default()
USUAL_PEAK = 100


@dataclass(frozen=True, slots=True)
class Question:
    """`peak` shows in the busiest hour; `visit` and `hold` in seconds; the `target` accuracy from 0 to 1.

    `over` "peak" is about the busiest hour, "hours" about all hours as they were measured, made as busy as `peak` says.
    """

    peak: int = USUAL_PEAK
    visit: int = queries.USUAL_VISIT
    hold: int = USUAL_HOLD
    target: float = 0.95
    over: Over = "peak"


@dataclass(frozen=True, slots=True)
class Offer:
    """A size with its forecast and its price for 7 days and for a month, in minor units.

    None: no price is known; `week` also where a carrier bills by the month.

    `why` says what is special about it: `target`, `most` (as many as a pool may have, where even they do not reach the
    target), `current`, `quarter` (of the peak, S1's rule).
    """

    size: Size
    week: int | None
    month: int | None
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """`needed` numbers reach the target; `offers` are sizes worth a line, the smallest first; `curve` is for a chart.

    `enough` is false where more numbers than the most would be needed; `needed` is the most then. `load` is how many
    numbers are wanted at once in the busiest hour, on average. `one` is what one number costs.
    """

    question: Question
    needed: int
    enough: bool
    load: float
    offers: list[Offer]
    curve: list[Size]
    currency: str
    one: Quote | None


def usual(scenario: Scenario | None, now: datetime) -> Question:
    """What is asked before anybody types: as measured in the last 30 days, else as people said, else a guess."""
    if scenario is None:
        return Question()
    found = queries.traffic(scenario, now - queries.WINDOW)
    if found is None:
        peak = scenario.peak_hourly_visits or USUAL_PEAK
        return Question(peak=peak, hold=scenario.hold_seconds)
    return Question(round(found.busiest), round(found.visit), scenario.hold_seconds, over="hours")


def answer(company: Company, scenario: Scenario | None, question: Question, now: datetime) -> Answer:
    """The answer for one company's prices."""
    traffic = _traffic(scenario, question, now)
    calls = queries.calls(scenario) if scenario else calls_of(Timing())
    wanted = needed(traffic, question.target)
    enough = accuracy(traffic, wanted) >= min(question.target, FULL)
    marks = {"target" if enough else "most": wanted, "quarter": pool_size(question.peak)}
    if scenario is not None and (current := queries.pool(scenario).count()):
        marks["current"] = current
    price = queries.price(company, scenario)
    return Answer(
        question,
        wanted,
        enough,
        question.peak * (question.visit + question.hold) / HOUR,
        _offers(wanted, marks, lambda numbers: forecast(traffic, numbers, calls), price),
        _curve(traffic, calls, marks),
        company.account.currency,
        price,
    )


def _traffic(scenario: Scenario | None, question: Question, now: datetime) -> Traffic:
    shares = scenario is None or scenario.overflow == Scenario.Overflow.SHARE
    typed = peak_traffic(question.peak, question.visit, question.hold, shares=shares)
    if scenario is None or question.over == "peak":
        return typed
    found = queries.traffic(scenario, now - queries.WINDOW)
    if found is None:
        return typed
    busier = question.peak / found.busiest
    return replace(typed, levels=tuple((shows * busier, hours) for shows, hours in found.levels))


def _offers(wanted: int, marks: dict[str, int], size: Callable[[int], Size], price: Quote | None) -> list[Offer]:
    beside = (
        {max(1, wanted - 1), wanted + max(1, wanted // 10), wanted + max(2, wanted // 4)}
        if "target" in marks
        else set()
    )
    around = {numbers for numbers in (*marks.values(), *beside) if 1 <= numbers <= MOST_NUMBERS}
    return [
        Offer(
            size(numbers),
            price.total * numbers if price and not price.by_month else None,
            queries.monthly(price, numbers) if price else None,
            tuple(why for why, marked in marks.items() if marked == numbers),
        )
        for numbers in sorted(around)
    ]


def _curve(traffic: Traffic, calls: Calls, marks: dict[str, int]) -> list[Size]:
    return curve(traffic, calls, [numbers for numbers in marks.values() if numbers <= MOST_NUMBERS])
