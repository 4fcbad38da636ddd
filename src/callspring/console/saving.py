"""What is said where nothing was bought for want of money."""

from __future__ import annotations

from django.utils.translation import gettext as _

from callspring.billing.actions import NotEnoughFunds
from callspring.billing.cap import OverCap
from callspring.console import words


def too_little(problem: NotEnoughFunds, currency: str) -> str:
    """Said when the account cannot pay, or must not."""
    if isinstance(problem, OverCap):
        return over_cap(problem, currency)
    needed, balance = words.money(problem.needed, currency), words.money(problem.balance, currency)
    return _("This costs %(needed)s; the balance is %(balance)s. Nothing was bought.") % {
        "needed": needed,
        "balance": balance,
    }


def over_cap(problem: OverCap, currency: str) -> str:
    """Said when the month's spending cap stops it."""
    named = {
        "needed": words.money(problem.needed, currency),
        "left": words.money(problem.balance, currency),
        "cap": words.money(problem.cap, currency),
    }
    return (
        _(
            "Until the month's end this costs %(needed)s, and the spending cap of %(cap)s leaves %(left)s. Nothing was "
            "bought. An owner can raise the cap under Settings, Billing."
        )
        % named
    )
