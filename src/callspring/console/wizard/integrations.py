"""Where a scenario's calls go besides ringing: what is set up in this company, for the wizard's step that tells."""

from __future__ import annotations

from dataclasses import dataclass

from callspring.accounts.models import Company, Membership
from callspring.accounts.queries import api_keys

MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class SentTo:
    """`mailed` are the people who get copies by e-mail, `keys` the API keys in force: the first names, and how many."""

    mailed: tuple[str, ...]
    mailed_count: int
    keys: tuple[str, ...]
    keys_count: int


def sent_to(company: Company) -> SentTo:
    """As it is now."""
    people = Membership.objects.filter(company=company, email_copies=True, user__is_active=True).select_related("user")
    names = [one.user.name or one.user.email for one in people.order_by("pk")]
    keys = list(api_keys(company).values_list("label", flat=True))
    return SentTo(tuple(names[:MOST_NAMED]), len(names), tuple(keys[:MOST_NAMED]), len(keys))
