"""The table of scenarios: what it says, how it is sorted and searched, and what its switches and buttons refuse."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from django.utils import timezone

from callspring.accounts.models import Account
from callspring.billing.actions import adjust
from callspring.billing.cap import cap_of, set_cap
from callspring.jobs.run import run_due
from callspring.numbers import resting
from callspring.numbers.models import Connection, Number, NumberOrder, PortIn
from callspring.numbers.spending import this_month
from callspring.scenarios.models import Rule, Scenario, SwapTarget, WantedNumber
from callspring.scenarios.porting import LOOK_FOR
from tests.console.pages import Pages, text
from tests.numbers.at_twilio import TwilioStory


class Table(Pages):
    def setUp(self) -> None:
        super().setUp()
        self.everyone = self.pool(3)
        self.search = self.campaign(title="Google search")
        self.ads = self.campaign(title="Ads & <b>more</b>", strategy="url_parameter", name="gclid")

    def titles(self, query: str = "") -> list[str]:
        html = self.owner.get(f"/tracking-numbers/{query}", headers={"HX-Request": "true"}).content.decode()
        return re.findall(r'is-name is-wide">\s*<b>(.*?)</b>', html)

    def switch(self, scenario: Scenario, on: str = "yes") -> str:
        address = f"/tracking-numbers/{scenario.pk}/status/?sort=-calls"
        answer = self.owner.post(address, {"enabled": on}, follow=True)
        assert answer.redirect_chain[0][0] == "/tracking-numbers/?sort=-calls"
        return text(answer)

    def test_sorting_by_each_column_and_searching(self) -> None:
        assert self.titles() == ["Everyone", "Google search", "Ads &amp; &lt;b&gt;more&lt;/b&gt;"]
        self.call(self.search.numbers.get())
        assert self.titles("?sort=-calls")[0] == "Google search"
        assert self.titles("?sort=calls")[-1] == "Google search"
        assert self.titles("?sort=name")[0].startswith("Ads")
        assert self.titles("?sort=-numbers")[0] == "Everyone"
        for key in ("order", "status", "type", "accuracy", "certainty", "visitors", "created", "evil", "-"):
            assert len(self.titles(f"?sort={key}")) == len(self.titles(f"?sort=-{key}")) == 3
        assert self.titles("?q=GOOGLE") == ["Google search"]
        assert self.titles("?q=gclid") == ["Ads &amp; &lt;b&gt;more&lt;/b&gt;"]
        e164 = self.everyone.numbers.all()[1].e164
        for asked in (e164[-7:], f"555-{e164[-4:]}", "dynamic"):
            assert self.titles(f"?q={asked}") == ["Everyone"]
        assert self.titles("?q=nothing+like+it&page=99999999") == []

    def test_totals_are_of_what_was_found(self) -> None:
        for number in (*self.everyone.numbers.all(), self.search.numbers.get()):
            self.show(self.visit(), number)
            self.call(number)
        assert "3 scenarios 5 4 4" in self.page("tracking_numbers")
        assert "1 scenario of 3 1 1 1" in self.page("tracking_numbers", query="?q=google")

    def test_enabling_is_refused_without_funds(self) -> None:
        self.switch(self.search, "no")
        adjust(self.company, -60_00, "spent", self.alice, "spent")
        assert "nothing is left on the account" in self.switch(self.search)
        assert not Scenario.objects.get(pk=self.search.pk).enabled
        Account.objects.update(mode=Account.Mode.OWN_CARRIER)
        assert "“Google search” is on." in self.switch(self.search)

    def test_enabling_is_refused_where_something_is_missing(self) -> None:
        self.switch(self.search, "no")
        number = self.search.numbers.get()
        resting.rest([number], timezone.now())
        assert "“Google search” stays off. It has no numbers yet. Add some first." in self.switch(self.search)
        resting.take_back([number], self.search.pk, self.search.rules.get().pk)
        SwapTarget.objects.filter(scenario=self.search).delete()
        assert "what it replaces on your pages" in self.switch(self.search)
        assert not Scenario.objects.get(pk=self.search.pk).enabled

    def test_where_it_costs_something_it_is_approved_first(self) -> None:
        self.switch(self.search, "no")
        rule, sandbox = self.search.rules.get(), Connection.objects.get(company=self.company)
        WantedNumber.objects.create(scenario=self.search, rule=rule, connection=sandbox, e164="+13125550188")
        answer = self.owner.post(f"/tracking-numbers/{self.search.pk}/status/", {"enabled": "yes"})
        assert answer.headers["Location"].startswith(f"/tracking-numbers/{self.search.pk}/approve/")
        assert not Scenario.objects.get(pk=self.search.pk).enabled

    def test_hostile_orders_and_pages_change_nothing(self) -> None:
        theirs = self.campaign(self.elsewhere)
        for form in ({"ids": f"x,,{theirs.pk},9999999999999999999,-1"}, {"ids": ""}, {}):
            assert self.owner.post("/tracking-numbers/order/", form).status_code == 302
        for form in ({"up": str(theirs.pk)}, {"down": "x"}):
            assert self.owner.post("/tracking-numbers/order/", form).status_code == 404
        assert self.titles()[0] == "Everyone"
        address = f"/tracking-numbers/{self.everyone.pk}/numbers/"
        rule, alien = self.everyone.rules.get().pk, theirs.rules.get().pk
        for wrong in ({"go": "evil"}, {"go": "look", "rule": alien, "size": 3}, {"go": "look", "rule": "x"}):
            assert self.owner.post(address, wrong).status_code == 404
        for size in ("0", "-1", "20001", "000001000000", "", "1e3", "9" * 40):
            answer = self.owner.post(address, {"go": "look", "rule": rule, "size": size}, follow=True)
            assert "from 1 to 20000" in text(answer), size
        stolen = {"go": "put_in", "rule": rule, "number": theirs.numbers.get().pk}
        assert "0 numbers are in." in text(self.owner.post(address, stolen, follow=True))
        for never_shown in ((), "x", "+99912345678"):
            bought = {"go": "change", "rule": rule, "size": 4, "buy": never_shown}
            assert "Look at it once more." in text(self.owner.post(address, bought, follow=True)), never_shown
        assert not NumberOrder.objects.filter(rule=rule).exists()

    def test_taking_out_and_putting_back(self) -> None:
        address = f"/tracking-numbers/{self.everyone.pk}/numbers/"
        first = self.everyone.numbers.all()[0]
        said = text(self.owner.post(address, {"go": "take_out", "number": first.pk}, follow=True))
        assert "1 number rests from now on." in said
        assert "Rests until" in said
        assert "Resting" in self.page("numbers")
        answer = self.owner.post(f"/numbers/{first.pk}/put-back/", follow=True)
        assert "is back in “Everyone”." in text(answer)
        assert first in self.everyone.numbers.all()
        assert "Choose at least one number." in text(self.owner.post(address, {"go": "take_out"}, follow=True))

    def test_how_long_numbers_rest_is_set_on_the_page(self) -> None:
        answer = self.owner.post("/numbers/resting/", {"days": "30", "after_rest": "give_back"}, follow=True)
        assert "Saved." in text(answer)
        assert (resting.policy(self.company).days, resting.policy(self.company).after_rest) == (30, "give_back")
        for wrong in ({"days": "91", "after_rest": "free"}, {"days": "x"}, {"days": "3", "after_rest": "evil"}):
            self.owner.post("/numbers/resting/", wrong)
        assert resting.policy(self.company).days == 30


class Cap(Pages):
    def test_it_is_on_by_default_and_blocks_purchases_in_both_modes(self) -> None:
        assert cap_of(self.company.account) == 500_00
        for mode in Account.Mode.values:
            Account.objects.update(mode=mode)
            set_cap(self.company.account, 1)
            form: dict[str, Any] = {"connection": Connection.objects.get(company=self.company).pk, "country": "US"}
            form |= {"kind": "local", "number": "+13125550150", "go": "buy"}
            form |= {"destination": "+13122020777", "ring_seconds": "20"}
            page = text(self.owner.post("/numbers/buy/", form))
            assert "the spending cap of $0.01 leaves $0.01. Nothing was bought." in page
            assert not NumberOrder.objects.exists()

    def test_rent_until_the_months_end_counts_and_renewals_never_stop(self) -> None:
        (number,) = self.numbers(1)
        month = this_month(self.company.account, timezone.now())
        weeks = -(-(month.last - number.bought_at) // timedelta(days=7))
        assert month.committed == 75 * weeks
        assert f"The cap is $500.00, which leaves ${(500_00 - month.committed) / 100:.2f}" in self.page("billing")

    def test_the_owner_sets_it(self) -> None:
        for form, becomes in (
            ({"which": "sum", "amount": "20.50"}, 20_50),
            ({"which": "sum", "amount": ""}, 20_50),
            ({"which": "never"}, None),
            ({"which": "usual"}, 500_00),
            ({"which": "evil"}, 500_00),
        ):
            self.owner.post("/settings/billing/cap/", form)
            self.company.account.refresh_from_db()
            assert cap_of(self.company.account) == becomes, form
        assert "There is no cap." not in self.page("billing")
        assert self.analyst.post("/settings/billing/cap/", {"which": "never"}).status_code == 403


class PortIns(TwilioStory, Pages):
    def test_a_ported_number_comes_by_itself_once_the_account_has_it(self) -> None:
        self.connected()
        form = {
            "number": "(312) 202-0142", "losing_carrier": "Bell <b>", "wanted_on": "2026-12-01", "notes": "LOA sent",
            "connection": Connection.objects.get(company=self.company).pk, "destination": "+13122020777",
            "ring_seconds": "20",
        }  # fmt: skip
        page = text(self.owner.post("/numbers/port-ins/", form, follow=True))
        assert "(312) 202-0142 is written down." in page
        assert "is on its way already" in text(self.owner.post("/numbers/port-ins/", form))
        port_in = PortIn.objects.get()
        self.owner.post(f"/numbers/port-ins/{port_in.pk}/", {"state": "agreed", "notes": "on Tuesday"})
        self.owner.post(f"/numbers/port-ins/{port_in.pk}/", {"state": "arrived", "notes": "evil"})
        assert "The day is agreed" in self.page("port_ins")
        self.look()
        assert not Number.objects.exists()
        self.account.own("+13122020142", voice_url="https://old.example/")
        self.look()
        number = Number.objects.get()
        assert number.flow
        assert number.webhooks_before
        assert (number.e164, number.pointed_at is not None, number.flow["destination"]) == (
            "+13122020142", True, "+13122020777",
        )  # fmt: skip
        assert number.webhooks_before["voice_url"] == "https://old.example/"
        port_in.refresh_from_db()
        assert (port_in.state, port_in.arrived_at is not None) == ("arrived", True)
        assert "(312) 202-0142" in self.page("numbers")
        assert self.outsider.get(f"/numbers/port-ins/{port_in.pk}/").status_code == 404
        assert "202-0142" not in text(self.outsider.get("/numbers/port-ins/"))

    def look(self) -> None:
        from callspring.jobs.models import Job

        Job.objects.create(kind=LOOK_FOR, run_at=timezone.now())
        run_due()
        Job.objects.filter(state="queued").update(run_at=timezone.now())  # the doors have learnt of it meanwhile
        run_due()


def test_rules_are_needed_for_the_words() -> None:
    """Each strategy a rule can have has its words in the precedence."""
    from callspring.console.scenario_table import rank_words
    from callspring.scenarios.rules import PRECEDENCE

    assert all(rank_words(rank) != rank for rank in PRECEDENCE)
    assert Rule.Strategy.ALWAYS in PRECEDENCE
