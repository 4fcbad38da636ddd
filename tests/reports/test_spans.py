"""Periods by name and between days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callspring.reports.spans import FIRST_DAY, NAMES, between, named

CHICAGO = ZoneInfo("America/Chicago")
NOW = datetime(2026, 3, 9, 4, 30, tzinfo=UTC)  # Sunday the 8th, 23:30 in Chicago: the clock was put forward that day


@pytest.mark.parametrize(
    ("name", "first", "last", "whole"),
    [
        ("today", (3, 8), (3, 8), False),
        ("yesterday", (3, 7), (3, 7), True),
        ("7", (3, 2), (3, 8), False),
        ("month", (3, 1), (3, 8), False),
        ("last-month", (2, 1), (2, 28), True),
    ],
)
def test_by_name(name: str, first: tuple[int, int], last: tuple[int, int], whole: bool) -> None:
    period = named(name, NOW, CHICAGO)
    assert period is not None
    assert (period.dates()[0], period.dates()[-1]) == (date(2026, *first), date(2026, *last))
    assert (period.end == NOW) is not whole


def test_yesterday_ends_at_midnight_and_the_day_that_clocks_change_is_whole() -> None:
    day = between(date(2026, 3, 8), date(2026, 3, 8), datetime(2026, 3, 20, tzinfo=UTC), CHICAGO)
    assert (day.start, day.end) == (datetime(2026, 3, 8, 6, tzinfo=UTC), datetime(2026, 3, 9, 5, tzinfo=UTC))
    assert len(day.hours()) == 23


def test_the_days_may_come_in_either_order_and_from_any_time() -> None:
    period = between(date(9999, 1, 1), date(1, 1, 1), NOW, CHICAGO)
    assert (period.dates()[0], period.end) == (FIRST_DAY, NOW)
    assert between(date(2027, 1, 1), date(2027, 2, 1), NOW, CHICAGO).dates() == [date(2026, 3, 8)]
    assert named("ever", NOW, CHICAGO) is None


@given(
    st.datetimes(datetime(2001, 1, 2), datetime(2040, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.sampled_from(NAMES),
    st.sampled_from(["UTC", "America/Chicago", "Asia/Kathmandu", "Pacific/Apia", "Australia/Lord_Howe"]),
)
def test_every_period_has_one_before_it(now: datetime, name: str, zone: str) -> None:
    period = named(name, now, ZoneInfo(zone))
    assert period is not None
    assert period.start < period.end + timedelta(microseconds=1) <= now + timedelta(microseconds=1)
    before = period.before()
    assert len(before.dates()) == len(period.dates())
    assert before.dates()[-1] < period.dates()[0]
