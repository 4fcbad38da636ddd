"""Puts the person's company and its time zone on the request, and the console's headers on the answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from callspring.accounts.models import Membership
from callspring.console.headers import put_headers

SESSION_KEY = "company"
SEEN_EVERY = timedelta(hours=1)  # so that looking costs a write now and then only
PROGRAMS = ("/api/", "/static/")  # these know no session; their answers carry no policy of ours


class CompanyMiddleware:
    """`request.company`, `request.membership`, `request.memberships`, `request.zone`; all empty for a stranger."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Look the person's companies up, once per request."""
        if request.path.startswith(PROGRAMS):
            return self.get_response(request)
        memberships = _memberships(request)
        membership = _chosen(memberships, request.session.get(SESSION_KEY) if memberships else None)
        _note_seen(membership)
        zone = ZoneInfo(membership.company.zone if membership else "UTC")
        vars(request).update(
            memberships=memberships,
            membership=membership,
            company=membership.company if membership else None,
            zone=zone,
        )
        with timezone.override(zone):
            response = self.get_response(request)
        return put_headers(response, signed_in=membership is not None)


def _memberships(request: HttpRequest) -> list[Membership]:
    """This person's companies, by name."""
    if not request.user.is_authenticated:
        return []
    found = Membership.objects.filter(user_id=request.user.pk).select_related("company__account")
    return list(found.order_by("company__name", "company_id"))


def _chosen(memberships: list[Membership], company_id: int | None) -> Membership | None:
    """The one chosen in the switcher while it still exists, else the first."""
    chosen = [membership for membership in memberships if membership.company_id == company_id]
    return next(iter(chosen or memberships), None)


def _note_seen(membership: Membership | None) -> None:
    """Remember when this person was last here, to the hour."""
    now = timezone.now()
    if membership is None or (membership.seen_at is not None and now - membership.seen_at < SEEN_EVERY):
        return
    membership.seen_at = now
    Membership.objects.filter(pk=membership.pk).update(seen_at=now)
