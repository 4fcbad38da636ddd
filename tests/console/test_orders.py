"""Orders that failed: found again whenever, tried again as a whole, and left at that; with their rule taken out too."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from callspring.billing.models import LedgerEntry
from callspring.billing.queries import balance
from callspring.jobs.run import run_due
from callspring.numbers.models import Connection, Number, NumberOrder
from callspring.scenarios.making import RuleSettings, save
from callspring.scenarios.models import Scenario
from callspring.scenarios.purchases import connect, price_of, quote_wanted
from tests.console.pages import Pages, text
from tests.scenarios.test_whole_scenarios import Whole

FIRST, SECOND, THIRD = "+13125550142", "+13125550143", "+13125550144"
DIRECT, SEARCH = RuleSettings("direct", numbers=(FIRST,)), RuleSettings("web_search", numbers=(SECOND,))


class Orders(Pages, Whole):
    def setUp(self) -> None:
        super().setUp()
        self.somebody = Connection.objects.get(company=self.elsewhere).account

    def sold(self, *e164s: str) -> None:
        """To somebody else, a moment before."""
        for e164 in e164s:
            self.books().buy(self.somebody, e164, "")

    def bought(self, *rules: RuleSettings) -> Scenario:
        made = self.made(rules=rules)
        wanted = [one.e164 for one in made.wanted.all()]
        connect(made, wanted, price_of(quote_wanted(made)), enable=False)
        run_due()
        return made

    def press(self, made: Scenario, what: str) -> str:
        answer: Any = self.owner.post(f"/tracking-numbers/{made.pk}/purchase/{what}/", follow=True)
        run_due()
        return text(answer)

    def test_what_failed_long_ago_is_found_until_somebody_deals_with_it(self) -> None:
        self.sold(FIRST)
        made = self.bought(DIRECT, SEARCH)
        NumberOrder.objects.update(created_at=timezone.now() - timedelta(days=400))
        batch = NumberOrder.objects.get(e164=FIRST).batch
        assert "(312) 555-0142 for “Boston” Not obtained" in self.page("numbers")
        assert "1 could not be had" in self.page("orders")
        assert "(312) 555-0142 Not obtained" in self.page("purchase", made.pk)
        assert "for “Boston”" in self.page("order", batch)
        assert "Left at that." in text(self.owner.post(f"/numbers/orders/{batch}/leave/", follow=True))
        assert "Not obtained" not in self.page("numbers")
        assert "0 of 1 obtained" in self.page("orders")
        page = self.page("order", batch)
        assert "(312) 555-0142 Not obtained" in page
        assert "Try it again" not in page
        assert "Not obtained" not in self.page("purchase", made.pk)

    def test_the_scenario_leaves_it_at_that_too(self) -> None:
        self.sold(FIRST, SECOND)
        made = self.bought(DIRECT, SEARCH)
        assert "2 numbers could not be had" in self.page("purchase", made.pk)
        self.press(made, "leave")
        assert "could not be had" not in self.page("purchase", made.pk)
        assert set(NumberOrder.objects.values_list("state", flat=True)) == {"left"}

    def test_pages_of_orders_and_nothing_of_another_companys(self) -> None:
        for e164 in (FIRST, SECOND):
            self.bought(RuleSettings("direct", numbers=(e164,)))
        assert self.page("orders").count("1 of 1 obtained") == 2
        assert "Nothing was ordered yet" in self.page("orders", client=self.outsider)
        assert "Nothing was ordered yet" in self.page("orders", query="?page=7")
        assert "1 of 1" in self.page("orders", query="?page=-1")
        batch = NumberOrder.objects.filter(e164=FIRST).values_list("batch", flat=True).get()
        assert self.outsider.post(f"/numbers/orders/{batch}/leave/").status_code == 404
        assert self.analyst.post(f"/numbers/orders/{batch}/leave/").status_code == 403

    def test_an_order_whose_rule_was_taken_out_still_is_the_scenarios(self) -> None:
        self.sold(FIRST)
        made = self.bought(DIRECT)
        pool = RuleSettings("always", dynamic=True, numbers=(THIRD,))
        save(self.company, self.settings(rules=(pool,)), connection=self.connection(), scenario=made)
        assert NumberOrder.objects.get().rule is None
        assert "(312) 555-0142 Not obtained" in self.page("purchase", made.pk)
        self.books().release(self.somebody, FIRST)
        self.press(made, "retry")
        assert Number.objects.get(e164=FIRST).rule == made.rules.get()

    def test_several_batches_are_tried_again_as_a_whole_or_not_at_all(self) -> None:
        self.sold(FIRST, SECOND)
        made = self.bought(DIRECT, SEARCH)
        account = self.company.account
        LedgerEntry.objects.create(account=account, key="gone", kind="rent", amount=100 - balance(account))
        for what in ("retry", "others"):  # there is enough for one of the two
            assert "This costs $1.50; the balance is $1.00. Nothing was bought." in self.press(made, what)
            assert set(NumberOrder.objects.values_list("state", flat=True)) == {"failed"}, what
        LedgerEntry.objects.create(account=account, key="more", kind="top_up", amount=50)
        self.press(made, "others")
        assert made.numbers.count() == 2
        assert {number.rule_id for number in made.numbers.all()} == {rule.pk for rule in made.rules.all()}
        assert balance(account) == 0
        assert "could not be had" not in self.page("purchase", made.pk)

    def test_the_outsider_does_nothing_about_it(self) -> None:
        self.sold(FIRST)
        made = self.bought(DIRECT)
        for what in ("retry", "others", "leave"):
            assert self.outsider.post(f"/tracking-numbers/{made.pk}/purchase/{what}/").status_code == 404
        assert NumberOrder.objects.get().state == "failed"
