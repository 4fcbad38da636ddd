"""A scenario that is on is changed: pages always have a number, and calls to those that left find their rule."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from unittest.mock import patch

from django.conf import settings
from django.utils import timezone

from callspring.calls.crediting import rule_of
from callspring.carriers.sandbox.api import SandboxApi
from callspring.jobs.models import Job
from callspring.jobs.run import run_due
from callspring.numbers.actions import adopt
from callspring.numbers.models import Connection, Number, NumberOrder
from callspring.numbers.resting import end_rests, resting
from callspring.scenarios import deleting
from callspring.scenarios.jobs import order_numbers, reconcile_orders
from callspring.scenarios.making import RuleSettings, save
from callspring.scenarios.membership import put_in
from callspring.scenarios.models import ReplacedNumber, Rule, Scenario
from callspring.scenarios.publishing import publish_site
from callspring.scenarios.purchases import connect, price_of, quote_wanted
from callspring.scenarios.replacing import let_all_go
from callspring.scenarios.routing import flow_of
from callspring.stores.snapshot.files import site_file
from callspring.stores.snapshot.published import site_decoder
from tests.scenarios.test_whole_scenarios import Whole


class Live(Whole):
    def offered(self, count: int) -> list[str]:
        found = self.books().search(limit=count)
        return [one.e164 for one in found]

    def changed(self, scenario: Scenario, *numbers: str) -> None:
        """Somebody edits it, so that it is to have these numbers."""
        with self.captureOnCommitCallbacks(execute=True):
            save(self.company, self.settings(*numbers), connection=self.connection(), scenario=scenario)

    def approved(self, scenario: Scenario) -> None:
        numbers = [one.e164 for one in scenario.wanted.all()]
        with self.captureOnCommitCallbacks(execute=True):
            connect(scenario, numbers, price_of(quote_wanted(scenario)), enable=True)
            Job.objects.filter(state=Job.State.QUEUED).update(run_at=timezone.now())
            run_due()

    def shown(self) -> set[str]:
        """The numbers that pages show, as the doors are told."""
        publish_site(self.site().pk)
        site = site_decoder.decode(site_file(settings.CONFIG.snapshots, self.site().pk).read_bytes())
        given = {number for one in site.scenarios for rule in one.rules for number in rule.numbers}
        return {number.e164 for number in site.numbers if number.id in given}

    def has(self, scenario: Scenario) -> set[str]:
        return set(scenario.numbers.values_list("e164", flat=True))


class Replaced(Live):
    def setUp(self) -> None:
        super().setUp()
        self.ours = self.pool(2)
        self.old = self.has(self.ours)
        self.new = self.offered(2)

    def test_all_numbers_serve_until_the_new_ones_are_here(self) -> None:
        self.changed(self.ours, *self.new)
        assert self.shown() == self.old  # nobody has approved the price yet
        self.approved(self.ours)
        assert self.shown() == self.has(self.ours) == set(self.new)
        assert {number.e164 for number in resting(self.company, self.ours.pk)} == self.old
        assert not ReplacedNumber.objects.exists()

    def test_what_the_carrier_does_not_have_is_replaced_by_nothing(self) -> None:
        self.changed(self.ours, *self.new)
        other = Connection.objects.get(company=self.elsewhere).account
        for e164 in self.new:
            self.books().buy(other, e164, "")
        self.approved(self.ours)
        assert self.shown() == self.old
        let_all_go(self.elsewhere.pk)  # another company's orders change nothing here
        assert self.has(self.ours) == self.old

    def test_of_two_one_comes_and_both_go(self) -> None:
        self.changed(self.ours, *self.new)
        self.books().buy(Connection.objects.get(company=self.elsewhere).account, self.new[0], "")
        self.approved(self.ours)
        assert self.shown() == {self.new[1]}  # nothing is on order any more, and one is here

    def test_edited_once_more_while_the_carrier_is_asked_they_go_on_serving(self) -> None:
        stays = min(self.old)
        self.changed(self.ours, stays, *self.new)
        connect(self.ours, self.new, price_of(quote_wanted(self.ours)), enable=True)
        self.changed(self.ours, stays)  # another title, say
        assert self.shown() == self.old
        with self.captureOnCommitCallbacks(execute=True):
            run_due()
        assert self.shown() == {stays, *self.new}

    def test_orders_whose_answer_got_lost_let_them_go_too(self) -> None:
        self.changed(self.ours, *self.new)
        connect(self.ours, self.new, price_of(quote_wanted(self.ours)), enable=True)
        for e164 in self.new:  # the carrier did it, and its answer never came
            self.books().buy(self.connection().account, e164, "")
        NumberOrder.objects.update(asked_at=timezone.now() - timedelta(hours=1))
        reconcile_orders({})
        assert self.shown() == self.has(self.ours) == set(self.new)

    def test_nothing_is_held_back_where_nothing_is_bought_in_its_place(self) -> None:
        stays, goes = sorted(self.old)
        self.changed(self.ours, stays)
        assert self.shown() == self.has(self.ours) == {stays}
        assert Number.objects.get(e164=goes).state == Number.State.RESTING

    def test_switched_off_it_has_nothing_to_show(self) -> None:
        Scenario.objects.filter(pk=self.ours.pk).update(enabled=False)
        self.changed(self.ours, *self.new)
        assert self.has(self.ours) == set()

    def test_whoever_thinks_better_of_it_keeps_them(self) -> None:
        self.changed(self.ours, *self.new)
        self.changed(self.ours, *self.old)
        assert not ReplacedNumber.objects.exists()
        assert not self.ours.wanted.exists()
        let_all_go(self.company.pk)
        assert self.shown() == self.old

    def test_deleted_they_all_rest_and_come_back_for_good(self) -> None:
        self.changed(self.ours, *self.new)
        deleting.delete(self.ours)
        assert not ReplacedNumber.objects.exists()
        deleting.bring_back(self.ours)
        let_all_go(self.company.pk)
        assert self.has(self.ours) == self.old


class KeptRules(Live):
    def setUp(self) -> None:
        super().setUp()
        self.one, self.two = (number.e164 for number in adopt(self.connection(), ["+13125550142", "+13125550143"]))
        self.direct = RuleSettings("direct", numbers=(self.one,))
        self.search = RuleSettings("web_search", numbers=(self.two,))
        self.ours = self.made_on(self.direct, self.search)

    def made_on(self, *rules: RuleSettings) -> Scenario:
        made = self.made_of(*rules)
        Scenario.objects.filter(pk=made.pk).update(enabled=True)
        return made

    def made_of(self, *rules: RuleSettings, scenario: Scenario | None = None) -> Scenario:
        return save(self.company, replace(self.settings(), rules=rules), scenario=scenario)

    def test_a_call_to_a_number_of_a_rule_that_was_taken_out_is_credited_as_it_said(self) -> None:
        before = self.ours.rules.get(strategy="direct")
        self.made_of(self.search, scenario=self.ours)
        number = Number.objects.get(e164=self.one)
        assert (number.state, number.rule, number.last_rule) == (Number.State.RESTING, None, before)
        assert [rule.strategy for rule in self.ours.rules.all()] == ["web_search"]
        call = self.call(number, scenario=self.ours)
        assert rule_of(call) == before
        assert self.shown() == {self.two}

    def test_a_scenario_goes_with_the_rules_that_were_taken_out_of_it(self) -> None:
        self.made_of(self.search, scenario=self.ours)
        assert Rule.every.filter(scenario=self.ours, retired=True).exists()
        Number.objects.update(scenario=None, rule=None)
        self.ours.delete()
        assert not Rule.every.exists()

    def test_put_back_it_goes_under_the_same_rule_again(self) -> None:
        before = self.ours.rules.get(strategy="direct")
        self.made_of(self.search, scenario=self.ours)
        number = Number.objects.get(e164=self.one)
        end_rests(timezone.now() + timedelta(days=99))
        self.made_of(self.search, self.direct, scenario=self.ours)
        number.refresh_from_db()
        assert (number.rule, number.scenario) == (before, self.ours)
        assert [rule.strategy for rule in self.ours.rules.all()] == ["web_search", "direct"]

    def test_rules_that_no_number_remembers_are_gone(self) -> None:
        swapped = RuleSettings("direct", numbers=(self.two,)), RuleSettings("referral", numbers=(self.one,))
        self.made_of(*swapped, scenario=self.ours)
        assert [rule.strategy for rule in Rule.every.filter(scenario=self.ours)] == ["direct", "referral"]

    def test_what_is_on_order_for_a_rule_that_was_taken_out_becomes_free(self) -> None:
        rule = self.ours.rules.get(strategy="direct")
        (wanted,) = self.offered(1)
        with self.captureOnCommitCallbacks(execute=True):
            flow = flow_of(self.ours)
            assert flow is not None
            order_numbers(self.connection(), [wanted], flow, rule.pk)
            self.made_of(self.search, scenario=self.ours)
            run_due()
        number = Number.objects.get(e164=wanted)
        assert (number.scenario, number.rule) == (None, None)


class Targets(Live):
    def test_no_number_replaces_itself_whichever_target_it_is(self) -> None:
        made, (number,) = self.pool(1), self.numbers(1)
        made.targets.create(kind="number", value=number.e164, position=1)
        assert put_in(made, made.rules.get(), [number]) == []


class Arriving(Live):
    def test_each_is_shown_before_the_next_is_asked_for(self) -> None:
        made, wanted = self.pool(1), self.offered(2)
        here, seen = self.has(made), []
        buy = SandboxApi.buy

        def asked(*args: object) -> object:
            seen.append(self.shown_now())
            return buy(*args)  # type: ignore[arg-type]

        self.changed(made, *here, *wanted)
        with patch.object(SandboxApi, "buy", asked):
            self.approved(made)
        assert seen == [here, {*here, wanted[0]}]

    def shown_now(self) -> set[str]:
        site = site_decoder.decode(site_file(settings.CONFIG.snapshots, self.site().pk).read_bytes())
        return {number.e164 for number in site.numbers}
