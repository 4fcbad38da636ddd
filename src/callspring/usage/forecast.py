"""What a month costs: what was used so far, and what the rest of it will bring if it goes on like the last 30 days.

For a prepaid account the past is its ledger. For one with its own carrier nothing is charged: its use is counted and
priced by the list.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import F, IntegerField, QuerySet, Sum
from django.utils.translation import gettext as _

from callspring.accounts.models import Account
from callspring.billing import prices
from callspring.billing.cap import month
from callspring.billing.ledger import spent_on
from callspring.billing.models import LedgerEntry
from callspring.billing.prices import PERIOD, RentRow
from callspring.calls.models import Call
from callspring.inbox.models import Message
from callspring.numbers.e164 import country_of
from callspring.usage.charging import leg_price
from callspring.usage.rented import charged_from, held
from callspring.usage.segments import segments

BASIS = timedelta(days=30)
Kind = LedgerEntry.Kind


@dataclass(frozen=True, slots=True)
class Part:
    """What something cost this month so far, and what it will until the month's end, in minor units."""

    so_far: int
    to_come: int

    @property
    def total(self) -> int:
        """Of the whole month."""
        return self.so_far + self.to_come


@dataclass(frozen=True, slots=True)
class Forecast:
    """The month from `first` until before `last`, both midnights of the company's zone."""

    first: datetime
    last: datetime
    numbers: Part
    plan: Part
    minutes: Part
    messages: Part

    @property
    def parts(self) -> list[tuple[str, Part]]:
        """Each with what people call it; the plan where it costs anything."""
        named = [(_("Numbers"), self.numbers), (_("Minutes"), self.minutes), (_("Messages"), self.messages)]
        return [*named, *([(_("Plan"), self.plan)] if self.plan.total else [])]

    @property
    def so_far(self) -> int:
        """Everything until now."""
        return sum(part.so_far for _title, part in self.parts)

    @property
    def total(self) -> int:
        """Everything in the whole month."""
        return sum(part.total for _title, part in self.parts)


@dataclass(frozen=True, slots=True)
class Row:
    """Numbers of one carrier, country and kind: how many, and what one costs. See `RentRow` for the carrier's price."""

    carrier: str
    country: str
    kind: str
    count: int
    price: RentRow

    @property
    def total(self) -> int:
        """For 7 days."""
        return self.count * self.price.price

    @property
    def carrier_total(self) -> int | None:
        """What the carrier bills each month, None where that is not known."""
        month = self.price.carrier_month
        return None if month is None else self.count * month


def numbers(account: Account) -> list[Row]:
    """The numbers that the account rents, by what they cost."""
    found = sorted((number.carrier, number.country, number.kind) for number in held(account))
    return [Row(*key, count=len(list(some)), price=_row(account, *key)) for key, some in groupby(found)]


def weekly_rent(account: Account) -> int:
    """What all numbers that the account rents cost in 7 days, in minor units: charged if prepaid, else a forecast."""
    return sum(row.total for row in numbers(account))


def forecast(account: Account, zone: ZoneInfo, now: datetime) -> Forecast:
    """The month that `now` (aware) is in, as this zone has it."""
    first, last = month(now.astimezone(zone))
    use = _charged if account.mode == Account.Mode.PREPAID else _counted
    minutes, messages = (
        Part(use(account, kind, first, now), _rest(account, use(account, kind, now - BASIS, now), now, last))
        for kind in (Kind.MINUTES, Kind.MESSAGES)
    )
    return Forecast(first, last, _rent(account, first, now, last), _plan(account, first, now, last), minutes, messages)


def _row(account: Account, carrier: str, country: str, kind: str) -> RentRow:
    try:
        return prices.rent_row(kind, account.currency, carrier=carrier, country=country)
    except ValueError:
        return RentRow(kind, 0)


def _rent(account: Account, first: datetime, now: datetime, last: datetime) -> Part:
    """Charged so far, and the periods that begin before the month ends; without charges, what the carrier bills."""
    if account.mode != Account.Mode.PREPAID:
        return Part(0, sum(_carrier_month(row, last - first) for row in numbers(account)))
    to_come = 0
    for number in held(account):
        start = max(charged_from(account, number), first)
        periods = -(-(last - start) // PERIOD) if last > start else 0
        to_come += periods * _row(account, number.carrier, number.country, number.kind).price
    return Part(_charged(account, Kind.RENT, first, now), to_come)


def _carrier_month(row: Row, length: timedelta) -> int:
    """The carrier's own price where it is known, else our rent for as many days."""
    return row.total * length // PERIOD if row.carrier_total is None else row.carrier_total


def _plan(account: Account, first: datetime, now: datetime, last: datetime) -> Part:
    if account.mode != Account.Mode.PREPAID:
        return Part(0, 0)
    following = prices.plan(account.plan_next or account.plan).fee.get(account.currency, 0)
    until = account.plan_paid_until
    periods = -(-(last - until) // PERIOD) if until is not None and until < last else 0
    return Part(_charged(account, Kind.PLAN, first, now), periods * following)


def _rest(account: Account, used: int, now: datetime, last: datetime) -> int:
    """As much a day as in the days before, which may be fewer than 30 for a young account."""
    known = min(BASIS, now - (account.prepaid_since or account.created_at))
    days = max(known / timedelta(days=1), 1.0)
    return round(used / days * max((last - now) / timedelta(days=1), 0.0))


def _charged(account: Account, kind: str, first: datetime, last: datetime) -> int:
    return spent_on(account, (kind,), first, last)


def _counted(account: Account, kind: str, first: datetime, last: datetime) -> int:
    """What use would cost by the list, at today's prices."""
    counted = _minutes(account, first, last) if kind == Kind.MINUTES else _messages(account, first, last)
    return prices.whole(sum(counted, Decimal(0)))


def _minutes(account: Account, first: datetime, last: datetime) -> Iterator[Decimal]:
    """Counted by the database: an account may have many thousand calls."""
    begun: Any = (F("duration") + 59) / 60  # both databases divide whole numbers to whole numbers
    calls = _used(Call.objects.filter(duration__gt=0, started_at__gte=first, started_at__lt=last), account)
    by_number = calls.values_list("number", "destination").annotate(minutes=Sum(begun, output_field=IntegerField()))
    ours = {number.pk: number for number in held(account)}
    for pk, destination, count in by_number:
        for direction in ("in", "out"):
            yield count * leg_price(direction, ours[pk], destination, account.currency, last)


def _messages(account: Account, first: datetime, last: datetime) -> Iterator[Decimal]:
    state = Message.State
    texts = Message.objects.filter(kind=Message.Kind.TEXT_OUT, state__in=(state.SENT, state.DELIVERED))
    sent = _used(texts.filter(at__gte=first, at__lt=last), account)
    columns = ("body", "thread__contact", "number__connection__carrier")
    for body, contact, carrier in sent.values_list(*columns).iterator():
        each = prices.segment(account.currency, carrier=carrier, country=country_of(contact), at=last)
        yield segments(body) * each


def _used(found: QuerySet[Any], account: Account) -> QuerySet[Any]:
    return found.filter(company__account=account, number__in=held(account).order_by()).order_by()
