"""Making and switching scenarios: what is accepted, what is refused with which words."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import TransactionTestCase

from callspring.accounts.models import User
from callspring.flows.flow import Forward, read
from callspring.numbers.actions import adopt
from callspring.numbers.models import Connection, Number
from callspring.scenarios.actions import set_enabled, track_campaign
from callspring.scenarios.models import Scenario
from callspring.sites.models import Site
from tests.races import at_once
from tests.stories import TARGET, Story, make_company


class TrackCampaign(Story):
    def refused(self, **changes: Any) -> dict[str, list[str]]:
        before = Scenario.objects.count()
        with pytest.raises(ValidationError) as problem:
            self.campaign(**changes)
        assert Scenario.objects.count() == before
        said: dict[str, list[str]] = problem.value.message_dict
        return said

    def test_a_static_number_for_one_strategy(self) -> None:
        number = self.numbers(1)[0]
        scenario = self.campaign(number=number, title=" Google ", target="(800) 555-0199", ring_seconds=30)
        scenario.refresh_from_db()
        rule = scenario.rules.get()
        number.refresh_from_db()
        assert (scenario.name, scenario.target, scenario.enabled) == ("Google", TARGET, True)
        assert (rule.strategy, rule.dynamic) == ("web_search", False)
        assert (number.scenario, number.rule) == (scenario, rule)
        assert read(scenario.flow) == Forward(TARGET, 30)

    def test_each_strategy_keeps_its_own_parameters_only(self) -> None:
        for strategy, name, value, kept in [
            ("url_parameter", " utm_source ", "facebook", ("utm_source", "facebook")),
            ("url_parameter", "gclid", "", ("gclid", "")),
            ("landing_page", "x", "/flyer", ("", "/flyer")),
            ("referral", "x", "https://WWW.Partner.example/blog?x=1", ("", "partner.example")),
            ("referral", "", "", ("", "")),
            ("web_search", "x", "y", ("", "")),
            ("direct", "x", "y", ("", "")),
            ("always", "x", "y", ("", "")),
        ]:
            rule = self.campaign(strategy=strategy, name=name, value=value).rules.get()
            assert (rule.name, rule.value) == kept, strategy

    def test_a_strategy_needs_its_parameter(self) -> None:
        assert self.refused(strategy="url_parameter", name="") == {
            "name": ["Give the parameter's name as it stands in the address, such as utm_source."]
        }
        for value in ("", "flyer", "https://shop.example/flyer", "/flyer?x=1"):
            assert "begins with “/”" in self.refused(strategy="landing_page", value=value)["value"][0]
        assert "the website's host" in self.refused(strategy="referral", value="two words")["value"][0]
        assert self.refused(strategy="telepathy") == {"strategy": ["Choose a strategy."]}

    def test_all_problems_are_said_at_once(self) -> None:
        said = self.refused(title=" ", target="555-0199", destination="nobody", ring_seconds=0)
        assert said == {
            "title": ["Give it a title, such as “Google search”."],
            "target": ["“555-0199” lacks the area code."],
            "destination": ["“nobody” is not a phone number. Write it like +1 312 555 0142."],
            "ring_seconds": ["Let it ring between 5 and 120 seconds."],
        }

    def test_a_sip_address_can_be_the_destination(self) -> None:
        scenario = self.campaign(destination="sip:desk@pbx.example:5060")
        assert scenario.flow["destination"] == "sip:desk@pbx.example:5060"
        assert "destination" in self.refused(destination='sip:x@y"/><Dial>')

    def test_a_call_cannot_go_round_in_circles(self) -> None:
        number = self.numbers(1)[0]
        said = self.refused(number=number, destination=number.e164)
        assert "would go round" in said["destination"][0]

    def test_a_number_cannot_replace_itself(self) -> None:
        number = self.numbers(1)[0]
        said = self.refused(number=number, target=number.e164)
        assert said == {"number": ["Choose another number: this is the one it is shown instead of."]}

    def test_a_number_belongs_to_one_scenario(self) -> None:
        number = self.numbers(1)[0]
        first = self.campaign(number=number)
        stale = Number.objects.get(pk=number.pk)
        stale.scenario = stale.rule = None  # as a page opened before saw it
        assert self.refused(number=stale) == {
            "number": [f"{number.e164} is used by another scenario. Choose another one."]
        }
        number.refresh_from_db()
        assert number.scenario == first

    def test_the_outsider_can_use_neither_our_site_nor_our_number(self) -> None:
        ours = self.numbers(1)[0]
        assert self.refused(company=self.elsewhere, site=self.site(self.company)) == {
            "site": ["Choose one of this company's sites."]
        }
        assert self.refused(company=self.elsewhere, number=ours) == {
            "number": [f"{ours.e164} is no number of this company."]
        }
        ours.refresh_from_db()
        assert ours.scenario is None

    def test_scenarios_stand_in_the_order_they_were_made(self) -> None:
        self.campaign(self.elsewhere)
        made = [self.campaign(title=title) for title in "abc"]
        assert [scenario.position for scenario in made] == [0, 1, 2]


class TrackUsers(Story):
    def test_a_pool(self) -> None:
        scenario = self.pool(3, peak=12)
        rule = scenario.rules.get()
        assert (rule.strategy, rule.dynamic, scenario.peak_hourly_visits) == ("always", True, 12)
        assert list(scenario.numbers.values_list("rule", flat=True)) == [rule.pk] * 3

    def test_it_needs_numbers_and_a_peak(self) -> None:
        with pytest.raises(ValidationError) as problem:
            self.pool(1, numbers=[], peak=0)
        assert problem.value.message_dict == {
            "numbers": ["Add at least one number."],
            "peak": ["Give the number of visits in your busiest hour: at least 1."],
        }

    def test_one_taken_number_stops_the_whole(self) -> None:
        numbers = self.numbers(3)
        self.campaign(number=numbers[1])
        with pytest.raises(ValidationError, match="used by another scenario"):
            self.pool(3, numbers=numbers)
        assert not Scenario.objects.filter(name="Everyone").exists()
        assert Number.objects.filter(scenario=None, company=self.company).count() == 2

    def test_the_outsider_gets_no_number_of_ours(self) -> None:
        with pytest.raises(ValidationError, match="is no number of this company"):
            self.pool(1, self.elsewhere, numbers=self.numbers(1))


class Switching(Story):
    def test_off_and_on(self) -> None:
        scenario = self.campaign()
        set_enabled(scenario, False)
        assert not Scenario.objects.get(pk=scenario.pk).enabled
        set_enabled(scenario, True)
        assert Scenario.objects.get(pk=scenario.pk).enabled

    def test_made_but_off(self) -> None:
        assert not self.campaign(enabled=False).enabled


class Race(TransactionTestCase):
    def test_of_two_scenarios_that_want_a_number_at_once_one_gets_it(self) -> None:
        company = make_company("Alice's", User.objects.create_user("alice@example.com"))
        number = adopt(Connection.objects.get(), ["+13125550142"])[0]

        def make(title: str) -> Scenario:
            return track_campaign(
                company,
                site=Site.objects.get(),
                title=title,
                target=TARGET,
                strategy="direct",
                number=Number.objects.get(pk=number.pk),
                destination=TARGET,
            )

        outcomes = at_once([partial(make, title) for title in "abcd"])
        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Scenario"] + ["ValidationError"] * 3
        number.refresh_from_db()
        assert number.scenario == Scenario.objects.get()
