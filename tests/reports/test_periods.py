"""Spans of days in a zone, also where clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from callspring.reports.periods import last_days

CHICAGO = ZoneInfo("America/Chicago")


def test_today_begins_at_the_companys_midnight() -> None:
    period = last_days(1, datetime(2026, 3, 3, 4, 30, tzinfo=UTC), CHICAGO)  # 22:30 on the 2nd in Chicago
    assert period.start == datetime(2026, 3, 2, 6, tzinfo=UTC)
    assert period.dates() == [date(2026, 3, 2)]
    assert len(period.hours()) == 24


def test_the_day_clocks_change_has_23_or_25_hours() -> None:
    assert len(last_days(1, datetime(2026, 3, 8, 20, tzinfo=UTC), CHICAGO).hours()) == 23
    assert len(last_days(1, datetime(2026, 11, 1, 20, tzinfo=UTC), CHICAGO).hours()) == 25


def test_compared_up_to_the_same_time_of_day() -> None:
    before = last_days(7, datetime(2026, 3, 10, 20, tzinfo=UTC), CHICAGO).before()  # 15:00, summer time since the 8th
    assert before.start == datetime(2026, 2, 25, 6, tzinfo=UTC)
    assert before.end == datetime(2026, 3, 3, 21, tzinfo=UTC)  # 15:00 in winter


@given(
    st.datetimes(datetime(2020, 1, 2), datetime(2040, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.integers(1, 90),
    st.sampled_from(["UTC", "America/Chicago", "Asia/Kathmandu", "Pacific/Apia", "Australia/Lord_Howe"]),
)
def test_periods_are_whole_days_that_end_now(now: datetime, days: int, zone: str) -> None:
    period = last_days(days, now, ZoneInfo(zone))
    assert period.end == now
    assert len(period.dates()) == days
    assert period.dates()[-1] == now.astimezone(ZoneInfo(zone)).date()
    assert period.before().end <= period.end
    assert period.before().dates()[-1] < period.dates()[0]
