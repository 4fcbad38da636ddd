"""What maintenance does about one scenario today (C7). Pure: figures in, a verdict out.

Below 90 % accuracy 5 % more numbers are bought, at exactly 100 % with more than needed 5 % are released, both rounded
up; in between nothing is done. Against running away: it is measured over all confirmed shows since the size last
changed, at least 200 of them; it is decided once a day; and money ends it (`funds`). A pool that was right for a year
may so hide that it has become too small: nothing is decided by that, but it is told (`has_fallen`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from callspring.scenarios.sizing import FULL

LOWEST_PERCENT = 90
STEP_PERCENT = 5
LEAST_SHOWS = 200
LATELY = timedelta(days=7)  # a whole week, for weekends are unlike other days


class Action(StrEnum):
    """What is done."""

    BUY = "buy"
    RELEASE = "release"
    NOTHING = "nothing"


class Reason(StrEnum):
    """Why; the last ones are why nothing is done."""

    TOO_LOW = "too_low"
    MORE_THAN_NEEDED = "more_than_needed"
    NO_NUMBERS = "no_numbers"
    UNDER_WAY = "under_way"
    FEW_SHOWS = "few_shows"
    IN_RANGE = "in_range"
    NO_MONEY = "no_money"
    OVER_CAP = "over_cap"
    NO_CARRIER = "no_carrier"
    NEEDED_FOR_ACCURACY = "needed_for_accuracy"
    NEEDED_FOR_CERTAINTY = "needed_for_certainty"
    NONE_ENDS = "none_ends"


class Funds(StrEnum):
    """What a purchase would meet with."""

    ENOUGH = "enough"
    NO_MONEY = "no_money"
    OVER_CAP = "over_cap"
    NO_CARRIER = "no_carrier"


@dataclass(frozen=True, slots=True)
class Figures:
    """All that the verdict rests on.

    `shows` and `exclusive` are confirmed ones since the size last changed, `lately_shows` and `lately_exclusive` those
    of them in the last 7 days. `resting` numbers are the scenario's own that may come back; `ending` ones are in
    the pool and paid for less than 24 hours more. `changing`: numbers that were asked for are not settled yet. `funds`
    is about buying what resting ones do not cover. The forecasts (0 to 1) are for the numbers left after a release.
    """

    shows: int
    exclusive: int
    numbers: int
    resting: int = 0
    ending: int = 0
    changing: bool = False
    funds: Funds = Funds.ENOUGH
    accuracy_left: float = 0.0
    certainty_left: float = 0.0
    certainty_target: float = 0.0
    lately_shows: int = 0
    lately_exclusive: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do and why. Of `count` numbers to add, `from_rest` come back from rest and the others are bought."""

    action: Action
    reason: Reason
    count: int = 0
    from_rest: int = 0

    @property
    def to_buy(self) -> int:
        """How many numbers a carrier is asked for."""
        return self.count - self.from_rest if self.action is Action.BUY else 0


def step(numbers: int) -> int:
    """5 % of the numbers, rounded up."""
    return -(-numbers * STEP_PERCENT // 100)


def too_low(shows: int, exclusive: int) -> bool:
    """Whether that is an accuracy below 90 %."""
    return exclusive * 100 < shows * LOWEST_PERCENT


def has_fallen(reason: str, shows: int, exclusive: int) -> bool:
    """Whether a person should add numbers though the verdict, for this reason, is to do nothing.

    All is well since the size last changed, but not in the last 7 days: these are their shows.
    """
    return reason == Reason.IN_RANGE and shows >= LEAST_SHOWS and too_low(shows, exclusive)


def maintain(figures: Figures) -> Verdict:
    """The verdict on one scenario."""
    if figures.numbers < 1:
        return _nothing(Reason.NO_NUMBERS)
    if figures.changing:
        return _nothing(Reason.UNDER_WAY)
    if figures.shows < LEAST_SHOWS:
        return _nothing(Reason.FEW_SHOWS)
    if too_low(figures.shows, figures.exclusive):
        return _more(figures)
    if figures.exclusive < figures.shows:
        return _nothing(Reason.IN_RANGE)
    return _fewer(figures)


def _more(figures: Figures) -> Verdict:
    count = step(figures.numbers)
    from_rest = min(count, figures.resting)
    if from_rest < count and figures.funds is not Funds.ENOUGH:
        # What rests costs nothing more; the rest of the step waits for money.
        if not from_rest:
            return _nothing(Reason(figures.funds))
        count = from_rest
    return Verdict(Action.BUY, Reason.TOO_LOW, count, from_rest)


def _fewer(figures: Figures) -> Verdict:
    count = step(figures.numbers)
    if figures.numbers - count < 1 or figures.accuracy_left < FULL:
        return _nothing(Reason.NEEDED_FOR_ACCURACY)
    if figures.certainty_left < figures.certainty_target:
        return _nothing(Reason.NEEDED_FOR_CERTAINTY)
    count = min(count, figures.ending)
    return Verdict(Action.RELEASE, Reason.MORE_THAN_NEEDED, count) if count else _nothing(Reason.NONE_ENDS)


def _nothing(reason: Reason) -> Verdict:
    return Verdict(Action.NOTHING, reason)
