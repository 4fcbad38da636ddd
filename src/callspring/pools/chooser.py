"""Which number does this visitor get? Pure, and as quick with 2,000 numbers as with 20.

Own last number if nobody else holds it → the free number with the least expected loss → sharing (P2, P3).

The loss of a free number is how many later calls its earlier visitors may still place: those from other sources count
whole, because such a call would be credited to the wrong campaign (or steal one from it). Those from the visitor's own
source count half, `VISITOR`: the campaign stays right and only the visitor is in doubt. Where numbers are scarce and
visitors often find none of their own source, they count as a gain instead: taking the number that its own source has
marked most keeps the unmarked ones for those who must mix.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from math import inf

from callspring.pools.delays import cell_of
from callspring.pools.lines import Line, Lines
from callspring.pools.past import Past
from callspring.pools.timing import Timing

VISITOR = 0.5
SCARCITY = 2.5
SCARCITY_MEMORY = 1 / 200  # choices
LOOK_OVERALL = 5
LOOK_HOME = 2
LOOK_SHARED = 3
TOGETHER = 120.0  # seconds that two visitors who share a number are on the page at once


@dataclass(frozen=True, slots=True)
class Chosen:
    """The number and why: `own_last`, `unmarked` (no earlier visitor is likely still to call), `same_source`,
    `least_loss`, and, when all are held, `shared_source` or `shared`.
    """

    number: int
    reason: str
    overflow: bool = False


class Chooser:
    """One pool's chooser. `pasts` holds what is known of numbers that were held before."""

    def __init__(self, lines: Lines, timing: Timing) -> None:
        self.lines = lines
        self.timing = timing
        self.pasts: dict[int, Past] = {}
        self.mixing = 0.0  # the share of recent choices that found no free number of their own source

    def choose(self, source: str, device: str, own: int | None, now: float) -> Chosen:
        """Choose for a visitor who holds no number now; `own` is the one they had last."""
        lines = self.lines
        if own is not None and own in lines.free:
            return Chosen(own, "own_last")
        if not lines.free:
            self._note(1.0)
            return self._share(source, device)
        return self._least_loss(source, now)

    def _least_loss(self, source: str, now: float) -> Chosen:
        own_weight = VISITOR - SCARCITY * self.mixing
        pasts, still = self.pasts, self.timing.delays.still
        best, least, best_past = -1, 0.0, None
        for number in self._few(source, own_weight):
            past = pasts.get(number)
            if past is None or not past.total:
                loss = 0.0
            else:
                fading = still[cell_of(past.age + now - past.at)]
                kept = past.masses.get(source)
                own = kept[2] if kept is not None else 0.0
                loss = fading * past.scale * (past.total + (own_weight - 1) * own)
            if best < 0 or loss < least:
                best, least, best_past = number, loss, past
        home = best_past.home if best_past is not None else None
        self._note(0.0 if home is None or home == source else 1.0)
        if home is None:
            return Chosen(best, "unmarked")
        return Chosen(best, "same_source" if home == source else "least_loss")

    def _share(self, source: str, device: str) -> Chosen:
        """All are held: the least loss among a few that the visitor's own source came to last, else among any.

        Not those left longest ago: they will be free soonest, and sharing one of them would hold it much longer. A call
        that could be either's leaves only the visitor in doubt where both are of one source; else the campaign, too.
        """
        few = self._latest(self.lines.shared.get((source, left)) for left in (True, False))
        reason, doubted = ("shared_source", VISITOR) if few else ("shared", 1.0)
        if not few:
            few = self._latest(self.lines.held.values())
        best, least = few[0], inf
        for number in few:
            loss = self._others(number, source) + doubted * self._doubt(number, device)
            if loss < least:
                best, least = number, loss
        return Chosen(best, reason, overflow=True)

    @staticmethod
    def _latest(lines: Iterable[Line | None]) -> list[int]:
        """The few numbers that came to each of these lines last."""
        return [number for line in lines if line for number in islice(reversed(line), LOOK_SHARED)]

    def _doubt(self, number: int, device: str) -> float:
        """Calls that could be anyone's: both are on the page, and neither presses the `tel:` link."""
        mine, doubt = self.timing.untapped(device), 0.0
        for holder in self.lines.holding[number]:
            if holder.left is None:
                doubt += min(mine, self.timing.untapped(holder.device))
        return TOGETHER * doubt

    def _others(self, number: int, source: str) -> float:
        """Later calls to this number still to come from other sources, as of when it was last free."""
        past = self.pasts.get(number)
        if past is None:
            return 0.0
        own = past.masses.get(source)
        return past.total if own is None else past.total - own[2]

    def _few(self, source: str, own_weight: float) -> list[int]:
        """The few numbers worth a look: idle longest, and of the visitor's own source idle longest and shortest."""
        free = self.lines.free
        if len(free) <= LOOK_OVERALL + LOOK_HOME:
            return list(free)
        few = list(islice(free, LOOK_OVERALL))
        home = self.lines.homes.get(source)
        if home:
            few += islice(home, LOOK_HOME)
            if own_weight < 0:
                few += islice(reversed(home), LOOK_HOME)
        return few

    def _note(self, mixed: float) -> None:
        self.mixing += SCARCITY_MEMORY * (mixed - self.mixing)

    # -- what the pool tells ------------------------------------------------------------------------------------

    def hold_ended(self, number: int, source: str, mass: float, age: float, now: float) -> None:
        """A holder's hold is over, so long (`age`) after leaving: `mass` calls may still come of it.

        The number goes to the lines of free ones, unless somebody else holds it still (`Lines.drop` says so).
        """
        past = self.pasts.get(number)
        if past is None:
            past = self.pasts[number] = Past()
        past.add(source, mass, age, now, self.timing)
        past.settle(now, self.timing)

    def home(self, number: int) -> str | None:
        """The source whose earlier visitors are likeliest still to call the number."""
        past = self.pasts.get(number)
        return past.home if past is not None else None

    def came_back(self, number: int, source: str, mass: float, now: float) -> None:
        """An earlier holder of the number is about to be shown one again: what was expected of them moves there."""
        past = self.pasts.get(number)
        if past is not None:
            past.take(source, mass, now, self.timing)
            past.settle(now, self.timing)


def share(lines: Lines, source: str) -> Chosen:
    """All numbers are held: share with those of the same source who left longest ago, else with any who did (P3)."""
    for holders, reason in ((source, "shared_source"), (None, "shared")):
        for left in (True, False):
            line = lines.shared.get((holders, left))
            if line:
                return Chosen(next(iter(line)), reason, overflow=True)
    for left in (True, False):
        line = lines.held[left]
        if line:
            return Chosen(next(iter(line)), "shared", overflow=True)
    raise ValueError("the pool has no numbers")
