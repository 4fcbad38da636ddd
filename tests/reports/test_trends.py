"""Calls over time, by hour and weekday, by channel and scenario, and sums, on whichever database the tests run."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from callspring.calls.models import Call
from callspring.reports.call_log import LogFilters, Sums, sums
from callspring.reports.queries import by_source
from callspring.reports.spans import between
from callspring.reports.trends import by_channel, by_hour_and_weekday, by_scenario, moments, step
from tests.stories import Story

CHICAGO = ZoneInfo("America/Chicago")
NOW = datetime(2026, 12, 1, 18, tzinfo=UTC)


class Trends(Story):
    def setUp(self) -> None:
        super().setUp()
        self.number = self.numbers(1)[0]

    def answered(self, at: datetime, **changes: object) -> Call:
        return self.call(self.number, at=at, answered_at=at + timedelta(seconds=5), **changes)

    def missed(self, at: datetime, **changes: object) -> Call:
        return self.call(self.number, at=at, status="no-answer", duration=None, **changes)

    def test_days_are_the_companys(self) -> None:
        period = between(date(2026, 3, 7), date(2026, 3, 9), NOW, CHICAGO)
        self.answered(datetime(2026, 3, 8, 5, 59, tzinfo=UTC))  # 23:59 on the 7th
        self.missed(datetime(2026, 3, 8, 6, 0, tzinfo=UTC))
        self.answered(datetime(2026, 3, 9, 4, 59, tzinfo=UTC))  # 23:59 on the 8th, which had 23 hours
        self.answered(datetime(2026, 3, 9, 5, 0, tzinfo=UTC))
        self.answered(datetime(2026, 3, 9, 5, 1, tzinfo=UTC), flag="spam")
        self.call(self.number, at=datetime(2026, 3, 9, 5, 2, tzinfo=UTC), status="ringing", duration=None)
        self.call(self.numbers(1, self.elsewhere)[0], at=datetime(2026, 3, 9, 5, 1, tzinfo=UTC), answered_at=NOW)
        found = [(moment.at.day, moment.answered, moment.missed) for moment in moments(self.company, period)]
        assert found == [(7, 1, 0), (8, 1, 1), (9, 1, 0)]

    def test_an_hour_that_the_clock_shows_twice_is_two(self) -> None:
        period = between(date(2026, 11, 1), date(2026, 11, 1), NOW, CHICAGO)
        self.answered(datetime(2026, 11, 1, 6, 30, tzinfo=UTC))  # 01:30 summer time
        self.missed(datetime(2026, 11, 1, 7, 30, tzinfo=UTC))  # 01:30 again
        found = moments(self.company, period)
        assert [(moment.answered, moment.missed) for moment in found[:4]] == [(0, 0), (1, 0), (0, 1), (0, 0)]
        assert len(found) == 25

    def test_weeks_and_months_begin_where_they_do(self) -> None:
        for at in (datetime(2026, 3, 1, 18, tzinfo=UTC), datetime(2026, 3, 2, 18, tzinfo=UTC)):  # Sunday, Monday
            self.answered(at)
        weeks = between(date(2026, 2, 25), date(2026, 7, 1), NOW, CHICAGO)
        assert step(weeks) == "week"
        found = moments(self.company, weeks)
        assert [(moment.at, moment.answered) for moment in found[:3]] == [
            (date(2026, 2, 23), 1), (date(2026, 3, 2), 1), (date(2026, 3, 9), 0),
        ]  # fmt: skip
        months = between(date(2025, 2, 25), date(2026, 7, 1), NOW, CHICAGO)
        assert step(months) == "month"
        assert [(m.at, m.answered) for m in moments(self.company, months) if m.answered] == [(date(2026, 3, 1), 2)]

    def test_hour_and_weekday_are_what_the_clock_shows(self) -> None:
        period = between(date(2026, 3, 1), date(2026, 3, 31), NOW, CHICAGO)
        for at in (
            datetime(2026, 3, 2, 18, 5, tzinfo=UTC),  # Monday noon, winter
            datetime(2026, 3, 9, 17, 5, tzinfo=UTC),  # Monday noon, summer
            datetime(2026, 3, 9, 4, 30, tzinfo=UTC),  # Sunday 23:30
            datetime(2026, 3, 8, 8, 30, tzinfo=UTC),  # Sunday 03:30: there was no 02:30
        ):
            self.answered(at)
        self.answered(datetime(2026, 3, 2, 18, 5, tzinfo=UTC), flag="test")
        heat = by_hour_and_weekday(self.company, period)
        found = {(day, hour): n for day, row in enumerate(heat) for hour, n in enumerate(row) if n}
        assert found == {(0, 12): 2, (6, 23): 1, (6, 3): 1}

    def test_by_scenario_and_channel(self) -> None:
        period = between(date(2026, 3, 1), date(2026, 3, 31), NOW, CHICAGO)
        at = datetime(2026, 3, 2, 18, tzinfo=UTC)
        scenario = self.campaign(number=self.number, title="Search")
        self.number.refresh_from_db()
        self.credit(self.answered(at), self.visit(at=at, source="google", channel="organic_search"))
        self.credit(self.missed(at), self.visit(at=at, source="bing", channel="organic_search"))
        self.missed(at, scenario=None)
        rows = by_scenario(self.company, period)
        assert [(row.scenario, row.name, row.calls, row.answered) for row in rows] == [
            (scenario.pk, "Search", 2, 1), (None, "", 1, 0),
        ]  # fmt: skip
        channels = by_channel(by_source(self.company, period))
        assert [(row.channel, row.visits, row.calls, row.answered) for row in channels] == [
            ("organic_search", 2, 2, 1), ("", 0, 1, 0),
        ]  # fmt: skip

    def test_sums_agree_with_the_filters(self) -> None:
        at = datetime(2026, 3, 2, 18, tzinfo=UTC)
        first = self.answered(at)
        self.credit(first, self.visit(at=at), version=2)
        self.credit(first, self.visit(at=at), current=False)  # an earlier credit is no second call
        self.missed(at + timedelta(minutes=1))
        self.missed(at + timedelta(minutes=2), flag="spam")
        self.call(self.number, at=at, caller="", status="ringing", duration=None)
        assert sums(self.company, LogFilters()) == Sums(calls=3, answered=1, missed=1, first_time=2, hidden=1)
        assert sums(self.company, LogFilters(source=("newsletter",))) == Sums(1, 1, 0, 1, 0)
        assert sums(self.company, LogFilters(source=("~", "nowhere"))) == Sums(2, 0, 1, 1, 1)
        assert sums(self.company, LogFilters(turn="repeat", flag="all")) == Sums(2, 0, 2, 0, 0)
        assert sums(self.elsewhere, LogFilters(flag="all")) == Sums(0, 0, 0, 0, 0)
