"""Where a company's calls go, as the doors know it from now on."""

from __future__ import annotations

from django.conf import settings

from callspring.accounts.models import Company
from callspring.scenarios.publishing import publish_company
from callspring.stores.snapshot.files import company_file, site_file
from callspring.stores.snapshot.published import Route, company_decoder, site_decoder


def routes(company: Company, *, publish: bool = True) -> dict[str, Route]:
    """By number (E.164), out of the files of its sites and the rest; published anew unless that is the question."""
    if publish:
        publish_company(company.pk)
    folder = settings.CONFIG.snapshots
    found = dict(company_decoder.decode(company_file(folder, company.pk).read_bytes()).routes)
    for site in company.sites.all():
        if site_file(folder, site.pk).exists():
            found |= site_decoder.decode(site_file(folder, site.pk).read_bytes()).routes
    return found
