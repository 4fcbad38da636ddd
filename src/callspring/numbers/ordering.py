"""The seam to whoever sells numbers: one `Seller` for each carrier at which numbers can be bought.

`SELLERS` names them by carrier. Numbers of a carrier that is not there are bought in its own console and
added here (`callspring.numbers.actions.adopt`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Protocol, cast

from django.conf import settings
from django.utils.translation import gettext as _

from callspring.carriers.sandbox.inventory import (
    Inventory,
    Kind,
    NotForSale,
    NotOwned,
    NumberTaken,
    UnknownAccount,
)
from callspring.numbers.models import Connection


@dataclass(frozen=True, slots=True)
class Available:
    """A number that can be bought now. `locality` and `region` are "" where the carrier names none."""

    e164: str
    kind: str
    locality: str = ""
    region: str = ""


class CannotOrder(Exception):
    """No number can be ordered: the message says what to do instead."""


class Refused(Exception):
    """The carrier does not sell this number; the message is the reason, for people."""


class Seller(Protocol):
    """What ordering needs of a carrier. Every verb may raise `OSError` when the carrier cannot be reached."""

    def search(self, connection: Connection, kind: str, area_code: str, count: int) -> list[Available]:
        """At most `count` numbers that can be bought now."""

    def buy(self, connection: Connection, e164: str, fallback: str) -> None:
        """Buy the number; calls go to `fallback` (E.164) while we are silent. Raises `Refused`."""

    def release(self, connection: Connection, e164: str) -> None:
        """Give the number back. Does nothing when the connection does not have it."""


class SandboxSeller:
    """Buys from the sandbox carrier's books in the file `books()`."""

    def search(self, connection: Connection, kind: str, area_code: str, count: int) -> list[Available]:  # noqa: ARG002
        """See `Seller`; the sandbox offers everybody the same."""
        found = _inventory().search(kind=cast(Kind, kind), area_code=area_code, limit=count)
        return [Available(number.e164, number.kind, number.locality, number.region) for number in found]

    def buy(self, connection: Connection, e164: str, fallback: str) -> None:
        """See `Seller`."""
        try:
            _inventory().buy(connection.account, e164, fallback)
        except NumberTaken:
            raise Refused(_("Somebody else has this number now.")) from None
        except NotForSale:
            raise Refused(_("The sandbox carrier does not have this number.")) from None
        except UnknownAccount:
            raise Refused(_("The sandbox carrier does not know this connection's account.")) from None

    def release(self, connection: Connection, e164: str) -> None:
        """See `Seller`."""
        try:
            _inventory().release(connection.account, e164)
        except NotOwned:
            return


SELLERS: Mapping[str, Seller] = MappingProxyType({"sandbox": SandboxSeller()})


def seller(connection: Connection) -> Seller:
    """Who sells numbers for `connection`. Raises `CannotOrder`."""
    try:
        return SELLERS[connection.carrier]
    except KeyError:
        advice = _("Buy numbers in the console of %(carrier)s, then add them here.") % {"carrier": connection.label}
        raise CannotOrder(advice) from None


def _inventory() -> Inventory:
    books: Path = settings.CONFIG.sandbox_books
    return Inventory(books)
