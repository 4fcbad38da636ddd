"""How a company screens its calls, out of the record into the form that the doors and the ingester judge by."""

from __future__ import annotations

from callspring.accounts.models import BlockedCaller, SpamSettings
from callspring.flows.screening import ASK, Blocked, Screening


def screening_of(company_id: int) -> Screening:
    """The company's screening; the defaults where nothing was set. Two queries."""
    entries = BlockedCaller.objects.filter(company=company_id).order_by("pk")
    blocked = tuple(Blocked(entry.pattern, entry.reject) for entry in entries)
    own = SpamSettings.objects.filter(company=company_id).first()
    if own is None:
        return Screening(blocked=blocked)
    return Screening(
        blocked=blocked,
        ask=own.ask,
        weak_attestation=own.weak_attestation,
        repeat_calls=own.repeat_calls,
        repeat_numbers=own.repeat_numbers,
        repeat_minutes=own.repeat_minutes,
        short_seconds=own.short_seconds,
        words=own.words or ASK,
        language=own.language,
    )
