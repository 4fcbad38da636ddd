"""What every page of the console knows: where it is, who looks, what they may do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from callspring.console.request import may_change


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the menu. `pages` are the view names that light it up."""

    view: str
    title: Promise
    icon: str
    pages: tuple[str, ...]


MENU = (
    Place("console:dashboard", _("Dashboard"), "layout-dashboard", ("dashboard",)),
    Place("console:calls", _("Calls"), "phone", ("calls", "call")),
    Place(
        "console:tracking_numbers",
        _("Tracking numbers"),
        "target-arrow",
        ("tracking_numbers", "new", "campaign", "users", "review", "routing"),
    ),
    Place("console:numbers", _("Numbers"), "hash", ("numbers",)),
    Place("console:integrations", _("Settings"), "settings", ("integrations", "company", "api_keys")),
)


def console(request: HttpRequest) -> dict[str, Any]:
    """Django's context processor. Works on error pages too, where nothing has been put on the request."""
    match = request.resolver_match
    on = vars(request)
    return {
        "menu": MENU,
        "here": match.url_name if match and match.app_name == "console" else "",
        "company": on.get("company"),
        "memberships": on.get("memberships", []),
        "membership": on.get("membership"),
        "may_change": may_change(on.get("membership")),
    }
