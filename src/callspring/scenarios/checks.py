"""What a scenario's settings have to be. Each check returns the value as it is kept.

They raise `ValidationError` or `ValueError` with a sentence that says what to do.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from callspring.accounts.models import Company
from callspring.carriers.outside import clean
from callspring.flows.flow import GREETING
from callspring.numbers.e164 import parse_number
from callspring.numbers.models import Number
from callspring.scenarios.models import Rule, Term
from callspring.visits.touch import CHANNEL_LABELS, Channel

T = TypeVar("T")
RING_SECONDS = range(5, 121)
TITLE_LENGTH = 120
GREETING_LENGTH = 500
HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(\.(?!-)[a-z0-9-]{1,63})*", re.ASCII)
SIP = re.compile(r"sips?:[A-Za-z0-9._~%!$&'()*+,;=-]+@[A-Za-z0-9.-]+(:[0-9]{1,5})?", re.ASCII)


class Problems:
    """Collects what is wrong, by field, so that a form can show all of it at once."""

    def __init__(self) -> None:
        self._found: dict[str, list[str]] = {}

    def check(self, field: str, check: Callable[[], T], otherwise: T) -> T:
        """The result of `check`; what it raises is kept for `field`, and `otherwise` stands in meanwhile."""
        try:
            return check()
        except ValidationError as error:
            self._found.setdefault(field, []).extend(error.messages)
        except ValueError as error:
            self._found.setdefault(field, []).append(str(error))
        return otherwise

    def add(self, field: str, message: str) -> None:
        """One more problem of `field`."""
        self._found.setdefault(field, []).append(message)

    def raise_any(self) -> None:
        """Raise `ValidationError` with everything found, by field."""
        if self._found:
            raise ValidationError(dict(self._found))


def title(text: str) -> str:
    """A name that tells the scenario from others."""
    text = " ".join(clean(text, len(text)).split())
    if not text:
        raise ValidationError(_("Give it a title, such as “Google search”."))
    if len(text) > TITLE_LENGTH:
        raise ValidationError(_("Shorten the title to %(most)d characters.") % {"most": TITLE_LENGTH})
    return text


def destination(text: str, company: Company) -> str:
    """Where calls are forwarded to: E.164, or a SIP address as it was written."""
    if SIP.fullmatch(text.strip()):
        return text.strip()
    where = parse_number(text, company.country)
    ours = Number.objects.filter(company=company, e164=where).exclude(state=Number.State.RELEASED)
    if ours.exists():
        raise ValidationError(_("Calls to this number come to Callspring and would go round. Give another one."))
    return where


def ring_seconds(seconds: int) -> int:
    """How long the destination rings."""
    if seconds not in RING_SECONDS:
        low, high = RING_SECONDS[0], RING_SECONDS[-1]
        raise ValidationError(_("Let it ring between %(low)d and %(high)d seconds.") % {"low": low, "high": high})
    return seconds


def greeting(text: str) -> str:
    """What is said before the beep, as one line; the usual sentence where nothing is given."""
    text = " ".join(text.split())
    if len(text) > GREETING_LENGTH:
        raise ValidationError(_("Shorten the greeting to %(most)d characters.") % {"most": GREETING_LENGTH})
    if not text.isprintable():
        raise ValidationError(_("The greeting has characters that cannot be spoken. Type it anew."))
    return text or GREETING


def strategy(name: str) -> str:
    """One of `Rule.Strategy`."""
    if name not in Rule.Strategy.values:
        raise ValidationError(_("Choose a strategy."))
    return name


def parameter_name(strategy: str, name: str) -> str:
    """The URL parameter's name, which only that strategy has."""
    if strategy != Rule.Strategy.URL_PARAMETER:
        return ""
    if not re.fullmatch(r"[^\s=&?#]{1,100}", name.strip()):
        raise ValidationError(_("Give the parameter's name as it stands in the address, such as utm_source."))
    return name.strip()


def rule_value(strategy: str, value: str) -> str:
    """The parameter's value, the landing page's path, the referring host or the name; "" where there is none."""
    value = clean(value, len(value)).strip()
    if len(value) > 300:
        raise ValidationError(_("Shorten this to 300 characters."))
    if strategy == Rule.Strategy.URL_PARAMETER:
        return value
    if strategy == Rule.Strategy.LANDING_PAGE:
        return _path(value)
    if strategy == Rule.Strategy.REFERRAL:
        return _host(value)
    if strategy == Rule.Strategy.CHANNEL:
        return _channel(value)
    if strategy in (Rule.Strategy.SOURCE, Rule.Strategy.MEDIUM, Rule.Strategy.CAMPAIGN):
        return _named(value)
    return ""


def term_value(kind: str, value: str) -> str:
    """Whom a term of activation names (`Term.Kind`)."""
    value = clean(value, len(value)).strip()
    if len(value) > 300:
        raise ValidationError(_("Shorten this to 300 characters."))
    if kind == Term.Kind.CHANNEL:
        return _channel(value)
    if kind == Term.Kind.LANDING_PAGE:
        return _path(value)
    if kind == Term.Kind.PLACE:
        return _place(value)
    if kind not in Term.Kind.values:
        raise ValidationError(_("Choose what is left out."))
    return _named(value)


def _channel(value: str) -> str:
    """By its name or its label: paid_search, Paid search."""
    names = {label.lower(): str(name) for name, label in CHANNEL_LABELS.items()} | {name: name for name in Channel}
    if (name := names.get(value.lower())) is None:
        raise ValidationError(_("“%(typed)s” is no channel. Choose one, such as Paid search.") % {"typed": value[:40]})
    return str(name)


def _named(value: str) -> str:
    if not value.strip("*"):
        raise ValidationError(_("Give its name, such as newsletter. End it with * for all that begin so."))
    return value


def _place(value: str) -> str:
    country, *rest = [part.strip() for part in value.split("/")]
    if not re.fullmatch(r"[A-Za-z]{2}", country, re.ASCII) or len(rest) > 2 or (rest and not any(rest)):
        raise ValidationError(_("Give a country's two letters, and a region or city behind them: US/Illinois/Chicago."))
    return "/".join([country.upper(), *rest]).rstrip("/")


def _path(value: str) -> str:
    if not re.fullmatch(r"/[^\s?#]*", value):
        raise ValidationError(_("Give the page's path: it begins with “/” and has no “?”, such as /spring-offer."))
    return value


def _host(value: str) -> str:
    """The host alone, of an address too; "" means any other website."""
    host = re.sub(r"^[a-z][a-z0-9+.-]*://", "", value.lower()).partition("/")[0].removeprefix("www.")
    if value and not HOST.fullmatch(host):
        raise ValidationError(_("Give the website's host, such as partner.example, or leave this empty for any."))
    return host


def peak(visits: int) -> int:
    """Visits in the busiest hour."""
    if not 1 <= visits <= 1_000_000:
        raise ValidationError(_("Give the number of visits in your busiest hour: at least 1."))
    return visits
