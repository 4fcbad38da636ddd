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

from callspring.scenarios.accuracy import Hold, Sweep, Tally

HOUR = timedelta(hours=1)
Key = tuple[int, datetime]  # scenario, beginning of the hour in UTC
Change = tuple[datetime, int]  # from then on one more (1) or one fewer (-1) is held


@dataclass(frozen=True, slots=True)
class Given(Hold):
    """A hold with when its number was given. `confirmed` is false for an overflow that no browser confirmed."""

    given: datetime = field(kw_only=True)
    confirmed: bool = True


@dataclass(slots=True)
class HourTally(Tally):
    """One pool in one hour.

    `unconfirmed` are overflows among the shows that were given a number and never confirmed. `show_seconds` are the
    lengths of the shows' holds, `held_seconds` how long numbers were held in this hour, `held_most` how many at once.
    """

    overflows: int = 0
    unconfirmed: int = 0
    show_seconds: float = 0.0
    held_seconds: float = 0.0
    held_most: int = 0


def hour_of(moment: datetime) -> datetime:
    """The beginning of its hour in UTC."""
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def hour_tallies(holds: Iterable[Given]) -> dict[Key, HourTally]:
    """The figures of each scenario and hour. `holds` come ordered by number, then start; number 0 is none.

    Right for the hours of which all shows, and all that overlap them, are among the holds.
    """
    found: dict[Key, HourTally] = {}
    changes: dict[int, list[Change]] = {}
    for number, on_number in groupby(holds, key=attrgetter("number")):
        given = list(on_number)
        for hold in given:
            _count(found.setdefault((hold.scenario, hour_of(hold.given)), HourTally()), hold)
        if number:
            for hold in _shared(given):
                found[hold.scenario, hour_of(hold.given)].exclusive -= not hold.overflow
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
    tally.unconfirmed += not hold.confirmed
    if hold.number:
        tally.show_seconds += max(0.0, (hold.until - hold.start).total_seconds())


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
    """How many numbers were held at once and how long, hour by hour. Ends come before beginnings of one moment."""
    held, since = 0, datetime.min.replace(tzinfo=UTC)
    for moment, change in changes:
        while held and since < moment:
            hour = hour_of(since)
            until = min(moment, hour + HOUR)
            tally = found.setdefault((scenario, hour), HourTally())
            tally.held_seconds += held * (until - since).total_seconds()
            tally.held_most = max(tally.held_most, held)
            since = until
        held, since = held + change, moment
