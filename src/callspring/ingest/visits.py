"""Writing what the edge spooled into the record: visits, page views, shows, events, drop counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import msgspec
from django.db import models
from django.db.models import F

from callspring.records import (
    Beat,
    Dropped,
    NumberGranted,
    PageViewed,
    Record,
    Swapped,
    VisitBegan,
    VisitorDid,
)
from callspring.stores.leases.port import UNCONFIRMED_SECONDS
from callspring.visits.models import DropCount, PageView, Show, Visit, VisitEvent

Kind = TypeVar("Kind")
Activity = PageViewed | Swapped | Beat | VisitorDid


def record_visits(records: Sequence[Record]) -> None:
    """Write a batch in the order of the spool. Doing it again changes nothing but drop counts."""
    _begin_visits({record.id: record for record in _of(records, VisitBegan)})
    PageView.objects.bulk_create(map(_page_view, _of(records, PageViewed)), ignore_conflicts=True)
    Show.objects.bulk_create(map(_show, _of(records, NumberGranted)), ignore_conflicts=True)
    VisitEvent.objects.bulk_create(map(_event, _of(records, VisitorDid)), ignore_conflicts=True)
    activities = [record for record in records if isinstance(record, Activity)]
    if activities:
        _Activities(activities).apply()
    for dropped in _of(records, Dropped):
        _count(dropped)


def moment(seconds: float) -> datetime:
    """Unix seconds, as doors write them, as the record's instant in UTC."""
    return datetime.fromtimestamp(seconds, UTC)


def _of(records: Iterable[Record], kind: type[Kind]) -> list[Kind]:
    return [record for record in records if isinstance(record, kind)]


def _begin_visits(records: Mapping[str, VisitBegan]) -> None:
    """Not by ignoring conflicts: a visit number used twice must be an error, or the second visit would just be gone."""
    if records:
        known = {str(pk) for pk in Visit.objects.filter(pk__in=records).values_list("pk", flat=True)}
        Visit.objects.bulk_create(_visit(record) for pk, record in records.items() if pk not in known)


class _Activities:
    """Signs of life of a batch, applied to the visits, page views and shows they concern: three reads, three writes."""

    def __init__(self, activities: Sequence[Activity]) -> None:
        self._activities = activities
        visits = {_visit_of(activity) for activity in activities}
        pages = {activity.page for activity in activities if not isinstance(activity, PageViewed)}
        self._visits = {str(visit.pk): visit for visit in Visit.objects.filter(pk__in=visits)}
        self._pages = {str(page.pk): page for page in PageView.objects.filter(pk__in=pages)}
        self._shows: dict[str, list[Show]] = {}
        for show in Show.objects.filter(visit__in=visits).order_by("granted_at", "id"):
            self._shows.setdefault(str(show.visit), []).append(show)

    def apply(self) -> None:
        for activity in self._activities:
            at = moment(activity.at)
            visit = self._visits.get(_visit_of(activity))
            if visit is not None:
                visit.last_active_at = max(visit.last_active_at, at)
            if not isinstance(activity, PageViewed):
                self._apply_to_page(activity, at)
            for show in _current(self._shows.get(_visit_of(activity), ()), at):
                if show.scenario_id not in activity.lost:
                    _apply_to_show(show, activity, at)
        Visit.objects.bulk_update(self._visits.values(), ["last_active_at"])
        PageView.objects.bulk_update(self._pages.values(), ["last_active_at", "left_at"])
        shows = [show for group in self._shows.values() for show in group]
        Show.objects.bulk_update(shows, ["shown_at", "places", "last_active_at", "until"])

    def _apply_to_page(self, activity: Swapped | Beat | VisitorDid, at: datetime) -> None:
        page = self._pages.get(activity.page)
        if page is None:
            return
        page.last_active_at = max(page.last_active_at, at)
        if isinstance(activity, Beat):
            # A beat after leaving is a page that came back from the browser's memory.
            page.left_at = at if activity.left else None


def _current(shows: Iterable[Show], at: datetime) -> Iterable[Show]:
    """Of each scenario the show that was the visitor's then; who got another number holds the old one no longer."""
    return {show.scenario_id: show for show in shows if show.granted_at <= at}.values()


def _apply_to_show(show: Show, activity: Activity, at: datetime) -> None:
    if isinstance(activity, Swapped):
        places = activity.places.get(str(show.scenario_id), 0)
        if places:
            show.shown_at = show.shown_at or at
            show.places = max(show.places, places)
    if show.shown_at is None and not isinstance(activity, PageViewed):
        return
    show.last_active_at = max(show.last_active_at, at)
    held = show.hold_seconds if show.shown_at else UNCONFIRMED_SECONDS
    show.until = max(show.until, show.last_active_at + timedelta(seconds=held))


def _visit_of(activity: Activity) -> str:
    return activity.visit


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
