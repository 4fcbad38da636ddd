"""What people do about spam: block callers, and set how calls are screened.

It stands here and not in `callspring.accounts` because the doors learn of it with the scenarios (`publishing`).
"""

from __future__ import annotations

import re
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from callspring.accounts.models import BlockedCaller, Company, SpamSettings, User
from callspring.flows.screening import WITHHELD
from callspring.numbers.e164 import parse_number
from callspring.scenarios.publishing import publish_on_commit

MOST = 1_000  # entries of a company's list: the door goes through all of them for each call
_BEGINNING = re.compile(r"\+[1-9][0-9]{0,13}\*")


def block_list(company: Company) -> QuerySet[BlockedCaller]:
    """The company's block list, the newest entry first."""
    return BlockedCaller.objects.filter(company=company).select_related("created_by").order_by("-pk")


def parse_pattern(text: str, country: str) -> str:
    """A caller as people type it: a number, `+1900*`, or `withheld`. Raises `ValueError`, a sentence for people."""
    text = text.strip()
    if text.lower() == WITHHELD:
        return WITHHELD
    if "*" not in text:
        return parse_number(text, country)
    beginning = re.sub(r"[\s().-]", "", text)
    if not _BEGINNING.fullmatch(beginning):
        raise ValueError(_("Write the beginning of numbers with the country code and a star, like +1900*."))
    return beginning


@transaction.atomic
def block(company: Company, pattern: str, *, reject: bool = True, label: str = "", by: User | None = None) -> None:
    """Put callers on the block list. Listing them again gives the entry the new label and way.

    Raises `ValueError`, a sentence for people.
    """
    if block_list(company).exclude(pattern=pattern).count() >= MOST:
        raise ValueError(_("A block list has at most %(most)d entries.") % {"most": MOST})
    wanted = {"reject": reject, "label": label}
    BlockedCaller.objects.update_or_create(
        company=company, pattern=pattern, defaults=wanted, create_defaults={**wanted, "created_by": by}
    )
    publish_on_commit(company.pk, None)


@transaction.atomic
def unblock(entry: BlockedCaller) -> None:
    """Let them ring again. Their calls of the past stay as they were judged."""
    company = entry.company_id
    entry.delete()
    publish_on_commit(company, None)


def spam_settings(company: Company) -> SpamSettings:
    """What the company has set, or the defaults, unsaved."""
    return SpamSettings.objects.filter(company=company).first() or SpamSettings(company=company)


@transaction.atomic
def set_screening(company: Company, wanted: dict[str, Any]) -> None:
    """Set how calls are screened: `wanted` has fields of `SpamSettings`, checked by the form."""
    SpamSettings.objects.update_or_create(company=company, defaults=wanted)
    publish_on_commit(company.pk, None)
