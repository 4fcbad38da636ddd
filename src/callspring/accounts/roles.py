"""What each role may do: one table, used by the console's guards and templates and printed in `docs/people.md`."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from callspring.accounts.models import Membership

Role = Membership.Role


class Verb(StrEnum):
    """Something a person does in a company."""

    SEE_CALLS = "see_calls"
    ACT_IN_INBOX = "act_in_inbox"
    SEE_REPORTS = "see_reports"
    SEE_SETUP = "see_setup"
    CHANGE_SETUP = "change_setup"
    MANAGE_PEOPLE = "manage_people"
    MONEY = "money"


VERBS: Mapping[Verb, Promise] = MappingProxyType(
    {
        Verb.SEE_CALLS: _("See the inbox and the calls"),
        Verb.ACT_IN_INBOX: _("Reply, write notes, assign, mark as spam, say who called"),
        Verb.SEE_REPORTS: _("See the dashboard and the tracking numbers, export calls"),
        Verb.SEE_SETUP: _("See the settings and all numbers"),
        Verb.CHANGE_SETUP: _("Change settings, buy and release numbers, make API keys"),
        Verb.MANAGE_PEOPLE: _("Invite and remove people, change their roles"),
        Verb.MONEY: _("Add money, change the plan"),
    }
)
_AGENT = frozenset({Verb.SEE_CALLS, Verb.ACT_IN_INBOX})
_ANALYST = frozenset({Verb.SEE_CALLS, Verb.SEE_REPORTS, Verb.SEE_SETUP})
_MANAGER = _AGENT | _ANALYST | {Verb.CHANGE_SETUP, Verb.MANAGE_PEOPLE}
PERMITTED: Mapping[str, frozenset[Verb]] = MappingProxyType(
    {Role.OWNER: _MANAGER | {Verb.MONEY}, Role.MANAGER: _MANAGER, Role.ANALYST: _ANALYST, Role.AGENT: _AGENT}
)
ABOUT: Mapping[str, Promise] = MappingProxyType(
    {
        Role.OWNER: _("Owners may do everything, and make other owners."),
        Role.MANAGER: _("Managers set everything up and invite people. They leave owners and money alone."),
        Role.ANALYST: _("Analysts look at everything and change nothing."),
        Role.AGENT: _("Agents work in the inbox: they read calls and messages and answer them."),
    }
)


def permits(role: str, verb: Verb) -> bool:
    """Whether people of this role may do that. A role that does not exist may do nothing."""
    return verb in PERMITTED.get(role, frozenset())


def gives(role: str) -> tuple[Role, ...]:
    """The roles that somebody of this role may give and take away: owners are made and unmade by owners only."""
    if not permits(role, Verb.MANAGE_PEOPLE):
        return ()
    return tuple(Role) if role == Role.OWNER else tuple(each for each in Role if each != Role.OWNER)
