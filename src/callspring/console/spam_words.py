"""Why the filter took a call for spam, in words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from callspring.console import words
from callspring.flows.screening import WITHHELD


def why(reasons: Iterable[dict[str, Any]]) -> list[str]:
    """A sentence for each reason; one of a kind that is not known any more says nothing."""
    return [said for reason in reasons if (said := _sentence(reason))]


def _sentence(reason: dict[str, Any]) -> str:
    match reason.get("kind"):
        case "blocked":
            pattern = str(reason.get("pattern", ""))
            if pattern == WITHHELD:
                return _("Withheld numbers are on your block list.")
            shown = pattern if pattern.endswith("*") else words.phone(pattern)
            return _("%(caller)s is on your block list.") % {"caller": shown}
        case "repeat":
            said = _(
                "This caller made %(calls)s short calls to %(numbers)s of your numbers within %(minutes)s minutes."
            )
            return said % {name: reason.get(name, "") for name in ("calls", "numbers", "minutes")}
        case "attestation":
            return _("The caller’s network does not vouch for the number.")
    return ""
