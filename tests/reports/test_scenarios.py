"""The table of scenarios: visitors, calls, numbers, type, accuracy."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from callspring.maintenance.actions import set_maintained
from callspring.maintenance.hours import mark, work_out
from callspring.maintenance.models import Maintenance
from callspring.reports.scenarios import ScenarioRow, scenario_rows
from callspring.scenarios.models import Rule
from callspring.scenarios.queries import scenario
from callspring.visits.models import Show
from tests.maintenance.world import decided
from tests.stories import Story


class Tallies(Story):
    def setUp(self) -> None:
        super().setUp()
        self.now = timezone.now().replace(microsecond=0) - timedelta(hours=1)
        self.pool_scenario = self.pool(2)
        self.first, self.second = self.pool_scenario.numbers.all()

    def row(self) -> ScenarioRow:
        work_out()
        return scenario_rows(self.company, [self.pool_scenario])[0]

    def test_before_the_first_show(self) -> None:
        row = self.row()
        assert (row.visitors, row.calls, row.accuracy) == (0, 0, None)
        assert [number.pk for number in row.numbers] == [self.first.pk, self.second.pk]

    def test_a_visitor_counts_once(self) -> None:
        visit = self.visit(at=self.now)
        self.show(visit, self.first)
        self.show(self.visit(at=self.now, visitor=visit.visitor), self.first)
        self.show(self.visit(at=self.now), self.second)
        assert self.row().visitors == 2

    def test_a_lease_that_was_never_confirmed_counts_for_nothing(self) -> None:
        self.show(self.visit(at=self.now), self.first, shown_at=None)
        assert (self.row().visitors, self.row().accuracy) == (0, None)

    def test_calls_to_its_numbers(self) -> None:
        self.call(self.first)
        self.call(self.second)
        self.call(self.numbers(1)[0])
        assert self.row().calls == 2

    def test_accuracy_counts_overlaps(self) -> None:
        self.show(self.visit(at=self.now), self.first, seconds=60)
        self.show(self.visit(at=self.now + timedelta(seconds=60)), self.first)
        assert self.row().accuracy == 1.0
        self.show(self.visit(at=self.now + timedelta(seconds=30)), self.second)
        self.show(self.visit(at=self.now + timedelta(seconds=89)), self.second)
        assert self.row().accuracy == 0.5

    def test_an_overflow_is_a_show_that_shares(self) -> None:
        self.show(self.visit(at=self.now), self.first)
        overflow = self.show(self.visit(at=self.now), self.first, overflow=True, shown_at=None)
        assert self.row().accuracy == 1.0, "no browser confirmed it"
        Show.objects.filter(pk=overflow.pk).update(shown_at=self.now)
        mark([overflow])
        assert self.row().accuracy == 0.0

    def test_a_bad_week_is_told_beside_where_maintenance_adds_nothing(self) -> None:
        set_maintained(self.pool_scenario, True)
        fell = {"shows": 4000, "exclusive": 3800, "lately_shows": 400, "lately_exclusive": 300}
        Maintenance.objects.update(sized_at=self.now - timedelta(days=90))
        decided(self.pool_scenario, "nothing", "in_range", 1, **fell)
        assert self.row().lately == 0.75
        set_maintained(self.pool_scenario, False)
        assert self.row().lately is None
        set_maintained(self.pool_scenario, True)
        decided(self.pool_scenario, "nothing", "in_range", 0, **(fell | {"lately_exclusive": 390}))
        assert self.row().lately is None

    def test_a_hold_begins_when_the_number_is_shown(self) -> None:
        self.show(self.visit(at=self.now), self.first, seconds=60)
        late = self.visit(at=self.now + timedelta(seconds=50))
        self.show(late, self.first, shown_at=self.now + timedelta(seconds=61))
        assert self.row().accuracy == 1.0

    def test_static_numbers_have_no_accuracy(self) -> None:
        static = self.campaign()
        number = static.numbers.get()
        for _ in range(2):
            self.show(self.visit(at=self.now), number, dynamic=False)
        row = scenario_rows(self.company, [static])[0]
        assert (row.kind, row.visitors, row.accuracy) == ("static", 2, None)

    def test_types(self) -> None:
        assert self.row().kind == "dynamic"
        Rule.objects.create(scenario=self.pool_scenario, strategy=Rule.Strategy.DIRECT)
        assert scenario_rows(self.company)[0].kind == "both"

    def test_it_takes_the_same_queries_for_many(self) -> None:
        with CaptureQueriesContext(connection) as one:
            scenario_rows(self.company)
        for title in "abc":
            self.campaign(title=title)
        with self.assertNumQueries(len(one)):
            assert len(scenario_rows(self.company)) == 4

    def test_the_outsider_sees_nothing(self) -> None:
        self.show(self.visit(at=self.now), self.first)
        assert scenario_rows(self.elsewhere) == []
        assert scenario_rows(self.elsewhere, [self.pool_scenario]) == []
        assert scenario(self.elsewhere, self.pool_scenario.pk) is None
