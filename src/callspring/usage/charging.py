"""Minutes and messages are charged once they are over: one entry for each call and each text, by its id.

Nothing is noted on a call or a text. What has no entry yet is looked for: often among the latest, now and then among
all of the last weeks, so that calls that were recovered late are found too.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from callspring.accounts.models import Account
from callspring.billing import prices
from callspring.billing.ledger import Fact, lock, write
from callspring.billing.models import LedgerEntry
from callspring.billing.plans import left
from callspring.calls.models import Call, CallEvent
from callspring.carriers.contract import Leg
from callspring.inbox.models import Message
from callspring.numbers.e164 import country_of
from callspring.numbers.models import Number
from callspring.usage.rented import rented
from callspring.usage.segments import segments

log = logging.getLogger(__name__)

# Carriers tell the ends of a call's legs one after the other, and say how long they were with the last.
SETTLED = timedelta(minutes=2)
LATEST, ALL = timedelta(hours=8), timedelta(days=45)
AT_ONCE = 200
Kind = LedgerEntry.Kind


def charge_all(now: datetime, within: timedelta) -> int:
    """Charge what began in this time and is over; returns how many entries that made."""
    prepaid = Account.objects.filter(mode=Account.Mode.PREPAID).order_by("pk")
    return sum(_charge_account(account, now, within) for account in prepaid)


def _charge_account(account: Account, now: datetime, within: timedelta) -> int:
    """An account in a currency that the price list lacks holds up no other."""
    try:
        minutes = _charge(account, _calls(account, now, within), _minutes, Kind.MINUTES, now)
        return minutes + _charge(account, _texts(account, now, within), _messages, Kind.MESSAGES, now)
    except ValueError as problem:
        log.error("the use of account %s is not charged: %s", account.pk, problem)
        return 0


def _calls(account: Account, now: datetime, within: timedelta) -> QuerySet[Call]:
    """Calls that are over and took time: of the business, or of a machine that took a message."""
    # A caller's leg has a length where somebody or something answered it.
    listened = CallEvent.objects.filter(call=OuterRef("pk"), leg=Leg.CALLER, duration__gt=0)
    over = Call.objects.filter(
        Q(duration__gt=0) | Exists(listened),
        company__account=account,
        started_at__gte=_since(account, now, within),
        ended_at__lte=now - SETTLED,
    )
    return _uncharged(over, account, Kind.MINUTES).order_by("started_at", "pk")


def _texts(account: Account, now: datetime, within: timedelta) -> QuerySet[Message]:
    """Texts that a carrier took from us."""
    taken = Message.objects.filter(
        company__account=account,
        kind=Message.Kind.TEXT_OUT,
        state__in=(Message.State.SENT, Message.State.DELIVERED),
        at__gte=_since(account, now, within),
        at__lte=now - SETTLED,
    )
    return _uncharged(taken, account, Kind.MESSAGES).select_related("thread", "number__connection").order_by("at", "pk")


def _since(account: Account, now: datetime, within: timedelta) -> datetime:
    first = now - within
    return max(first, account.prepaid_since) if account.prepaid_since else first


def _uncharged(found: QuerySet[Any], account: Account, kind: str) -> QuerySet[Any]:
    charged = LedgerEntry.objects.filter(subject=OuterRef("pk"), kind=kind)
    mine = found.filter(number__in=rented(account)).exclude(Exists(charged))
    return mine.select_related("number__connection")


def _charge(
    account: Account,
    found: QuerySet[Any],
    facts: Callable[[Account, Sequence[Any], datetime], Iterable[Fact]],
    kind: str,
    now: datetime,
) -> int:
    """A handful at a time: each with the account's money to itself for as short as can be."""
    done = 0
    while some := list(found[:AT_ONCE]):
        with transaction.atomic():
            locked = lock(account)
            if locked.mode != Account.Mode.PREPAID:
                return done
            # Another runner may have charged some of them while we waited; what the plan includes is counted by then.
            charged = LedgerEntry.objects.filter(subject__in=[one.pk for one in some], kind=kind)
            taken = set(charged.values_list("subject", flat=True))
            fresh = [one for one in some if one.pk not in taken]
            done += len(write(locked, list(facts(locked, fresh, now)), now=now))
    return done


def _minutes(account: Account, calls: Sequence[Call], now: datetime) -> Iterable[Fact]:
    """A call costs its caller's leg, as long as somebody or something answered it, and the business's leg."""
    remaining, listened = left(account, Kind.MINUTES, now), _listened(calls)
    for call in calls:
        talked = call.duration or 0
        legs = (started(max(talked, listened.get(call.pk, 0))), started(talked))
        free = max(legs) if remaining is None else min(max(legs), remaining)
        remaining = None if remaining is None else remaining - free
        cost = _leg("in", call, account, legs[0] - free) + _leg("out", call, account, legs[1] - free)
        yield Fact(
            Kind.MINUTES, f"minutes:{call.pk}", -prices.whole(cost), call.dialled, call.company_id,
            about=call.started_at, units=max(legs), subject=call.pk,
        )  # fmt: skip


def _messages(account: Account, texts: Sequence[Message], now: datetime) -> Iterable[Fact]:
    remaining = left(account, Kind.MESSAGES, now)
    for text in texts:
        count = segments(text.body)
        free = count if remaining is None else min(count, remaining)
        remaining = None if remaining is None else remaining - free
        sender = cast(Number, text.number)  # see `_uncharged`
        to = country_of(text.thread.contact)
        each = prices.segment(account.currency, carrier=sender.carrier, country=to, at=text.at)
        yield Fact(
            Kind.MESSAGES, f"messages:{text.pk}", -prices.whole(each * (count - free)), sender.e164,
            text.company_id, about=text.at, units=count, subject=text.pk,
        )  # fmt: skip


def started(seconds: int) -> int:
    """Minutes begun."""
    return -(-seconds // 60)


def leg_price(direction: str, number: Number, destination: str, currency: str, at: datetime) -> Decimal:
    """A started minute of a call's leg: in, of whoever calls our number, or out, to the destination."""
    kind, country = number.kind, number.country
    if direction == "out":
        kind, country = ("phone", country_of(destination)) if destination.startswith("+") else ("sip", "")
    return prices.minute(direction, kind, currency, carrier=number.carrier, country=country, at=at)


def _leg(direction: str, call: Call, account: Account, minutes: int) -> Decimal:
    if minutes <= 0 or call.number is None:
        return Decimal(0)
    return minutes * leg_price(direction, call.number, call.destination, account.currency, call.started_at)


def _listened(calls: Sequence[Call]) -> dict[UUID, int]:
    """How long each caller's leg was, in seconds, where a carrier said so."""
    said = CallEvent.objects.filter(call__in=[call.pk for call in calls], leg=Leg.CALLER, duration__gt=0)
    return dict(said.values_list("call").annotate(longest=Max("duration")).values_list("call", "longest"))
