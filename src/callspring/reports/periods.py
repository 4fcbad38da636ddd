"""Spans of days in a company's own time zone. Pure: the present comes in as an argument."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` (a midnight in `zone`) up to but without `end`; `days` calendar days, the last maybe unfinished."""

    start: datetime
    end: datetime
    days: int
    zone: ZoneInfo

    @property
    def hourly(self) -> bool:
        """One day is drawn by the hour, more by the day."""
        return self.days == 1

    def before(self) -> Period:
        """The period to compare with: as many days earlier, up to the same time of day."""
        return Period(_earlier(self.start, self.days), _earlier(self.end, self.days), self.days, self.zone)

    def dates(self) -> list[date]:
        """Every day of the period, also those on which nothing happened."""
        first = self.start.astimezone(self.zone).date()
        return [first + timedelta(days=number) for number in range(self.days)]

    def hours(self) -> list[datetime]:
        """The beginning of every hour of the period's one day: 23 to 25 of them where clocks change."""
        midnight = self.start.astimezone(self.zone).date() + timedelta(days=1)
        stop = datetime(midnight.year, midnight.month, midnight.day, tzinfo=self.zone).timestamp()
        hours = range(int(self.start.timestamp()), int(stop), 3600)
        return [datetime.fromtimestamp(hour, self.zone) for hour in hours]


def last_days(days: int, now: datetime, zone: ZoneInfo) -> Period:
    """Today and the `days - 1` days before it, up to `now`."""
    first = now.astimezone(zone).date() - timedelta(days=days - 1)
    return Period(datetime(first.year, first.month, first.day, tzinfo=zone), now.astimezone(zone), days, zone)


def _earlier(moment: datetime, days: int) -> datetime:
    """The same time on the clock `days` days ago; arithmetic on an aware local time is on the clock."""
    return moment - timedelta(days=days)
