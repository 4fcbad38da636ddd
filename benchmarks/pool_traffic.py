"""Invented traffic of six shapes for `callspring pool replay`, the same for the same seed. Needs nothing of Callspring.

    python benchmarks/pool_traffic.py SHAPE OUTDIR [--peak 200] [--days 20] [--seed 1]

Each shape is a few numbers (`Shape`), and each of them is unlike the others where it matters: how late people call,
whether they tap, how evenly visitors come, whether they come back, how many sources there are and how much these
differ.
"""

from __future__ import annotations

import argparse
import csv
import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path

DAY = 86400.0
MOST_DELAY = 14 * DAY
FOUND_AGAIN = 400  # the latest so many visitors may come back
VISITS = ("visitor", "start", "end", "source", "device", "tel_click")
CALLS = ("visitor", "time")

Delay = Callable[[random.Random], float]
Visit = tuple[str, float, float, str, str, float | None]
Call = tuple[str, float]


def _steady(_time: float) -> float:
    return 1.0


def _daily(time: float) -> float:
    """Busiest at two in the afternoon, hardly anybody at night."""
    hour = time / 3600 % 24
    return max(0.04, math.sin(math.pi * (hour - 6) / 16) ** 1.5) if 6 < hour < 22 else 0.04


def _office(time: float) -> float:
    """Office hours of weekdays; a tenth of that otherwise."""
    return 1.0 if time // DAY % 7 < 5 and 8 <= time / 3600 % 24 < 18 else 0.1


@dataclass(frozen=True)
class Shape:
    """One kind of traffic. Shares and probabilities from 0 to 1, times in seconds.

    `interest` is the chance that somebody with all the time in the world calls; who stays shortly calls seldom.
    `liveliness` spreads the sources' interest: the standard deviation of its logarithm.
    """

    delay: Delay
    rhythm: Callable[[float], float] = _steady
    sources: int = 8
    zipf: float = 1.0
    liveliness: float = 0.0
    mobile: float = 0.6
    bounce: float = 0.45
    stay: float = 150.0
    spread: float = 1.0
    interest: float = 0.05
    patience: float = 30.0
    on_page: float = 0.75
    taps: float = 0.8
    idle_taps: float = 0.003
    back: float = 0.05
    same_source: float = 0.5
    bursts_a_day: float = 0.0
    burst: float = 6.0
    again: float = 0.03


def _lognormal(median: float, sigma: float) -> Delay:
    return lambda chance: chance.lognormvariate(math.log(median), sigma)


def _next_day(chance: random.Random) -> float:
    """Half within the hour, the others when the office opens again."""
    return chance.expovariate(1 / 1200) if chance.random() < 0.5 else chance.gauss(20 * 3600, 3 * 3600)


SHAPES = {
    # Power-law delays without a mean, many sources of one size each half the one before.
    "heavy-tail": Shape(lambda chance: 120 * (chance.paretovariate(0.7) - 1), sources=12, on_page=0.55, bounce=0.4),
    # Mail-outs: for ten minutes six times the traffic, nearly all from one source; people call soon or not at all.
    "bursts": Shape(
        lambda chance: chance.expovariate(1 / 1800), rhythm=_daily, sources=6, bursts_a_day=5, on_page=0.65, back=0.1
    ),
    # Nearly everybody on a phone, nearly every call by the link, and idle presses too.
    "taps": Shape(
        _lognormal(900, 1.5), rhythm=_daily, mobile=0.93, taps=0.95, idle_taps=0.02, on_page=0.85, stay=70, bounce=0.6
    ),
    # Half of the visits are by people who were here before, by another source as often as not.
    "returning": Shape(
        _lognormal(2400, 1.6), rhythm=_daily, sources=10, back=0.5, same_source=0.4, on_page=0.6, again=0.15
    ),
    # Forty small sources whose visitors are very unlike; desktops in offices; long visits; many calls the next day.
    "offices": Shape(
        _next_day, rhythm=_office, sources=40, zipf=0.6, liveliness=1.0, mobile=0.15, taps=0.5, stay=260, spread=1.2,
        on_page=0.45, interest=0.08, back=0.25,
    ),
    # One big source and two small ones; short visits; people note the number and call in the evening.
    "evening": Shape(
        _lognormal(9000, 0.8), rhythm=_daily, sources=3, zipf=2.0, stay=90, spread=0.7, on_page=0.3, interest=0.03
    ),
}  # fmt: skip


def traffic(shape: Shape, peak: float, days: float, seed: int) -> tuple[list[Visit], list[Call]]:
    """Visits by their start and calls by their time. `peak`: visits in a peak hour."""
    maker = _Maker(shape, peak, random.Random(seed))
    for start, source in maker.arrivals(days * DAY):
        maker.visit(start, source)
    return maker.visits, sorted(maker.calls, key=lambda call: call[1])


@dataclass
class _Maker:
    shape: Shape
    peak: float
    chance: random.Random
    visits: list[Visit] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    known: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        shape = self.shape
        self.names = [f"s{number}" for number in range(shape.sources)]
        self.shares = list(accumulate(1 / (number + 1) ** shape.zipf for number in range(shape.sources)))
        self.lively = {name: self.chance.lognormvariate(0, shape.liveliness) for name in self.names}

    def arrivals(self, until: float) -> Iterator[tuple[float, str | None]]:
        """Times at which visits begin, with the source that a burst sends."""
        time, burst_ends, burst_source = 0.0, 0.0, ""
        most = self.peak * (self.shape.burst if self.shape.bursts_a_day else 1.0) / 3600
        while (time := time + self.chance.expovariate(most)) < until:
            if self.chance.random() < self.shape.bursts_a_day / DAY / most:
                burst_ends, burst_source = time + 600, self.chance.choice(self.names)
            rate = self.peak / 3600 * self.shape.rhythm(time)
            if self.chance.random() < rate / most:
                yield time, None
            elif time < burst_ends and self.chance.random() < rate * (self.shape.burst - 1) / (most - rate):
                yield time, burst_source

    def visit(self, start: float, sent_by: str | None) -> None:
        """One visit and what comes of it."""
        shape, chance = self.shape, self.chance
        visitor, source = self._who(sent_by)
        length = self._length()
        device = "mobile" if self._steadily(visitor) < shape.mobile else "desktop"
        tapped = None
        if chance.random() < shape.interest * self.lively[source] * length / (length + shape.patience):
            called = self._call(visitor, start, length)
            if called < start + length and device == "mobile" and chance.random() < shape.taps:
                tapped = called - chance.uniform(1, 8)
        elif device == "mobile" and chance.random() < shape.idle_taps:
            tapped = start + length * chance.random()
        if tapped is not None:
            tapped = max(start, tapped)
        self.visits.append((visitor, start, start + length, source, device, tapped))

    def _who(self, sent_by: str | None) -> tuple[str, str]:
        source = sent_by or self.chance.choices(self.names, cum_weights=self.shares)[0]
        if self.known and sent_by is None and self.chance.random() < self.shape.back:
            visitor, before = self.chance.choice(self.known[-FOUND_AGAIN:])
            return visitor, before if self.chance.random() < self.shape.same_source else source
        visitor = f"v{len(self.known)}"
        self.known.append((visitor, source))
        return visitor, source

    def _length(self) -> float:
        if self.chance.random() < self.shape.bounce:
            return min(3600.0, max(1.0, self.chance.expovariate(1 / 12)))
        return min(3600.0, max(1.0, self.chance.lognormvariate(math.log(self.shape.stay), self.shape.spread)))

    def _steadily(self, visitor: str) -> float:
        """Somebody's device does not change from visit to visit."""
        return random.Random(visitor).random()

    def _call(self, visitor: str, start: float, length: float) -> float:
        chance, shape = self.chance, self.shape
        if chance.random() < shape.on_page:
            called = start + length * chance.uniform(0.15, 1)
        else:
            called = start + length + min(MOST_DELAY, max(1.0, shape.delay(chance)))
        self.calls.append((visitor, called))
        if chance.random() < shape.again:
            self.calls.append((visitor, called + min(MOST_DELAY, shape.delay(chance))))
        return called


def write(out: Path, visits: list[Visit], calls: list[Call]) -> None:
    """visits.csv and calls.csv as `callspring pool replay` reads them."""
    out.mkdir(parents=True, exist_ok=True)
    rows = [
        (visitor, f"{start:.1f}", f"{end:.1f}", source, device, "" if tapped is None else f"{tapped:.1f}")
        for visitor, start, end, source, device, tapped in visits
    ]
    _write(out / "visits.csv", VISITS, rows)
    _write(out / "calls.csv", CALLS, [(visitor, f"{time:.1f}") for visitor, time in calls])


def _write(path: Path, header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)


def main() -> None:
    """Write one shape's files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shape", choices=SHAPES)
    parser.add_argument("out", type=Path)
    parser.add_argument("--peak", type=float, default=200)
    parser.add_argument("--days", type=float, default=20)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    visits, calls = traffic(SHAPES[options.shape], options.peak, options.days, options.seed)
    write(options.out, visits, calls)
    print(f"{len(visits)} visits, {len(calls)} calls")


if __name__ == "__main__":
    main()
