"""The one line that goes onto the company's site (docs/snippet-protocol.md)."""

from __future__ import annotations

from django.conf import settings

from callspring.accounts.models import Company
from callspring.stores.snippet_versions import newest


def snippet_line(company: Company) -> str:
    """HTML, unique to the company."""
    return f'<script async src="{settings.CONFIG.doors_url}/cs/{company.key}.js"></script>'


def pinned_line(company: Company) -> str:
    """The same for today's version alone, which browsers check by its hash."""
    version = newest()
    address = f"{settings.CONFIG.doors_url}/cs/{company.key}/{version.first_file}"
    return f'<script async src="{address}" integrity="{version.integrity}" crossorigin="anonymous"></script>'
