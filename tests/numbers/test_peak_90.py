"""S1's example on the real path: a peak of 90 visits, 23 numbers, 3 of which the carrier fails to deliver (Show 1).

The pages are asked as a person's browser asks them, the jobs are run, Twilio is a server that holds each request
against its specification.
"""

from __future__ import annotations

import re
from uuid import UUID

from django.utils import timezone
from msgspec import to_builtins

from callspring.billing.models import LedgerEntry
from callspring.billing.queries import balance
from callspring.flows.flow import Forward
from callspring.jobs.run import run_due
from callspring.numbers import orders
from callspring.numbers.carrier import AtCarrier
from callspring.numbers.models import Number, NumberOrder
from callspring.scenarios.models import Rule, Scenario, SwapTarget
from callspring.scenarios.sizing import pool_size
from tests.console.pages import Pages, text
from tests.numbers.at_twilio import TwilioStory
from tests.stories import TARGET


class PeakOfNinety(TwilioStory, Pages):
    def setUp(self) -> None:
        super().setUp()
        self.twilio = self.connected()
        self.account.for_sale = {f"+13125550{line}": ("Chicago", "IL") for line in range(100, 140)}
        flow = to_builtins(Forward(TARGET))
        self.scenario = Scenario.objects.create(
            company=self.company, site=self.site(), name="Everyone", flow=flow, peak_hourly_visits=90
        )
        SwapTarget.objects.create(scenario=self.scenario, value="+13125550199")
        self.rule = Rule.objects.create(scenario=self.scenario, strategy="always", dynamic=True)
        self.address = f"/tracking-numbers/{self.scenario.pk}/numbers/"

    def look(self, size: int) -> tuple[str, list[str]]:
        page = self.owner.post(self.address, {"go": "look", "rule": self.rule.pk, "size": size})
        return text(page), re.findall(r'name="buy" value="(\+\d+)"', page.content.decode())

    def buy(self, size: int, e164s: list[str]) -> UUID:
        form = {"go": "change", "rule": self.rule.pk, "size": size, "buy": e164s}
        answer = self.owner.post(self.address, form)
        return UUID(re.findall(r"orders/([0-9a-f-]+)/", answer.headers["Location"])[0])

    def test_twenty_are_charged_three_are_named_and_the_retry_works(self) -> None:
        assert pool_size(90) == 23
        said, wanted = self.look(pool_size(90))
        assert len(wanted) == 23
        assert "23 × $0.75" in said
        assert "$17.25" in said
        assert balance(self.company.account) == 50_00, "looking buys nothing"

        gone = set(wanted[3:24:7])
        self.account.taken |= gone  # somebody else was quicker, after the page was shown
        batch = self.buy(23, wanted)
        run_due()
        page = self.page("order", batch)
        assert "20 of 23 numbers are yours." in page
        assert "3 numbers could not be had and were not charged." in page
        for e164 in gone:
            assert re.search(rf"555-{e164[8:]} \S.{{0,40}}Somebody else has this number now", page), page
        rents = LedgerEntry.objects.filter(account=self.company.account, kind="rent")
        assert (rents.count(), balance(self.company.account)) == (20, 50_00 - 20 * 75)
        assert {entry.note for entry in rents} == set(wanted) - gone
        pool = Number.objects.filter(scenario=self.scenario, rule=self.rule)
        assert {number.e164 for number in pool} == set(wanted) - gone

        # The same ones again: they are gone, and that costs nothing.
        self.owner.post(f"/numbers/orders/{batch}/retry/")
        run_due()
        assert balance(self.company.account) == 50_00 - 20 * 75
        assert "20 of 23 numbers are yours." in self.page("order", batch)
        # Others in their place: now the pool has its 23.
        assert self.outsider.post(f"/numbers/orders/{batch}/others/").status_code == 404
        self.owner.post(f"/numbers/orders/{batch}/others/")
        run_due()
        assert "23 of 23 numbers are yours." in self.page("order", batch)
        assert (pool.all().count(), balance(self.company.account)) == (23, 50_00 - 23 * 75)
        assert not gone & {number.e164 for number in pool.all()}
        assert "could not be had" not in self.page("order", batch)

    def test_what_was_sold_since_it_was_shown_has_others_in_its_place(self) -> None:
        _said, wanted = self.look(23)
        for e164 in wanted[:5]:  # the carrier does not offer them any more
            del self.account.for_sale[e164]
        form = {"go": "change", "rule": self.rule.pk, "size": 23, "buy": wanted}
        page = text(self.owner.post(self.address, form, follow=True))
        assert "5 of them were sold meanwhile" in page
        run_due()
        pool = {number.e164 for number in Number.objects.filter(scenario=self.scenario)}
        assert len(pool) == 23
        assert set(wanted[5:]) < pool
        assert balance(self.company.account) == 50_00 - 23 * 75

    def test_no_more_is_bought_than_was_shown_and_nothing_that_costs_more(self) -> None:
        _said, wanted = self.look(3)
        self.buy(4, wanted)  # one more is needed by now
        assert NumberOrder.objects.count() == 3
        toll_free = {f"+18005550{line}": ("", "") for line in range(100, 103)}
        self.account.for_sale = toll_free
        Number.objects.all().delete()
        NumberOrder.objects.all().delete()
        self.scenario.targets.update(value="+18005550150")
        form = {"go": "change", "rule": self.rule.pk, "size": 1, "buy": wanted[:1]}
        assert "the numbers for sale cost more" in text(self.owner.post(self.address, form, follow=True))
        assert not NumberOrder.objects.exists()

    def test_dying_in_the_middle_of_the_order_buys_nothing_unnoticed_and_charges_nothing_twice(self) -> None:
        _said, wanted = self.look(23)
        self.buy(23, wanted)
        for e164 in wanted[:7]:  # bought, recorded
            order = NumberOrder.objects.select_related("connection__company__account", "rule__scenario").get(e164=e164)
            orders.fulfil(AtCarrier(order.connection), [order], orders.Bought())
        lost = NumberOrder.objects.get(e164=wanted[7])  # bought, and then the process is gone
        at = AtCarrier(self.twilio)
        at.api.buy(at.credentials, lost.e164, at.webhooks(lost.e164, lost.fallback))
        NumberOrder.objects.filter(pk=lost.pk).update(asked_at=timezone.now() - 2 * orders.ASKED_AGO)
        run_due()  # the job is taken up again by another process
        assert [number.e164 for number in orders.reconcile(self.twilio)] == [lost.e164]
        assert orders.reconcile(self.twilio) == []
        assert len(self.account.numbers) == 23
        assert Number.objects.filter(scenario=self.scenario, rule=self.rule, pointed_at__isnull=False).count() == 23
        assert balance(self.company.account) == 50_00 - 23 * 75

    def test_what_is_bought_and_pointed_elsewhere_meanwhile_does_not_count_as_pointed_here(self) -> None:
        _said, wanted = self.look(1)
        self.buy(1, wanted)
        NumberOrder.objects.update(asked_at=timezone.now() - 2 * orders.ASKED_AGO)
        self.account.own(wanted[0], voice_url="https://elsewhere.example/voice")
        (number,) = orders.reconcile(self.twilio)
        assert (number.pointed_at, number.scenario_id) == (None, self.scenario.pk)

    def test_the_outsider_changes_no_pool(self) -> None:
        form = {"go": "change", "rule": self.rule.pk, "size": 2}
        assert self.outsider.get(self.address).status_code == 404
        assert self.outsider.post(self.address, form).status_code == 404
        assert not NumberOrder.objects.exists()
