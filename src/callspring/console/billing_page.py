"""What the pages about money show: a statement's lines in words, the address of a part of it, the price list."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from callspring.accounts.models import Account, Company
from callspring.billing import arrears, prices, queries
from callspring.billing.models import LedgerEntry
from callspring.billing.queries import Line, Wanted
from callspring.billing.words import plain
from callspring.console import words
from callspring.console.call_csv import BOM, safe
from callspring.console.countries import COUNTRIES
from callspring.console.spans import Span, names, span_of
from callspring.numbers.models import Number

SIZE = 50
Kind = LedgerEntry.Kind


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for: `?kind=rent&period=30&before=123`; what it does not understand it leaves out."""

    kind: str
    span: Span
    before: int | None

    @property
    def wanted(self) -> Wanted:
        """For the ledger."""
        period = self.span.period
        return Wanted(self.kind, period.start if period else None, period.end if period else None)

    @property
    def query(self) -> str:
        """The filters as they stand in an address."""
        return urlencode([*([("kind", self.kind)] if self.kind else []), *self.span.pairs])


@dataclass(frozen=True, slots=True)
class Shown:
    """A line in words. `address` leads to what was charged for, "" where it leads nowhere."""

    entry: LedgerEntry
    balance: int
    title: str
    detail: str
    address: str


def asked_for(query: QueryDict, zone: ZoneInfo) -> Asked:
    """What the address says."""
    kind, before = query.get("kind", ""), query.get("before", "")
    known = kind if kind in Kind.values else ""
    number = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
    return Asked(known, span_of(query, timezone.now(), zone), number)


def statement(company: Company, asked: Asked, size: int = SIZE) -> tuple[list[Shown], int | None]:
    """A page of it, newest first, and where the next page begins."""
    lines = queries.page(company.account, asked.wanted, asked.before, size + 1)
    more = lines[size - 1].entry.pk if len(lines) > size else None
    return [shown(line, company) for line in lines[:size]], more


def choices() -> dict[str, Any]:
    """What the filters offer."""
    return {"kinds": Kind.choices, "periods": names()}


def shown(line: Line, company: Company) -> Shown:
    """A line in words. Of another company's call there is no page here."""
    entry = line.entry
    address = ""
    if entry.kind == Kind.MINUTES and entry.subject and entry.company_id == company.pk:
        address = reverse("console:call", args=[entry.subject])
    return Shown(entry, line.balance, str(entry.get_kind_display()), _detail(entry), address)


def _detail(entry: LedgerEntry) -> str:
    number, units = words.phone(entry.note) if entry.note.startswith("+") else entry.note, entry.units
    about = {"what": number, "day": _day(entry.about), "n": units, "number": number}
    match entry.kind:
        case Kind.RENT | Kind.PLAN if entry.about:
            return _("%(what)s, from %(day)s") % about
        case Kind.MINUTES:
            return ngettext("%(n)d minute to %(number)s", "%(n)d minutes to %(number)s", units) % about
        case Kind.MESSAGES:
            return ngettext("%(n)d segment from %(number)s", "%(n)d segments from %(number)s", units) % about
    return number


def _day(at: datetime | None) -> str:
    return date_format(timezone.localtime(at), "j M Y") if at else ""


def csv_lines(company: Company, asked: Asked, zone: ZoneInfo, *, excel: bool) -> Iterator[str]:
    """The statement as a file (RFC 4180), oldest first. What people wrote is no formula (`call_csv.safe`)."""
    header = [
        "entry", f"time ({zone.key})", "time (UTC)", "kind", "amount", "currency", "balance", "note", "units",
        "about (UTC)", "company", "by",
    ]  # fmt: skip
    kinds = {value: str(label) for value, label in Kind.choices}
    yield (BOM if excel else "") + _csv(header)
    for line in queries.lines(company.account, asked.wanted):
        entry = line.entry
        yield _csv([
            entry.pk, _iso(entry.at, zone), _iso(entry.at, UTC), kinds.get(entry.kind, entry.kind),
            plain(entry.amount, entry.currency), entry.currency, plain(line.balance, entry.currency), safe(entry.note),
            entry.units or "", _iso(entry.about, UTC), safe(entry.company or ""), safe(entry.actor or ""),
        ])  # fmt: skip


def _csv(row: Sequence[object]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(row)
    return text.getvalue()


def _iso(at: datetime | None, zone: Any) -> str:
    return at.astimezone(zone).isoformat(timespec="seconds") if at else ""


@dataclass(frozen=True, slots=True)
class Arrears:
    """Since when the account owes, and when swapping stops or did."""

    since: datetime
    stops_at: datetime | None
    stopped_at: datetime | None


def owing(account: Account, now: datetime) -> Arrears | None:
    """None while nothing is owed."""
    if account.arrears_since is None:
        return None
    stopped = account.swapping_stopped_at
    return Arrears(account.arrears_since, None if stopped else arrears.when_it_stops(account, now), stopped)


@dataclass(frozen=True, slots=True)
class Price:
    """A row of the price list in words. `carrier_month` is the carrier's own price, None where it is not known."""

    what: str
    where: str
    price: int | Decimal
    carrier_month: int | None = None


def price_rows(currency: str, now: datetime) -> dict[str, list[Price]]:
    """The prices that hold now: of numbers, of minutes and of messages. Raises `ValueError` where there are none."""
    valid = prices.price_list().at(currency, now.astimezone(UTC).date())
    kinds = {value: str(label) for value, label in Number.Kind.choices}
    legs = {
        ("in", "local"): _("Call to a local number"),
        ("in", "toll_free"): _("Call to a toll-free number"),
        ("out", "phone"): _("Forwarded to a phone"),
        ("out", "sip"): _("Forwarded to a SIP address"),
    }
    return {
        "rent": [Price(kinds.get(row.kind, row.kind), _where(row), row.price, row.carrier_month) for row in valid.rent],
        "minutes": [Price(legs[row.direction, row.kind], _where(row), row.price) for row in valid.minutes],
        "messages": [Price(_("Text that you send, each segment"), _where(row), row.price) for row in valid.messages],
    }


def _where(row: Any) -> str:
    """Carrier and country of a row, "" where it holds for all others."""
    country = str(COUNTRIES.get(row.country, row.country))
    return " · ".join(part for part in (row.carrier.title(), country) if part)
