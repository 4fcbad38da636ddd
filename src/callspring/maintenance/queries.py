"""What is known of pools: accuracy and call certainty, live and over time, and the traffic that sizing asks for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from django.db.models import Avg, Count, F, QuerySet, Sum

from callspring.accounts.models import Company
from callspring.billing.prices import PERIOD
from callspring.calls.models import Credit, Flag
from callspring.calls.timing import of_site
from callspring.maintenance.hours import holds
from callspring.maintenance.models import Decision, Maintenance, PoolHour, Replay
from callspring.numbers.models import Number
from callspring.numbers.quotes import Quote, quote_one
from callspring.numbers.shopping import quote_ahead
from callspring.scenarios.accuracy import Tally
from callspring.scenarios.models import Scenario
from callspring.scenarios.pool_hours import HOUR, QUARTER, Part, hour_of, hour_tallies
from callspring.scenarios.sizing import Calls, Traffic, calls_of, measured_traffic

WINDOW = timedelta(days=30)
MONTH = timedelta(days=30)
LAPSES = timedelta(days=2)  # so long a decision is still about now
USUAL_VISIT = 180  # seconds on the site after the show, where nothing is measured yet


@dataclass(slots=True)
class Day:
    """One pool on one local day. `left` shows were of the page's own number, as all of the pool were held. `certainty`
    is None without credited calls; `held_most` numbers were held at once."""

    day: date
    tally: Tally = field(default_factory=Tally)
    left: int = 0
    certainty: float | None = None
    held_most: int = 0
    held_seconds: float = 0.0
    numbers: int = 0

    @property
    def held_mean(self) -> float:
        """How many numbers were held on average over the day."""
        return self.held_seconds / 86400

    def take_in(self, part: Part) -> None:
        """An hour of the day, or a quarter of one."""
        self.tally.shows += part.shows
        self.tally.exclusive += part.exclusive
        self.left += min(part.overflows, part.shows - part.timed)
        self.held_seconds += part.held_seconds
        self.held_most = max(self.held_most, part.held_most)


def accuracy(scenarios: Collection[int], since: datetime) -> dict[int, Tally]:
    """Shows and exclusive ones of each scenario since then, by the hour. One query, whatever the number of shows.

    Seconds behind the record: what is stale counts once it is worked out (`callspring.maintenance.hours`).
    """
    rows = PoolHour.objects.filter(scenario__in=list(scenarios), hour__gte=hour_of(since), shows__gt=0)
    summed = rows.order_by().values_list("scenario").annotate(shows=Sum("shows"), exclusive=Sum("exclusive"))
    return {scenario: Tally(shows, exclusive) for scenario, shows, exclusive in summed}


def certainty(scenarios: Collection[int], since: datetime) -> dict[int, tuple[int, float]]:
    """Of each scenario the credited calls since then that came from its pool, and their mean probability (P4)."""
    rows = _credits(scenarios, since).values_list("call__scenario")
    found = rows.annotate(calls=Count("pk"), mean=Avg("probability"))
    return {scenario: (calls, mean) for scenario, calls, mean in found}


def days(scenario: Scenario, first: date, last: date, zone: ZoneInfo) -> list[Day]:
    """Every day from `first` to `last` (both included) as the company's zone has it."""
    found = {day: Day(day) for day in _each(first, last)}
    start, end = _midnight(first, zone), _midnight(last + timedelta(days=1), zone)
    for row in PoolHour.objects.filter(scenario=scenario, hour__gte=hour_of(start), hour__lt=end).iterator():
        for begins, part in _parts(row, zone):
            day = found.get(begins)
            if day is not None:
                day.take_in(part)
                day.numbers = max(day.numbers, row.numbers)
    _carry_numbers(found.values())
    _put_certainty(found, scenario, start, end, zone)
    return list(found.values())


def measured(scenario: Scenario, since: datetime) -> Tally:
    """Shows from this very moment on."""
    after = hour_of(since) + HOUR
    rows = PoolHour.objects.filter(scenario=scenario, hour__gte=after)
    found = rows.aggregate(shows=Sum("shows"), exclusive=Sum("exclusive"))
    tally = Tally(found["shows"] or 0, found["exclusive"] or 0)
    ours = set(Scenario.objects.filter(company=scenario.company_id).values_list("pk", flat=True))
    # Those of the first hour that were given before are neighbours, and count for nobody.
    begun = (one if one.given >= since else replace(one, scenario=0) for one in holds(ours, hour_of(since), after))
    part = hour_tallies(begun).get((scenario.pk, hour_of(since)))
    if part is not None:
        tally = Tally(tally.shows + part.shows, tally.exclusive + part.exclusive)
    return tally


def traffic(scenario: Scenario, since: datetime) -> Traffic | None:
    """The pool's measured traffic: shows by hour, how long visitors stayed after them. None before the first.

    How long numbers were held says nothing, for the hold time may have been another one then.
    """
    rows = PoolHour.objects.filter(scenario=scenario, hour__gte=since, shows__gt=0)
    hours = list(rows.values_list("shows", "timed", "visit_seconds"))
    timed = sum(count for _, count, _ in hours)
    stayed = sum(seconds for *_, seconds in hours)
    visit = max(1.0, stayed / timed) if timed else USUAL_VISIT
    shares = scenario.overflow == Scenario.Overflow.SHARE
    return measured_traffic((count for count, *_ in hours), visit, scenario.hold_seconds, shares=shares)


def calls(scenario: Scenario) -> Calls:
    """When people call who see this scenario's numbers."""
    return calls_of(of_site(scenario.site_id))


def pool(scenario: Scenario) -> QuerySet[Number]:
    """The numbers of its pool that visitors are given, so without its overflow number."""
    pool = Number.objects.filter(scenario=scenario, rule__dynamic=True, state=Number.State.ACTIVE)
    return pool.exclude(pk=scenario.overflow_number_id or 0)


def price(company: Company, scenario: Scenario | None = None) -> Quote | None:
    """What one more number costs: one like the pool's newest, else a local one. None where there is no price."""
    like = pool(scenario).select_related("connection").order_by("-pk").first() if scenario else None
    try:
        if like is None:
            return quote_ahead(company)
        return quote_one(company, like.carrier, like.kind, like.country)
    except ValueError:
        return None


def monthly(one: Quote, numbers: int) -> int:
    """What so many numbers cost in a month, in minor units: rent is for 7 days, and carriers bill by the month."""
    return one.month * numbers if one.by_month else -(-one.total * numbers * MONTH // PERIOD)


def pools(company: Company) -> QuerySet[Scenario]:
    """The company's scenarios that have a pool."""
    found = Scenario.objects.filter(company=company, deleted_at=None, rules__dynamic=True, rules__retired=False)
    return found.select_related("maintenance", "site", "company__account").order_by("position", "pk")


def pool_scenario(company: Company, scenario_id: int) -> Scenario | None:
    """One of them; None for an outsider's, and for one without a pool."""
    return pools(company).filter(pk=scenario_id).first()


def maintenance(scenario: Scenario) -> Maintenance:
    """How it is looked after; not saved where it never was looked at."""
    found = Maintenance.objects.filter(scenario=scenario).first()
    return found or Maintenance(scenario=scenario, sized_at=scenario.created_at)


def maintained(company: Company) -> set[int]:
    """The scenarios of the company that are maintained by themselves."""
    on = Maintenance.objects.filter(scenario__company=company, enabled=True)
    return set(on.values_list("scenario", flat=True))


def decisions(company: Company, scenario: Scenario | None = None) -> QuerySet[Decision]:
    """What was decided, newest first."""
    found = Decision.objects.filter(company=company).select_related("scenario")
    return found.filter(scenario=scenario) if scenario else found


def fallen(scenarios: Collection[int], now: datetime) -> dict[int, Decision]:
    """Of maintained scenarios the newest decision where a person should add numbers (`Decision.has_fallen`).

    All is well on the whole, but not in the last days. Once the size has changed there is none any more.
    """
    lately = Decision.objects.filter(scenario__in=list(scenarios), at__gt=now - LAPSES)
    rows = lately.filter(scenario__maintenance__enabled=True, at__gte=F("scenario__maintenance__sized_at"))
    newest = {row.scenario_id: row for row in rows.order_by("day")}
    return {scenario: row for scenario, row in newest.items() if row.has_fallen}


def last_replay(scenario: Scenario) -> Replay | None:
    """The newest replay, whatever became of it."""
    return Replay.objects.filter(scenario=scenario).first()


def _credits(scenarios: Iterable[int], since: datetime) -> QuerySet[Credit]:
    """Of calls that count and that were credited to a visitor, who saw a number of the pool."""
    return Credit.objects.filter(
        current=True,
        visit__isnull=False,
        probability__isnull=False,
        call__scenario__in=list(scenarios),
        call__started_at__gte=since,
        call__flag=Flag.NONE,
    ).order_by()


def _parts(row: PoolHour, zone: ZoneInfo) -> Iterator[tuple[date, Part]]:
    """The hour, or its quarters where another day begins within it, each with the day that it belongs to."""
    day_of = [(row.hour + at * QUARTER).astimezone(zone).date() for at in range(4)]
    if day_of[0] == day_of[-1] or not row.quarters:
        yield day_of[0], Part(*(getattr(row, name) for name in Part._fields))
    else:
        yield from ((day, Part(*quarter)) for day, quarter in zip(day_of, row.quarters, strict=True))


def _put_certainty(found: dict[date, Day], scenario: Scenario, start: datetime, end: datetime, zone: ZoneInfo) -> None:
    rows = _credits([scenario.pk], start).filter(call__started_at__lt=end)
    by_day: dict[date, list[float]] = {}
    for started, probability in rows.values_list("call__started_at", "probability"):
        by_day.setdefault(started.astimezone(zone).date(), []).append(probability or 0.0)
    for day, some in by_day.items():
        if day in found:
            found[day].certainty = sum(some) / len(some)


def _carry_numbers(days: Iterable[Day]) -> None:
    """A day without a worked-out hour (nobody came, or it has only begun) had the numbers of the day before."""
    for before, day in pairwise(days):
        day.numbers = day.numbers or before.numbers


def _each(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += timedelta(days=1)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)
