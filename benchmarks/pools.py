"""What the pool's brain costs: a choice, the credit of a call, and a whole replay, all by CPU time.

A choice is measured in a pool of which nine in ten numbers are held and all have a past. What keeps the chooser's books
when a hold ends is measured with the replay.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.pool_traffic import SHAPES, traffic
from callspring.pools.holder import Holder
from callspring.pools.policies import Callspring, Policy
from callspring.pools.posterior import judge, learn
from callspring.pools.replay import CallRow, VisitRow, replay
from callspring.pools.timing import Timing

POOLS = (20, 200, 2000)
CHOICES = 20_000
CHOICE_GOAL = 5.0  # µs
REPLAY_GOAL = 6.0  # times the replay with least-recently-used
CREDIT_GOAL = 2.0  # ms
CANDIDATES = 1000
DAYS = 20
NUMBERS = 100
ROUNDS = 3
SOURCES = [f"s{number}" for number in range(8)]


@dataclass(frozen=True, slots=True)
class Result:
    """A figure and the most it may be."""

    name: str
    value: float
    unit: str
    goal: float | None = None
    note: str = ""

    @property
    def missed(self) -> bool:
        """Whether it is too much."""
        return self.goal is not None and self.value > self.goal

    def __str__(self) -> str:
        goal = f" (goal {self.goal:g})" if self.goal is not None else ""
        return f"{self.name:60} {self.value:6.2f} {self.unit}{goal}{self.note}{'   MISSED' if self.missed else ''}"


def run() -> list[Result]:
    """Everything."""
    choices = [min(_choice(numbers) for _ in range(ROUNDS)) for numbers in POOLS]
    found = [
        Result(f"a choice among {numbers:,} numbers", choice, "µs", CHOICE_GOAL)
        for numbers, choice in zip(POOLS, choices, strict=True)
    ]
    found.append(Result("  2,000 numbers against 20", choices[-1] / choices[0], "times"))
    return [*found, _credit(), _replay()]


def _choice(numbers: int) -> float:
    """µs for the chooser alone."""
    policy = Callspring(numbers)
    _warm_up(policy, numbers)
    return _seconds(lambda: _choose(policy, numbers)) / CHOICES * 1e6


def _choose(policy: Policy, numbers: int) -> None:
    holder = Holder("v", "s3", "mobile", 1e6)
    for at in range(CHOICES):
        holder.source = SOURCES[at % 8]
        policy.choose(holder, None, 1e6 + at * 100 / numbers)


def _warm_up(policy: Policy, numbers: int) -> None:
    """Ten visitors for each number, so that all numbers have a past; then nine in ten are held."""
    visitors = []
    for at in range(numbers * 10):
        now = at * 300 / numbers
        holder = Holder(f"v{at}", SOURCES[at * at % 8], "mobile", now)
        number = policy.choose(holder, None, now).number
        policy.shown(number, holder, now)
        visitors.append((number, holder))
        if at >= numbers * 9 // 10:
            gone, left = visitors[at - numbers * 9 // 10]
            left.left = now - 150
            policy.left(gone, left, now - 150 - left.start)
            policy.hold_ended(gone, left, now)


def _credit() -> Result:
    """Judge one call among many who may have placed it, and learn from it."""
    timing = Timing()
    holders = [Holder(f"v{n}", SOURCES[n % 8], "mobile", -200.0 - 60 * n, -60.0 * n - 1) for n in range(CANDIDATES)]

    def credit() -> None:
        for _ in range(20):
            learn(judge(holders, 0.0, timing), 0.0, timing)

    seconds = min(_seconds(credit) for _ in range(ROUNDS))
    return Result(
        f"credit of a call with {CANDIDATES:,} holders, learning included", seconds / 20 * 1e3, "ms", CREDIT_GOAL
    )


def _replay() -> Result:
    """A replay of a month, as a ratio to the same with the plainest policy."""
    visits, calls = traffic(SHAPES["heavy-tail"], 200, DAYS, 1)
    visit_rows, call_rows = [VisitRow(*visit) for visit in visits], [CallRow(*call) for call in calls]

    def seconds(policy: str) -> float:
        return _seconds(lambda: replay(visit_rows, call_rows, numbers=NUMBERS, policy=policy))

    pairs = [(seconds("callspring"), seconds("least-recently-used")) for _ in range(ROUNDS)]
    ours, plain = sorted(pairs, key=lambda pair: pair[0] / pair[1])[ROUNDS // 2]
    each = 1e6 / len(visit_rows)
    note = f"  {ours * each:.1f} against {plain * each:.1f} µs a visit"
    return Result(
        f"a replay with {NUMBERS} numbers against least-recently-used", ours / plain, "times", REPLAY_GOAL, note
    )


def _seconds(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun
