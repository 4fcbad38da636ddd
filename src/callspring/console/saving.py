"""The last step of "New tracking number": buy what is to be bought, then make the scenario.

Buying talks to a carrier and cannot be undone by a rolled-back transaction, so it comes first and is noted in the
draft: whatever fails afterwards, trying again buys nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from callspring.accounts.models import Company
from callspring.billing.actions import NotEnoughFunds
from callspring.console import words
from callspring.console.drafts import Draft
from callspring.numbers.actions import CannotOrder, Refusal, buy
from callspring.numbers.models import Number
from callspring.numbers.queries import free_numbers
from callspring.scenarios.actions import track_campaign, track_users
from callspring.scenarios.models import Scenario

Keep = Callable[[Draft], Draft]


@dataclass(frozen=True, slots=True)
class Made:
    """The new scenario, and the numbers it was to have but could not get."""

    scenario: Scenario
    refused: list[Refusal]


def make(company: Company, draft: Draft, details: dict[str, Any], routing: dict[str, Any], keep: Keep) -> Made:
    """Buy and save. `keep` stores the draft. Raises `ValidationError`, keyed by field or for the whole form."""
    draft, refused = _buy(company, draft, details["target"], routing["destination"], keep)
    wanted = {*draft.bought, *draft.owned}
    numbers = [number for number in free_numbers(company) if number.pk in wanted]
    if not numbers:
        raise ValidationError(_("None of the numbers could be had. Go back and choose others."))
    common = {
        "site": details["site"],
        "title": details["title"],
        "target": details["target"],
        "destination": routing["destination"],
        "ring_seconds": routing["ring_seconds"],
        "voicemail": routing["voicemail"],
        "greeting": routing["greeting"],
        "enabled": routing["enabled"],
    }
    return Made(_track(company, draft.way, numbers, details, common), refused)


def _track(
    company: Company, way: str, numbers: list[Number], details: dict[str, Any], common: dict[str, Any]
) -> Scenario:
    if way == "campaign":
        return track_campaign(company, number=numbers[0], **details["rule"], **common)
    return track_users(company, peak=details["peak"], numbers=numbers, **common)


def _buy(company: Company, draft: Draft, target: str, destination: str, keep: Keep) -> tuple[Draft, list[Refusal]]:
    """Buy the chosen numbers and note them. While we are down, `destination` rings, or the target for SIP."""
    if not draft.chosen:
        return draft, []
    try:
        bought = buy(company, draft.chosen, destination if destination.startswith("+") else target)
    except NotEnoughFunds as problem:
        raise ValidationError(too_little(problem, company.account.currency)) from None
    except CannotOrder as problem:
        raise ValidationError(str(problem)) from None
    ids = [*draft.bought, *(number.pk for number in bought.numbers)]
    return keep(replace(draft, chosen=[], offered=[], search=[], bought=ids)), bought.refused


def too_little(problem: NotEnoughFunds, currency: str) -> str:
    """Said when the account cannot pay."""
    needed, balance = words.money(problem.needed, currency), words.money(problem.balance, currency)
    return _("This costs %(needed)s; the balance is %(balance)s. Nothing was bought.") % {
        "needed": needed,
        "balance": balance,
    }
