"""The sandbox carrier's own books: who has an account there, and which number is sold to whom.

One JSON file. Reading needs no lock, for the file is only replaced whole; whoever changes it holds a lock on
a file beside it from the reading to the replacing, so that processes cannot sell one number twice. The
carrier's books are no part of our record, as a real carrier's are not.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Literal

import msgspec

from callspring.carriers.sandbox.area_codes import LOCAL_AREAS, TOLL_FREE_CODES

Kind = Literal["local", "toll_free"]
MOST_RESULTS = 1_000


class NumberTaken(Exception):
    """Somebody bought this number already."""


class NotForSale(Exception):
    """The sandbox never had this number."""


class NotOwned(Exception):
    """The number does not belong to this account."""


class UnknownAccount(Exception):
    """No account was opened under this id."""


class BooksUnreadable(Exception):
    """The file is there and does not hold the sandbox's books; the message names it."""


@dataclass(frozen=True, slots=True)
class Account:
    """A customer of the sandbox carrier.

    `secret` signs the carrier's requests; `voice_url` is where it asks, `http://HOST/voice/sandbox/CONNECTION`.
    """

    id: str
    secret: str
    voice_url: str


@dataclass(frozen=True, slots=True)
class AvailableNumber:
    """A number that can be bought now. `locality` and `region` are "" for toll-free numbers."""

    e164: str
    kind: Kind
    locality: str
    region: str
    country: str = "US"


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the exchange turns to for one number; "" for nowhere, None for where the account says."""

    voice: str | None = None
    events: str | None = None
    text: str | None = None


AS_THE_ACCOUNT = Addresses()


@dataclass(frozen=True, slots=True)
class SoldNumber:
    """A number in use. Its calls go to `fallback` (E.164) when the voice door does not answer.

    `account.voice_url` is this number's own where it was given other addresses than the account's.
    """

    e164: str
    account: Account
    fallback: str
    addresses: Addresses = AS_THE_ACCOUNT


class _AccountEntry(msgspec.Struct):
    secret: str
    voice_url: str


class _NumberEntry(msgspec.Struct, omit_defaults=True):
    account: str
    fallback: str
    addresses: Addresses = AS_THE_ACCOUNT


class _Books(msgspec.Struct):
    accounts: dict[str, _AccountEntry] = {}
    numbers: dict[str, _NumberEntry] = {}


class Inventory:
    """The books in the file `path` (`var/sandbox/exchange.json`), which need not exist yet.

    Every verb may raise `BooksUnreadable`, and `OSError` where the disk does not let it read or write.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = path.with_name(path.name + ".lock")

    def open_account(self, account: str, *, secret: str, voice_url: str) -> Account:
        """Open the account with the id `account`, or give an open one this secret and address."""
        with self._changing() as books:
            books.accounts[account] = _AccountEntry(secret, voice_url)
        return Account(account, secret, voice_url)

    def account(self, account: str) -> Account:
        """The account with this id. Raises `UnknownAccount`."""
        return _account(self._read(), account)

    def search(
        self,
        country: str = "US",
        kind: Kind = "local",
        area_code: str = "",
        contains: str = "",
        limit: int = 20,
    ) -> list[AvailableNumber]:
        """Unsold numbers in numerical order, at most `limit` (and never over 1,000).

        `contains` is looked for in the ten national digits; what is no digit in it is skipped over.
        The sandbox sells in the US only.
        """
        sold = self._read().numbers
        digits = re.sub(r"[^0-9]", "", contains)
        wanted = (
            number
            for number in (_stock(kind, area_code) if country == "US" else iter(()))
            if number.e164 not in sold and digits in number.e164[2:]
        )
        return list(islice(wanted, max(0, min(limit, MOST_RESULTS))))

    def owned(self, account: str) -> list[SoldNumber]:
        """The account's numbers in numerical order. Raises `UnknownAccount`."""
        books = self._read()
        _account(books, account)
        theirs = ((e164, entry) for e164, entry in books.numbers.items() if entry.account == account)
        return [_sold(books, e164, entry) for e164, entry in sorted(theirs)]

    def buy(self, account: str, e164: str, fallback: str, addresses: Addresses = AS_THE_ACCOUNT) -> SoldNumber:
        """Sell `e164` to `account`. Raises `NumberTaken`, `NotForSale`, `UnknownAccount`."""
        if not _is_fictional(e164):
            raise NotForSale(e164)
        with self._changing() as books:
            _account(books, account)
            if e164 in books.numbers:
                raise NumberTaken(e164)
            books.numbers[e164] = _NumberEntry(account, fallback, addresses)
            return _sold(books, e164, books.numbers[e164])

    def configure(self, account: str, e164: str, fallback: str, addresses: Addresses) -> None:
        """Give a number another fallback and other addresses. Raises `NotOwned`."""
        with self._changing() as books:
            _entry(books, account, e164)
            books.numbers[e164] = _NumberEntry(account, fallback, addresses)

    def release(self, account: str, e164: str) -> None:
        """Give `e164` back; it can be bought again at once. Raises `NotOwned`."""
        with self._changing() as books:
            _entry(books, account, e164)
            del books.numbers[e164]

    def lookup(self, e164: str) -> SoldNumber | None:
        """Whose number this is and where its calls go; None when nobody has it."""
        books = self._read()
        entry = books.numbers.get(e164)
        return _sold(books, e164, entry) if entry else None

    @contextmanager
    def _changing(self) -> Iterator[_Books]:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._lock.open("a") as lock:  # closing it unlocks
            fcntl.flock(lock, fcntl.LOCK_EX)
            books = self._read()
            yield books
            self._replace(msgspec.json.format(msgspec.json.encode(books, order="sorted")))

    def _read(self) -> _Books:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=_Books)
        except FileNotFoundError:
            return _Books()
        except msgspec.MsgspecError as error:
            raise BooksUnreadable(f"{self._path}: {error}") from error

    def _replace(self, content: bytes) -> None:
        new = self._path.with_name(self._path.name + ".new")
        # The books hold secrets: nobody but their owner reads them.
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self._path)


def _account(books: _Books, account: str) -> Account:
    entry = books.accounts.get(account)
    if entry is None:
        raise UnknownAccount(account)
    return Account(account, entry.secret, entry.voice_url)


def _entry(books: _Books, account: str, e164: str) -> _NumberEntry:
    entry = books.numbers.get(e164)
    if entry is None or entry.account != account:
        raise NotOwned(e164)
    return entry


def _sold(books: _Books, e164: str, entry: _NumberEntry) -> SoldNumber:
    owner = _account(books, entry.account)
    if entry.addresses.voice is not None:
        owner = replace(owner, voice_url=entry.addresses.voice.removesuffix("/call"))
    return SoldNumber(e164, owner, entry.fallback, entry.addresses)


def _stock(kind: Kind, area_code: str) -> Iterator[AvailableNumber]:
    """All numbers of a kind there ever were: each code's lines kept for fiction, 555-0100 to 555-0199."""
    codes = sorted(LOCAL_AREAS if kind == "local" else TOLL_FREE_CODES)
    for code in codes:
        if area_code in {"", code}:
            locality, region = LOCAL_AREAS.get(code, ("", "")) if kind == "local" else ("", "")
            for line in range(100, 200):
                yield AvailableNumber(f"+1{code}5550{line}", kind, locality, region)


def _is_fictional(e164: str) -> bool:
    found = re.fullmatch(r"\+1([0-9]{3})55501[0-9]{2}", e164)
    return found is not None and (found[1] in LOCAL_AREAS or found[1] in TOLL_FREE_CODES)
