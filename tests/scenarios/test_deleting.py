"""Deleting a scenario and bringing it back; the order of scenarios, who goes first, and what switching on takes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from callspring.flows.flow import read, rung_first
from callspring.numbers import resting
from callspring.numbers.models import Number
from callspring.reports.scenarios import scenario_rows
from callspring.scenarios import deleting, membership, ordering
from callspring.scenarios.actions import set_enabled
from callspring.scenarios.models import Rule, Scenario
from callspring.scenarios.precedence import standings
from callspring.scenarios.queries import scenario, scenarios
from callspring.scenarios.readiness import NotReady, lacks
from tests.stories import Story

DAY = timedelta(days=1)


class Deleting(Story):
    def setUp(self) -> None:
        super().setUp()
        self.scenario = self.pool(2)
        self.numbers_before = list(self.scenario.numbers.all())
        self.made_call = self.call(self.numbers_before[0])

    def test_it_is_gone_from_every_list_and_its_numbers_rest(self) -> None:
        assert deleting.delete(self.scenario) == self.numbers_before
        assert (self.scenario.enabled, self.scenario.numbers.count()) == (False, 0)
        assert scenario(self.company, self.scenario.pk) is None
        assert scenario_rows(self.company) == []
        assert set(resting.resting(self.company)) == set(self.numbers_before)
        assert list(deleting.deleted(self.company)) == [self.scenario]
        assert deleting.delete(self.scenario) == []

    def test_calls_keep_its_name(self) -> None:
        deleting.delete(self.scenario)
        self.made_call.refresh_from_db()
        assert self.made_call.scenario is not None
        assert self.made_call.scenario.name == "Everyone"

    def test_it_comes_back_off_with_the_numbers_that_nobody_took(self) -> None:
        deleting.delete(self.scenario)
        other = self.campaign(title="Other", number=self.numbers(1)[0])
        membership.put_in(other, other.rules.get(), [self.numbers_before[0]])
        back = deleting.bring_back(self.scenario)
        assert back == self.numbers_before[1:]
        assert {number.rule_id for number in back} == {self.scenario.rules.get().pk}
        assert not self.scenario.enabled
        assert scenario(self.company, self.scenario.pk) == self.scenario
        assert deleting.bring_back(self.scenario) == []
        set_enabled(self.scenario, True)

    def test_after_thirty_days_it_stays_away(self) -> None:
        deleting.delete(self.scenario, timezone.now() - 30 * DAY - timedelta(minutes=1))
        assert list(deleting.deleted(self.company)) == []
        with pytest.raises(ValueError, match="too long ago"):
            deleting.bring_back(self.scenario)

    def test_nothing_deleted_is_switched_on(self) -> None:
        deleting.delete(self.scenario)
        with pytest.raises(NotReady, match="deleted"):
            set_enabled(self.scenario, True)

    def test_the_outsider_sees_none_of_it(self) -> None:
        deleting.delete(self.scenario)
        assert list(deleting.deleted(self.elsewhere)) == []


class Ordering(Story):
    def setUp(self) -> None:
        super().setUp()
        self.four = [self.campaign(title=title) for title in "abcd"]

    def titles(self) -> str:
        return "".join(one.name for one in scenarios(self.company))

    def test_moving(self) -> None:
        for title, by, becomes in (
            ("a", 1, "bacd"),
            ("a", -1, "abcd"),
            ("a", -1, "abcd"),
            ("d", 1, "abcd"),
            ("d", -9, "dabc"),
        ):
            ordering.move(next(one for one in self.four if one.name == title), by)
            assert self.titles() == becomes

    def test_arranging_all_or_some(self) -> None:
        a, b, c, d = (one.pk for one in self.four)
        for ids, becomes in (([d, c, b, a], "dcba"), ([a, d], "acbd"), ([a, a, -1, c], "acbd"), ([], "acbd")):
            ordering.arrange(self.company, ids)
            assert self.titles() == becomes

    def test_the_outsider_arranges_nothing_of_ours(self) -> None:
        ordering.arrange(self.elsewhere, [one.pk for one in reversed(self.four)])
        assert self.titles() == "abcd"

    def test_what_is_deleted_takes_no_place(self) -> None:
        deleting.delete(self.four[1])
        ordering.move(self.four[0], 1)
        assert self.titles() == "cad"


class Precedence(Story):
    def test_who_goes_first_and_where_only_the_order_decides(self) -> None:
        pool = self.pool(1)
        search, other = self.campaign(title="Search"), self.campaign(title="Search too")
        ad = self.campaign(title="Ad", strategy="url_parameter", name="gclid")
        elsewhere = self.campaign(title="Another target", target="+18005550100")
        off = self.campaign(title="Off")
        set_enabled(off, False)
        found = standings(scenarios(self.company).prefetch_related("targets"))
        assert set(found) == {pool.pk, search.pk, other.pk, ad.pk}
        assert elsewhere.pk not in found
        assert [found[one.pk].place for one in (ad, search, other, pool)] == [1, 2, 3, 4]
        claimants = found[pool.pk].claimants
        assert [(one.scenario.name, one.rank, one.tied) for one in claimants] == [
            ("Ad", "url_parameter", False),
            ("Search", "web_search", False),
            ("Search too", "web_search", True),
            ("Everyone", "pool", False),
        ]
        ordering.move(other, -9)
        found = standings(scenarios(self.company).prefetch_related("targets"))
        assert found[other.pk].place < found[search.pk].place


class Readiness(Story):
    def test_what_is_missing_is_said(self) -> None:
        made = Scenario.objects.create(
            company=self.company, site=self.site(), name="Bare", flow={"type": "forward", "destination": ""}
        )
        Rule.objects.create(scenario=made, strategy="always")
        assert len(lacks(made)) == 3
        with pytest.raises(NotReady, match="no numbers yet"):
            set_enabled(made, True)
        made.refresh_from_db()
        assert not made.enabled

    def test_a_number_that_has_become_ours_is_no_destination(self) -> None:
        made = self.campaign(enabled=False)
        assert lacks(made) == []
        ours = self.numbers(1)[0]
        Number.objects.filter(pk=ours.pk).update(e164=rung_first(read(made.flow)))
        assert [one[:22] for one in lacks(made)] == ["Its calls ring nobody "]
        set_enabled(made, False)  # switching off never fails

    def test_an_offline_number_needs_no_target(self) -> None:
        made = self.campaign(enabled=False)
        Scenario.objects.filter(pk=made.pk).update(site=None)
        made.targets.all().delete()
        made.refresh_from_db()
        assert lacks(made) == []
