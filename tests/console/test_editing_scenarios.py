"""A scenario is changed with the steps that made it: what stays, what is asked again, and what came meanwhile."""

from __future__ import annotations

import re
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from callspring.billing.queries import balance
from callspring.numbers.actions import adopt
from callspring.numbers.models import Connection, Number
from callspring.scenarios import deleting
from callspring.scenarios.importing import arrivals
from callspring.scenarios.importing.carrying_out import fingerprint
from callspring.scenarios.membership import put_in
from callspring.scenarios.models import Scenario
from tests.console.pages import text
from tests.console.test_wizard import Wizard
from tests.stories import TARGET


class Editing(Wizard):
    def opened(self, scenario: Scenario) -> str:
        return str(self.owner.get(f"/tracking-numbers/{scenario.pk}/edit/").headers["Location"])

    def test_what_is_opened_and_applied_stays_as_it_was(self) -> None:
        for made in (self.campaign(value="", strategy="web_search"), self.pool(3, title="Pool")):
            rule, numbers = made.rules.get(), set(made.numbers.all())
            here = [str(number.pk) for number in numbers]
            assert self.go(self.opened(made), "save", title=made.name, owned=here, kind="local", country="US")
            made.refresh_from_db()
            assert made.enabled
            assert made.rules.get() == rule  # the same row: numbers, orders and shows name it
            assert set(made.numbers.all()) == numbers
            assert (made.target, made.flow["destination"]) == (TARGET, TARGET)
            assert f"“{made.name}” is changed." in self.page("tracking_numbers")

    def test_an_overflow_number_stays(self) -> None:
        made = self.pool(3, title="Pool")
        spare = made.numbers.order_by("pk")[2]
        Scenario.objects.filter(pk=made.pk).update(overflow="number", overflow_number=spare)
        here = [str(number.pk) for number in made.numbers.all()]
        self.go(self.opened(made), "save", title="Pool 2", owned=here, kind="local", country="US")
        made.refresh_from_db()
        assert (made.name, made.overflow, made.overflow_number) == ("Pool 2", "number", spare)

    def test_new_numbers_ask_again_and_those_taken_out_rest(self) -> None:
        made, before = self.pool(2), balance(self.company.account)
        stays, goes = made.numbers.order_by("pk")
        first = self.opened(made)
        search = {"title": "Larger", "kind": "local", "country": "US", "area_code": "312"}
        self.go(first, "search", **search, count="2", owned=[str(stays.pk), str(goes.pk)])
        added = self.offered(first)
        approve = self.go(first, "save", **search, owned=str(stays.pk), number=added)
        assert approve.startswith(f"/tracking-numbers/{made.pk}/approve/")
        goes.refresh_from_db()
        assert (goes.state, goes.scenario) == (Number.State.ACTIVE, made)  # it serves until the others are here
        assert balance(self.company.account) == before  # not bought yet
        page = text(self.owner.get(approve))
        assert "Charged now, for the first 7 days $1.50" in page
        assert "Until they are here, the number that they replace goes on serving." in page
        self.approved(approve)
        self.work()
        made.refresh_from_db()
        assert (made.name, made.enabled, made.numbers.count()) == ("Larger", True, 3)
        goes.refresh_from_db()
        assert (goes.state, goes.scenario) == (Number.State.RESTING, None)
        assert balance(self.company.account) == before - 150

    def test_changes_that_were_begun_are_gone_on_with(self) -> None:
        made = self.campaign()
        first = self.opened(made)
        self.send(first, "keep", version="0", title="Other", kind="local", country="US")
        assert self.opened(made) == first
        assert 'value="Other"' in self.owner.get(first).content.decode()
        made.refresh_from_db()
        assert made.name == "Google search"

    def test_one_that_was_deleted_meanwhile_takes_no_number(self) -> None:
        made, free = self.pool(2, title="Pool"), self.numbers(1)[0]
        first = self.opened(made)
        deleting.delete(made)
        answer = self.send(first, "save", title="Pool", kind="local", country="US", owned=str(free.pk))
        shown = self.owner.get(answer.headers["Location"]) if answer.status_code == 302 else answer
        assert "This scenario was deleted meanwhile" in text(shown)
        free.refresh_from_db()
        assert free.scenario is None

    def test_only_numbers_of_the_company_can_be_kept(self) -> None:
        made, theirs = self.campaign(), self.numbers(1, self.elsewhere)[0]
        answer = self.send(self.opened(made), "save", title="Mine", kind="local", country="US", owned=str(theirs.pk))
        assert "Add at least one number" in text(answer)
        assert made.numbers.count() == 1

    def test_an_outsider_edits_nothing(self) -> None:
        made = self.campaign()
        assert self.outsider.get(f"/tracking-numbers/{made.pk}/edit/").status_code == 404
        assert self.outsider.post(f"/tracking-numbers/{made.pk}/approve/", {"go": "enable"}).status_code == 404


class Meanwhile(Wizard):
    """Somebody edits, and before it is applied something else happens to the scenario."""

    def setUp(self) -> None:
        super().setUp()
        self.made = self.pool(2, title="Pool")
        self.first = str(self.owner.get(f"/tracking-numbers/{self.made.pk}/edit/").headers["Location"])

    def ticked(self) -> dict[str, Any]:
        html = self.owner.get(self.first).content.decode()
        owned = re.findall(r'name="owned" value="(\d+)" checked', html)
        chosen = re.findall(r'name="number" value="(\+\d+)" checked', html)
        return {"title": "Pool", "kind": "local", "country": "US", "owned": owned, "number": chosen}

    def test_numbers_that_came_to_it_stay(self) -> None:
        page = self.ticked()
        (late,) = self.numbers(1)
        put_in(self.made, self.made.rules.get(), [late])  # maintenance does so too
        self.go(self.first, "save", **page)
        assert self.made.numbers.count() == 3
        assert late in self.made.numbers.all()

    def test_once_they_were_seen_they_can_be_taken_out(self) -> None:
        before = self.ticked()
        (late,) = self.numbers(1)
        put_in(self.made, self.made.rules.get(), [late])
        assert str(late.pk) in self.ticked()["owned"]
        self.go(self.first, "save", **before)
        assert late not in self.made.numbers.all()

    def test_what_was_wanted_and_is_bought_by_now_is_not_bought_again(self) -> None:
        self.go(self.first, "search", **self.ticked(), count="1", area_code="312")
        page = self.ticked()
        approve = self.go(self.first, "save", **page)
        again = str(self.owner.get(f"/tracking-numbers/{self.made.pk}/edit/").headers["Location"])
        self.first = again
        assert self.ticked()["number"] == page["number"]
        self.approved(approve)
        self.work()
        spent = balance(self.company.account)
        assert self.go(again, "save", **self.ticked()) == "/tracking-numbers/"
        assert (self.made.numbers.count(), self.made.wanted.count()) == (3, 0)
        assert balance(self.company.account) == spent


HERE, COMING = ["+13122021001", "+13122021002"], "+13122021003"


class Imported(Wizard):
    """A scenario that an import made: several numbers for everybody, each with a rule, one still to come."""

    def setUp(self) -> None:
        super().setUp()
        adopt(Connection.objects.get(company=self.company), HERE)
        self.imported("static", *HERE, COMING)

    def imported(self, kind: str, *e164s: str) -> None:
        """Import these, and open what was made of them."""
        rows = "".join(f"{e164},8005550199,{kind},+13125550123\n" for e164 in e164s)
        file = SimpleUploadedFile("n.csv", f"number,target,type,destination\n{rows}".encode(), "text/csv")
        address = self.owner.post("/tracking-numbers/import/", {"file": file}).headers["Location"]
        shown = self.owner.get(address).context["form"]
        self.owner.post(address, {name: shown[name].value() or "" for name in shown.fields} | {"go": "create"})
        self.made = Scenario.objects.filter(company=self.company).latest("pk")
        self.first = str(self.owner.get(f"/tracking-numbers/{self.made.pk}/edit/").headers["Location"])

    def as_shown(self, address: str) -> dict[str, Any]:
        """What a browser sends that changes nothing."""
        answer = self.owner.get(address)
        form, html = answer.context["form"], answer.content.decode()
        found = {name: form[name].value() for name in form.fields if form[name].value() not in (None, "", False)}
        for name in ("owned", "coming", "number"):
            found[name] = re.findall(rf'name="{name}" value="([^"]+)" checked', html)
        return found | {"title": self.made.name}

    def test_it_is_opened_stepped_through_and_applied_without_loss(self) -> None:
        before, rules = fingerprint(self.made), list(self.made.rules.all())
        assert [(rule.strategy, rule.dynamic) for rule in rules] == [("always", False)] * 3
        step = self.first
        while "terms" not in step:
            step = self.go(step, **self.as_shown(step))
        assert self.go(step, "save", **self.as_shown(step)) == "/tracking-numbers/"
        self.made.refresh_from_db()
        assert fingerprint(self.made) == before
        assert list(self.made.rules.all()) == rules
        assert [one.e164 for one in self.made.numbers.order_by("pk")] == HERE
        assert [(one.e164, one.rule) for one in arrivals.awaited(self.made)] == [(COMING, rules[2])]
        assert not self.made.wanted.exists(), "what is to come is not bought"
        adopt(Connection.objects.get(company=self.company), [COMING])
        arrivals.place()
        assert Number.objects.get(e164=COMING).rule == rules[2]

    def test_a_pool_of_which_nothing_is_here_yet_can_be_edited(self) -> None:
        away = ["+13122021008", "+13122021009"]
        self.imported("dynamic", *away)
        self.go(self.first, "save", **(self.as_shown(self.first) | {"title": "Later"}))
        self.made.refresh_from_db()
        assert (self.made.name, self.made.numbers.count(), self.made.wanted.count()) == ("Later", 0, 0)
        assert [(one.e164, one.rule) for one in arrivals.awaited(self.made)] == [
            (e164, self.made.rules.get()) for e164 in away
        ]

    def test_what_is_to_come_can_be_given_up(self) -> None:
        page = self.as_shown(self.first)
        assert page["coming"] == [COMING]
        answer = self.send(self.first, "save", **(page | {"coming": []}))
        channels = answer.headers["Location"]
        assert channels.endswith("/channels/?check=1")
        assert "This number is not in the first step any more." in text(self.owner.get(channels))
        self.go(channels, "save", **(self.as_shown(channels) | {"rest": "nobody"}))
        assert not arrivals.awaited(self.made).exists()
        assert [rule.strategy for rule in self.made.rules.all()] == ["always"] * 2

    def test_an_outsider_sees_none_of_it(self) -> None:
        assert self.outsider.get(f"/tracking-numbers/{self.made.pk}/edit/").status_code == 404
        assert self.outsider.get(self.first).status_code == 404
