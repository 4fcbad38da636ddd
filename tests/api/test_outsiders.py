"""Every operation of the API, as its own schema lists them, with another company's key: nothing of ours is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from callspring.api.urls import api
from callspring.calls.leads import Lead, set_lead
from tests.api.story import ApiStory
from tests.console.everything_story import Everything
from tests.console.inbox_story import CALLER
from tests.ownership import record

METHODS = ("get", "post", "put", "patch", "delete")
CALCULATES = {"/api/v1/sizing"}  # from what is asked alone
OPEN = {"/api/v1/docs", "/api/v1/openapi.json"}  # how to use it, nobody's data


class EveryOperation(Everything):
    """`ids` by the parameter's name, as in the console's addresses; a new parameter has to be found here."""

    def setUp(self) -> None:
        super().setUp()
        self.called = self.visits_and_dials(minutes_ago=2)
        self.visited = self.called.credits.get(current=True).visit
        set_lead(self.called, self.alice, Lead(("VIP",), qualified=True))
        self.alices, self.charlies = self.key(self.company), self.key(self.elsewhere)

    def operations(self) -> Iterator[tuple[str, str, dict[str, str], bool]]:
        """Method, path, query with something of Alice's for each parameter, and whether the path names it."""
        for route, methods in api.get_openapi_schema()["paths"].items():
            if route in CALCULATES:
                continue
            for method, operation in methods.items():
                told = {(one["in"], one["name"]) for one in operation.get("parameters", [])}
                path = route
                for _, name in (each for each in told if each[0] == "path"):
                    path = path.replace(f"{{{name}}}", str(self.named()[name]))
                for name in (name for where, name in sorted(told) if where == "query"):
                    yield method, path, {name: str(self.named()[name])}, path != route
                yield method, path, {}, path != route

    def named(self) -> dict[str, Any]:
        """What each parameter is given: all of it is in Alice's record, or everybody's."""
        return {
            **self.ids,
            "visit_id": self.visited,
            "number_id": self.tracked.pk,
            "call_id": self.called.pk,
            "scenario": self.scenario.pk,
            "caller": CALLER,
            "contact": CALLER,
            "number": self.tracked.e164,
            "visit_number": self.called.credits.get(current=True).visit_number,
            "source": "google",
            "channel": "paid_search",
            "status": "completed",
            "grade": self.called.credits.get(current=True).grade,
            "flag": "",
            "from": "2020-01-01T00:00:00Z",
            "to": "2100-01-01T00:00:00Z",
            "limit": 200,
            "days": 30,
            "peak": 100,
            "visit": 100,
            "hold": 150,
            "accuracy": 0.9,
            "over": "hours",
            "cursor": "",
            "tag": "VIP",
            "qualified": "true",
        }

    def ask(self, method: str, path: str, query: dict[str, str], key: str) -> Any:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return self.client.generic(method.upper(), path, query_params=query, headers=headers)

    def test_alice_finds_what_is_asked_for(self) -> None:
        """Else finding nothing would prove nothing."""
        for method, path, query, ours in self.operations():
            answer = self.ask(method, path, query, self.alices)
            assert answer.status_code == 200, (path, query, answer.content)
            assert ours or answer.json()["items"], (path, query)

    def test_an_outsider_finds_nothing_and_changes_nothing(self) -> None:
        secrets = (self.tracked.e164, CALLER, "Drains", "192.0.2.7", str(self.visited), str(self.called.pk))
        theirs = [str(number.e164) for number in self.elsewhere.numbers.all()]
        before = record()
        for _, path, query, ours in self.operations():
            for method in METHODS:
                answer = self.ask(method, path, query, self.charlies)
                assert answer.status_code in ((404, 405) if ours else (200, 405)), (method, path, query)
                assert not [one for one in secrets if one in answer.content.decode()], (method, path, query)
                if answer.status_code == 200:
                    found = [one for one in json.loads(answer.content)["items"] if one.get("e164") not in theirs]
                    assert found == [], (path, query)
        assert record() == before

    def test_without_a_key_in_force_nobody_is_told_anything(self) -> None:
        for _, path, query, _ in self.operations():
            for key in ("", "cs_nonsense", self.alices[:-1], self.ids["key_id"]):
                answer = self.ask("get", path, query, key)
                assert answer.status_code == 401, path
                assert set(answer.json()) == {"detail"}


class EveryAddress(ApiStory):
    def test_what_is_open_says_nothing_of_anybody(self) -> None:
        for address in OPEN:
            content = self.client.get(address).content.decode()
            assert "Harbor" not in content
            assert self.company.key not in content
