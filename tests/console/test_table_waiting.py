"""The table of scenarios says what waits in it, and however long it is, it can be put into order."""

from __future__ import annotations

import re

from django.utils import timezone

from callspring.accounts.models import Account
from callspring.console.scenario_table import PAGE
from callspring.numbers.models import Connection, NumberOrder
from callspring.scenarios.models import ReplacedNumber, Rule, Scenario, WantedNumber
from callspring.scenarios.precedence import standings
from callspring.scenarios.queries import scenarios
from callspring.sites.models import Site
from tests.console.pages import Pages, text


class Waiting(Pages):
    def setUp(self) -> None:
        super().setUp()
        self.made = self.pool(1)
        self.rule, self.sandbox = self.made.rules.get(), Connection.objects.get(company=self.company)

    def order(self, e164: str, state: str) -> None:
        about = {"company": self.company, "connection": self.sandbox, "rule": self.rule, "scenario": self.made}
        NumberOrder.objects.create(e164=e164, state=state, **about)

    def links(self) -> list[tuple[str, str]]:
        html = self.owner.get("/tracking-numbers/").content.decode()
        return re.findall(r'is-waiting" href="/tracking-numbers/\d+/(\w+)/">(.*?)<', html)

    def test_what_waits_for_approval_and_what_became_of_orders_is_linked(self) -> None:
        assert self.links() == []
        for line in range(2):
            e164 = f"+1312555018{line}"
            WantedNumber.objects.create(scenario=self.made, rule=self.rule, connection=self.sandbox, e164=e164)
        assert self.links() == [("approve", "2 numbers wait for your approval")]
        page = text(self.analyst.get("/tracking-numbers/"))
        assert "2 numbers wait for approval" in page
        self.made.wanted.all().delete()
        self.order("+13125550181", NumberOrder.State.FAILED)
        self.order("+13125550182", NumberOrder.State.FAILED)
        self.order("+13125550182", NumberOrder.State.REQUESTED)  # it is tried again
        self.order("+13125550183", NumberOrder.State.FAILED)
        self.order("+13125550183", NumberOrder.State.OBTAINED)  # it has left again since
        self.order(self.made.numbers.get().e164, NumberOrder.State.FAILED)  # it is here by now
        assert self.links() == [("purchase", "1 is being ordered"), ("purchase", "1 could not be had")]
        ReplacedNumber.objects.create(scenario=self.made, number=self.made.numbers.get())
        assert "1 leaves once the new ones are here" in self.page("tracking_numbers")
        assert "is being ordered" not in text(self.outsider.get("/tracking-numbers/"))


class Long(Pages):
    """More than fit on a page."""

    def setUp(self) -> None:
        super().setUp()
        flow = {"type": "forward", "destination": "+18005550199"}
        about = {"company": self.company, "flow": flow}
        Scenario.objects.bulk_create(Scenario(name=f"S{at}", position=at, **about) for at in range(PAGE + 4))
        self.ids = list(Scenario.objects.values_list("pk", flat=True))

    def order(self) -> list[int]:
        return list(scenarios(self.company).values_list("pk", flat=True))

    def put(self, query: str = "", **form: object) -> str:
        answer = self.owner.post(f"/tracking-numbers/order/{query}", form, headers={"HX-Request": "true"})
        assert answer.status_code == 200
        return str(answer.content.decode())

    def test_the_second_page_is_put_into_order_within_itself(self) -> None:
        html = self.owner.get("/tracking-numbers/?page=1").content.decode()
        assert 'data-arrange="arrange"' in html
        last = self.ids[PAGE:]
        html = self.put("?page=1", ids=",".join(map(str, reversed(last))))
        assert self.order() == [*self.ids[:PAGE], *reversed(last)]
        assert re.findall(r'data-id="(\d+)"', html) == [str(pk) for pk in reversed(last)]

    def test_a_row_goes_to_any_place(self) -> None:
        moved = self.ids[-1]
        self.put("?page=1", scenario=moved, place=3)
        assert self.order() == [*self.ids[:2], moved, *self.ids[2:-1]]
        self.put(scenario=moved, place=99_999)
        assert self.order() == self.ids
        self.put(scenario=moved, place="x")
        assert self.order()[0] == moved
        self.put("?page=1", up=self.ids[PAGE - 1])  # now the first of the second page
        assert self.order()[PAGE - 1] == self.ids[PAGE - 1]

    def test_an_outsider_moves_nothing(self) -> None:
        form = {"scenario": self.ids[0], "place": 5}
        assert self.outsider.post("/tracking-numbers/order/", form).status_code == 404
        assert self.order() == self.ids


class Claims(Pages):
    def test_a_rule_without_a_number_stands_before_nobody(self) -> None:
        pool, radio = self.pool(1), self.campaign(strategy="landing_page", value="/radio")
        Rule.objects.create(scenario=pool, strategy="url_parameter", name="gclid", position=1)
        found = standings(scenarios(self.company))
        assert [one.rule.strategy for one in found[pool.pk].claimants] == ["landing_page", "always"]
        radio.numbers.update(scenario=None, rule=None)
        assert standings(scenarios(self.company)) == {}


class Why(Pages):
    def setUp(self) -> None:
        super().setUp()
        source = {"source": "partner.example", "medium": "referral", "channel": "referral"}
        self.arrived = self.visit(
            referrer="https://partner.example/a", landing_url="https://shop.example/", stored_source=source, medium="",
            source="partner.example", channel="referral",
        )  # fmt: skip

    def why(self) -> str:
        return self.page("visit_why", self.arrived.number)

    def test_the_companys_other_domains_are_no_referrers(self) -> None:
        self.campaign(strategy="referral", value="partner.example", title="Partners")
        assert "“Partners” would show" in self.why()
        partner = Site.objects.create(company=self.elsewhere, name="Partner", hosts=["www.Partner.example:8080"])
        assert "“Partners” would show" in self.why()
        Site.objects.filter(pk=partner.pk).update(company=self.company)
        assert "“Partners” would show" not in self.why()

    def test_it_says_that_swapping_is_stopped(self) -> None:
        self.pool(1)
        assert "“Everyone” would show" in self.why()
        Account.objects.filter(pk=self.company.account.pk).update(swapping_stopped_at=timezone.now())
        page = self.why()
        assert "your pages keep their own numbers" in page
        assert "would show" not in page
