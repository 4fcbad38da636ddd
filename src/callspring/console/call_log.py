"""One page of the call log, as its address asks for it.

Pages are cut by the last call shown, not by counting: a call that comes in meanwhile moves nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from callspring.accounts.models import Company
from callspring.calls.models import Call, Flag
from callspring.calls.queries import CallDetail, calls, details
from callspring.console.digests import digest
from callspring.console.log_query import LogQuery
from callspring.console.recent import remembered
from callspring.reports.call_log import Sums, log_calls, sums

PAGE = 50
SUMS_SECONDS = 20
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
BY_TIME = ("started_at", "id")
BY_LENGTH = ("length", "started_at", "id")

Cursor = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Order:
    """By which columns, all of them in one direction."""

    columns: tuple[str, ...]
    down: bool

    def ordered(self, found: QuerySet[Call], *, backwards: bool) -> QuerySet[Call]:
        """`found` in this order, or in the opposite one."""
        sign = "-" if self.down != backwards else ""
        return found.annotate(length=Coalesce("duration", 0)).order_by(*(sign + column for column in self.columns))

    def beyond(self, cursor: Cursor, *, backwards: bool) -> Q:
        """What comes after the cursor's call in this order, or in the opposite one."""
        compare = "lt" if self.down != backwards else "gt"
        after, same = Q(pk__in=[]), Q()
        for column, value in zip(self.columns, cursor, strict=True):
            after |= same & Q(**{f"{column}__{compare}": value})
            same &= Q(**{column: value})
        return after

    def mark(self, call: Call) -> str:
        """The call as a cursor: microseconds since 1970 and the id are exact in both databases."""
        at = (call.started_at - EPOCH) // timedelta(microseconds=1)
        length = [str(call.duration or 0)] if "length" in self.columns else []
        return ".".join([*length, str(at), call.pk.hex])

    def cursor(self, text: str) -> Cursor | None:
        """The cursor that `mark` wrote; None for anything else."""
        length = r"([0-9]{1,9})\." if "length" in self.columns else "()"
        found = re.fullmatch(length + r"([0-9]{1,17})\.([0-9a-f]{32})", text)
        if not found:
            return None
        rest = (EPOCH + timedelta(microseconds=int(found[2])), UUID(found[3]))
        return (int(found[1]), *rest) if found[1] else rest


ORDERS = {
    "": Order(BY_TIME, down=True),
    "oldest": Order(BY_TIME, down=False),
    "longest": Order(BY_LENGTH, down=True),
    "shortest": Order(BY_LENGTH, down=False),
}


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the log. `older` and `newer` are cursors to the next page and the last, "" where there is none."""

    rows: list[CallDetail]
    older: str
    newer: str
    sums: Sums | None = None

    @property
    def stamp(self) -> str:
        """Changes when anything on the page would look different."""
        return digest([_look(row) for row in self.rows], self.sums, timezone.localdate())

    @property
    def newest(self) -> CallDetail | None:
        """The first row."""
        return self.rows[0] if self.rows else None


def page(company: Company, asked: LogQuery, before: str, after: str) -> Page:
    """The page from a cursor on; a cursor that makes no sense is the first page."""
    order = ORDERS[asked.sort]
    found = log_calls(company, asked.filters)
    ahead, behind = order.cursor(before), order.cursor(after)
    if behind:
        shown = _cut(found, order, behind, backwards=True)
        rows = list(reversed(shown[:PAGE]))
        return _page(company, asked, rows, older=bool(rows), newer=len(shown) > PAGE)
    shown = _cut(found, order, ahead, backwards=False)
    return _page(company, asked, shown[:PAGE], older=len(shown) > PAGE, newer=bool(ahead))


def latest(company: Company, count: int) -> Page:
    """The newest calls, spam left out, without filters and without further pages."""
    return Page(details(company, list(calls(company).exclude(flag=Flag.SPAM).prefetch_related("tags")[:count])), "", "")


def each(company: Company, asked: LogQuery, size: int = 500) -> Iterator[list[CallDetail]]:
    """All that the filters let through, by time, `size` at a time: each piece is a question of its own, so that a
    slow download holds neither memory nor the database."""
    order = ORDERS["oldest" if asked.sort == "oldest" else ""]
    found = log_calls(company, asked.filters)
    shown = _cut(found, order, None, backwards=False, size=size)
    while shown:
        yield details(company, shown)
        last = (shown[-1].started_at, shown[-1].pk)
        shown = _cut(found, order, last, backwards=False, size=size)


def _cut(
    found: QuerySet[Call], order: Order, cursor: Cursor | None, *, backwards: bool, size: int = PAGE + 1
) -> list[Call]:
    ordered = order.ordered(found, backwards=backwards)
    return list((ordered.filter(order.beyond(cursor, backwards=backwards)) if cursor else ordered)[:size])


def _page(company: Company, asked: LogQuery, shown: list[Call], *, older: bool, newer: bool) -> Page:
    """Sums are worked out anew when a call on the page changes, else every `SUMS_SECONDS`."""
    rows, mark = details(company, shown), ORDERS[asked.sort].mark
    what = ("sums", asked.pairs, timezone.localdate(), [_look(row) for row in rows])
    work_out = partial(sums, company, asked.filters)
    return Page(
        rows,
        mark(shown[-1]) if older and shown else "",
        mark(shown[0]) if newer and shown else "",
        remembered(company, what, SUMS_SECONDS, work_out) if rows else work_out(),
    )


def _look(row: CallDetail) -> tuple[Any, ...]:
    call = row.call
    lead = tuple(tag.pk for tag in call.tags.all()), call.qualified, call.value, call.note
    return call.pk, call.status, call.duration, call.flag, call.caller_name, row.credit and row.credit.pk, lead
