"""What is done with numbers: offered, bought, added from a carrier account of the company's own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from callspring.accounts.models import Company
from callspring.billing.actions import charge_rent, demand, lock
from callspring.billing.prices import PERIOD, rent
from callspring.numbers.e164 import kind_of, parse_number
from callspring.numbers.models import Connection, Number
from callspring.numbers.ordering import SELLERS, Available, CannotOrder, Refused, Seller, seller
from callspring.numbers.queries import connections

__all__ = ["Available", "Bought", "CannotOrder", "Refusal", "adopt", "buy", "offer", "parse_number"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A number that could not be bought, and why, for people. It was not charged."""

    e164: str
    reason: str


@dataclass(frozen=True, slots=True)
class Bought:
    """What became of an order."""

    numbers: list[Number]
    refused: list[Refusal]


def offer(company: Company, kind: str, area_code: str = "", count: int = 1) -> list[Available]:
    """At most `count` numbers of `kind` that could be bought now. Raises `CannotOrder`."""
    connection = ordering_connection(company)
    return seller(connection).search(connection, kind, area_code, count)


def ordering_connection(company: Company) -> Connection:
    """Through which connection the company buys: the oldest at a carrier that sells. Raises `CannotOrder`."""
    found = connections(company).filter(carrier__in=SELLERS).first()
    if found is None:
        raise CannotOrder(_("Connect a carrier that sells numbers first."))
    return found


def buy(company: Company, e164s: Sequence[str], fallback: str) -> Bought:
    """Buy these numbers and pay 7 days' rent for each; `fallback` (E.164) is rung while we do not answer.

    All of them must be affordable, else `NotEnoughFunds` and nothing is bought. A number that the carrier
    refuses is named in the answer and not charged. Raises `CannotOrder`, and `ValueError` for what is no E.164.
    """
    wanted = list(dict.fromkeys(e164s))
    total = sum(rent(kind_of(e164), company.account.currency) for e164 in wanted)
    connection = ordering_connection(company)
    order = _Order(connection, seller(connection), fallback, timezone.now())
    with order.given_back_on_failure(), transaction.atomic():
        lock(company.account)
        demand(company.account, total)
        for e164 in wanted:
            order.obtain(e164)
    return Bought(order.numbers, order.refused)


@transaction.atomic
def adopt(connection: Connection, e164s: Iterable[str]) -> list[Number]:
    """Add numbers that the company already has at its own carrier account: nothing is bought or charged.

    Raises `ValueError` when somebody here has one of them already; then none is added.
    """
    now = timezone.now()
    return [_add(connection, e164, now, paid_until=now) for e164 in dict.fromkeys(e164s)]


class _Order:
    """One purchase at one carrier: what was obtained so far."""

    def __init__(self, connection: Connection, carrier: Seller, fallback: str, now: datetime) -> None:
        self.connection, self.carrier, self.fallback, self.now = connection, carrier, fallback, now
        self.numbers: list[Number] = []
        self.refused: list[Refusal] = []

    def obtain(self, e164: str) -> None:
        """Money first, then the carrier; both or neither."""
        try:
            with transaction.atomic():
                number = _add(self.connection, e164, self.now, paid_until=self.now + PERIOD)
                charge_rent(self.connection.company.account, number, self.now)
                self.carrier.buy(self.connection, e164, self.fallback)
        except (Refused, ValueError) as problem:
            self.refused.append(Refusal(e164, str(problem)))
        else:
            self.numbers.append(number)

    @contextmanager
    def given_back_on_failure(self) -> Iterator[None]:
        """If the record cannot keep what was bought, the carrier gets it back."""
        try:
            yield
        except BaseException:
            for number in self.numbers:
                self.carrier.release(self.connection, number.e164)
            raise


def _add(connection: Connection, e164: str, now: datetime, paid_until: datetime) -> Number:
    try:
        with transaction.atomic():
            return Number.objects.create(
                company=connection.company,
                connection=connection,
                e164=e164,
                kind=kind_of(e164),
                bought_at=now,
                paid_until=paid_until,
            )
    except IntegrityError:
        raise ValueError(_("%(number)s is in use here already.") % {"number": e164}) from None
