"""The policies that a replay compares: how a number is chosen, and how a call to it is credited. Pure.

Two plain ones as everybody has them, ours, and an oracle that knows who will call, as the limit of what choosing can
do.
"""

# ruff: noqa: ARG002 - all policies have one face; the plain ones need less of it
from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from heapq import heappop, heappush

from callspring.pools.chooser import Chooser, Chosen, share
from callspring.pools.holder import Holder
from callspring.pools.lines import Lines
from callspring.pools.posterior import Posterior, judge, learn
from callspring.pools.timing import Timing

REMEMBERED_HOLDERS = 200


@dataclass(frozen=True, slots=True)
class Credited:
    """Whom a policy credits; `probability` is the visitor's, None where the policy states none."""

    holder: Holder
    source: str
    probability: float | None = None


class Policy:
    """What all share: the lines, and who held each number lately."""

    states_probability = False

    def __init__(self, numbers: int, remembered: int = REMEMBERED_HOLDERS) -> None:
        self.lines = Lines(range(numbers))
        self.lately: list[deque[Holder]] = [deque(maxlen=remembered) for _ in range(numbers)]

    def choose(self, holder: Holder, own: int | None, now: float) -> Chosen:
        """A number for a visitor who holds none; `own` is the one they had last."""
        if own is not None and own in self.lines.free:
            return Chosen(own, "own_last")
        if not self.lines.free:
            return share(self.lines, holder.source)
        return self.next_free()

    def next_free(self) -> Chosen:
        """The next free number in line."""
        raise NotImplementedError

    def shown(self, number: int, holder: Holder, now: float) -> None:
        """The holder is shown the number from now on."""
        self.lately[number].append(holder)
        self.lines.hold(number, holder)

    def goes_on(self, number: int, old: Holder, new: Holder, now: float) -> None:
        """A visitor who still holds the number begins another visit: the new one stands for them."""
        self.lines.drop(number, old)
        self.follow(number, new)
        self.lately[number].append(new)
        self.lines.holding[number].append(new)
        self.lines.place(number)

    def follow(self, number: int, new: Holder) -> Holder | None:
        """The visitor held this number before: their latest visit stands for them, whichever number it is shown."""
        for old in reversed(self.lately[number]):
            if old.visitor == new.visitor:
                new.follow(old)
                self.lately[number].remove(old)
                return old
        return None

    def comes_back(self, number: int, new: Holder, now: float) -> None:
        """A visitor whose hold of this number is over begins another visit; a number for it is about to be chosen."""
        self.follow(number, new)

    def left(self, number: int, holder: Holder, seconds: float) -> None:
        """The holder's visit, of this length, has ended; `holder.left` is set."""
        self.lines.place(number)

    def hold_ended(self, number: int, holder: Holder, now: float) -> None:
        """The hold is over."""
        if self.lines.drop(number, holder):
            self.lines.release(number, None)

    def credit(self, number: int, now: float) -> Credited:
        """Whoever is viewing the number, the latest of several; else whoever left it last."""
        holders = self.lately[number]
        viewing = [holder for holder in holders if holder.left is None]
        best = viewing[-1] if viewing else max(holders, key=lambda holder: holder.left or 0.0)
        return Credited(best, best.source)

    def time_passed(self, seconds: float) -> None:
        """So many seconds went by."""


class LeastRecentlyUsed(Policy):
    """The free number that has been idle longest."""

    def __init__(self, numbers: int) -> None:
        super().__init__(numbers, remembered=30)

    def next_free(self) -> Chosen:
        """The first in the line of free numbers."""
        return Chosen(next(iter(self.lines.free)), "least_recently_used")


class NextInLine(Policy):
    """The free number that was given longest ago: all numbers in turn (N5)."""

    def __init__(self, numbers: int) -> None:
        super().__init__(numbers, remembered=30)
        self.given = list(range(numbers))
        self.count = numbers
        self.turns = [(number, number) for number in range(numbers)]

    def next_free(self) -> Chosen:
        """The one whose turn it is."""
        while True:
            given, number = self.turns[0]
            if number in self.lines.free and self.given[number] == given:
                return Chosen(number, "next_in_line")
            heappop(self.turns)

    def shown(self, number: int, holder: Holder, now: float) -> None:
        """Its next turn comes after all others'."""
        super().shown(number, holder, now)
        self.count += 1
        self.given[number] = self.count

    def hold_ended(self, number: int, holder: Holder, now: float) -> None:
        """It may have its turn again."""
        super().hold_ended(number, holder, now)
        if number in self.lines.free:
            heappush(self.turns, (self.given[number], number))


class Callspring(Policy):
    """Ours: least expected loss, and credit by the timing model, which learns from every call."""

    states_probability = True

    def __init__(self, numbers: int) -> None:
        super().__init__(numbers)
        self.timing = Timing()
        self.chooser = Chooser(self.lines, self.timing)
        self.numbers = numbers

    def choose(self, holder: Holder, own: int | None, now: float) -> Chosen:
        """See `chooser`."""
        return self.chooser.choose(holder.source, holder.device, own, now)

    def comes_back(self, number: int, new: Holder, now: float) -> None:
        """What was still expected of the visitor moves to the new number."""
        old = self.follow(number, new)
        if old is not None:
            self.chooser.came_back(number, old.source, self.timing.remaining(old, now), now)

    def left(self, number: int, holder: Holder, seconds: float) -> None:
        """The model learns how long visits are."""
        self.lines.place(number)
        self.timing.visit_ended(holder, seconds)

    def hold_ended(self, number: int, holder: Holder, now: float) -> None:
        """What may still come of the holder stays with the number."""
        left = holder.left if holder.left is not None else now
        mass = self.timing.remaining(holder, now)
        self.chooser.hold_ended(number, holder.source, mass, now - left, now)
        if self.lines.drop(number, holder):
            self.lines.release(number, self.chooser.home(number))

    def credit(self, number: int, now: float) -> Credited:
        """The likeliest visitor and, apart from it, the likeliest source."""
        posterior = judge(self.lately[number], now, self.timing)
        learn(posterior, now, self.timing)
        best, source = judged(posterior)
        return Credited(best[0], source[0], best[1])

    def time_passed(self, seconds: float) -> None:
        """Time in which strangers could have called."""
        self.timing.time_passed(seconds * self.numbers)


class Oracle(Callspring):
    """Knows of every visitor whether they will still call, but not when."""

    def __init__(self, numbers: int, last_calls: Mapping[str, float]) -> None:
        super().__init__(numbers)
        self.last_calls = last_calls
        self.callers: list[set[str]] = [set() for _ in range(numbers)]

    def to_come(self, visitor: str, now: float) -> bool:
        """Will this visitor still call?"""
        return self.last_calls.get(visitor, now - 1) >= now

    def choose(self, holder: Holder, own: int | None, now: float) -> Chosen:
        """To callers the number with the fewest callers to come; to others one that is spoilt already."""
        free = self.lines.free
        if not free or (own is not None and own in free):
            return super().choose(holder, own, now)
        pick: Callable[..., int] = min if self.to_come(holder.visitor, now) else max
        return Chosen(pick(free, key=lambda number: self._count(number, now)), "oracle")

    def shown(self, number: int, holder: Holder, now: float) -> None:
        """Remember who will call the number."""
        super().shown(number, holder, now)
        if holder.visitor in self.last_calls:
            self.callers[number].add(holder.visitor)

    def comes_back(self, number: int, new: Holder, now: float) -> None:
        """Their call will go to another number."""
        super().comes_back(number, new, now)
        self.callers[number].discard(new.visitor)

    def credit(self, number: int, now: float) -> Credited:
        """Among those who will call, by the timing model."""
        callers = [one for one in self.lately[number] if self.to_come(one.visitor, now)]
        best, source = judged(judge(callers or list(self.lately[number]), now, self.timing))
        return Credited(best[0], source[0], best[1])

    def _count(self, number: int, now: float) -> int:
        """How many will still call the number."""
        callers = self.callers[number]
        if callers:
            callers.intersection_update([visitor for visitor in callers if self.to_come(visitor, now)])
        return len(callers)


def judged(posterior: Posterior) -> tuple[tuple[Holder, float], tuple[str, float]]:
    """The likeliest holder and the likeliest source of a number that somebody held."""
    best, source = posterior.best, posterior.source
    if best is None or source is None:
        raise ValueError("nobody ever held the number")
    return best, source


def make(policy: str, numbers: int, calls: Iterable[tuple[str, float]]) -> Policy:
    """The policy by its name; `calls` in order of time are for the oracle. Raises `ValueError` for a name unknown."""
    match policy:
        case "next-in-line":
            return NextInLine(numbers)
        case "least-recently-used":
            return LeastRecentlyUsed(numbers)
        case "callspring":
            return Callspring(numbers)
        case "oracle":
            return Oracle(numbers, dict(calls))  # of several calls by one visitor the last stays
    raise ValueError(f"there is no policy {policy!r}; choose one of {', '.join(NAMES)}")


PLAYED = ("next-in-line", "least-recently-used", "callspring")
NAMES = (*PLAYED, "oracle")
