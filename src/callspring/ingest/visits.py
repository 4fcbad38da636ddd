"""Writing what the edge spooled into the record: visits, page views, shows, events, drop counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import msgspec
from django.db import models
from django.db.models import F

from callspring.ingest.early import Activity, Early
from callspring.maintenance.hours import mark
from callspring.records import (
    AnonymousVisit,
    Beat,
    Dropped,
    Forgot,
    NumberGranted,
    PageViewed,
    Record,
    Swapped,
    VisitBegan,
    VisitorDid,
)
from callspring.stores.leases.port import UNCONFIRMED_SECONDS
from callspring.visits.models import AnonymousCount, DropCount, PageView, Show, Visit, VisitEvent

Kind = TypeVar("Kind")


def record_visits(records: Sequence[Record]) -> None:
    """Write a batch in the order of the spool. Doing it again changes nothing but counts."""
    _begin_visits({record.id: record for record in _of(records, VisitBegan)})
    PageView.objects.bulk_create(map(_page_view, _of(records, PageViewed)), ignore_conflicts=True)
    shows = [_show(record) for record in _of(records, NumberGranted)]
    Show.objects.bulk_create(shows, ignore_conflicts=True)
    mark(shows)
    VisitEvent.objects.bulk_create(map(_event, _of(records, VisitorDid)), ignore_conflicts=True)
    _apply_activities(records)
    for dropped in _of(records, Dropped):
        _count(dropped)
    for arrival, times in Counter(_of(records, AnonymousVisit)).items():
        _count_anonymous(arrival, times)


def _apply_activities(records: Sequence[Record]) -> None:
    early = Early(records)
    activities = [record for record in records if isinstance(record, Activity | Forgot)]
    if early.activities:
        activities = sorted([*early.activities, *activities], key=lambda one: one.at)
    if activities:
        granted = {record.id for record in _of(records, NumberGranted)}
        early.settle(_Activities(activities, granted).apply())


def moment(seconds: float) -> datetime:
    """Unix seconds, as doors write them, as the record's instant in UTC."""
    return datetime.fromtimestamp(seconds, UTC)


def _of(records: Iterable[object], kind: type[Kind]) -> list[Kind]:
    return [record for record in records if isinstance(record, kind)]


def _begin_visits(records: Mapping[str, VisitBegan]) -> None:
    """Not by ignoring conflicts: a visit number used twice must be an error, or the second visit would just be gone."""
    if records:
        known = {str(pk) for pk in Visit.objects.filter(pk__in=records).values_list("pk", flat=True)}
        Visit.objects.bulk_create(_visit(record) for pk, record in records.items() if pk not in known)


class _Activities:
    """Signs of life of a batch, applied to the visits, page views and shows they concern: three reads, three writes."""

    def __init__(self, activities: Sequence[Activity | Forgot], granted: Collection[str] = ()) -> None:
        self._activities, self._granted = activities, granted
        visits = {activity.visit for activity in activities} | _earlier_visits(activities)
        pages = {activity.page for activity in activities if not isinstance(activity, PageViewed | Forgot)}
        self._visits = {str(visit.pk): visit for visit in Visit.objects.filter(pk__in=visits)}
        self._pages = {str(page.pk): page for page in PageView.objects.filter(pk__in=pages)}
        self._shows: dict[str, list[Show]] = {}
        for show in Show.objects.filter(visit__in=visits).order_by("granted_at", "id"):
            self._shows.setdefault(str(show.visit), []).append(show)
        self._before = {pk: visit.last_active_at for pk, visit in self._visits.items()}

    def apply(self) -> list[Activity]:
        """Returns those that came before what they are signs of."""
        early = []
        for activity in self._activities:
            at = moment(activity.at)
            if isinstance(activity, Forgot):
                self._end_holds(activity, at)
                continue
            visit = self._visits.get(activity.visit)
            if visit is not None:
                visit.last_active_at = max(visit.last_active_at, at)
            if visit is None or not self._page_is_known(activity):
                early.append(activity)
                continue
            if self._confirms_nothing_known(activity, at):
                early.append(activity)
            if not isinstance(activity, PageViewed):
                self._apply_to_page(activity, at)
            for show in _current(self._shows.get(activity.visit, ()), at):
                if show.scenario_id not in activity.lost:
                    _apply_to_show(show, activity, at)
        self._catch_up()
        Visit.objects.bulk_update(self._visits.values(), ["last_active_at"])
        PageView.objects.bulk_update(self._pages.values(), ["last_active_at", "left_at"])
        shows = [show for group in self._shows.values() for show in group]
        Show.objects.bulk_update(shows, ["shown_at", "places", "last_active_at", "until"])
        mark(shows)
        return early

    def _page_is_known(self, activity: Activity) -> bool:
        """What a page says is of the numbers that it was given, which came into the record with it."""
        return isinstance(activity, PageViewed) or not activity.page or activity.page in self._pages

    def _confirms_nothing_known(self, activity: Activity, at: datetime) -> bool:
        if not isinstance(activity, Swapped):
            return False
        shown = {str(show.scenario_id) for show in _current(self._shows.get(activity.visit, ()), at)}
        return any(count and scenario not in shown for scenario, count in activity.places.items())

    def _catch_up(self) -> None:
        """A number was granted before signs of life that another door has told of already: they were for it, and not
        for the number that the visitor had till then."""
        for visit, before in self._before.items():
            shows = self._shows.get(visit, ())
            for show in _current(shows, before):
                if str(show.pk) not in self._granted or before <= show.granted_at:
                    continue
                if show.shown_at is not None:
                    show.last_active_at = max(show.last_active_at, before)
                    show.until = max(show.until, before + timedelta(seconds=show.hold_seconds))
                for former in shows:
                    if former.scenario_id == show.scenario_id and former.granted_at < show.granted_at:
                        former.last_active_at = min(former.last_active_at, show.granted_at)
                        former.until = min(former.until, show.granted_at)

    def _end_holds(self, forgot: Forgot, at: datetime) -> None:
        for shows in self._shows.values():
            for show in shows:
                if str(show.visitor) == forgot.visitor:
                    show.until = min(show.until, at)

    def _apply_to_page(self, activity: Swapped | Beat | VisitorDid, at: datetime) -> None:
        page = self._pages.get(activity.page)
        if page is None:
            return
        page.last_active_at = max(page.last_active_at, at)
        if isinstance(activity, Beat):
            # A beat after leaving is a page that came back from the browser's memory.
            page.left_at = at if activity.left else None


def _earlier_visits(activities: Iterable[Activity | Forgot]) -> set[str]:
    """Visits in which those who are forgotten may still hold numbers."""
    forgotten = _of(activities, Forgot)
    if not forgotten:
        return set()
    holding = Show.objects.filter(until__gt=moment(min(one.at for one in forgotten)))
    visits = Visit.objects.filter(visitor__in={one.visitor for one in forgotten}).values("pk")
    return {str(visit) for visit in holding.filter(visit__in=visits).values_list("visit", flat=True)}


def _current(shows: Iterable[Show], at: datetime) -> Iterable[Show]:
    """Of each scenario the show that was the visitor's then; who got another number holds the old one no longer."""
    return {show.scenario_id: show for show in shows if show.granted_at <= at}.values()


def _apply_to_show(show: Show, activity: Activity, at: datetime) -> None:
    if isinstance(activity, Swapped):
        places = activity.places.get(str(show.scenario_id), 0)
        if places:
            show.shown_at = show.shown_at or at
            show.places = max(show.places, places)
    if show.shown_at is None and not (isinstance(activity, PageViewed) and at < show.until):
        return
    show.last_active_at = max(show.last_active_at, at)
    held = show.hold_seconds if show.shown_at else UNCONFIRMED_SECONDS
    show.until = max(show.until, show.last_active_at + timedelta(seconds=held))


def _visit(record: VisitBegan) -> Visit:
    at = moment(record.at)
    return Visit(
        id=record.id,
        company_id=record.company,
        site_id=record.site,
        number=record.number,
        visitor=record.visitor,
        is_first=record.is_first,
        started_at=at,
        last_active_at=at,
        landing_url=record.url,
        referrer=record.referrer,
        **msgspec.structs.asdict(record.source),
        stored_source=msgspec.structs.asdict(record.stored),
        click_ids=record.click_ids,
        ip=record.ip or None,
        country=record.country,
        region=record.region[:80],
        city=record.city[:80],
        os=record.os[:40],
        browser=record.browser[:40],
        device=record.device,
        zone=record.zone,
    )


def _page_view(record: PageViewed) -> PageView:
    at = moment(record.at)
    return PageView(
        id=record.id,
        company_id=record.company,
        visit=record.visit,
        url=record.url,
        title=record.title,
        started_at=at,
        last_active_at=at,
    )


def _show(record: NumberGranted) -> Show:
    at = moment(record.at)
    return Show(
        id=record.id,
        company_id=record.company,
        scenario_id=record.scenario,
        number=record.number,
        visit=record.visit,
        visitor=record.visitor,
        dynamic=record.dynamic,
        overflow=record.overflow,
        reason=record.reason,
        hold_seconds=record.hold,
        granted_at=at,
        last_active_at=at,
        until=at + timedelta(seconds=UNCONFIRMED_SECONDS),
    )


def _event(record: VisitorDid) -> VisitEvent:
    return VisitEvent(
        id=record.id,
        company_id=record.company,
        visit=record.visit,
        page_view=record.page,
        kind=record.kind,
        name=record.name,
        data=record.data,
        at=moment(record.at),
    )


def _count_anonymous(arrival: AnonymousVisit, times: int) -> None:
    hour = moment(arrival.at).replace(minute=0, second=0, microsecond=0)
    where = {"company_id": arrival.company, "site_id": arrival.site, "hour": hour}
    which = {"source": arrival.source[:200], "medium": arrival.medium[:200], "channel": arrival.channel[:24]}
    AnonymousCount.objects.bulk_create([AnonymousCount(**where, **which)], ignore_conflicts=True)
    AnonymousCount.objects.filter(**where, **which).update(count=F("count") + times)


def _count(record: Dropped) -> None:
    at = moment(record.at)
    hour = at.replace(minute=0, second=0, microsecond=0)
    DropCount.objects.bulk_create(
        [DropCount(company=record.company, reason=record.reason, host=record.host, hour=hour)],
        ignore_conflicts=True,
    )
    counts: models.QuerySet[DropCount] = DropCount.objects.filter(
        company=record.company, reason=record.reason, host=record.host, hour=hour
    )
    newer = models.Case(models.When(last_at__gt=at, then=F("last_at")), default=models.Value(at))
    counts.update(count=F("count") + record.count, last_at=newer)
