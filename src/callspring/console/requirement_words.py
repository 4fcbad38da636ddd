"""What a country asks of whoever has a number, in a person's words, with what is not certain called so."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from callspring.console.connection_page import title
from callspring.console.countries import COUNTRIES
from callspring.numbers.e164 import country_of, kind_of
from callspring.numbers.models import Connection
from callspring.numbers.quotes import SANDBOX
from callspring.numbers.requirements import Asked, requirements

WORDS: dict[Asked, Promise] = {
    "business": _("That you are a business: private people do not get such numbers"),
    "address_anywhere": _("An address of yours, wherever it is"),
    "address_country": _("An address of yours in that country"),
    "address_area": _("An address of yours in the place that the number’s area code belongs to"),
    "address_proof": _("A proof of that address, such as a recent bill or an official letter"),
    "identity": _("A proof of who you are: passport or identity card"),
    "registration": _("The official registration of your business"),
    "tax_number": _("Your tax number or registration number there"),
    "representative": _("Who speaks for the business, with a proof of who that is"),
}


@dataclass(frozen=True, slots=True)
class Said:
    """`known`: otherwise nothing is known of this country and kind, and only the carrier can say."""

    country: str
    carrier: str
    known: bool
    asks: list[Promise]
    may_ask: list[Promise]


def asked_for(connection: Connection, country: str, kind: str) -> Said | None:
    """What numbers of this sort take at this carrier; None where it is nothing."""
    found = None if connection.carrier == SANDBOX else requirements(country, kind)
    if connection.carrier == SANDBOX or (found is not None and not (found.asks or found.may_ask)):
        return None
    asks, may_ask = (found.asks, found.may_ask) if found else ((), ())
    named = str(COUNTRIES.get(country, country))
    return Said(named, title(connection.carrier), found is not None, _words(asks), _words(may_ask))


def asked_for_numbers(connection: Connection, e164s: list[str]) -> list[Said]:
    """The same for these numbers, once for each sort."""
    sorts = sorted({(country_of(e164), kind_of(e164)) for e164 in e164s})
    found = (asked_for(connection, country, kind) for country, kind in sorts)
    return [one for one in found if one is not None]


def _words(asked: tuple[Asked, ...]) -> list[Promise]:
    return [WORDS[one] for one in asked]
