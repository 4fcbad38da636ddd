"""Reads about a company's sites."""

from __future__ import annotations

from django.db.models import QuerySet

from callspring.accounts.models import Company
from callspring.sites.models import Site, SnippetTest


def sites(company: Company) -> QuerySet[Site]:
    """The company's sites, by name."""
    return Site.objects.filter(company=company).order_by("name", "id")


def site(company: Company, site_id: int) -> Site | None:
    """One site; None for an outsider's."""
    return sites(company).filter(pk=site_id).first()


def removed_sites(company: Company) -> QuerySet[Site]:
    """Those that can be brought back, the latest first."""
    return Site.every.filter(company=company, removed_at__isnull=False).order_by("-removed_at", "-pk")


def snippet_tests(company: Company) -> QuerySet[SnippetTest]:
    """The tests of the snippet that are kept, newest first."""
    return SnippetTest.objects.filter(company=company).select_related("site").order_by("-created_at", "-id")


def snippet_test(company: Company, test_id: int) -> SnippetTest | None:
    """One test; None for an outsider's."""
    return snippet_tests(company).filter(pk=test_id).first()
