"""Who may have placed a call: the holders of the dialled number, out of the record.

All recent shows of the number count, not only the last: newest first, `MOST_SHOWS` of the last `LOOK_BACK`. Each
visitor is a candidate once, by the latest. Holders so faint that they cannot matter are only summed up, without being
looked at closer: of a thousand there are seldom more than fifty worth it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import fsum, inf
from operator import attrgetter
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from callspring.calls.area import compare
from callspring.calls.attribution import Model
from callspring.calls.callers import Past, Placed, knows_number, pasts, who_is
from callspring.calls.credit import TAP_SECONDS, Candidate
from callspring.calls.models import Call
from callspring.calls.touches import own, stored
from callspring.pools.holder import MOST_EARLIER, Holder
from callspring.pools.timing import Timing
from callspring.stores.leases.port import UNCONFIRMED_SECONDS
from callspring.visits.models import PageView, Show, Visit, VisitEvent
from callspring.visits.touch import Channel, Source, name_of

LOOK_BACK = timedelta(days=60)
MOST_SHOWS = 1000
# A hold does not outlast its page by so much, and pages are not open for longer.
LONGEST_HOLD = timedelta(days=1)
# A page counts as open while its last sign of life is no older than a beat and some patience.
BEAT_PATIENCE = timedelta(seconds=45)
# The click and the call are seen by different clocks: the visitor's door and the carrier.
CLOCK_SLACK = timedelta(seconds=2)
FAINT = 1e-6  # of all weights together: what weighs less is only summed up
NO_PAST = Past()
MOST_NEAR = 200  # candidates that are looked at closer; only the weights of the others count


@dataclass(frozen=True, slots=True)
class Found:
    """The candidates; the weight of those too faint to be among them; whether the caller called the number before."""

    candidates: list[Candidate]
    tail: float
    knows_number: bool


class Before(NamedTuple):
    """An earlier visit of the same visitor with the number: when they left, and after how many seconds."""

    visit: UUID
    left: float
    seconds: float


@dataclass(slots=True)
class Held:
    """A visitor's latest show of the dialled number: granted and last active (Unix seconds), and the hold's end. Who
    held it until shortly before the call is `recent`: their pages tell more."""

    number: int
    scenario: int
    visit: UUID
    visitor: UUID
    granted: float
    active: float
    until: datetime
    recent: bool
    exclusive: bool = False
    before: tuple[Before, ...] = ()
    weight: float = 0.0


@dataclass(frozen=True, slots=True)
class Clues:
    """What is known beside the shows: `lefts` and `taps` by visit, `pasts` by visitor."""

    lefts: Mapping[UUID, float | None]
    taps: Mapping[UUID, float]
    pasts: Mapping[UUID, Past]


def find(call: Call, timing: Timing, model: Model) -> Found:
    """The candidates of a call. `model` says which of a visit's sources it would count for."""
    start = call.started_at.timestamp()
    held = holders(_shows(call), start)
    known = who_is(call)
    near, faint = worth_a_look(held, known, start, timing)
    visits = Visit.objects.filter(company=call.company_id).in_bulk([one.visit for one in near])
    # Of a visit that is not kept any more nothing is known but that somebody held the number.
    tail = fsum([*faint, *(one.weight for one in near if one.visit not in visits)])
    near = [one for one in near if one.visit in visits]
    recent = [one for one in near if one.recent]
    clues = Clues(_lefts(call.started_at, recent), _taps(call, recent), _pasts(call, near, known))
    candidates = [_candidate(one, visits[one.visit], call, clues, model) for one in near]
    return Found(candidates, tail, knows_number(call))


def _shows(call: Call) -> Iterable[tuple[Any, ...]]:
    """Newest first. Who was granted a number and never confirmed a swapped place did not see it, but for the moment in
    which the page may still be at it."""
    start = call.started_at
    shows = Show.objects.filter(
        number=call.number_id or 0,
        company=call.company_id,
        dynamic=True,
        granted_at__lte=start + CLOCK_SLACK,
        until__gte=start - LOOK_BACK,
        until__lte=start + LONGEST_HOLD,
    ).order_by("-until")[:MOST_SHOWS]
    return shows.values_list(
        "number", "scenario", "visit", "visitor", "granted_at", "shown_at", "last_active_at", "until"
    )


def holders(shows: Iterable[tuple[Any, ...]], start: float) -> list[Held]:
    """Each visitor's latest show, of rows that come newest first (number, scenario, visit, visitor, granted, shown,
    last active, until)."""
    since = datetime.fromtimestamp(start, UTC) - BEAT_PATIENCE
    found: dict[int, Held] = {}
    for number, scenario, visit, visitor, granted_at, shown_at, last_active_at, until in shows:
        granted = granted_at.timestamp()
        if shown_at is None and start - granted > UNCONFIRMED_SECONDS:
            continue
        active = last_active_at.timestamp()
        known = found.get(visitor.int)  # a UUID's own hash is slow
        if known is None:
            recent = until >= since or last_active_at >= since
            found[visitor.int] = Held(number, scenario, visit, visitor, granted, active, until, recent)
        else:
            _add_before(known, Before(visit, active, active - granted))
    held = list(found.values())
    _mark_exclusive(held)
    return held


def _add_before(held: Held, one: Before) -> None:
    known = {held.visit, *(before.visit for before in held.before)}
    if one.visit not in known and len(held.before) < MOST_EARLIER:
        held.before = (*held.before, one)


def _mark_exclusive(held: Sequence[Held]) -> None:
    """Nobody else's hold reached into the time from the grant to the call. Only the latest holder can be that, and of
    the others, whose holds are sorted, the first one's ended last."""
    if held:
        latest = max(held, key=attrgetter("granted"))
        other = next((one for one in held[:2] if one is not latest), None)
        latest.exclusive = other is None or other.until.timestamp() < latest.granted


def worth_a_look(
    held: Sequence[Held], known: Collection[UUID], start: float, timing: Timing
) -> tuple[list[Held], list[float]]:
    """Whose weight matters, judged by the shows alone, and the weights of the others."""
    rates = timing.rates([Holder("", "", "mobile", one.granted, one.active) for one in held], start)
    for one, rate in zip(held, rates, strict=True):
        one.weight = rate
    least = FAINT * fsum([*rates, timing.strangers()])
    ranked = sorted(held, key=attrgetter("recent", "weight"), reverse=True)
    near = [one for one in ranked[:MOST_NEAR] if one.weight >= least or one.recent]
    rest = ranked[len(near) :]
    near += [one for one in rest if one.visitor in known] if known else []
    return near, [one.weight for one in rest if not (known and one.visitor in known)]


def _lefts(start: datetime, held: Collection[Held]) -> dict[UUID, float | None]:
    """Since when each of these visits had shown no sign of life when the call came; None while a page was open."""
    found: dict[UUID, float | None] = {}
    of_visits = {"visit__in": [one.visit for one in held]}
    pages = PageView.objects.filter(**of_visits, started_at__lte=start + CLOCK_SLACK)
    for visit, last_active, left_at in pages.values_list("visit", "last_active_at", "left_at"):
        left = _left(start, last_active, left_at)
        before = found.get(visit, 0.0)
        found[visit] = None if left is None or before is None else max(left, before)
    shown = _shown_last(Show.objects.filter(**of_visits, dynamic=True, granted_at__lte=start))
    patience = BEAT_PATIENCE.total_seconds()
    for one in held:
        found.setdefault(one.visit, None if one.active + patience >= start.timestamp() else one.active)
        number, since = shown.get((one.visit, one.scenario), (one.number, 0.0))
        if number != one.number:
            found[one.visit] = min(since, found.get(one.visit) or since)
    return found


def _left(start: datetime, last_active: datetime, left: datetime | None) -> float | None:
    if (left is None or left >= start) and last_active + BEAT_PATIENCE >= start:
        return None
    return min(left or last_active, start).timestamp()


def _shown_last(shows: QuerySet[Show]) -> dict[tuple[UUID, int], tuple[int, float]]:
    """For each visit and scenario the number it was shown last, and since when: who got another number in place of the
    dialled one has left that one, however open the page is."""
    found: dict[tuple[UUID, int], tuple[int, float]] = {}
    rows = shows.order_by("granted_at", "id").values_list("visit", "scenario", "number", "granted_at")
    for visit, scenario, number, granted_at in rows:
        if found.get((visit, scenario), (None,))[0] != number:
            found[visit, scenario] = (number, granted_at.timestamp())
    return found


def _taps(call: Call, held: Collection[Held]) -> dict[UUID, float]:
    """Each visit's last press on a `tel:` link with the dialled number, within a minute before the call."""
    start = call.started_at
    events = VisitEvent.objects.filter(
        visit__in=[one.visit for one in held],
        kind=VisitEvent.Kind.TEL_CLICK,
        at__gte=start - timedelta(seconds=TAP_SECONDS),
        at__lte=start + CLOCK_SLACK,
    ).order_by("at")
    dialled = call.dialled.lstrip("+")
    return {
        visit: min(at, start).timestamp()
        for visit, name, at in events.values_list("visit", "name", "at")
        if "".join(filter(str.isdecimal, name)) == dialled
    }


def _pasts(call: Call, held: Collection[Held], known: Mapping[UUID, Placed]) -> dict[UUID, Past]:
    """By visitor what earlier calls say, of any visit with the number."""
    visitors = {visit: one.visitor for one in held for visit in (one.visit, *(before.visit for before in one.before))}
    since = min((before.left - before.seconds for one in held for before in one.before), default=inf)
    since = min([since, *(one.granted for one in held)])
    return pasts(call, visitors, known, datetime.fromtimestamp(since, UTC)) if visitors else {}


def _candidate(one: Held, visit: Visit, call: Call, clues: Clues, model: Model) -> Candidate:
    past = clues.pasts.get(one.visitor, NO_PAST)
    start = visit.started_at.timestamp()
    left = clues.lefts.get(one.visit, one.active)
    return Candidate(
        visit=str(visit.pk),
        visit_number=visit.number,
        visitor=str(visit.visitor),
        source=source_of(visit, model),
        device=visit.device,
        start=start,
        left=None if left is None else max(left, start),
        tapped=clues.taps.get(one.visit),
        called=past.called,
        called_at=past.called_at,
        earlier=tuple((before.left, before.seconds) for before in one.before),
        exclusive=one.exclusive,
        caller=past.caller,
        caller_at=past.caller_at,
        other_caller=past.other_caller,
        area=compare(call.caller, visit.country, visit.region, visit.city),
        came_by=name_of(stored(visit)),
    )


def source_of(visit: Visit, model: Model) -> Source:
    """What a visit stands for while candidates are weighed: one source, also where the credit will be shared."""
    arrived = own(visit)
    direct = model != Model.LAST and arrived.channel == Channel.DIRECT
    return stored(visit) if model == Model.FIRST or direct else arrived
