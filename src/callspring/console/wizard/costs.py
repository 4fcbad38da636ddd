"""What the use of a scenario's numbers costs, beside their rent: said before anything is bought."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from callspring.accounts.models import Account
from callspring.billing.prices import minute, segment
from callspring.console import words
from callspring.flows.flow import rung_first
from callspring.numbers.e164 import TOLL_FREE, country_of, kind_of
from callspring.scenarios.models import Scenario
from callspring.scenarios.routing import flow_of


@dataclass(frozen=True, slots=True)
class UseCost:
    """One line: what it is for, and its price in minor units (of a started minute, of a segment)."""

    what: str
    price: Decimal


def use_costs(scenario: Scenario, e164s: Sequence[str], at: datetime) -> list[UseCost]:
    """Calls to these numbers, forwarded as the scenario says, and texts from them. Nothing where the carrier bills."""
    account = scenario.company.account
    if account.mode != Account.Mode.PREPAID or not e164s:
        return []
    carrier = scenario.wanted.values_list("connection__carrier", flat=True).first() or ""
    lines: dict[str, Decimal] = {}
    for kind, country in sorted({(kind_of(e164), country_of(e164)) for e164 in e164s}):
        name = _("A minute to a toll-free number") if kind == TOLL_FREE else _("A minute to a local number")
        lines[name] = minute("in", kind, account.currency, carrier=carrier, country=country, at=at)
    destination = rung_first(flow_of(scenario))
    leg = "phone" if destination.startswith("+") else "sip"
    country = country_of(destination) if leg == "phone" else ""
    rings = words.phone(destination) if leg == "phone" else destination
    forwarded = _("and forwarded to %(number)s") % {"number": rings}
    lines[forwarded] = minute("out", leg, account.currency, carrier=carrier, country=country, at=at)
    lines[_("A text that you send")] = segment(account.currency, carrier=carrier, country=country, at=at)
    return [UseCost(what, price) for what, price in lines.items()]
