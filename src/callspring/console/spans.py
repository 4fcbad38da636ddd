"""The period that an address asks for: `?period=7`, or `?period=custom&from=2026-03-01&to=2026-03-15`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from callspring.reports.periods import Period
from callspring.reports.spans import FIRST_DAY, NAMES, between, named

CUSTOM = "custom"


@dataclass(frozen=True, slots=True)
class Span:
    """`name` is one of `NAMES`, `CUSTOM`, or "" for all time, where `period` is None. `first` and `last` are the days
    as the address has them, "" where it has none. `runs`: it is not over, the next call belongs to it."""

    name: str
    period: Period | None = None
    first: str = ""
    last: str = ""
    runs: bool = False

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """As it stands in an address."""
        if self.name != CUSTOM:
            return [("period", self.name)] if self.name else []
        days = (("from", self.first), ("to", self.last))
        return [("period", CUSTOM), *((name, day) for name, day in days if day)]

    @property
    def said(self) -> str:
        """For people."""
        return days_of(self.period) if self.period and self.name == CUSTOM else dict(names()).get(self.name, "")


def span_of(query: QueryDict, now: datetime, zone: ZoneInfo) -> Span:
    """What the address says; what it does not understand it leaves out. Days without `period` are custom too; without
    the first it begins in 2000, without the last it runs until now."""
    name = query.get("period", "")
    first, last = _day(query.get("from", "")), _day(query.get("to", ""))
    if name in NAMES:
        period = named(name, now, zone)
        return Span(name, period, runs=bool(period and period.end == now))
    if first or last:
        period = between(first or FIRST_DAY, last or now.astimezone(zone).date(), now, zone)
        return Span(CUSTOM, period, _text(first), _text(last), runs=period.end == now)
    return Span(CUSTOM if name == CUSTOM else "")


def names() -> list[tuple[str, str]]:
    """Every period with a name, as people say it."""
    return [
        ("today", _("Today")),
        ("yesterday", _("Yesterday")),
        ("7", _("7 days")),
        ("30", _("30 days")),
        ("90", _("90 days")),
        ("365", _("365 days")),
        ("month", _("This month")),
        ("last-month", _("Last month")),
    ]


def days_of(period: Period) -> str:
    """The first and the last day, or one day with its weekday. The year stands where it is not this one's."""
    first, last = period.dates()[0], period.dates()[-1]
    this_year = datetime.now(period.zone).year == first.year == last.year
    year = "" if this_year else " Y"
    if first == last:
        return date_format(first, f"l, j F{year}")
    together = (first.year, first.month) == (last.year, last.month)
    left = date_format(first, "j" if together else f"j F{year}")
    return f"{left}\N{EN DASH}{date_format(last, f'j F{year}')}"


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def _text(day: date | None) -> str:
    return day.isoformat() if day else ""
