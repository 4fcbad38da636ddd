"""In which hours of the week does nobody call? Pure.

Whoever would call while a business is closed calls when it opens. So a night visitor's call comes with those of all
other night visitors, however long ago each of them was there, and not when the curve of delays has it.

Which hours are closed is found from counts alone: calls that came in each hour of the week against those that its
visits lead to. Whose call each was makes no difference, so no guess can feed itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import inf, log
from operator import mul
from typing import NamedTuple

HOUR = 3600.0
DAY, WEEK = 24, 168  # hours
FEW = 0.1  # of the usual calls this share comes while closed: from people who try it
CLEARLY = 6.0  # e^6 times likelier closed than open must a run of hours be: nothing that three calls can say
USUALLY_OPEN = 0.1  # of this an hour that says nothing is worth, so that runs do not go on where nobody visits
LIKE_OTHER_DAYS = 1.0  # what an hour is worth that is closed on most days
OPENING = 1800.0  # seconds after opening in which half of those who waited call; of the others half in thrice the time
MORE_SEEN = 1.02  # times as many visits until the hours are worked out anew


class Waiting(NamedTuple):
    """Somebody waited for the business to open: seconds since it `opened` and since it had `closed`; and of those who
    waited, the share that calls now, `each` second.
    """

    each: float
    opened: float
    closed: float


def hour_of(time: float) -> int:
    """The hour of the week in which a Unix time falls, from 0. Weeks are counted from 1970, which does not matter."""
    return int(time // HOUR) % WEEK


class Hours:
    """`calls` and `visits` by the hour of the week; visits by how many later calls they usually lead to. Both are sums.

    `closed` is worked out from them.
    """

    def __init__(self) -> None:
        self.calls = [0.0] * WEEK
        self.visits = [0.0] * WEEK
        self.closed = [False] * WEEK
        self._seen = self._known = 0.0
        self._latest: tuple[int, tuple[float, float] | None] = (-1, None)
        self._waiting: tuple[float, Waiting | None] = (-1.0, None)

    def visited(self, time: float, interest: float) -> None:
        """A visit ended then that usually leads to so many later calls."""
        self.visits[hour_of(time)] += interest
        self._seen += interest

    def called(self, time: float, weight: float) -> None:
        """A call came then."""
        self.calls[hour_of(time)] += weight

    def sums(self) -> dict[str, list[float]]:
        """What is counted, to be stored."""
        return {"calls": self.calls, "visits": self.visits}

    def take(self, sums: Mapping[str, list[float]] | None) -> None:
        """Take back what `sums` gave; nothing, where it was stored before hours were counted."""
        if sums is not None:
            self.calls, self.visits = sums["calls"], sums["visits"]

    def is_closed(self, time: float) -> bool:
        """Nobody calls then, as far as is known."""
        return self.closed[hour_of(time)]

    def is_due(self) -> bool:
        """There have been enough visits since to work out the hours anew, even if nobody called."""
        return self._seen > MORE_SEEN * self._known

    def work_out(self, later: float, still: Callable[[float], float]) -> None:
        """Find the closed hours. `later`: the share of all calls that come later; `still`: of these, the share that is
        yet to come so many seconds after a visit.
        """
        self._seen = self._known = sum(self.visits)
        self.closed = _closed(self.calls, self.visits, self._usual(later, still))
        self._latest, self._waiting = (-1, None), (-1.0, None)

    def waiting(self, now: float) -> Waiting | None:
        """Who may have waited for the latest opening; None while it is closed, and where it never is."""
        known = self._waiting  # of all who may have placed a call it is asked; taken once: threads share the model
        if known[0] != now:
            known = self._waiting = (now, self._who_waited(now))
        return known[1]

    def _who_waited(self, now: float) -> Waiting | None:
        hour = int(now // HOUR)
        latest = self._latest
        if latest[0] != hour:
            latest = self._latest = (hour, self._latest_closing(hour))
        if latest[1] is None:
            return None
        closed, opened = latest[1]
        return Waiting(OPENING / (OPENING + now - opened) ** 2, now - opened, now - closed)

    def _latest_closing(self, hour: int) -> tuple[float, float] | None:
        """When it closed and opened, the last time within a day."""
        closed = self.closed
        if closed[hour % WEEK]:
            return None
        opened = next((hour - ago for ago in range(DAY) if closed[(hour - ago - 1) % WEEK]), None)
        if opened is None:
            return None
        closing = next(opened - ago for ago in range(1, WEEK) if not closed[(opened - ago - 1) % WEEK])
        return closing * HOUR, opened * HOUR

    def _usual(self, later: float, still: Callable[[float], float]) -> list[float]:
        """As many calls as came, by the hours in which they would have come if it were always open."""
        calls, visits = max(0.0, sum(self.calls)), sum(self.visits)
        spread, before = [0.0] * WEEK, 1.0
        for hours in range(2 * WEEK):
            after = still((hours + 0.5) * HOUR)
            spread[hours % WEEK] += later * (before - after)
            before = after
        spread[0] += 1 - later
        back = self.visits[::-1] * 2
        scale = calls / max(visits, 1e-9)
        return [scale * sum(map(mul, spread, back[WEEK - 1 - hour :])) for hour in range(WEEK)]


def _closed(calls: Sequence[float], visits: Sequence[float], usual: Sequence[float]) -> list[bool]:
    """The hours that are likelier closed, by Poisson counts. An hour without visits has nothing to say; which hours
    are closed on most days counts for each day.
    """
    said = [
        ((1 - FEW) * expected + log(FEW) * found if visited else 0.0) - USUALLY_OPEN
        for found, visited, expected in zip(calls, visits, usual, strict=True)
    ]
    daily = likeliest_runs([sum(said[hour::DAY]) for hour in range(DAY)])
    return likeliest_runs([one + LIKE_OTHER_DAYS * daily[place % DAY] for place, one in enumerate(said)])


def likeliest_runs(said: Sequence[float]) -> list[bool]:
    """Which places, around the clock, are in runs whose sums, less `CLEARLY` for each run, are most (Viterbi).

    The place that is least of all likely starts the round: no run is taken to begin before it and to end after it.
    """
    first = min(range(len(said)), key=said.__getitem__)
    outside, inside = 0.0, -inf
    came = []
    for one in (*said[first:], *said[:first]):
        came.append((inside > outside, inside >= outside - CLEARLY))  # from inside a run: to outside it, to inside it
        outside, inside = max(outside, inside), max(inside, outside - CLEARLY) + one
    state, found = inside > outside, []
    for to_outside, to_inside in reversed(came):
        found.append(state)
        state = to_inside if state else to_outside
    found.reverse()
    start = len(said) - first
    return [*found[start:], *found[:start]]
