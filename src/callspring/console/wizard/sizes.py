"""What other counts of numbers would bring, said beside the field while one types."""

from __future__ import annotations

from dataclasses import dataclass

from callspring.scenarios.models import Scenario
from callspring.scenarios.sizing import FULL, MOST_NUMBERS, accuracy, needed, peak_traffic, pool_size

USUAL_VISIT = 180.0  # seconds from the show to the last activity, where nothing was measured yet
HOLD = float(Scenario._meta.get_field("hold_seconds").get_default())


@dataclass(frozen=True, slots=True)
class Size:
    """A count of numbers: its forecast accuracy in the busiest hour, and what it costs, in minor units."""

    numbers: int
    accuracy: float
    price: int
    chosen: bool
    quarter: bool


def sizes(peak: int, count: int, price: int) -> list[Size]:
    """The chosen count, the quarter of the peak, what 95 % takes and what all takes, the fewest first.

    `price` is what one number costs, for 7 days or a month.
    """
    traffic, quarter = peak_traffic(float(peak), USUAL_VISIT, HOLD), pool_size(peak)
    counts = {count, quarter, needed(traffic, 0.95), needed(traffic, FULL)}
    return [
        Size(each, accuracy(traffic, each), each * price, chosen=each == count, quarter=each == quarter)
        for each in sorted(counts)
        if 1 <= each <= MOST_NUMBERS
    ]
