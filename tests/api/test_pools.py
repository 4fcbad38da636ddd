"""`/pools` and `/sizing`."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from callspring.maintenance.hours import work_out
from tests.api.story import ApiStory
from tests.maintenance.world import decided


class Pools(ApiStory):
    def setUp(self) -> None:
        super().setUp()
        self.scenario = self.pool(4)
        self.now = timezone.now() - timedelta(hours=1)

    def test_accuracy_by_day(self) -> None:
        number = self.scenario.numbers.first()
        assert number is not None
        for seconds in (0, 30, 400):
            self.show(self.visit(at=self.now + timedelta(seconds=seconds)), number)
        call = self.call(number, at=self.now)
        self.credit(call, self.visit(at=self.now), probability=0.8)
        work_out()
        found = self.get(f"pools/{self.scenario.pk}/accuracy", days=2)
        assert (found["shows"], found["calls"], found["certainty"]) == (3, 1, 0.8)
        assert round(found["accuracy"], 3) == 0.333
        assert sum(day["exclusive"] for day in found["days"]) == 1
        assert max(day["held_most"] for day in found["days"]) == 1

    def test_decisions(self) -> None:
        decided(self.scenario, "buy", "too_low", 1, count=1, exclusive=346, rent=75)
        decided(self.scenario, "nothing", "in_range", 0, exclusive=400, lately_shows=300, lately_exclusive=200)
        found = self.get(f"pools/{self.scenario.pk}/decisions", limit=1)
        newest = found["items"][0]
        assert (newest["action"], newest["lately_shows"], newest["lately_exclusive"]) == ("nothing", 300, 200)
        assert newest["has_fallen"]
        last = self.get(f"pools/{self.scenario.pk}/decisions", cursor=found["next"])["items"]
        assert [(one["action"], one["count"], one["rent"]) for one in last] == [("buy", 1, 75)]

    def test_sizing(self) -> None:
        found = self.get("sizing", peak=100, visit=140, hold=150, accuracy=0.99)
        assert (found["needed"], found["reached"]) == (16, True)
        quarter = next(size for size in found["sizes"] if "quarter" in size["why"])
        assert quarter["numbers"] == 25
        assert quarter["rent_7_days"] == 25 * 75
        assert len(found["curve"]) > 10

    def test_sizing_of_the_largest_pools(self) -> None:
        found = self.get("sizing", peak=20_000, visit=2_700, hold=150)
        assert found["reached"]
        assert found["curve"][-1]["numbers"] == 20_000
        found = self.get("sizing", peak=20_000, visit=7_200, hold=7_200)
        assert (found["needed"], found["reached"]) == (20_000, False)
        assert ["most"] in [size["why"] for size in found["sizes"]]

    def test_sizing_of_a_pool(self) -> None:
        found = self.get(f"pools/{self.scenario.pk}/sizing")
        assert found["peak"] == self.scenario.peak_hourly_visits
        assert {why for size in found["sizes"] for why in size["why"]} == {"target", "quarter", "current"}

    def test_nonsense_is_refused(self) -> None:
        for query in ({"peak": 0}, {"accuracy": 2}, {"visit": 10**9}, {"over": "never"}):
            self.get("sizing", expect=422, **query)

    def test_the_outsider_finds_nothing(self) -> None:
        for what in ("accuracy", "decisions", "sizing"):
            self.get(f"pools/{self.scenario.pk}/{what}", key=self.charlies, expect=404)
            self.get(f"pools/{2**70}/{what}", expect=404)
            self.get(f"pools/{self.campaign(title=what).pk}/{what}", expect=404)
