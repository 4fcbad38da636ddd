"""Which shows are measured, and what is known of the visitors: browsers confirm shows, plain requests do not."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from callspring.ids import new_id
from callspring.maintenance.hours import mark, work_out
from callspring.maintenance.models import Decision
from callspring.maintenance.queries import USUAL_VISIT, accuracy, days, measured, traffic
from callspring.scenarios.accuracy import Tally
from callspring.scenarios.models import Scenario
from callspring.visits.models import PageView, Show
from tests.maintenance.kept import DAY, HOUR, Kept

Action = Decision.Action


class Measured(Kept):
    def test_shows_count_from_the_very_moment_on(self) -> None:
        scenario = self.maintained(4)
        self.shown(scenario, 100)
        hour = self.now - 3 * HOUR  # at half past; one show every five minutes
        assert measured(scenario, hour).shows == 36
        assert measured(scenario, hour + timedelta(seconds=1)).shows == 35

    def test_overflows_that_no_browser_confirmed_are_not_measured(self) -> None:
        """Anybody can ask for numbers without a browser, on a number that others hold."""
        scenario = self.maintained(1)
        self.shown(scenario, 250)
        self.shown(scenario, 0, 250, shown_at=None)
        decision = self.run_today(scenario)
        assert (decision.shows, decision.exclusive) == (250, 250)

    def left(self, scenario: Scenario, count: int) -> int:
        """So many visitors came when all numbers were held; their pages stay as they are, and give a sign of life."""
        before = set(Show.objects.values_list("pk", flat=True))
        self.shown(scenario, 0, count, shown_at=None, number=0)
        shows = Show.objects.exclude(pk__in=before)
        PageView.objects.bulk_create(
            PageView(
                id=UUID(new_id()), company=self.company, visit=show.visit, url="https://shop.example/",
                started_at=show.granted_at, last_active_at=show.granted_at + timedelta(seconds=9),
            )
            for show in shows
        )  # fmt: skip
        mark(shows)
        work_out()
        return count

    def test_who_was_left_without_a_number_counts_once_the_page_gave_a_sign_of_life(self) -> None:
        scenario = self.maintained(4)
        self.shown(scenario, 250)
        self.shown(scenario, 0, 300, shown_at=None, number=0)
        today = self.now.date()
        assert accuracy([scenario.pk], self.now - 2 * DAY)[scenario.pk] == Tally(250, 250)
        whole = days(scenario, today - 3 * DAY, today + DAY, ZoneInfo("UTC"))
        assert sum(day.tally.shows for day in whole) == 250
        assert measured(scenario, self.now - 2 * DAY) == Tally(250, 250)
        self.left(scenario, 50)
        decision = self.run_today(scenario)
        assert (decision.action, decision.shows, decision.exclusive) == (Action.BUY, 300, 250)
        assert accuracy([scenario.pk], self.now - 2 * DAY)[scenario.pk] == Tally(300, 250)

    def test_how_long_visitors_stay_is_measured_by_the_hold_of_each_show(self) -> None:
        """50 s each, whatever the hold time is now; of who was left without a number it is not known."""
        scenario = self.maintained(4)
        self.shown(scenario, 280)
        left = self.left(scenario, 120)
        for hold in (60, 150, 600):
            scenario.hold_seconds = hold
            found = traffic(scenario, self.now - 30 * DAY)
            assert found is not None
            assert (found.visit, found.hold) == (50, hold)
        assert measured(scenario, self.now - 2 * DAY).shows == 280 + left

    def test_where_all_were_left_the_usual_visit_is_taken(self) -> None:
        scenario = self.maintained(4)
        self.left(scenario, 3)
        found = traffic(scenario, self.now - 30 * DAY)
        assert found is not None
        assert found.visit == USUAL_VISIT
