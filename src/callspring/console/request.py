"""The request as a console view sees it: signed in, with a company, in that company's time zone."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.http import HttpRequest

from callspring.accounts.models import Company, Membership, User
from callspring.accounts.roles import Verb, permits


class CompanyRequest(HttpRequest):
    """What `guard.member` lets through. `memberships` are all companies of this person, for the switcher."""

    user: User
    company: Company
    membership: Membership
    memberships: list[Membership]
    zone: ZoneInfo


def may(membership: Membership | None, verb: Verb) -> bool:
    """Whether this member may do that; an outsider may do nothing."""
    return membership is not None and permits(membership.role, verb)


def may_change(membership: Membership | None) -> bool:
    """Owners and managers set things up; everybody else looks."""
    return may(membership, Verb.CHANGE_SETUP)
