"""To which scenario a number belonged at a time of the past, as far as the record shows.

Nobody writes down when a number moves; but visitors were shown it and callers called it, each time for the scenario
that it had. What stands nearest in time decides: that, or the present where nothing is nearer.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from callspring.calls.models import Call
from callspring.numbers.models import Number
from callspring.scenarios.models import Scenario
from callspring.visits.models import Show

Sign = tuple[float, int]  # how many seconds away, and the scenario (0: none)


def scenario_then(number: Number, at: datetime, now: datetime, present: int, but: UUID) -> int:
    """The id of the scenario that calls to the number at `at` were for, 0 for none. `present` is what it would be now.

    The call `but` itself is no sign.
    """
    signs: list[Sign] = [*_shown(number, at), *_called(number, at, but), ((now - at).total_seconds(), present)]
    found = min(signs, key=lambda sign: sign[0])[1]
    if found in (0, present):
        return found
    known = Scenario.objects.filter(pk=found, company=number.company_id).exists()
    return found if known else present


def _shown(number: Number, at: datetime) -> list[Sign]:
    """The visitor who held it then or soon after, and the last one before."""
    shows = Show.objects.filter(company=number.company_id, number=number.pk, shown_at__isnull=False)
    around = (
        shows.filter(until__gte=at).order_by("until").first(),
        shows.filter(until__lt=at).order_by("-until").first(),
    )
    return [(_away(show, at), show.scenario_id) for show in around if show is not None]


def _away(show: Show, at: datetime) -> float:
    if show.granted_at <= at <= show.until:
        return 0.0
    return abs(((show.granted_at if show.granted_at > at else show.until) - at).total_seconds())


def _called(number: Number, at: datetime, but: UUID) -> list[Sign]:
    calls = Call.objects.filter(number=number.pk).exclude(pk=but)
    around = (
        calls.filter(started_at__gte=at).order_by("started_at").first(),
        calls.filter(started_at__lt=at).order_by("-started_at").first(),
    )
    return [(abs((call.started_at - at).total_seconds()), call.scenario_id or 0) for call in around if call is not None]
