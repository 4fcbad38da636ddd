"""A visitor's touches before a call, out of the record: how each of their visits arrived."""

from __future__ import annotations

from datetime import datetime, timedelta

from callspring.calls.attribution import Model, Share, Touch, shares
from callspring.visits.models import Visit
from callspring.visits.touch import Source

LOOK_BACK = timedelta(days=90)
MOST = 50  # visits of one visitor, the newest
ONE_TOUCH = (Model.FIRST, Model.LAST)


def shares_of(visit: Visit, at: datetime, model: Model) -> tuple[Share, ...]:
    """What each source has of a call placed at `at` from this visit, heaviest first."""
    touches = [Touch(visit.started_at.timestamp(), own(visit))]
    if model == Model.FIRST:
        touches = [Touch(touches[0].at, stored(visit))]
    elif model not in ONE_TOUCH:
        touches = _touches(visit)
    return shares(model, touches, at.timestamp())


def _touches(visit: Visit) -> list[Touch]:
    """The visits up to this one. Where the first of them is not in the record, the cookie still tells its source."""
    before = Visit.objects.filter(
        company=visit.company_id,
        visitor=visit.visitor,
        started_at__gte=visit.started_at - LOOK_BACK,
        started_at__lte=visit.started_at,
    )
    visits = list(before.order_by("-started_at")[:MOST])[::-1]
    touches = [Touch(each.started_at.timestamp(), own(each)) for each in visits]
    if visits and not visits[0].is_first:
        return [Touch(touches[0].at, stored(visits[0])), *touches]
    return touches


def own(visit: Visit) -> Source:
    """How this visit arrived."""
    return Source(visit.source, visit.medium, visit.campaign, visit.keyword, visit.channel)


def stored(visit: Visit) -> Source:
    """How the visitor arrived first, as their cookie told (W5)."""
    return Source(**visit.stored_source)
