"""Pages about pools: accuracy, maintenance and its log, the calculator, the replay."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

from callspring.jobs.run import run_due
from callspring.maintenance.hours import rebuild, work_out
from callspring.maintenance.models import Maintenance, Replay
from callspring.maintenance.queries import maintenance
from callspring.maintenance.replaying import ask, recent
from callspring.visits.models import Show
from tests.console.pages import Pages, text
from tests.maintenance.world import a_month, calls_of, decided


class Pools(Pages):
    def setUp(self) -> None:
        super().setUp()
        self.scenario = self.pool(6)

    def address(self, view: str) -> str:
        return reverse(f"console:{view}", args=[self.scenario.pk])

    def option(self, view: str, name: str, query: str = "") -> Any:
        """The chart's option as the page carries it."""
        html = self.owner.get(self.address(view) + query).content.decode()
        found = re.search(rf'<script id="{name}" type="application/json">(.*?)</script>', html)
        assert found is not None
        return json.loads(found[1])

    def test_before_the_first_show(self) -> None:
        assert "Nothing shown yet" in self.page("pool_accuracy", self.scenario.pk)
        assert "usual figures" in self.page("pool_sizing", self.scenario.pk)
        assert "maintenance is off" in self.page("pool_maintenance", self.scenario.pk)

    def test_accuracy_over_time(self) -> None:
        visits = a_month(self, self.scenario, 30, days=9)
        calls_of(self, self.scenario, visits)
        page = self.page("pool_accuracy", self.scenario.pk, query="?days=7")
        assert re.search(r"Accuracy \d\d % of [\d,]+ shows", page), page[:900]
        assert re.search(r"Call certainty 8\d % of \d+ credited calls", page)
        assert "Numbers 6" in page
        accuracy, certainty = self.option("pool_accuracy", "shares-data")["series"]
        assert len(accuracy["data"]) == 30
        assert 50 < accuracy["data"][-2] < 100
        assert 70 < certainty["data"][-2] < 100
        held, numbers = self.option("pool_accuracy", "use-data")["series"]
        assert max(held["data"]) == 6 == numbers["data"][-1]

    def test_who_was_left_your_own_number_shared_none(self) -> None:
        a_month(self, self.scenario, 30, days=2)
        overflows = Show.objects.filter(scenario=self.scenario, overflow=True)
        before = self.owner.get(self.address("pool_accuracy")).context["shared"]
        assert f"Shared {before} shows on a number" in self.page("pool_accuracy", self.scenario.pk)
        left = overflows.count()
        overflows.update(number=0)
        rebuild()
        work_out()
        page = self.page("pool_accuracy", self.scenario.pk)
        assert f"Not exclusive {left} shows: 0 on a shared number, {left} of your own as none was free" in page
        assert 0 < left < before, "whom they would have shared with are alone now"

    def test_a_person_switches_it_and_says_how_sure_calls_are_to_be(self) -> None:
        self.owner.post(self.address("set_maintenance"), {"enabled": "yes"})
        assert maintenance(self.scenario).enabled
        self.owner.post(self.address("set_maintenance"), {"certainty": "91"})
        assert maintenance(self.scenario).certainty_target == 0.91
        assert maintenance(self.scenario).enabled
        refused = self.owner.post(self.address("set_maintenance"), {"certainty": "130"})
        assert "less than or equal to 99" in text(refused)
        back = self.owner.post(self.address("set_maintenance"), {"enabled": "no", "from": "table"})
        assert back.headers["Location"] == reverse("console:tracking_numbers")
        assert not maintenance(self.scenario).enabled

    def test_every_decision_is_told_with_its_figures(self) -> None:
        decided(self.scenario, "buy", "too_low", 3, exclusive=346, count=1, e164s=["+13125550142"], rent=75)
        decided(self.scenario, "nothing", "in_range", 2, exclusive=400)
        decided(self.scenario, "release", "more_than_needed", 1, numbers=22, count=2, e164s=["+13125550143"] * 2)
        decided(self.scenario, "nothing", "no_money", 0, exclusive=346, rent=75, funds=10)
        page = self.page("pool_maintenance", self.scenario.pk)
        for line in (
            "83.9 % of 412 shows, 17 numbers → +1",
            "97 % of 412 shows, 17 numbers → nothing Between 90 and 100 % all is well.",
            "100 % of 412 shows, 22 numbers → −2",
            "Released: (312) 555-0143, (312) 555-0143",
            "the balance is too low",
            "Rent for 7 days: $0.75",
            "call certainty 87 %",
        ):
            assert line in page, line

    def test_a_bad_week_is_told_in_the_log_and_in_the_table(self) -> None:
        self.owner.post(self.address("set_maintenance"), {"enabled": "yes"})
        Maintenance.objects.update(sized_at=timezone.now() - timedelta(days=90))
        fell = {"shows": 4000, "exclusive": 3800, "lately_shows": 412, "lately_exclusive": 309}
        decided(self.scenario, "nothing", "in_range", 1, **fell)
        decided(self.scenario, "nothing", "in_range", 0, **fell)
        page = self.page("pool_maintenance", self.scenario.pk)
        assert "95 % of 4000 shows, 17 numbers → nothing On the whole it is above 90 %, and so nothing is done." in page
        assert "add numbers by hand: that changes the size, and from then on it is counted anew" in page
        assert page.count("The last 7 days: 75 % of 412 shows.") == 2
        assert page.count("Add numbers ") == 1, "beside the newest only"
        assert "Add numbers " not in self.page("pool_maintenance", self.scenario.pk, client=self.analyst)
        assert "last 7 days: 75 %" in self.page("tracking_numbers")
        Maintenance.objects.update(sized_at=timezone.now() + timedelta(minutes=1))
        assert "last 7 days" not in self.page("tracking_numbers")

    def test_the_calculator_answers_what_is_typed(self) -> None:
        page = self.page("calculator", query="?peak=100&visit=140&hold=150&accuracy=99")
        assert "16 numbers for 99 % accuracy" in page
        assert "25 a quarter of the peak 99 %" in page or "25 a quarter of the peak 100 %" in page
        part = self.page("calculator", query="?peak=400&accuracy=90", HX_REQUEST="true")
        assert "numbers for 90 % accuracy" in part

    def test_the_calculator_says_where_more_than_the_most_would_be_needed(self) -> None:
        page = self.page("calculator", query="?peak=20000&visit=2700&hold=150&accuracy=95")
        assert re.search(r"15,\d\d\d numbers for 95 % accuracy", page)
        page = self.page("calculator", query="?peak=20000&visit=7200&hold=7200&accuracy=95")
        assert "More than 20,000 numbers would be needed for 95 % accuracy, and a pool has 20,000 at most." in page
        assert "20,000 the most" in page
        assert "needed a quarter" not in page

    def test_no_two_marks_of_the_chart_look_the_same(self) -> None:
        marks = self.option("pool_sizing", "curve-data", "?peak=100&accuracy=99&over=peak")["series"][2:]
        assert {mark["name"] for mark in marks} == {"Needed", "Now", "A quarter of the peak"}
        assert len({mark["itemStyle"]["color"] for mark in marks}) == len({mark["symbol"] for mark in marks}) == 3
        marks = self.option("pool_sizing", "curve-data", "?peak=24&accuracy=99&over=peak")["series"][2:]
        needed, both = sorted(marks, key=lambda mark: mark["name"], reverse=True)
        assert (needed["name"], both["name"]) == ("Needed", "A quarter of the peak · Now")
        assert needed["itemStyle"] != both["itemStyle"]

    def test_the_calculator_refuses_nonsense(self) -> None:
        for query in ("?peak=0", "?peak=1e9", "?visit=x", "?accuracy=nan", "?accuracy=101", "?hold=-1", "?over=never"):
            response = self.owner.get(reverse("console:calculator") + query)
            assert response.status_code == 200
            assert "answer" not in response.context, query
            assert 'role="alert"' in response.content.decode()

    def test_a_pools_calculator_begins_with_what_was_measured(self) -> None:
        a_month(self, self.scenario, 30, days=9)
        page = self.page("pool_sizing", self.scenario.pk)
        assert "what was measured in the last 30 days" in page
        assert re.search(r"\b6 (needed )?now\b", page), page
        form = self.owner.get(self.address("pool_sizing")).context["form"]
        assert 25 <= form["peak"].value() <= 50
        assert form["over"].value() == "hours"

    def test_the_last_30_days_are_replayed(self) -> None:
        visits = a_month(self, self.scenario, 30, days=9)
        calls_of(self, self.scenario, visits)
        self.owner.post(self.address("start_replay"))
        self.owner.post(self.address("start_replay"))
        assert Replay.objects.count() == 1
        assert "Being replayed: 0 %" in self.page("pool_sizing", self.scenario.pk)
        run_due()
        page = self.page("replay_progress", self.scenario.pk)
        assert f"{len(visits):,} visits and" in page
        assert "Calls credited to the right source" in page
        ours, lru, _next = (line["data"] for line in self.option("pool_sizing", "replay-accuracy-data")["series"])
        assert [size for size, _share in ours] == sorted({2, 3, 4, 6, 8, 9, 12})
        assert [share for _size, share in ours] == sorted(share for _size, share in ours)
        assert ours[1][1] >= lru[1][1] - 1, "no worse by more than chance: ours is chosen for the calls, not for this"

    def test_a_replay_of_nobody(self) -> None:
        ask(self.scenario)
        run_due()
        assert "Too few visitors in the last 30 days" in self.page("pool_sizing", self.scenario.pk)

    def test_a_great_many_visits_are_bounded(self) -> None:
        visits = a_month(self, self.scenario, 30, days=9)
        calls_of(self, self.scenario, visits)
        from callspring.maintenance import replaying

        most, replaying.MOST_VISITS = replaying.MOST_VISITS, 100
        try:
            found = recent(self.scenario, visits[-1].started_at)
            ask(self.scenario)
            run_due()
        finally:
            replaying.MOST_VISITS = most
        assert (len(found.visits), found.total) == (100, len(visits))
        assert found.visits[-1].start == visits[-1].started_at.timestamp()
        assert all(call.time >= found.visits[0].start for call in found.calls)
        assert f"There were {len(visits):,}; the newest were taken." in self.page("pool_sizing", self.scenario.pk)

    def test_static_numbers_have_no_such_pages(self) -> None:
        static = self.campaign()
        for view in ("pool_accuracy", "pool_maintenance", "pool_sizing"):
            assert self.owner.get(reverse(f"console:{view}", args=[static.pk])).status_code == 404

    def test_the_outsider_and_the_analyst(self) -> None:
        for view in ("pool_accuracy", "pool_maintenance", "pool_sizing", "replay_progress"):
            assert self.outsider.get(self.address(view)).status_code == 404
            assert self.analyst.get(self.address(view)).status_code == 200
        for view in ("set_maintenance", "start_replay"):
            assert self.outsider.post(self.address(view), {"enabled": "yes"}).status_code == 404
            assert self.analyst.post(self.address(view), {"enabled": "yes"}).status_code == 403
        assert not Maintenance.objects.filter(enabled=True).exists()
        assert not Replay.objects.exists()
        assert "Save" not in self.page("pool_maintenance", self.scenario.pk, client=self.analyst)
