"""Reads about companies, their people and their keys."""

from __future__ import annotations

from django.db.models import QuerySet

from callspring.accounts.actions import digest
from callspring.accounts.models import ApiKey, Company, Membership, User


def companies(user: User) -> QuerySet[Company]:
    """The companies that `user` belongs to, by name."""
    return Company.objects.filter(memberships__user=user).select_related("account").order_by("name", "id")


def membership(user: User, company_id: int) -> Membership | None:
    """What `user` is in a company; None for an outsider and for a company that does not exist."""
    return Membership.objects.filter(user=user, company=company_id).select_related("company__account").first()


def api_keys(company: Company) -> QuerySet[ApiKey]:
    """A company's keys that still work, newest first."""
    return ApiKey.objects.filter(company=company, revoked_at=None).order_by("-id")


def key_in_force(plain: str) -> ApiKey | None:
    """The key with this plain text, with its company; None when there is none or it was revoked."""
    found = ApiKey.objects.filter(digest=digest(plain), revoked_at=None)
    return found.select_related("company__account").first()
