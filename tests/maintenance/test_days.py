"""Figures by day: of a company's own days, whatever the time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from zoneinfo import ZoneInfo

from django.apps import apps

from callspring.maintenance.hours import work_out
from callspring.maintenance.models import PoolHour, StaleHour
from callspring.maintenance.queries import days
from callspring.visits.models import Show
from tests.stories import Story

DAY = date(2026, 11, 10)
ZONES = ("UTC", "America/Chicago", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Adelaide", "Pacific/Chatham")


class Days(Story):
    """A pool of two; `first` is one of its numbers."""

    def setUp(self) -> None:
        super().setUp()
        self.scenario = self.pool(2)
        self.first, self.second = self.scenario.numbers.all()

    def shown(self, at: datetime, minutes: float = 1, **changes: object) -> Show:
        show = self.show(self.visit(at=at), self.first, seconds=round(minutes * 60), **changes)
        work_out()
        return show

    def shows(self, zone: ZoneInfo, first: date = DAY, last: date = DAY) -> dict[int, tuple[int, int]]:
        """Shows and exclusive ones by the day of the month."""
        found = days(self.scenario, first, last, zone)
        return {one.day.day: (one.tally.shows, one.tally.exclusive) for one in found if one.tally.shows}

    def test_a_show_counts_on_the_day_that_it_was_there(self) -> None:
        for name in ZONES:
            zone = ZoneInfo(name)
            midnight = datetime(DAY.year, DAY.month, DAY.day, tzinfo=zone).astimezone(UTC)
            before, after = self.shown(midnight - timedelta(minutes=10)), self.shown(midnight + timedelta(minutes=10))
            assert self.shows(zone) == {10: (1, 1)}, name
            assert self.shows(zone, DAY - timedelta(days=1), DAY - timedelta(days=1)) == {9: (1, 1)}, name
            assert self.shows(zone, DAY - timedelta(days=1)) == {9: (1, 1), 10: (1, 1)}, name
            Show.objects.filter(pk__in=[before.pk, after.pk]).delete()
            PoolHour.objects.all().delete()

    def test_an_hour_with_two_days_in_it_is_told_apart_in_all_figures(self) -> None:
        midnight = datetime(2026, 11, 9, 18, 30, tzinfo=UTC)  # in India
        self.shown(midnight - timedelta(minutes=20), minutes=30)
        self.shown(midnight + timedelta(minutes=5), minutes=10, overflow=True)
        left = self.shown(midnight + timedelta(minutes=6), minutes=10, overflow=True)
        Show.objects.filter(pk=left.pk).update(number=0)
        left.refresh_from_db()
        self.shown(midnight + timedelta(minutes=20), minutes=5)
        ninth, tenth = days(self.scenario, DAY - timedelta(days=1), DAY, ZoneInfo("Asia/Kolkata"))
        assert (ninth.tally.shows, ninth.tally.exclusive, ninth.left, ninth.held_seconds) == (1, 0, 0, 1200)
        assert (tenth.tally.shows, tenth.tally.exclusive, tenth.left) == (3, 1, 1)
        assert (tenth.held_seconds, tenth.held_most) == (60 * (15 + 5), 1)
        (hour,) = PoolHour.objects.all()
        assert (hour.shows, hour.exclusive, hour.overflows, hour.held_seconds) == (4, 1, 2, 60 * (20 + 15 + 5))

    def test_an_hour_from_before_there_were_quarters_is_worked_out_anew(self) -> None:
        zone = ZoneInfo("Asia/Kolkata")
        self.shown(datetime(2026, 11, 10, 0, 10, tzinfo=zone))
        PoolHour.objects.update(quarters=[], numbers=2)
        assert self.shows(zone, DAY - timedelta(days=1)) == {9: (1, 1)}, "the hour begins on that day"
        import_module("callspring.maintenance.migrations.0004_quarters").mark(apps, None)
        assert StaleHour.objects.count() == 1
        work_out()
        assert self.shows(zone, DAY - timedelta(days=1)) == {10: (1, 1)}
        assert PoolHour.objects.get().numbers == 2
