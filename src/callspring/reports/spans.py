"""Periods by name (last month) and between two days, in a company's own time zone. Pure."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from callspring.reports.periods import Period, last_days

DAYS = {"today": 1, "7": 7, "30": 30, "90": 90, "365": 365}
NAMES = ("today", "yesterday", "7", "30", "90", "365", "month", "last-month")
FIRST_DAY = date(2000, 1, 1)  # nobody has calls from before, and arithmetic on year 1 overflows


def named(name: str, now: datetime, zone: ZoneInfo) -> Period | None:
    """The period of one of `NAMES`, up to `now` where it is not over; None for any other name."""
    if name in DAYS:
        return last_days(DAYS[name], now, zone)
    today = now.astimezone(zone).date()
    this_month = today.replace(day=1)
    end_of_last = this_month - timedelta(days=1)
    spans = {
        "yesterday": (today - timedelta(days=1), today - timedelta(days=1)),
        "month": (this_month, today),
        "last-month": (end_of_last.replace(day=1), end_of_last),
    }
    return between(*spans[name], now, zone) if name in spans else None


def between(first: date, last: date, now: datetime, zone: ZoneInfo) -> Period:
    """Both days included, in either order; what lies in the future or before 2000 is cut off."""
    today = now.astimezone(zone).date()
    first, last = sorted(min(max(day, FIRST_DAY), today) for day in (first, last))
    end = now.astimezone(zone) if last == today else _midnight(last + timedelta(days=1), zone)
    return Period(_midnight(first, zone), end, (last - first).days + 1, zone)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)
