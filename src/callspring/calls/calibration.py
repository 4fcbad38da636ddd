"""Are the probabilities right? Of the calls whose visit people confirmed or corrected, by how sure we had been."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import fsum

from callspring.accounts.models import Company
from callspring.calls.models import Correction

BINS = 10
ENOUGH = 30  # answers before anything can be said of the whole
ENOUGH_IN_BIN = 5


@dataclass(frozen=True, slots=True)
class Bin:
    """Calls whose visit was given a probability from `low` to `high`: how many, how sure on average, how many right."""

    low: float
    high: float
    calls: int
    stated: float
    right: int

    @property
    def share(self) -> float:
        """Of these calls, the share whose visit was right."""
        return self.right / self.calls

    @property
    def says_something(self) -> bool:
        """Whether there are enough to be worth a comparison."""
        return self.calls >= ENOUGH_IN_BIN


@dataclass(frozen=True, slots=True)
class Reliability:
    """The bins that have calls, from the least sure on."""

    bins: list[Bin]
    calls: int
    right: int

    @property
    def error(self) -> float | None:
        """How far stated and right are apart, on average over the calls (10 bins)."""
        if not self.calls:
            return None
        return fsum(one.calls * abs(one.share - one.stated) for one in self.bins) / self.calls

    @property
    def enough(self) -> bool:
        """Whether the whole says anything."""
        return self.calls >= ENOUGH


def calibration(company: Company) -> Reliability:
    """What people's answers say of the company's credits. What was undone does not count."""
    answers = Correction.objects.filter(company=company, undone_at=None, stated__isnull=False)
    rows = answers.values_list("stated", "judged_visit", "visit")
    return reliability((stated, judged == visit) for stated, judged, visit in rows if stated is not None)


def reliability(answers: Iterable[tuple[float, bool]]) -> Reliability:
    """Sort answers (probability stated, whether it was right) into ten bins."""
    sorted_in: dict[int, list[tuple[float, bool]]] = {}
    for stated, right in answers:
        sorted_in.setdefault(min(BINS - 1, max(0, int(stated * BINS))), []).append((stated, right))
    bins = [_bin(place, found) for place, found in sorted(sorted_in.items())]
    return Reliability(bins, sum(one.calls for one in bins), sum(one.right for one in bins))


def _bin(place: int, found: list[tuple[float, bool]]) -> Bin:
    mean = fsum(stated for stated, _ in found) / len(found)
    return Bin(place / BINS, (place + 1) / BINS, len(found), mean, sum(right for _, right in found))
