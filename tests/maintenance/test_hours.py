"""Figures by the hour: worked out from what is stale, whatever came late."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.utils import timezone

from callspring.ids import new_id
from callspring.maintenance.hours import mark, rebuild, work_out
from callspring.maintenance.models import PoolHour, StaleHour
from callspring.visits.models import PageView, Show
from tests.stories import Story

AT = datetime(2026, 3, 2, 10, 50, tzinfo=UTC)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


class Hours(Story):
    def setUp(self) -> None:
        super().setUp()
        self.scenario = self.pool(2)
        self.first, self.second = self.scenario.numbers.all()

    def shown(self, after: float, lasts: float, **changes: object) -> Show:
        """From so many minutes after 10:50, for so many minutes, on the first number."""
        show = self.show(self.visit(at=AT + minutes(after)), self.first, seconds=int(lasts * 60), **changes)
        mark([show])
        return show

    def figures(self) -> dict[int, tuple[int, int]]:
        """Shows and exclusive ones by the hour of the day."""
        work_out()
        return {row.hour.hour: (row.shows, row.exclusive) for row in PoolHour.objects.all() if row.shows}

    def test_a_show_counts_in_the_hour_in_which_its_number_was_given(self) -> None:
        self.shown(0, 20)
        self.shown(30, 5)
        assert self.figures() == {10: (1, 1), 11: (1, 1)}
        assert not StaleHour.objects.exists()

    def test_who_is_met_in_a_later_hour_changes_the_hour_before(self) -> None:
        self.shown(0, 90)
        assert self.figures() == {10: (1, 1)}
        self.shown(75, 5, overflow=True)
        assert self.figures() == {10: (1, 0), 12: (1, 0)}

    def test_a_hold_that_goes_on_into_another_ones(self) -> None:
        early = self.shown(0, 5)
        self.shown(15, 5)
        assert self.figures() == {10: (1, 1), 11: (1, 1)}
        Show.objects.filter(pk=early.pk).update(until=AT + minutes(16))
        early.refresh_from_db()
        mark([early])
        assert self.figures() == {10: (1, 0), 11: (1, 0)}

    def test_a_lease_counts_once_it_is_confirmed(self) -> None:
        show = self.shown(0, 5, shown_at=None)
        assert self.figures() == {}
        Show.objects.filter(pk=show.pk).update(shown_at=AT)
        mark([show])
        assert self.figures() == {10: (1, 1)}

    def test_how_many_numbers_were_held(self) -> None:
        self.shown(0, 5)
        other = self.show(self.visit(at=AT + minutes(4)), self.second, seconds=16 * 60)
        self.shown(1, 6, overflow=True)
        mark([other])
        self.figures()
        ten, eleven = PoolHour.objects.order_by("hour")
        assert (ten.held_most, eleven.held_most) == (2, 1)
        assert (ten.held_seconds, eleven.held_seconds) == (60 * (7 + 6), 600)
        assert (ten.timed, ten.visit_seconds) == (3, 60 * (5 + 16 + 6) - 3 * 150)

    def test_an_overflow_counts_once_it_is_confirmed(self) -> None:
        """Till then it is nobody's neighbour either: anybody can ask for numbers without a browser."""
        self.shown(0, 5)
        late = self.shown(1, 5, overflow=True, shown_at=None)
        assert self.figures() == {10: (1, 1)}
        Show.objects.filter(pk=late.pk).update(shown_at=AT + minutes(1))
        mark([late])
        assert self.figures() == {10: (2, 0)}

    def test_where_a_page_is_left_as_it_is_any_sign_of_life_from_it_confirms(self) -> None:
        left = self.shown(0, 1, overflow=True, shown_at=None)
        Show.objects.filter(pk=left.pk).update(number=0)
        page = PageView.objects.create(
            id=UUID(new_id()), company=self.company, visit=left.visit, url="https://shop.example/", started_at=AT,
            last_active_at=AT,
        )  # fmt: skip
        assert self.figures() == {}
        PageView.objects.filter(pk=page.pk).update(last_active_at=AT + minutes(1))
        mark([left])
        assert self.figures() == {10: (1, 0)}
        row = PoolHour.objects.get()
        assert (row.overflows, row.timed, row.held_most) == (1, 0, 0)

    def test_doing_it_again_changes_nothing(self) -> None:
        for after in (0, 2, 40, 41, 100):
            self.shown(after, 4)
        before = self.figures()
        assert rebuild(self.company.pk) == 3
        assert self.figures() == before == {10: (2, 0), 11: (2, 0), 12: (1, 1)}
        PoolHour.objects.all().delete()
        rebuild()
        assert self.figures() == before

    def test_a_mark_that_comes_while_it_is_worked_out_stays(self) -> None:
        self.shown(0, 5)
        stale = list(StaleHour.objects.all())
        late = self.shown(1, 5)
        from callspring.maintenance import hours

        hours._work_out(self.company.pk, stale)
        assert StaleHour.objects.count() == 1
        assert late.overflow is False
        assert self.figures() == {10: (2, 0)}

    def test_what_a_door_with_a_wrong_clock_says_waits(self) -> None:
        self.show(self.visit(at=timezone.now() + timedelta(days=400)), self.first)
        rebuild()
        assert work_out() == 0
