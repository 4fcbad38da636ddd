"""How a call went, in sentences."""

from __future__ import annotations

from django.utils.translation import gettext as _

from callspring.calls.models import CallEvent
from callspring.console import words


def event(one: CallEvent) -> str:
    """What a carrier's event means."""
    who = words.phone(one.destination) if one.destination else _("the business")
    said = {
        ("caller", "asked"): _("The call came in"),
        ("caller", "ringing"): _("The caller hears it ring"),
        ("caller", "answered"): _("The carrier took the call"),
        ("caller", "completed"): _("The caller's line closed"),
        ("caller", "canceled"): _("The caller hung up before anybody answered"),
        ("caller", "busy"): _("The caller heard the busy tone"),
        ("caller", "no-answer"): _("Nobody answered"),
        ("caller", "failed"): _("The carrier could not connect the call"),
        ("caller", "keyed"): _("The caller was asked for a key"),
        ("caller", "recorded"): _("The caller was asked for a message"),
        ("business", "ringing"): _("%(who)s rings"),
        ("business", "answered"): _("%(who)s answered"),
        ("business", "completed"): _("The conversation ended"),
        ("business", "busy"): _("%(who)s was busy"),
        ("business", "no-answer"): _("%(who)s did not answer"),
        ("business", "canceled"): _("%(who)s stopped ringing"),
        ("business", "failed"): _("%(who)s could not be reached"),
    }
    return said.get((one.leg, one.status), f"{one.leg}: {one.status}") % {"who": who}


def cause(text: str) -> str:
    """Who ended a leg, where the carrier says it in a word of ours; the network's own code as it came."""
    said = {
        "business": _("the business"),
        "caller": _("the caller"),
        "carrier": _("the carrier"),
        "callspring": _("Callspring"),
    }
    return said.get(text, text)
