"""Totals, sources and trends, on whichever database the tests run."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

from callspring.calls.models import Call
from callspring.reports.drops import recent_drops
from callspring.reports.periods import last_days
from callspring.reports.queries import SourceRow, Totals, by_source, totals, trend
from callspring.visits.models import DropCount
from tests.stories import Story

CHICAGO = ZoneInfo("America/Chicago")
NOW = datetime(2026, 3, 3, 4, 30, tzinfo=UTC)  # the 2nd, 22:30 in Chicago
WEEK = last_days(7, NOW, CHICAGO)


class Figures(Story):
    def setUp(self) -> None:
        super().setUp()
        self.number = self.numbers(1)[0]

    def answered(self, at: datetime, **changes: object) -> Call:
        return self.call(self.number, at=at, answered_at=at + timedelta(seconds=5), **changes)

    def missed(self, at: datetime) -> Call:
        return self.call(self.number, at=at, status="no-answer", duration=None)

    def test_nothing(self) -> None:
        assert totals(self.company, WEEK) == Totals(0, 0, 0, 0)
        assert totals(self.company, WEEK).answered_share is None
        assert by_source(self.company, WEEK) == []
        assert [(point.visits, point.calls) for point in trend(self.company, WEEK)] == [(0, 0)] * 7

    def test_a_visitor_counts_once_and_others_companies_never(self) -> None:
        visitor = uuid4()
        self.visit(at=NOW - timedelta(hours=2), visitor=visitor)
        self.visit(at=NOW - timedelta(hours=1), visitor=visitor)
        self.visit(self.elsewhere, at=NOW - timedelta(hours=1))
        self.answered(NOW - timedelta(minutes=5))
        self.missed(NOW - timedelta(minutes=4))
        found = totals(self.company, WEEK)
        assert found == Totals(visitors=1, visits=2, calls=2, answered=1)
        assert found.answered_share == 0.5

    def test_a_period_begins_and_ends_sharply(self) -> None:
        for at in (WEEK.start - timedelta(microseconds=1), WEEK.start, WEEK.end):
            self.visit(at=at)
        assert totals(self.company, WEEK).visits == 1
        assert totals(self.company, WEEK.before()).visits == 0  # that ended at 22:30 a week ago

    def test_days_are_the_companys(self) -> None:
        self.visit(at=datetime(2026, 3, 2, 5, 59, tzinfo=UTC))  # 23:59 on the 1st
        self.visit(at=datetime(2026, 3, 2, 6, 0, tzinfo=UTC))
        self.missed(datetime(2026, 3, 3, 4, 0, tzinfo=UTC))
        assert [(p.at.day, p.visits, p.calls) for p in trend(self.company, WEEK)][-2:] == [(1, 1, 0), (2, 1, 1)]

    def test_one_day_goes_by_hours(self) -> None:
        self.visit(at=datetime(2026, 3, 2, 18, 59, tzinfo=UTC))  # 12:59
        self.missed(datetime(2026, 3, 2, 19, 1, tzinfo=UTC))
        points = trend(self.company, last_days(1, NOW, CHICAGO))
        assert [(p.at.hour, p.visits, p.calls) for p in points if p.visits or p.calls] == [(12, 1, 0), (13, 0, 1)]

    def test_an_hour_that_the_clock_shows_twice_is_two(self) -> None:
        now = datetime(2026, 11, 1, 20, tzinfo=UTC)
        self.visit(at=datetime(2026, 11, 1, 6, 30, tzinfo=UTC))  # 01:30 summer time
        self.visit(at=datetime(2026, 11, 1, 7, 30, tzinfo=UTC))  # 01:30 again
        points = trend(self.company, last_days(1, now, CHICAGO))
        assert [p.visits for p in points[:4]] == [0, 1, 1, 0]

    def test_calls_count_for_what_they_are_credited_to_now(self) -> None:
        visit = self.visit(at=NOW - timedelta(hours=1))
        call = self.answered(NOW - timedelta(minutes=5))
        self.credit(call, visit, current=False, source="old", channel="referral")
        self.credit(call, visit, version=2)
        self.missed(NOW - timedelta(minutes=4))  # nobody has credited it yet
        assert by_source(self.company, WEEK) == [
            SourceRow("newsletter", "", "email", visitors=1, visits=1, calls=1, answered=1),
            SourceRow("", "", "", visitors=0, visits=0, calls=1, answered=0),
        ]

    def test_who_was_shown_a_static_number_counts_for_its_source_as_its_calls_do(self) -> None:
        self.campaign(number=self.number, strategy="web_search", title="Search")
        self.number.refresh_from_db()
        visit = self.visit(at=NOW - timedelta(hours=1), source="google", medium="organic", channel="organic_search")
        self.show(visit, self.number, dynamic=False)
        call = self.answered(NOW - timedelta(minutes=5))
        self.credit(call, None, source="search engines", medium="organic", channel="organic_search")
        assert by_source(self.company, WEEK) == [
            SourceRow("search engines", "organic", "organic_search", visitors=1, visits=1, calls=1, answered=1)
        ]

    def test_drops_by_reason(self) -> None:
        for hour, count in ((NOW, 3), (NOW - timedelta(hours=5), 4), (NOW - timedelta(days=9), 50)):
            DropCount.objects.create(company=self.company.pk, reason="bot", host="a.example", hour=hour, count=count)
        DropCount.objects.create(company=self.elsewhere.pk, reason="bot", host="a.example", hour=NOW, count=9)
        (row,) = recent_drops(self.company, NOW - timedelta(days=7))
        assert (row.reason, row.host, row.count, row.hour) == ("bot", "a.example", 7, NOW)
        assert row.sentence.startswith("A program visited")
