"""The days and times that the shop's booking page offers."""

from __future__ import annotations

import datetime as dt

WINDOWS = ("8 to 10 am", "10 am to noon", "1 to 3 pm", "3 to 5 pm")


def open_days(today: dt.date, count: int = 4) -> list[dict[str, object]]:
    """The next `count` working days after `today`: `date` (ISO), `name` for people, `windows`.

    Which windows are gone follows from the date, so that a reload does not change them.
    """
    days = (today + dt.timedelta(days=n) for n in range(1, 15))
    working = [day for day in days if day.weekday() < 6][:count]
    return [{"date": day.isoformat(), "name": _name(day), "windows": _windows(day)} for day in working]


def _name(day: dt.date) -> str:
    return f"{day:%A}, {day:%b} {day.day}"


def _windows(day: dt.date) -> list[str]:
    return [window for place, window in enumerate(WINDOWS) if (day.toordinal() + place) % 3]
