"""Keeps `PoolHour` true: which hours are stale, and working them out from the shows.

Whoever writes shows marks the hours that may have changed, in the same transaction (`mark`); a job works them out
soon after (`work_out`). An hour that is marked again meanwhile stays stale, so that nothing that came late is missed.
`rebuild` marks all there is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

from django.db import transaction
from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, TruncHour
from django.utils import timezone

from callspring.maintenance.models import PoolHour, StaleHour
from callspring.numbers.models import Number
from callspring.scenarios.models import Scenario
from callspring.scenarios.pool_hours import HOUR, Given, HourTally, Key, hour_of, hour_tallies
from callspring.visits.models import PageView, Show

LONGEST = timedelta(days=1)  # how long a hold is thought to last at most
MOST_AHEAD = timedelta(days=2)  # an hour that a wrong clock told is not worked out
AT_ONCE = 500
GIVEN_HOUR = TruncHour("granted_at", tzinfo=UTC)
FIGURES = ("shows", "exclusive", "overflows", "timed", "visit_seconds", "held_seconds", "held_most", "quarters")


def mark(shows: Iterable[Show]) -> None:
    """These shows were written or changed: every hour that they touch is stale."""
    touched = {(show.company_id, show.scenario_id, hour) for show in shows if show.dynamic for hour in _hours(show)}
    _mark(touched)


def rebuild(company: int | None = None) -> int:
    """Mark every hour that has shows (of one company); returns how many."""
    shows = Show.objects.filter(dynamic=True)
    if company is not None:
        shows = shows.filter(company=company)
    found = shows.annotate(hour=GIVEN_HOUR).order_by().values_list("company", "scenario", "hour")
    hours = set(found.distinct())
    _mark((owner, scenario, hour_of(hour)) for owner, scenario, hour in hours)
    return len(hours)


def work_out(company: int | None = None, most_days: int = 1_000_000) -> int:
    """Work out what is stale (of one company), one company's day after the other; returns how many days that were."""
    stale = StaleHour.objects.filter(hour__lt=timezone.now() + MOST_AHEAD)
    if company is not None:
        stale = stale.filter(company=company)
    days: dict[tuple[int, date], list[StaleHour]] = defaultdict(list)
    for one in stale.order_by("-hour").iterator(chunk_size=2_000):
        days[one.company, one.hour.date()].append(one)
    for done, ((owner, _day), some) in enumerate(days.items()):
        if done == most_days:
            return done
        _work_out(owner, some)
    return len(days)


def _hours(show: Show) -> Iterator[datetime]:
    hour = hour_of(show.granted_at)
    last = min(show.until, show.granted_at + LONGEST)
    while hour < last:
        yield hour
        hour += HOUR


def _mark(touched: Iterable[tuple[int, int, datetime]]) -> None:
    mine = uuid4()
    rows = [
        StaleHour(company=owner, scenario=scenario, hour=hour, mark=mine)
        # In one order, or two who mark the same hours could wait for each other.
        for owner, scenario, hour in sorted(touched, key=lambda one: (one[1], one[2]))
    ]
    if rows:
        # An update, though it changes nothing that is read: it makes whoever takes the mark away wait for these shows.
        StaleHour.objects.bulk_create(
            rows, AT_ONCE, update_conflicts=True, unique_fields=["scenario", "hour"], update_fields=["mark"]
        )


def _work_out(company: int, stale: list[StaleHour]) -> None:
    """Some hours of one day, all of one company."""
    ours = set(Scenario.objects.filter(company=company).values_list("pk", flat=True))
    first, last = min(one.hour for one in stale), max(one.hour for one in stale) + HOUR
    wanted = {(one.scenario, one.hour) for one in stale if one.scenario in ours}
    # A show that began before and lasts until here may have met somebody only now: that is news for its own hour.
    wanted |= _begun_before(ours, first)
    first = min((hour for _, hour in wanted), default=first)
    tallies = hour_tallies(holds(ours, first, last))
    with transaction.atomic():
        if _take_marks(stale):
            _write(company, wanted, tallies)


def _begun_before(ours: set[int], first: datetime) -> set[Key]:
    shows = _shows(ours, first - LONGEST, first).filter(until__gt=first)
    found = shows.annotate(hour=GIVEN_HOUR).order_by().values_list("scenario", "hour").distinct()
    return {(scenario, hour_of(hour)) for scenario, hour in found}


def confirmed() -> Q:
    """The shows that a browser confirmed. Anybody can ask for numbers without one; that is measured nowhere.

    Where a page got a number, its places say so. Where it was left as it is, as overflows may be, there is nothing that
    it could show, and any sign of life from it will do: the snippet sends one when it is left, if not before.
    """
    page = PageView.objects.filter(visit=OuterRef("visit"), started_at=OuterRef("granted_at"))
    return Q(shown_at__isnull=False) | Q(
        Exists(page.filter(last_active_at__gt=F("started_at"))), overflow=True, number=0
    )


def _shows(ours: set[int], first: datetime, last: datetime) -> QuerySet[Show]:
    """The pools' shows whose numbers were given in this time (P4)."""
    return Show.objects.filter(confirmed(), scenario__in=ours, dynamic=True, granted_at__gte=first, granted_at__lt=last)


def holds(ours: set[int], first: datetime, last: datetime) -> Iterator[Given]:
    """All that were given in this time, and all that may overlap one of them, by number and start."""
    ends: datetime | None = _shows(ours, first, last).aggregate(last=Max("until"))["last"]
    reach = min(max(last, ends or last), last + LONGEST)
    around = _shows(ours, first - LONGEST, reach).filter(until__gt=first)
    rows = around.annotate(start=Coalesce("shown_at", "granted_at")).order_by("number", "start")
    fields = ("scenario", "number", "visitor", "start", "until", "overflow", "granted_at", "hold_seconds")
    for scenario, number, visitor, start, until, overflow, given, added in rows.values_list(*fields).iterator(5_000):
        yield Given(scenario, number, visitor, start, until, overflow, given=given, added=added)


def _take_marks(stale: list[StaleHour]) -> bool:
    """Take away the marks that we have dealt with. False where somebody has taken one meanwhile: then they have seen
    what we saw or more, and ours must not stand in its place."""
    there = StaleHour.objects.select_for_update().filter(pk__in=[one.pk for one in stale])
    left = dict(there.values_list("pk", "mark"))
    StaleHour.objects.filter(pk__in=[one.pk for one in stale if left.get(one.pk) == one.mark]).delete()
    return len(left) == len(stale)


def _write(company: int, wanted: Iterable[Key], tallies: Mapping[Key, HourTally]) -> None:
    sizes = pool_sizes({scenario for scenario, _ in wanted})
    lately, rows = timezone.now() - 2 * HOUR, []
    for (scenario, hour), tally in ((key, tallies.get(key, HourTally())) for key in sorted(wanted)):
        figures = {name: getattr(tally, name) for name in FIGURES}
        size = sizes.get(scenario, 0) if hour > lately else 0  # of an hour long ago it is not known any more
        rows.append(PoolHour(company_id=company, scenario_id=scenario, hour=hour, numbers=size, **figures))
    lately_rows = [row for row in rows if row.hour > lately]
    _upsert([row for row in rows if row.hour <= lately], FIGURES)
    _upsert(lately_rows, (*FIGURES, "numbers"))


def _upsert(rows: list[PoolHour], fields: Sequence[str]) -> None:
    PoolHour.objects.bulk_create(
        rows, AT_ONCE, update_conflicts=True, unique_fields=["scenario", "hour"], update_fields=list(fields)
    )


def pool_sizes(scenarios: Iterable[int]) -> dict[int, int]:
    """How many numbers the pools of these scenarios have now, without their overflow numbers."""
    pools = Number.objects.filter(scenario__in=list(scenarios), rule__dynamic=True, state=Number.State.ACTIVE)
    pools = pools.filter(Q(scenario__overflow_number=None) | ~Q(pk=F("scenario__overflow_number")))
    return dict(pools.order_by().values_list("scenario").annotate(count=Count("pk")))
