"""Hostile text in what people write about calls, and in Settings → Calls."""

from __future__ import annotations

from collections.abc import Callable

from callspring.accounts.models import Company
from callspring.calls.models import Call
from tests.console.hostile import fitting
from tests.console.hostile_outside import caller_of

Send = Callable[..., None]  # a path, and the form's fields


def call_written_about(send: Send, company: Company, name: str, place: int) -> None:
    """A caller is blocked, and a call gets tags and a note."""
    blocked = {"block-pattern": f"+1207{place}*", "block-way": "ring", "block-label": fitting("label", name, 80)}
    send("/settings/calls/block/", **blocked)
    call = Call.objects.filter(company=company, caller=caller_of(name)).order_by("pk")[:1].get()
    lead = {"lead-tags": fitting("calltag", name, 40), "lead-note": fitting("callnote", name, 5_000)}
    send(f"/calls/{call.pk}/lead/", **lead)


def calls_set_up(send: Send, person: str) -> None:
    """What callers hear who have to press a key, and who is told of missed calls."""
    words = {"spam-words": fitting("press", "tag", 300), "spam-ask": "nobody", "spam-language": "en-US"}
    counted = ("repeat_calls", "repeat_numbers", "repeat_minutes", "short_seconds")
    send("/settings/calls/spam/", **words, **{f"spam-{each}": "5" for each in counted})
    alert = {"alert-person": person, "alert-by_mail": "mail", "alert-days": "mon"}
    hours = {"alert-start": "00:00", "alert-end": "24:00", "alert-rest_minutes": "0"}
    send("/settings/calls/alerts/", **alert, **hours)
