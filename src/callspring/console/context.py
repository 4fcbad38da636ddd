"""What every page of the console knows: where it is, who looks, what they may do."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, cast

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from callspring.accounts.models import User
from callspring.accounts.roles import Verb
from callspring.console.inbox_list import unread_count
from callspring.console.request import may, may_change


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the menu, for those who may. `pages` are the view names that light it up."""

    view: str
    title: Promise
    icon: str
    pages: tuple[str, ...]
    verb: Verb


MENU = (
    Place("console:dashboard", _("Dashboard"), "layout-dashboard", ("dashboard",), Verb.SEE_REPORTS),
    Place("console:inbox", _("Inbox"), "inbox", ("inbox", "thread"), Verb.SEE_CALLS),
    Place("console:calls", _("Calls"), "phone", ("calls", "call"), Verb.SEE_CALLS),
    Place(
        "console:tracking_numbers",
        _("Tracking numbers"),
        "target-arrow",
        (
            "tracking_numbers",
            "new",
            "step",
            "preview",
            "approve",
            "purchase",
            "scenario_routing",
            "scenario_flow",
            "change_scenario_flow",
            "publish_scenario_flow",
            "scenario_numbers",
            "delete_scenario",
            "calculator",
            "pool_accuracy",
            "pool_maintenance",
            "set_maintenance",
            "pool_sizing",
        ),
        Verb.SEE_REPORTS,
    ),
    Place(
        "console:numbers",
        _("Numbers"),
        "hash",
        (
            "numbers",
            "buy_numbers",
            "orders",
            "order",
            "number_routing",
            "number_flow",
            "change_number_flow",
            "publish_number_flow",
            "release_number",
            "port_ins",
            "port_in",
        ),
        Verb.SEE_SETUP,
    ),
    Place(
        "console:integrations",
        _("Settings"),
        "settings",
        (
            "integrations",
            "remove_site",
            "new_site",
            "site",
            "visitor_settings",
            "new_api_key",
            "snippet_tests",
            "snippet_test",
            "repeat_snippet_test",
            "company",
            "crediting",
            "credit_change",
            "people",
            "resend_invitation",
            "call_settings",
            "block_caller",
            "screen_calls",
            "new_missed_alert",
            "keep_recordings",
            "staff",
            "new_staff_network",
            "new_staff_number",
            "carriers",
            "connect_carrier",
            "connection",
            "import_numbers",
            "replace_token",
            "disconnect",
            "billing",
            "statement",
            "top_up",
            "by_hand",
            "balance_notice",
            "billing_mode",
            "plans",
        ),
        Verb.SEE_SETUP,
    ),
)


def console(request: HttpRequest) -> dict[str, Any]:
    """Django's context processor. Works on error pages too, where nothing has been put on the request."""
    match = request.resolver_match
    on = vars(request)
    permitted = {verb.value: may(on.get("membership"), verb) for verb in Verb}
    return {
        "menu": [place for place in MENU if permitted[place.verb]],
        "here": match.url_name if match and match.app_name == "console" else "",
        "company": on.get("company"),
        "memberships": on.get("memberships", []),
        "membership": on.get("membership"),
        "may": permitted,
        "inbox_unread": partial(_unread, request),  # asked for by pages with a menu, not by their pieces
        "may_change": may_change(on.get("membership")),
    }


def _unread(request: HttpRequest) -> int:
    """How many threads this person has yet to read, for the menu."""
    company = vars(request).get("company")
    return unread_count(company, cast(User, request.user)) if company else 0
