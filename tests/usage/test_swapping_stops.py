"""An account that owes money for too long: websites keep their own numbers, and every call still rings."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings

from callspring.accounts.models import Company
from callspring.billing.actions import NotEnoughFunds, top_up_by_hand
from callspring.billing.arrears import look_at_all
from callspring.billing.ledger import Fact, write
from callspring.jobs.run import run_due
from callspring.scenarios.actions import set_enabled
from callspring.scenarios.models import Scenario
from callspring.scenarios.publishing import publish_all
from callspring.stores.snapshot.files import company_file, site_file
from callspring.stores.snapshot.published import PublishedCompany, PublishedSite, company_decoder, site_decoder
from tests.stories import NOON, Story

DAY = timedelta(days=1)


class Stops(Story):
    def setUp(self) -> None:
        super().setUp()
        self.campaign()
        self.campaign(self.elsewhere)
        publish_all()
        write(self.company.account, [Fact("minutes", "minutes:x", -60_00)], now=NOON)

    def published(self, company: Company) -> tuple[PublishedSite, PublishedCompany]:
        folder = settings.CONFIG.snapshots
        site = site_decoder.decode(site_file(folder, self.site(company).pk).read_bytes())
        return site, company_decoder.decode(company_file(folder, company.pk).read_bytes())

    def look(self, *days: int) -> None:
        for day in days:
            look_at_all(NOON + day * DAY)
        run_due()

    def test_pages_keep_their_own_number_and_calls_ring_and_are_credited(self) -> None:
        before = self.published(self.company)[0].routes
        self.look(0, 5)
        assert len(self.published(self.company)[0].scenarios) == 1
        self.look(7)
        site, _ = self.published(self.company)
        assert (site.scenarios, site.numbers) == ((), ())
        assert site.routes == before
        assert [bool(route.flow and route.scenario) for route in site.routes.values()] == [True]

    def test_a_top_up_brings_it_back(self) -> None:
        self.look(5, 7)
        top_up_by_hand(self.company, 10_75, "cash", self.alice, "k")
        run_due()
        assert len(self.published(self.company)[0].scenarios) == 1

    def test_nothing_is_switched_on_without_money_and_everything_off(self) -> None:
        scenario = Scenario.objects.get(company=self.company)
        set_enabled(scenario, False)
        with pytest.raises(NotEnoughFunds):
            set_enabled(scenario, True)
        self.client.force_login(self.alice)
        self.client.post(f"/tracking-numbers/{scenario.pk}/status/", {"enabled": "yes"})
        assert "stays off" in self.client.get("/tracking-numbers/").content.decode()
        assert not Scenario.objects.get(pk=scenario.pk).enabled
        top_up_by_hand(self.company, 10_76, "cash", self.alice, "k")
        set_enabled(scenario, True)
        assert Scenario.objects.get(pk=scenario.pk).enabled

    def test_the_outsiders_pages_go_on(self) -> None:
        self.look(5, 7)
        assert len(self.published(self.elsewhere)[0].scenarios) == 1
