"""The call log's address: what it filters by and how it is sorted, checked, bounded, and written back in one form.

`?source=google&source=bing&status=busy&period=30&sort=longest&view=12`. Several values of one filter mean any of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import QueryDict

from callspring.calls.models import CallStatus, Flag, Grade
from callspring.console.spans import Span, span_of
from callspring.reports.call_log import ABSENT, EVERY, QUALIFIED, LogFilters

MANY = ("source", "medium", "campaign", "channel", "scenario", "number", "status", "grade", "tag")
ONE = ("outcome", "turn", "qualified", "flag", "seconds", "caller")
CLOSED: Mapping[str, tuple[str, ...]] = {
    "status": tuple(CallStatus.values),
    "grade": tuple(Grade.values),
    "outcome": ("answered", "missed"),
    "turn": ("first", "repeat"),
    "qualified": tuple(QUALIFIED),
    "flag": (Flag.TEST.value, Flag.SPAM.value, EVERY),
}
SORTS = ("oldest", "longest", "shortest")
EVERYTHING = "all"  # as a view: no view, and not the one the page opens with
MOST_VALUES = 20  # of one filter
LONGEST = 200
LONGEST_QUERY = 2000  # a saved view's

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class LogQuery:
    """What an address asks for. `chosen` are the filters in use, in the order of `MANY` and `ONE`; `sort` is "" for the
    newest first; `view` is a saved view's id, `EVERYTHING`, or ""."""

    span: Span
    chosen: tuple[Pair, ...]
    sort: str = ""
    view: str = ""

    @property
    def narrowed(self) -> bool:
        """Whether anything is filtered out that would be shown without."""
        return bool(self.chosen or self.span.period)

    @property
    def pairs(self) -> list[Pair]:
        """Filters and sort in one form, without the view: two addresses that ask for the same are equal."""
        return [*self.span.pairs, *self.chosen, *([("sort", self.sort)] if self.sort else [])]

    @property
    def text(self) -> str:
        """`pairs` as a query string: what a saved view keeps."""
        return urlencode(self.pairs)

    @property
    def address(self) -> str:
        """`?…` with the view. Without anything it says so, or the person's own first view would open."""
        view = [("view", self.view)] if self.view not in ("", EVERYTHING) else []
        return "?" + urlencode([*self.pairs, *view] or [("view", EVERYTHING)])

    @property
    def filters(self) -> LogFilters:
        """For the report."""
        period = self.span.period
        seconds = self.one("seconds")
        return LogFilters(
            since=period.start if period else None,
            until=period.end if period and not self.span.runs else None,
            source=self.values("source"),
            medium=self.values("medium"),
            campaign=self.values("campaign"),
            channel=self.values("channel"),
            status=self.values("status"),
            grade=self.values("grade"),
            number=self.values("number"),
            scenario=tuple(0 if value == ABSENT else int(value) for value in self.values("scenario")),
            caller=self.one("caller"),
            outcome=self.one("outcome"),
            turn=self.one("turn"),
            seconds=int(seconds) if seconds else None,
            flag=self.one("flag"),
            tag=self.values("tag"),
            qualified=self.one("qualified"),
        )

    def values(self, name: str) -> tuple[str, ...]:
        """What one filter lets through, () for all."""
        return tuple(value for key, value in self.chosen if key == name)

    def one(self, name: str) -> str:
        """The value of a filter that has one."""
        return next(iter(self.values(name)), "")

    def without(self, name: str, value: str = "") -> LogQuery:
        """One filter, or one value of it, taken out."""
        if name == "period":
            return replace(self, span=Span(""))
        gone = {(name, value)} if value else {pair for pair in self.chosen if pair[0] == name}
        return replace(self, chosen=tuple(pair for pair in self.chosen if pair not in gone))

    def having(self, name: str, value: str) -> LogQuery:
        """One filter set to one value."""
        return replace(self, chosen=(*self.without(name).chosen, (name, value)))

    def sorted_by(self, sort: str) -> LogQuery:
        """The same calls in another order."""
        return replace(self, sort=sort)

    def opened(self, view: int | None) -> LogQuery:
        """The same calls under a saved view, or under none."""
        return replace(self, view=str(view) if view else "")


def log_query(query: QueryDict, now: datetime, zone: ZoneInfo) -> LogQuery:
    """Read an address. What it does not understand it leaves out."""
    chosen = [(name, value) for name in MANY for value in _many(query, name)]
    chosen += [(name, value) for name in ONE for value in _many(query, name)[-1:]]
    sort = query.get("sort", "")
    view = query.get("view", "")
    return LogQuery(
        span_of(query, now, zone),
        tuple(chosen),
        sort if sort in SORTS else "",
        view if view == EVERYTHING or re.fullmatch(r"[1-9][0-9]{0,15}", view) else "",
    )


def kept(text: str, now: datetime, zone: ZoneInfo) -> LogQuery:
    """Read what a saved view keeps, or a form sends as the address it stood on."""
    return log_query(QueryDict(text[: LONGEST_QUERY + 100]), now, zone)


def _many(query: QueryDict, name: str) -> list[str]:
    values = (_clean(name, value) for value in query.getlist(name)[:MOST_VALUES])
    return list(dict.fromkeys(value for value in values if value))


def _clean(name: str, value: str) -> str:
    """One value as the record knows it, "" for none. A NUL is the end of a string to PostgreSQL."""
    value = value.replace("\0", "")[:LONGEST]
    if name in CLOSED:
        return value if value in CLOSED[name] else ""
    if name == "caller":
        return re.sub(r"[^0-9]", "", value)[:20]
    if name == "scenario" and value == ABSENT:
        return value
    if name in ("scenario", "seconds"):
        whole = re.fullmatch(r"0*([1-9][0-9]{0,8})", value)
        return whole[1] if whole else ""
    return value
