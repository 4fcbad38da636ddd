"""Accuracy (P4): the share of shows whose hold overlapped no other visitor's on that number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from heapq import heappop, heappush
from itertools import groupby
from operator import attrgetter
from typing import Generic, TypeVar


@dataclass(frozen=True, slots=True)
class Hold:
    """One show of a pool's number: `visitor` held `number` from `start` up to but without `until`.

    An `overflow` is never exclusive, whoever else held the number.
    """

    scenario: int
    number: int
    visitor: Hashable
    start: datetime
    until: datetime
    overflow: bool = False


AnyHold = TypeVar("AnyHold", bound=Hold)


@dataclass(slots=True)
class Tally:
    """Shows of a scenario, and how many of them were exclusive."""

    shows: int = 0
    exclusive: int = 0

    @property
    def accuracy(self) -> float | None:
        """From 0 to 1; None before the first show."""
        return self.exclusive / self.shows if self.shows else None


def tallies(holds: Iterable[Hold]) -> dict[int, Tally]:
    """The tally of each scenario. `holds` come ordered by number, then start. Takes O(n log n)."""
    found: dict[int, Tally] = {}
    for _, on_number in groupby(holds, key=attrgetter("number")):
        sweep: Sweep[Hold] = Sweep()
        for hold in on_number:
            tally = found.setdefault(hold.scenario, Tally())
            tally.shows += 1
            tally.exclusive += not hold.overflow
            sweep.meet(hold)
        for hold in sweep.shared:
            found[hold.scenario].exclusive -= not hold.overflow
    return found


@dataclass(slots=True)
class Sweep(Generic[AnyHold]):
    """Goes through one number's holds in order of their start; `shared` met another visitor."""

    shared: list[AnyHold] = field(default_factory=list)
    _live: list[tuple[datetime, int, AnyHold]] = field(default_factory=list)
    _visitors: Counter[Hashable] = field(default_factory=Counter)
    _alone: list[AnyHold] = field(default_factory=list)
    _met: int = 0

    def meet(self, hold: AnyHold) -> None:
        """The next hold begins. One that ends where it begins holds nothing."""
        if hold.until <= hold.start:
            return
        self._end_before(hold.start)
        self._met += 1
        heappush(self._live, (hold.until, self._met, hold))
        self._visitors[hold.visitor] += 1
        self._alone = [one for one in self._alone if one.until > hold.start]
        self._alone.append(hold)
        if len(self._visitors) > 1:  # everybody who is there now has somebody else beside them
            self.shared += self._alone
            self._alone = []

    def _end_before(self, now: datetime) -> None:
        while self._live and self._live[0][0] <= now:
            _, _, ended = heappop(self._live)
            self._visitors[ended.visitor] -= 1
            if not self._visitors[ended.visitor]:
                del self._visitors[ended.visitor]
