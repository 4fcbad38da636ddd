"""Shares of calls as people write them."""

from __future__ import annotations

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from callspring.calls import words


def millionths(weight: int) -> str:
    """333333 → 33.3 %, 500000 → 50 %."""
    share = round(weight / 10_000, 1)
    return _("%(share)s %%") % {"share": number_format(share, 0 if share == int(share) else 1)}


def chance(probability: float) -> str:
    """A candidate's probability: neither 0 nor 100 %, for neither can be known."""
    if probability < 0.01:
        return _("under 1 %%") % {}
    return words.percent(min(probability, 0.99))


def calls(number: float) -> str:
    """How many calls: whole where they are, else with one decimal, for calls may be shared."""
    tenths = round(number, 1)
    return number_format(tenths, 0 if tenths == int(tenths) else 1, force_grouping=True)
