"""Twenty-four hours without a swapped place (P4)."""

from __future__ import annotations

from datetime import timedelta

from callspring.jobs.models import Job
from callspring.reports.alerts import alerts, warn_of_dead_targets
from callspring.reports.dead_targets import dead_targets
from callspring.scenarios.actions import set_enabled
from callspring.visits.models import Show
from tests.stories import NOON, Story

HOUR = timedelta(hours=1)


class DeadTargets(Story):
    def setUp(self) -> None:
        super().setUp()
        self.scenario = self.pool(3)
        self.number = self.scenario.numbers.all()[0]

    def given(self, hours_ago: float, places: int = 0) -> Show:
        """A number is given; the page shows it at so many places."""
        at = NOON - hours_ago * HOUR
        return self.show(self.visit(at=at), self.number, shown_at=at if places else None, places=places)

    def names(self) -> list[str]:
        return [one.title for one in alerts(self.company, NOON)]

    def test_numbers_that_no_page_shows(self) -> None:
        self.given(30, places=2)
        for hours in (1, 5):
            self.given(hours)
        assert self.names() == []
        self.given(20)
        assert self.names() == ["“Everyone” replaces nothing on your pages"]
        assert dead_targets(self.company, NOON)[0].episode.endswith(f"{NOON - 30 * HOUR:%Y%m%dT%H%M%S}")

    def test_one_swapped_place_is_enough(self) -> None:
        for hours in (1, 5, 20, 21, 22):
            self.given(hours)
        self.given(23, places=1)
        assert self.names() == []

    def test_nobody_came(self) -> None:
        for hours in (25, 26, 27):
            self.given(hours)
        assert self.names() == []

    def test_a_scenario_that_is_off_is_left_in_peace(self) -> None:
        for hours in (1, 2, 3):
            self.given(hours)
        set_enabled(self.scenario, False)
        assert self.names() == []

    def test_the_owner_gets_one_mail_for_each_time(self) -> None:
        for hours in (1, 2, 3):
            self.given(hours)
        for later in range(3):
            warn_of_dead_targets(NOON + later * HOUR)
        assert Job.objects.filter(key__startswith="mail:alert:dead-target").count() == 1

    def test_the_outsider_hears_nothing(self) -> None:
        for hours in (1, 2, 3):
            self.given(hours)
        assert alerts(self.elsewhere, NOON) == []
