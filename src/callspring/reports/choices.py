"""What can be filtered by: the values that a company's calls really have."""

from __future__ import annotations

from callspring.accounts.models import Company
from callspring.calls.models import Call, Credit


def call_sources(company: Company) -> list[str]:
    """Every source that a call is credited to, in alphabetical order."""
    credited = Credit.objects.filter(company=company, current=True).exclude(source="")
    return list(credited.order_by("source").values_list("source", flat=True).distinct())


def call_channels(company: Company) -> list[str]:
    """Every channel that a call is credited to."""
    credited = Credit.objects.filter(company=company, current=True).exclude(channel="")
    return list(credited.order_by("channel").values_list("channel", flat=True).distinct())


def dialled_numbers(company: Company) -> list[str]:
    """Every number that somebody called (E.164)."""
    return list(Call.objects.filter(company=company).order_by("dialled").values_list("dialled", flat=True).distinct())
