"""Is the business open? Pure: by the clock and the calendar of the place."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from callspring.flows.steps import WEEKDAYS, Hours, Opening

_DAY = 24 * 60


def is_open(hours: Hours, now: datetime) -> bool:
    """At `now` (with a time zone). What began before midnight goes on after it; a holiday opens nothing of its own."""
    there = now.astimezone(_zone(hours.zone))
    minute = there.hour * 60 + there.minute
    today, yesterday = there.date(), there.date() - timedelta(days=1)
    return _opens(hours, today, minute) or _opens(hours, yesterday, minute + _DAY)


def minutes(clock: str) -> int:
    """`HH:MM`, up to `24:00`, as minutes after midnight. Raises `ValueError`."""
    hour, colon, minute = clock.partition(":")
    if not (colon and len(hour) == len(minute) == 2 and clock.isascii() and (hour + minute).isdecimal()):
        raise ValueError(f"{clock!r} is no time: write it as 09:30")
    found = int(hour) * 60 + int(minute)
    if int(minute) > 59 or found > _DAY:
        raise ValueError(f"{clock!r} is no time of the day")
    return found


def _opens(hours: Hours, day: date, minute: int) -> bool:
    if _is_holiday(hours, day):
        return False
    weekday = WEEKDAYS[day.weekday()]
    return any(weekday in opening.days and _covers(opening, minute) for opening in hours.week)


def _covers(opening: Opening, minute: int) -> bool:
    start, end = minutes(opening.start), minutes(opening.end)
    return start <= minute < (end if end > start else end + _DAY)


def _is_holiday(hours: Hours, day: date) -> bool:
    return day.isoformat() in hours.holidays or f"{day:%m-%d}" in hours.holidays


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    """A zone that is gone from the machine must not cost a call: the flow goes by UTC then."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")
