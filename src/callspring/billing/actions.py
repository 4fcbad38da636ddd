"""What changes an account's money. Every entry has a key that names its fact, so it is written once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Protocol

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from callspring.accounts.models import Account, Company, User
from callspring.billing.ledger import Fact, balance, lock, look_again, write
from callspring.billing.models import LedgerEntry
from callspring.billing.prices import rent

__all__ = [
    "NotEnoughFunds", "adjust", "change_mode", "charge_rent", "demand", "lock", "open_balance", "refund", "renew_rent",
    "rent_key", "set_low_balance", "top_up_by_hand",
]  # fmt: skip

Kind = LedgerEntry.Kind
MOST = 100_000_000  # minor units: a slip of the finger must not make a millionaire


class NotEnoughFunds(Exception):
    """A prepaid account cannot pay; nothing was charged. `needed` and `balance` are minor units."""

    def __init__(self, needed: int, balance: int) -> None:
        super().__init__(f"{needed} needed, {balance} on the account (minor units)")
        self.needed = needed
        self.balance = balance


class Rented(Protocol):
    """What billing knows of a number. `carrier` and `country` decide the price, with `kind`."""

    @property
    def id(self) -> int:
        """Stands in the entry's key."""

    @property
    def company_id(self) -> int:
        """Whose it is."""

    @property
    def e164(self) -> str:
        """For the statement."""

    @property
    def kind(self) -> str:
        """Local or toll_free."""

    @property
    def carrier(self) -> str:
        """Where it comes from."""

    @property
    def country(self) -> str:
        """Two capital letters, "" for a number of no country."""


@transaction.atomic
def open_balance(account: Account, amount: int, key: str) -> LedgerEntry:
    """Put an opening balance (minor units, above 0) on an account. The same key again changes nothing."""
    if amount <= 0:
        raise ValueError("an opening balance is more than nothing")
    return write(account, [Fact(Kind.OPENING, key, amount)])[0]


@transaction.atomic
def charge_rent(account: Account, number: Rented, period_start: datetime) -> LedgerEntry | None:
    """Charge a number that is being bought for the 7 days from `period_start` (aware); asked twice, charged once.

    None for an account in mode own_carrier, whose carrier sends the bill. Raises `NotEnoughFunds`.
    """
    if account.mode != Account.Mode.PREPAID:
        return None
    lock(account)
    fact = _rent(account, number, period_start)
    if (charged := LedgerEntry.objects.filter(key=fact.key, account=account).first()) is not None:
        return charged
    demand(account, -fact.amount)
    return write(account, [fact])[0]


def renew_rent(account: Account, number: Rented, period_starts: Sequence[datetime], now: datetime) -> list[LedgerEntry]:
    """Charge a number that the account has for these periods, each once, whether or not there is enough: what cannot be
    paid is owed. Only for prepaid accounts."""
    return write(account, [_rent(account, number, start) for start in period_starts], now=now)


def demand(account: Account, amount: int) -> None:
    """Raise `NotEnoughFunds` unless a prepaid account has `amount`. Mode own_carrier is never stopped."""
    if account.mode == Account.Mode.PREPAID and (held := balance(account)) < amount:
        raise NotEnoughFunds(amount, held)


def rent_key(number: Rented, period_start: datetime) -> str:
    """The name of the fact "this number's rent for the period that starts then"."""
    return f"rent:{number.id}:{period_start.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def top_up_by_hand(company: Company, amount: int, note: str, actor: User, key: str) -> LedgerEntry:
    """Write down money (minor units, above 0) that was paid by other ways than ours; `note` says how.

    `key` is the form's own: sent twice, it is written once. Raises `ValueError`, a sentence for people.
    """
    if amount <= 0:
        raise ValueError(_("A top-up is more than nothing. Use an adjustment to take something off."))
    return _by_hand(company, Kind.TOP_UP, amount, note, actor, key)


def adjust(company: Company, amount: int, note: str, actor: User, key: str) -> LedgerEntry:
    """Correct the balance by `amount` (minor units, not 0); `note` says why. Raises `ValueError`, for people."""
    if amount == 0:
        raise ValueError(_("An adjustment of nothing changes nothing."))
    return _by_hand(company, Kind.ADJUSTMENT, amount, note, actor, key)


@transaction.atomic
def refund(
    entry: LedgerEntry, amount: int, key: str, note: str, now: datetime | None = None, kind: str = Kind.REFUND
) -> LedgerEntry | None:
    """Give back `amount` (minor units, above 0) of an entry: a charge to the account, a top-up to who paid it.

    The same key again changes nothing. Never more than the entry was: None where all of it has been given back.
    """
    account = lock(entry.account)
    if (written := LedgerEntry.objects.filter(account=account, key=key).first()) is not None:
        return written
    given: int = entry.reversed_by.aggregate(total=Sum("amount"))["total"] or 0
    rest = min(amount, abs(entry.amount) - abs(given))
    if rest <= 0:
        return None
    signed = rest if entry.amount < 0 else -rest
    fact = Fact(kind, key, signed, note, entry.company_id, subject=entry.subject, reverses=entry)
    return write(account, [fact], now=now)[0]


@transaction.atomic
def set_low_balance(account: Account, amount: int | None) -> None:
    """Tell the owners below this balance: minor units, 0 for never, None for a tenth of 30 days' spending."""
    if amount is not None and not 0 <= amount <= MOST:
        raise ValueError(_("Give a sum that is not below nothing."))
    Account.objects.filter(pk=lock(account).pk).update(low_balance=amount)
    look_again(account, timezone.now())


@transaction.atomic
def change_mode(account: Account, mode: str, weekly: int) -> None:
    """Charge by use from now on, or no more. `weekly` is the rent of all numbers for 7 days, which has to be there.

    Raises `NotEnoughFunds` for a start without it, and `ValueError`, a sentence for people, while money is owed.
    """
    if mode not in Account.Mode.values:
        raise ValueError(_("Choose one of the two."))
    account, held = lock(account), balance(account)
    if account.mode == mode:
        return
    if mode == Account.Mode.PREPAID and held < weekly:
        raise NotEnoughFunds(weekly, held)
    if held < 0:
        raise ValueError(_("The account owes money. Top it up first."))
    prepaid = mode == Account.Mode.PREPAID
    changed = {"mode": mode, "plan_next": "", "told": Account.Told.NOTHING}
    since = {"prepaid_since": timezone.now()} if prepaid else {}
    Account.objects.filter(pk=account.pk).update(**changed, **since)
    look_again(account, timezone.now())


def _rent(account: Account, number: Rented, start: datetime) -> Fact:
    price = rent(number.kind, account.currency, carrier=number.carrier, country=number.country, at=start)
    return Fact(Kind.RENT, rent_key(number, start), -price, number.e164, number.company_id, about=start)


def _by_hand(company: Company, kind: str, amount: int, note: str, actor: User, key: str) -> LedgerEntry:
    if abs(amount) > MOST:
        raise ValueError(_("This is too much for one entry."))
    if not note.strip():
        raise ValueError(_("Say in a few words what it is for."))
    fact = Fact(kind, f"hand:{company.account_id}:{key}", amount, " ".join(note.split()), company.pk)
    return write(company.account, [fact], actor=actor)[0]
