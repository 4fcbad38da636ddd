"""Reads about a company's sites."""

from __future__ import annotations

from django.db.models import QuerySet

from callspring.accounts.models import Company
from callspring.sites.models import Site


def sites(company: Company) -> QuerySet[Site]:
    """The company's sites, by name."""
    return Site.objects.filter(company=company).order_by("name", "id")


def site(company: Company, site_id: int) -> Site | None:
    """One site; None for an outsider's."""
    return sites(company).filter(pk=site_id).first()
