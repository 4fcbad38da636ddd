"""What numbers cost, said before any is bought: rent from the balance, or what the carrier bills each month."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from callspring.accounts.models import Account, Company
from callspring.billing.prices import PERIOD, rent_row
from callspring.billing.queries import balance
from callspring.numbers.e164 import country_of, kind_of

MONTH_DAYS = 30
SANDBOX = "sandbox"  # it bills nobody: its numbers cost what the price list says, in every mode


@dataclass(frozen=True, slots=True)
class QuoteLine:
    """Numbers of one price: `price` is one's for 7 days, `carrier_month` the carrier's own a month (None: unknown)."""

    kind: str
    country: str
    carrier: str
    count: int
    price: int
    carrier_month: int | None

    @property
    def total(self) -> int:
        """All of them for 7 days."""
        return self.count * self.price

    @property
    def estimated(self) -> bool:
        """Whether what the carrier bills is only estimated, from our own rent."""
        return self.carrier_month is None

    @property
    def month(self) -> int:
        """About what the carrier bills for one each month."""
        if self.carrier_month is not None:
            return self.carrier_month
        return -(-self.price * MONTH_DAYS // PERIOD.days)

    @property
    def month_total(self) -> int:
        """About what the carrier bills for all of them each month."""
        return self.count * self.month


@dataclass(frozen=True, slots=True)
class Quote:
    """What numbers cost, in minor units of `currency`.

    `balance` is what the account holds; `affordable` is always true for an account in mode own_carrier. `by_month`: the
    carrier sends the bill, about `month` each month; otherwise it is `total` for 7 days.
    """

    lines: tuple[QuoteLine, ...]
    currency: str
    balance: int
    prepaid: bool
    by_month: bool = False

    @property
    def count(self) -> int:
        """How many numbers."""
        return sum(line.count for line in self.lines)

    @property
    def total(self) -> int:
        """All of them for 7 days."""
        return sum(line.total for line in self.lines)

    @property
    def month(self) -> int:
        """About what the carrier bills for all of them each month."""
        return sum(line.month_total for line in self.lines)

    @property
    def estimated(self) -> bool:
        """Whether of some of them the carrier's own price is not known."""
        return any(line.estimated for line in self.lines)

    @property
    def affordable(self) -> bool:
        """Whether the balance is enough."""
        return not self.prepaid or self.balance >= max(self.total, 1)


def quote(company: Company, carrier: str, e164s: Sequence[str]) -> Quote:
    """The price of these numbers from a carrier. Raises `ValueError` for a kind without a price."""
    kinds = Counter((kind_of(e164), country_of(e164)) for e164 in e164s)
    return _quote(company, carrier, kinds)


def quote_one(company: Company, carrier: str, kind: str, country: str) -> Quote:
    """The price of one number of a kind (`Number.Kind`) and country, before any was chosen. Raises `ValueError`."""
    return _quote(company, carrier, Counter([(kind, country)]))


def _quote(company: Company, carrier: str, kinds: Counter[tuple[str, str]]) -> Quote:
    account, lines = company.account, []
    for (kind, country), count in kinds.items():
        row = rent_row(kind, account.currency, carrier=carrier, country=country)
        lines.append(QuoteLine(kind, country, carrier, count, row.price, row.carrier_month))
    prepaid = account.mode == Account.Mode.PREPAID
    by_month = not prepaid and carrier != SANDBOX
    return Quote(tuple(lines), account.currency, balance(account), prepaid, by_month)
