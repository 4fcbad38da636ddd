"""How things are said on the console's pages: numbers, times, places and sources in a person's words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from callspring.billing.words import money
from callspring.calls.words import DASH, channel_name, host_path, percent, phone, place, seconds, source

__all__ = [
    "DASH", "Change", "change", "channel_name", "host_path", "money", "percent", "phone", "place", "seconds", "source",
    "strategy",
]  # fmt: skip


def strategy(rule: Any) -> str:
    """A rule's condition as a sentence fragment: when its number is shown."""
    if rule.dynamic:
        return _("Every visitor gets a number of their own")
    shown = channel_name(rule.value) if rule.strategy == "channel" else rule.value
    value = {"name": rule.name, "value": shown}
    said: dict[str, str] = {
        "url_parameter": _("Address has %(name)s=%(value)s") if rule.value else _("Address has the parameter %(name)s"),
        "landing_page": _("Landed on %(value)s"),
        "referral": _("Came from %(value)s") if rule.value else _("Came from another website"),
        "web_search": _("Came from a web search"),
        "direct": _("Came directly"),
        "channel": _("Channel is %(value)s"),
        "source": _("Source is %(value)s"),
        "medium": _("Medium is %(value)s"),
        "campaign": _("Campaign is %(value)s"),
        "always": _("Every visitor"),
    }
    return said[rule.strategy] % value


@dataclass(frozen=True, slots=True)
class Change:
    """How a figure moved. `direction` is up, down or same."""

    text: str
    direction: str


def change(now: float | None, before: float | None, *, points: bool) -> Change | None:
    """None where there is nothing to compare with."""
    if now is None or before is None or (not points and not before):
        return None
    moved = round((now - before) * 100) if points else round((now - before) / before * 100)
    direction = "up" if moved > 0 else "down" if moved < 0 else "same"
    if not moved:
        return Change(_("no change"), direction)
    if points:
        return Change(ngettext("%(n)s point", "%(n)s points", abs(moved)) % {"n": abs(moved)}, direction)
    return Change(_("%(n)s %%") % {"n": number_format(abs(moved), force_grouping=True)}, direction)
