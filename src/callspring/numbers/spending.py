"""What a month's numbers come to, for the spending cap: what was charged so far and what falls due until its end.

A prepaid account's past is its ledger, with minutes, messages and fees. Where the carrier bills, only numbers are
known beforehand, and they are counted by the price list.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from callspring.accounts.models import Account
from callspring.billing.cap import OverCap, cap_of, month_of
from callspring.billing.ledger import spent
from callspring.billing.prices import PERIOD, rent_row
from callspring.numbers.e164 import country_of, kind_of
from callspring.numbers.models import Number, NumberOrder
from callspring.numbers.queries import bought_here

Priced = tuple[str, str]  # E.164 and the carrier's name


@dataclass(frozen=True, slots=True)
class Month:
    """Where an account stands: minor units. `cap` is None where there is none."""

    first: datetime
    last: datetime
    committed: int
    cap: int | None

    @property
    def left(self) -> int | None:
        """How much more may be bought; None for as much as one likes."""
        return None if self.cap is None else max(0, self.cap - self.committed)


def this_month(account: Account, now: datetime) -> Month:
    """What the month will have cost by its end if nothing more is bought, orders under way included."""
    first, last = month_of(account, now)
    return Month(first, last, _committed(account, first, now, last), cap_of(account))


def refuse_over_cap(account: Account, wanted: Iterable[Priced], now: datetime) -> None:
    """Raise `OverCap` where buying these now would pass the cap, with their rent until the month's end."""
    if cap_of(account) is None:
        return
    month = this_month(account, now)
    needed = sum(_until(account, e164, carrier, now, month.last) for e164, carrier in wanted)
    if month.cap is not None and month.committed + needed > month.cap:
        raise OverCap(needed, month.left or 0, month.cap)


def _committed(account: Account, first: datetime, now: datetime, last: datetime) -> int:
    orders = NumberOrder.objects.filter(company__account=account, state=NumberOrder.State.REQUESTED)
    asked = sum(_until(account, *one, now, last) for one in orders.values_list("e164", "connection__carrier"))
    ours = Number.objects.filter(bought_here(), company__account=account)
    if account.mode == Account.Mode.PREPAID:
        held = ours.exclude(state=Number.State.RELEASED).values_list("e164", "connection__carrier", "paid_until")
        to_come = sum(_until(account, e164, carrier, start, last) for e164, carrier, start in held)
        return spent(account, first, now) + to_come + asked
    return sum(_in_month(account, number, first, last) for number in ours.select_related("connection")) + asked


def _in_month(account: Account, number: Number, first: datetime, last: datetime) -> int:
    """A number that was given back counts for the periods that had begun."""
    begun = max(number.bought_at, first)
    end = min(last, number.paid_until) if number.state == Number.State.RELEASED else last
    return _until(account, number.e164, number.carrier, begun, end)


def _until(account: Account, e164: str, carrier: str, start: datetime, last: datetime) -> int:
    """The periods that begin from `start` until before `last`; the carrier's month where it sends the bill."""
    if start >= last:
        return 0
    try:
        row = rent_row(kind_of(e164), account.currency, carrier=carrier, country=country_of(e164))
    except ValueError:  # a currency without prices: nothing is charged either
        return 0
    if account.mode != Account.Mode.PREPAID and row.carrier_month is not None:
        return row.carrier_month
    return -(-(last - start) // PERIOD) * row.price
