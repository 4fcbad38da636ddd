"""What other counts of numbers would bring, said beside the field while one types."""

from __future__ import annotations

from dataclasses import dataclass

from callspring.accounts.models import Company
from callspring.billing.prices import rent
from callspring.console.wizard.tracking_forms import MOST_NUMBERS
from callspring.numbers.actions import CannotOrder, ordering_connection
from callspring.numbers.e164 import LOCAL
from callspring.scenarios.models import Scenario
from callspring.scenarios.sizing import FULL, accuracy, needed, peak_traffic, pool_size

USUAL_VISIT = 180.0  # seconds from the show to the last activity, where nothing was measured yet
HOLD = float(Scenario._meta.get_field("hold_seconds").get_default())


@dataclass(frozen=True, slots=True)
class Size:
    """A count of numbers: its forecast accuracy in the busiest hour, and its rent for 7 days in minor units."""

    numbers: int
    accuracy: float
    rent: int
    chosen: bool
    quarter: bool


def sizes(company: Company, peak: int, count: int) -> list[Size]:
    """The chosen count, the quarter of the peak, what 95 % takes and what all takes, the fewest first."""
    traffic, quarter = peak_traffic(float(peak), USUAL_VISIT, HOLD), pool_size(peak)
    counts = {count, quarter, needed(traffic, 0.95), needed(traffic, FULL)}
    one = _one(company)
    return [
        Size(each, accuracy(traffic, each), each * one, chosen=each == count, quarter=each == quarter)
        for each in sorted(counts)
        if 1 <= each <= MOST_NUMBERS
    ]


def _one(company: Company) -> int:
    try:
        carrier = ordering_connection(company).carrier
    except CannotOrder:
        carrier = ""
    return rent(LOCAL, company.account.currency, carrier=carrier, country=company.country)
