"""`/scenarios` and `/numbers`: what the company set up."""

from __future__ import annotations

from callspring.scenarios.models import ScenarioAlias, Term
from tests.api.story import ApiStory
from tests.stories import TARGET


class Scenarios(ApiStory):
    def setUp(self) -> None:
        super().setUp()
        self.scenario = self.campaign(strategy="url_parameter", name="utm_source", value="facebook")
        self.number = self.scenario.numbers.get()
        Term.objects.create(scenario=self.scenario, kind=Term.Kind.PLACE, value="US/Illinois")
        ScenarioAlias.objects.create(company=self.company, scenario=self.scenario, alias="12")

    def test_everything_known_of_it(self) -> None:
        found = self.get(f"scenarios/{self.scenario.pk}")
        assert found.pop("created_at").endswith("Z")
        assert found == {
            "id": self.scenario.pk,
            "name": "Google search",
            "enabled": True,
            "type": "static",
            "targets": [{"kind": "number", "value": TARGET, "part": ""}],
            "mask": "",
            "prefix": "",
            "destination": TARGET,
            "rules": [{"strategy": "url_parameter", "name": "utm_source", "value": "facebook", "dynamic": False}],
            "terms": [{"kind": "place", "value": "US/Illinois"}],
            "aliases": ["12"],
            "numbers": [{"id": self.number.pk, "e164": self.number.e164}],
            "policy": "callspring",
            "hold": 150,
            "overflow": "share",
            "overflow_number": None,
            "visitors": 0,
            "calls": 0,
            "accuracy": None,
        }

    def test_tallies(self) -> None:
        self.show(self.visit(), self.number, dynamic=False)
        self.call(self.number)
        found = self.get("scenarios")["items"][0]
        assert (found["visitors"], found["calls"]) == (1, 1)

    def test_pages(self) -> None:
        other = self.pool(1)
        first = self.get("scenarios", limit=1)
        second = self.get("scenarios", limit=1, cursor=first["next"])
        assert [page["items"][0]["id"] for page in (first, second)] == [other.pk, self.scenario.pk]
        assert second["next"] is None

    def test_the_outsider_finds_nothing(self) -> None:
        assert self.get("scenarios", key=self.charlies)["items"] == []
        self.get(f"scenarios/{self.scenario.pk}", key=self.charlies, expect=404)

    def test_a_scenario_that_does_not_exist(self) -> None:
        assert self.get("scenarios/999999", expect=404) == {"detail": "There is no such scenario."}
        self.get(f"scenarios/{2**70}", expect=404)


class Numbers(ApiStory):
    def setUp(self) -> None:
        super().setUp()
        self.free, self.tracking = self.numbers(2)
        self.scenario = self.campaign(number=self.tracking)

    def test_everything_known_of_it(self) -> None:
        found = self.get(f"numbers/{self.tracking.pk}")
        assert found.pop("bought_at") < found.pop("paid_until")
        assert found == {
            "id": self.tracking.pk,
            "e164": self.tracking.e164,
            "kind": "local",
            "state": "active",
            "scenario": {"id": self.scenario.pk, "name": "Google search"},
        }

    def test_list_and_filter(self) -> None:
        assert self.ids("numbers") == [self.tracking.pk, self.free.pk]
        assert self.ids("numbers", scenario=self.scenario.pk) == [self.tracking.pk]

    def test_the_outsider_finds_nothing(self) -> None:
        assert self.get("numbers", key=self.charlies)["items"] == []
        assert self.get("numbers", key=self.charlies, scenario=self.scenario.pk)["items"] == []
        self.get(f"numbers/{self.free.pk}", key=self.charlies, expect=404)

    def test_a_number_that_does_not_exist(self) -> None:
        assert self.get(f"numbers/{2**70}", expect=404) == {"detail": "There is no such number."}
