"""The one line that goes onto the company's site (docs/snippet-protocol.md)."""

from __future__ import annotations

from django.conf import settings

from callspring.accounts.models import Company


def snippet_line(company: Company) -> str:
    """HTML, unique to the company."""
    return f'<script async src="{settings.CONFIG.doors_url}/cs/{company.key}.js"></script>'
