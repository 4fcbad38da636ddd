"""The call log as a file for spreadsheets and programs: exactly the calls that the filters let through.

Much of a row was written by strangers (page titles, campaign names, what the network says a caller is called), and
spreadsheets run a cell that begins like a formula. See `safe`.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.text import slugify
from django.utils.translation import gettext as _

from callspring.accounts.models import Company
from callspring.calls.models import Basis, Call, CallStatus, Credit, Flag, Grade
from callspring.calls.queries import CallDetail
from callspring.console import words
from callspring.console.log_query import LogQuery
from callspring.visits.models import Visit
from callspring.visits.touch import Channel

BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"  # without it Excel takes UTF-8 for the machine's old code page
# OWASP, "CSV Injection"; the wide forms are what spreadsheets make of Japanese keyboards' input.
RISKY = re.compile(r"[=+\-@\t\r\n＝＋－＠]")
E164 = re.compile(r"\+[0-9]{3,15}")

Cell = Callable[[CallDetail], object]


def safe(value: object) -> str:
    """A cell that no spreadsheet runs: what begins like a formula gets an apostrophe in front, as people would type it.

    A telephone number (`+` and 3 to 15 digits, E.164) stays as it is: its plus sign is a sign, there is nothing to
    run, and programs find the number that they know.
    """
    text = "" if value is None else str(value).replace("\0", "")
    return f"'{text}" if RISKY.match(text) and not E164.fullmatch(text) else text


def lines(pieces: Iterable[list[CallDetail]], zone: ZoneInfo, *, excel: bool) -> Iterator[str]:
    """The file, some rows at a time; the first has the header. `excel` puts a byte order mark in front."""
    columns = _columns(zone)
    yield (BOM if excel else "") + _written([list(columns)])
    for rows in pieces:
        yield _written([[safe(cell(row)) for cell in columns.values()] for row in rows])


def file_name(company: Company, asked: LogQuery, now: datetime) -> str:
    """`calls-harbor-pine-2026-03-01-to-2026-03-15.csv`; without a period the day of the export."""
    name = slugify(company.name, allow_unicode=True)[:60] or "company"
    days = asked.span.period.dates() if asked.span.period else [now.date()]
    ends = [days[0].isoformat(), *([days[-1].isoformat()] if len(days) > 1 else [])]
    return f"calls-{name}-{'-to-'.join(ends)}.csv"


def _written(rows: list[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)  # RFC 4180
    return text.getvalue()


def _columns(zone: ZoneInfo) -> dict[str, Cell]:
    """Header and cell. Words are found out now: when the file is sent, the request's language is gone."""
    local = _("local time")
    return {
        "call id": lambda row: row.call.pk,
        f"started ({zone.key})": lambda row: _time(row.call.started_at, zone),
        "started (UTC)": lambda row: _time(row.call.started_at, UTC),
        f"answered ({local})": lambda row: _time(row.call.answered_at, zone),
        f"ended ({local})": lambda row: _time(row.call.ended_at, zone),
        **_call_columns(),
        **_credit_columns(),
        **_visit_columns(),
    }


def _call_columns() -> dict[str, Cell]:
    statuses = {value: str(label) for value, label in CallStatus.choices}
    flags = {value: str(label) for value, label in Flag.choices}
    yes, no = _("yes"), _("no")
    return {
        "caller": lambda row: row.call.caller,
        "caller name": lambda row: row.call.caller_name,
        "dialled number": lambda row: row.call.dialled,
        "scenario": lambda row: row.call.scenario.name if row.call.scenario else "",
        "destination": lambda row: row.call.destination,
        "status": lambda row: statuses.get(row.call.status, row.call.status),
        "answered": lambda row: yes if row.call.answered_at else no,
        "seconds talked": lambda row: row.call.duration,
        "first-time caller": lambda row: no if _repeat(row.call) else yes,
        "flag": lambda row: flags.get(row.call.flag, row.call.flag),
        "tags": lambda row: ", ".join(tag.name for tag in row.call.tags.all()),
        "qualified lead": lambda row: {True: yes, False: no}.get(row.call.qualified, ""),
        "value": lambda row: "" if row.call.value is None else f"{row.call.value:.2f}",
        "currency": lambda row: row.call.currency,
        "note": lambda row: row.call.note,
    }


def _credit_columns() -> dict[str, Cell]:
    grades = {value: str(label) for value, label in Grade.choices}
    bases = {value: str(label) for value, label in Basis.choices}
    channels = {channel.value: words.channel_name(channel.value) for channel in Channel}
    yes, no = _("yes"), _("no")
    cells: dict[str, Callable[[Credit], object]] = {
        "source": lambda credit: credit.source,
        "medium": lambda credit: credit.medium,
        "campaign": lambda credit: credit.campaign,
        "keyword": lambda credit: credit.keyword,
        "channel": lambda credit: channels.get(credit.channel, credit.channel),
        "grade": lambda credit: grades.get(credit.grade, credit.grade),
        "probability": lambda credit: "" if credit.probability is None else f"{credit.probability:.3f}",
        "credited on": lambda credit: bases.get(credit.basis, credit.basis),
        "final": lambda credit: yes if credit.stage == Credit.Stage.FINAL else no,
        "visit number": lambda credit: credit.visit_number,
    }
    return {header: _of_credit(cell) for header, cell in cells.items()}


def _of_credit(cell: Callable[[Credit], object]) -> Cell:
    return lambda row: cell(row.credit) if row.credit else ""


def _visit_columns() -> dict[str, Cell]:
    cells: dict[str, Callable[[Visit], object]] = {
        "landing page": lambda visit: visit.landing_url,
        "referrer": lambda visit: visit.referrer,
        "click ids": lambda visit: " ".join(f"{name}={value}" for name, value in visit.click_ids.items()),
        "country": lambda visit: visit.country,
        "region": lambda visit: visit.region,
        "city": lambda visit: visit.city,
        "device": lambda visit: visit.device,
        "os": lambda visit: visit.os,
        "browser": lambda visit: visit.browser,
    }
    return {
        **{header: _of_visit(cell) for header, cell in cells.items()},
        "page when calling": lambda row: row.page_view.url if row.page_view else "",
        "page title": lambda row: row.page_view.title if row.page_view else "",
    }


def _of_visit(cell: Callable[[Visit], object]) -> Cell:
    return lambda row: cell(row.visit) if row.visit else ""


def _repeat(call: Call) -> bool:
    return bool(call.is_repeat)  # type: ignore[attr-defined] # put there by `log_calls`


def _time(at: datetime | None, zone: Any) -> str:
    """ISO 8601, to the second, with the offset."""
    return at.astimezone(zone).isoformat(timespec="seconds") if at else ""
