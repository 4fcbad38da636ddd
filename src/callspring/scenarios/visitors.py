"""What a company has said about its visitors: how long they are remembered, and which of their sources decides.

It stands here and not in `callspring.accounts` because the doors learn of it with the scenarios (`publishing`).
"""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from callspring.accounts.models import Company
from callspring.scenarios.publishing import publish_on_commit

MOST_DAYS = 400  # browsers keep no cookie longer (draft-ietf-httpbis-rfc6265bis, section 5.5)


@transaction.atomic
def remember_visitors(company: Company, *, cookie_days: int, newest_source: bool) -> None:
    """Keep visitors' cookies for so many days; decide by their newest source that is not direct, or by the first.

    Raises `ValidationError` keyed by field.
    """
    if not 1 <= cookie_days <= MOST_DAYS:
        said = _("Give a number of days from 1 to %(most)d: browsers keep no cookie longer.") % {"most": MOST_DAYS}
        raise ValidationError({"cookie_days": [said]})
    company.cookie_days, company.newest_source = cookie_days, newest_source
    company.save(update_fields=["cookie_days", "newest_source"])
    publish_on_commit(company.pk)
