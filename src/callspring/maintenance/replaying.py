"""Replays a scenario's own last 30 days against pools of other sizes and with other policies (P5).

What really happened is known of the visits; of the calls it is taken from their credits, where these are certain or
likely. So a replay says how much better or worse another pool would have done, and no more.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from callspring.calls.models import Credit, Flag, Grade
from callspring.jobs.actions import enqueue
from callspring.maintenance import queries
from callspring.maintenance.hours import confirmed
from callspring.maintenance.models import Replay
from callspring.pools.replay import CallRow, VisitRow, replay
from callspring.scenarios.models import Scenario
from callspring.scenarios.sizing import pool_size
from callspring.visits.models import Show, Visit, VisitEvent

log = logging.getLogger(__name__)

JOB = "maintenance.replay"
MOST_VISITS = 50_000
LEAST_VISITS = 20
POLICIES = ("callspring", "least-recently-used", "next-in-line")
SHARES_OF_NOW = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0)
AT_ONCE = 500
FIGURES = ("exclusive_share", "right_source", "right_visitor", "overflow")


@dataclass(frozen=True, slots=True)
class Recorded:
    """What is replayed: `visits` of the `total` since then, the newest ones, and the calls of the same time."""

    visits: list[VisitRow]
    calls: list[CallRow]
    total: int


def ask(scenario: Scenario) -> None:
    """Have it replayed soon; while it is asked for already, nothing more is done."""
    try:
        with transaction.atomic():
            asked = Replay.objects.create(company_id=scenario.company_id, scenario=scenario, asked_at=timezone.now())
            enqueue(JOB, {"replay": asked.pk})
    except IntegrityError:
        return


def carry_out(replay_id: int) -> None:
    """Do what was asked for, and write down what came of it."""
    asked = Replay.objects.filter(pk=replay_id).select_related("scenario").first()
    if asked is None or asked.state in (Replay.State.DONE, Replay.State.FAILED):
        return
    Replay.objects.filter(pk=asked.pk).update(state=Replay.State.RUNNING, percent=0)
    try:
        result = play(asked)
    except Exception:  # whatever it is, the page must not show a replay under way for ever
        log.exception("replay %s has failed", asked.pk)
        _end(asked, Replay.State.FAILED, problem=_("Something went wrong on our side. Try it once more."))
        return
    if result is None:
        few = _("Too few visitors in the last 30 days: %(least)d are wanted.") % {"least": LEAST_VISITS}
        _end(asked, Replay.State.FAILED, problem=few)
    else:
        _end(asked, Replay.State.DONE, result=result, percent=100)


def play(asked: Replay) -> dict[str, Any] | None:
    """The result, or None where there is too little to say anything."""
    scenario = asked.scenario
    recorded = recent(scenario, asked.asked_at)
    if len(recorded.visits) < LEAST_VISITS:
        return None
    found: dict[str, list[dict[str, Any]]] = {policy: [] for policy in POLICIES}
    sizes = sizes_for(scenario)
    for count, numbers in enumerate(sizes):
        for policy in POLICIES:
            figures = replay(
                recorded.visits, recorded.calls, numbers=numbers, policy=policy, hold=float(scenario.hold_seconds)
            ).as_dict()
            found[policy].append({"numbers": numbers, **{name: figures[name] for name in FIGURES}})
        Replay.objects.filter(pk=asked.pk).update(percent=100 * (count + 1) // (len(sizes) + 1))
    first, last = recorded.visits[0].start, recorded.visits[-1].start
    counts = {"visits": len(recorded.visits), "of": recorded.total, "calls": len(recorded.calls)}
    return {"first": first, "last": last, **counts, "sizes": sizes, "policies": found}


def sizes_for(scenario: Scenario) -> list[int]:
    """Around the size that the pool has, and a quarter of the peak."""
    now = max(1, queries.pool(scenario).count())
    around = {max(1, round(now * share)) for share in SHARES_OF_NOW}
    return sorted(around | {pool_size(scenario.peak_hourly_visits or 4 * now)})


def recent(scenario: Scenario, now: datetime) -> Recorded:
    """The pool's visits of the last 30 days, in order of their start, and the calls credited to them."""
    shows = Show.objects.filter(confirmed(), scenario=scenario, dynamic=True, granted_at__gte=now - queries.WINDOW)
    total = shows.count()
    newest = list(
        shows.order_by("-granted_at").values_list("visit", "visitor", "granted_at", "last_active_at")[:MOST_VISITS]
    )
    newest.reverse()
    if not newest:
        return Recorded([], [], 0)
    about = _about({visit for visit, *_rest in newest})
    visits = [_row(about.get(visit), str(visitor), given, active) for visit, visitor, given, active in newest]
    return Recorded(visits, _calls(scenario, newest[0][2]), total)


def _row(about: tuple[str, str, datetime | None] | None, visitor: str, given: datetime, active: datetime) -> VisitRow:
    source, device, tapped = about or ("", "", None)
    start = given.timestamp()
    pressed = tapped.timestamp() if tapped is not None and tapped >= given else None
    return VisitRow(visitor, start, max(start, active.timestamp()), source, device, pressed)


def _about(visits: set[UUID]) -> dict[UUID, tuple[str, str, datetime | None]]:
    """Of each visit where its visitor came from, on what, and when they last pressed a `tel:` link."""
    found: dict[UUID, tuple[str, str, datetime | None]] = {}
    for some in _slices(sorted(visits)):
        taps = VisitEvent.objects.filter(visit__in=some, kind=VisitEvent.Kind.TEL_CLICK).order_by()
        tapped = dict(taps.values_list("visit").annotate(last=Max("at")))
        for pk, stored, source, device in Visit.objects.filter(pk__in=some).values_list(
            "pk", "stored_source", "source", "device"
        ):
            found[pk] = (_source(stored, source), device, tapped.get(pk))
    return found


def _source(stored: dict[str, Any], source: str) -> str:
    """What pools compare: source, medium and campaign that the cookie held."""
    parts = (str(stored.get(name) or "") for name in ("source", "medium", "campaign", "channel"))
    return "/".join(parts) if stored else source


def _calls(scenario: Scenario, since: datetime) -> list[CallRow]:
    credited: QuerySet[Credit] = Credit.objects.filter(
        current=True,
        visit__isnull=False,
        grade__in=(Grade.CERTAIN, Grade.LIKELY),
        call__scenario=scenario,
        call__started_at__gte=since,
        call__flag=Flag.NONE,
    )
    found = credited.order_by("call__started_at").values_list("visit", "call__started_at")
    rows = [(visit, at) for visit, at in found if visit is not None]
    visitors: dict[UUID, UUID] = {}
    for some in _slices([visit for visit, _at in rows]):
        visitors |= dict(Visit.objects.filter(pk__in=some).values_list("pk", "visitor"))
    return [CallRow(str(visitors[visit]), at.timestamp()) for visit, at in rows if visit in visitors]


def _slices(ids: list[UUID]) -> Iterable[list[UUID]]:
    return (ids[first : first + AT_ONCE] for first in range(0, len(ids), AT_ONCE))


def _end(asked: Replay, state: str, **values: Any) -> None:
    Replay.objects.filter(pk=asked.pk).update(state=state, ended_at=timezone.now(), **values)
