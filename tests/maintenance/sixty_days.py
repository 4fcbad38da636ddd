"""Sixty days of maintenance on made-up traffic: the live lease store, the pure rules, and nothing else of the product.

    python -m tests.maintenance.sixty_days

prints the table of docs/accuracy.md.
"""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from math import cos, log, pi
from typing import Any

from callspring.maintenance.rules import LATELY, Action, Figures, Funds, Reason, has_fallen, maintain, step
from callspring.pools.timing import Timing
from callspring.scenarios.accuracy import Hold, tallies
from callspring.scenarios.sizing import Traffic, accuracy, calls_of, certainty, measured_traffic
from callspring.stores.leases.memory import MemoryLeases
from callspring.stores.leases.port import Asker, Pool

DAY, HOLD, BEAT = 86400.0, 150, 60.0
PAID, RESTS = 7, 14  # days
RENT = 0.75  # for 7 days
CALLS = calls_of(Timing())
START = datetime(2026, 3, 2, tzinfo=UTC)


@dataclass(frozen=True)
class Made:
    """Traffic: `peak` visits in the busiest hour of a weekday, half of that on weekends, and a quiet night; on days in
    `forged` so many made-up visitors an hour besides, who confirm what they are shown. From the day `turns` on it is
    `times` as much."""

    peak: float
    forged: dict[int, float] = field(default_factory=dict)
    turns: int = 60
    times: float = 1.0

    def visits(self, chance: random.Random) -> Iterator[tuple[float, float]]:
        """Arrival and length, in order."""
        now = 0.0
        while now < 60 * DAY:
            most = self.peak * max(1.0, self.times) + self.forged.get(int(now // DAY), 0.0)
            now += chance.expovariate(most / 3600)
            if chance.random() * most < self.rate(now):
                yield now, visit_seconds(chance)

    def rate(self, now: float) -> float:
        """Visits an hour."""
        day, hour = int(now // DAY), now % DAY / 3600
        rhythm: float = max(0.03, (1 - cos(2 * pi * (hour - 4) / 24)) / 2) ** 1.5
        now_and_then = (0.5 if day % 7 > 4 else 1.0) * (self.times if day >= self.turns else 1.0)
        return self.peak * rhythm * now_and_then + self.forged.get(day, 0.0)


def visit_seconds(chance: random.Random) -> float:
    """Nearly half leave at once."""
    if chance.random() < 0.45:
        return min(600.0, 1 + chance.expovariate(1 / 12))
    return min(3600.0, chance.lognormvariate(log(150), 1.0))


@dataclass(frozen=True)
class Night:
    """What a day came to, and what was decided after it, by the accuracy `measured` since the size last changed.

    `fell`: the owners are told that the last 7 days, with the accuracy `lately`, were worse than that.
    """

    day: int
    numbers: int
    resting: int
    accuracy: float
    measured: float
    certainty: float
    action: Action
    reason: Reason
    count: int
    cost: float
    lately: float = 1.0
    fell: bool = False


@dataclass
class Keeper:
    """The pool through sixty days. `numbers` are ids with the day on which they were paid first.

    `past` are shows and exclusive ones before the first day, since the size changed last. In the nights of `by_hand` a
    person adds so many numbers.
    """

    made: Made
    numbers: dict[int, int]
    past: tuple[int, int] = (0, 0)
    by_hand: dict[int, int] = field(default_factory=dict)
    target: float = 0.8
    cap: float = 1_000.0  # rent a week that may be spent
    resting: dict[int, tuple[int, int]] = field(default_factory=dict)
    sized: int = 0
    nights: list[Night] = field(default_factory=list)
    shows: dict[int, tuple[int, int]] = field(default_factory=dict)
    hours: dict[int, int] = field(default_factory=dict)
    seconds: float = 0.0

    def night(self, day: int, holds: list[Hold]) -> None:
        """The day is over: measure and decide."""
        tally = tallies(sorted(holds, key=lambda hold: (hold.number, hold.start)))[1]
        self.shows[day] = (tally.shows, tally.exclusive)
        shows, exclusive = self.measured(day)
        since = max(self.sized, day + 1 - LATELY.days)
        lately_shows, lately_exclusive = self.counted(since, day)
        verdict = maintain(self.figures(day, shows, exclusive))
        before = len(self.numbers)
        self.act(day, verdict.action, verdict.count, verdict.from_rest)
        self.act(day, Action.BUY, self.by_hand.get(day, 0), 0)
        if len(self.numbers) != before:
            self.sized = day + 1
        rented = before + len(self.resting)
        self.nights.append(
            Night(
                day, before, len(self.resting), tally.exclusive / tally.shows, exclusive / shows, self.certain(before),
                verdict.action, verdict.reason, verdict.count, rented * RENT / PAID, lately_exclusive / lately_shows,
                has_fallen(verdict.reason, lately_shows, lately_exclusive),
            )
        )  # fmt: skip

    def measured(self, day: int) -> tuple[int, int]:
        """Shows and exclusive ones since the size last changed."""
        before = self.past if not self.sized else (0, 0)
        shows, exclusive = self.counted(self.sized, day)
        return before[0] + shows, before[1] + exclusive

    def counted(self, first: int, last: int) -> tuple[int, int]:
        """Shows and exclusive ones of these days."""
        days = [self.shows[day] for day in range(first, last + 1)]
        return sum(shows for shows, _ in days), sum(exclusive for _, exclusive in days)

    def figures(self, day: int, shows: int, exclusive: int) -> Figures:
        left = len(self.numbers) - step(len(self.numbers))
        rented = len(self.numbers) + len(self.resting)
        enough = (rented + step(len(self.numbers))) * RENT <= self.cap
        return Figures(
            shows=shows,
            exclusive=exclusive,
            numbers=len(self.numbers),
            resting=len(self.resting),
            ending=len(self.ending(day)),
            funds=Funds.ENOUGH if enough else Funds.OVER_CAP,
            accuracy_left=accuracy(self.traffic(), left) if left else 0.0,
            certainty_left=self.certain(left) if left else 0.0,
            certainty_target=self.target,
        )

    def traffic(self) -> Traffic:
        """As measured in the last 30 days."""
        last = max(self.hours)
        lately = [shows for hour, shows in self.hours.items() if hour > last - 30 * 24]
        found = measured_traffic(lately, self.seconds / sum(self.hours.values()) - HOLD, HOLD)
        assert found is not None
        return found

    def certain(self, numbers: int) -> float:
        return certainty(self.traffic(), numbers, CALLS)

    def ending(self, day: int) -> list[int]:
        """A number's period ends every seventh day after it was bought."""
        return [number for number, bought in self.numbers.items() if (day + 1 - bought) % PAID == 0]

    def act(self, day: int, action: Action, count: int, from_rest: int) -> None:
        self.resting = {n: one for n, one in self.resting.items() if one[1] > day}
        if action is Action.RELEASE:
            for number in self.ending(day)[:count]:
                self.resting[number] = (self.numbers.pop(number), day + RESTS)
        elif action is Action.BUY:
            for number in sorted(self.resting)[:from_rest]:
                self.numbers[number] = self.resting.pop(number)[0]
            last = max([*self.numbers, *self.resting])
            self.numbers |= {last + one: day + 1 for one in range(1, count - from_rest + 1)}


async def live(keeper: Keeper, chance: random.Random) -> None:
    """Play the traffic against the lease store, as the edge does: lease, confirm, a beat a minute, a last one."""
    leases, day = MemoryLeases(), 0
    beats: list[tuple[float, str, float]] = []
    of: dict[str, Hold] = {}
    for count, (arrival, seconds) in enumerate(keeper.made.visits(chance)):
        while beats and beats[0][0] <= arrival:
            at, visitor, end = heappop(beats)
            hold = of[visitor]
            await leases.renew(1, visitor, hold.number, at)
            if at < end:
                heappush(beats, (min(end, at + BEAT), visitor, end))
        if arrival // DAY > day:
            keeper.night(day, [hold for hold in of.values() if hold.start < moment((day + 1) * DAY)])
            of = {visitor: hold for visitor, hold in of.items() if hold.until > moment(arrival)}
            day = int(arrival // DAY)
        visitor = f"v{count}"
        pool = Pool(1, tuple(keeper.numbers), HOLD, "share")
        choice = await leases.lease(pool, Asker(visitor, visitor, f"s{chance.randrange(8)}"), arrival)
        await leases.confirm(1, visitor, choice.number, arrival)
        until = moment(arrival + seconds + HOLD)
        of[visitor] = Hold(1, choice.number, visitor, moment(arrival), until, choice.overflow)
        heappush(beats, (min(arrival + seconds, arrival + BEAT), visitor, arrival + seconds))
        keeper.hours[int(arrival // 3600)] = keeper.hours.get(int(arrival // 3600), 0) + 1
        keeper.seconds += seconds + HOLD
    if day == 59:
        keeper.night(day, list(of.values()))


def moment(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def sixty_days(made: Made, numbers: int, **more: Any) -> list[Night]:
    """Each night of a pool that begins with so many numbers, bought through the week before; `more` is of `Keeper`."""
    keeper = Keeper(made, {number + 1: -(number % PAID) for number in range(numbers)}, **more)
    # In a thread of its own, for a browser's tests may keep an event loop in this one.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, live(keeper, random.Random(7))).result()
    return keeper.nights


TOLD = {0, 1, 2, 4, 9, 14, 19, 24, 29, 30, 31, 34, 39, 40, 44, 49, 54, 59}


def rows(nights: list[Night]) -> Iterator[str]:
    """The docs' table."""
    heads = ["day", "numbers", "resting", "accuracy of the day", "measured", "last 7 days", "certainty", "decision"]
    yield f"| {' | '.join(heads)} | cost of the day |"
    yield "|" + " --- |" * (len(heads) + 1)
    for night in nights:
        if night.day in TOLD:
            done = {Action.BUY: f"+{night.count}", Action.RELEASE: f"−{night.count}", Action.NOTHING: "nothing"}
            yield (
                f"| {night.day + 1} | {night.numbers} | {night.resting} | {night.accuracy:.1%} | "
                f"{night.measured:.1%} | {night.lately:.1%}{', told' if night.fell else ''} | {night.certainty:.0%} | "
                f"{done[night.action]} | ${night.cost:.2f} |"
            ).replace("%", " %")


FLOOD = dict.fromkeys(range(30, 40), 500.0)
A_YEAR = (400_000, 376_000)  # shows and exclusive ones
STORIES: tuple[tuple[str, Made, int, dict[str, Any]], ...] = (
    ("From 8 numbers", Made(100), 8, {}),
    ("From 200 numbers", Made(100), 200, {}),
    ("From 8 numbers, with 500 forged shows an hour on days 31 to 40", Made(100, FLOOD), 8, {}),
    ("The same, with a spending cap of $12 a week", Made(100, FLOOD), 8, {"cap": 12.0}),
    ("From 8 numbers; from day 31 on there are twice as many visitors", Made(100, turns=30, times=2.0), 8, {}),
    ("From 25 numbers; from day 31 on there are half as many visitors", Made(100, turns=30, times=0.5), 25, {}),
    (
        "From 11 numbers, right for a year; from day 11 on there are twice as many visitors, on day 20 a person adds 8",
        Made(100, turns=10, times=2.0),
        11,
        {"past": A_YEAR, "by_hand": {19: 8}},
    ),
)


def told(at: int) -> list[Night]:
    """The nights of one of the stories."""
    _title, made, numbers, more = STORIES[at]
    return sixty_days(made, numbers, **more)


if __name__ == "__main__":
    for at, (title, *_rest) in enumerate(STORIES):
        found = told(at)
        sys.stdout.write(f"\n**{title}: ${sum(night.cost for night in found):.2f} in all**\n\n")
        sys.stdout.write("\n".join(rows(found)) + "\n")
