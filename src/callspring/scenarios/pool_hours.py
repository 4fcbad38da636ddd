"""What pools did in each hour, from the holds of their shows: the figures that accuracy over time is made of. Pure.

A show counts in the hour in which its number was given, so that it never moves to another one. How many numbers were
held is of the time itself: a hold that lasts over the hour counts in both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from callspring.scenarios.accuracy import Hold, Sweep, Tally

HOUR = timedelta(hours=1)
QUARTER = timedelta(minutes=15)  # in every time zone the day begins with one
Key = tuple[int, datetime]  # scenario, beginning of the hour in UTC
Change = tuple[datetime, int]  # from then on one more (1) or one fewer (-1) is held
SUMMED = ("shows", "exclusive", "overflows", "timed", "visit_seconds", "held_seconds")


@dataclass(frozen=True, slots=True)
class Given(Hold):
    """A hold with when its number was given, and how many seconds of it were added to the visit."""

    given: datetime = field(kw_only=True)
    added: int = 0


class Part(NamedTuple):
    """What is kept of each quarter of an hour: figures as those of the hour."""

    shows: int
    exclusive: int
    overflows: int
    timed: int
    held_seconds: float
    held_most: int


@dataclass(slots=True)
class HourTally(Tally):
    """One pool in one hour.

    `visit_seconds` is how long the visitors of `timed` shows stayed, all together; of an overflow without a number it
    is not known. `held_seconds` is how long numbers were held in this hour, `held_most` how many at once.
    `quarters` are its four parts: where the zone is half an hour off, a day begins in the middle of an hour.
    """

    overflows: int = 0
    timed: int = 0
    visit_seconds: float = 0.0
    held_seconds: float = 0.0
    held_most: int = 0
    quarters: list[Part] = field(default_factory=list)

    def take_in(self, quarter: HourTally, place: int) -> None:
        """One of its quarters, the first with place 0."""
        for name in SUMMED:
            setattr(self, name, getattr(self, name) + getattr(quarter, name))
        self.held_most = max(self.held_most, quarter.held_most)
        self.quarters = self.quarters or [Part(0, 0, 0, 0, 0.0, 0)] * 4
        self.quarters[place] = Part(*(getattr(quarter, name) for name in Part._fields))


def hour_of(moment: datetime) -> datetime:
    """The beginning of its hour in UTC."""
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def _quarter_of(moment: datetime) -> datetime:
    moment = moment.astimezone(UTC)
    return moment.replace(minute=moment.minute // 15 * 15, second=0, microsecond=0)


def hour_tallies(holds: Iterable[Given]) -> dict[Key, HourTally]:
    """The figures of each scenario and hour. `holds` come ordered by number, then start; number 0 is none.

    Right for the hours of which all shows, and all that overlap them, are among the holds.
    """
    hours: dict[Key, HourTally] = {}
    for (scenario, quarter), tally in _by_quarter(holds).items():
        hour = hour_of(quarter)
        hours.setdefault((scenario, hour), HourTally()).take_in(tally, (quarter - hour) // QUARTER)
    return hours


def _by_quarter(holds: Iterable[Given]) -> dict[Key, HourTally]:
    """The figures of each quarter of an hour, by its beginning."""
    found: dict[Key, HourTally] = {}
    changes: dict[int, list[Change]] = {}
    for number, on_number in groupby(holds, key=attrgetter("number")):
        given = list(on_number)
        for hold in given:
            _count(found.setdefault((hold.scenario, _quarter_of(hold.given)), HourTally()), hold)
        if number:
            for hold in _shared(given):
                found[hold.scenario, _quarter_of(hold.given)].exclusive -= not hold.overflow
            for scenario, start, until in _united(given):
                changes.setdefault(scenario, []).extend([(start, 1), (until, -1)])
    for scenario, some in changes.items():
        _use(found, scenario, sorted(some))
    return found


def _shared(holds: Iterable[Given]) -> list[Given]:
    sweep: Sweep[Given] = Sweep()
    for hold in holds:
        sweep.meet(hold)
    return sweep.shared


def _count(tally: HourTally, hold: Given) -> None:
    tally.shows += 1
    tally.exclusive += not hold.overflow
    tally.overflows += hold.overflow
    if hold.number:
        tally.timed += 1
        tally.visit_seconds += max(0.0, (hold.until - hold.start).total_seconds() - hold.added)


def _united(holds: Iterable[Hold]) -> Iterator[tuple[int, datetime, datetime]]:
    """When one number was held, whoever by: holds that overlap are one."""
    held: tuple[int, datetime, datetime] | None = None
    for hold in holds:
        if held and hold.scenario == held[0] and hold.start <= held[2]:
            held = (held[0], held[1], max(held[2], hold.until))
            continue
        if held:
            yield held
        held = (hold.scenario, hold.start, hold.until)
    if held:
        yield held


def _use(found: dict[Key, HourTally], scenario: int, changes: Iterable[Change]) -> None:
    """How many numbers were held at once and how long, by the quarter. Ends come before beginnings of one moment."""
    held, since = 0, datetime.min.replace(tzinfo=UTC)
    for moment, change in changes:
        while held and since < moment:
            quarter = _quarter_of(since)
            until = min(moment, quarter + QUARTER)
            tally = found.setdefault((scenario, quarter), HourTally())
            tally.held_seconds += held * (until - since).total_seconds()
            tally.held_most = max(tally.held_most, held)
            since = until
        held, since = held + change, moment
