"""A whole scenario made, changed and its numbers bought: what the domain promises, whoever asks."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import msgspec
import pytest
from django.core.exceptions import ValidationError
from django.test import TransactionTestCase
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as HypothesisCase

from callspring.accounts.models import Account, User
from callspring.billing.actions import NotEnoughFunds
from callspring.billing.models import LedgerEntry
from callspring.billing.queries import balance
from callspring.flows.flow import Forward, whole
from callspring.numbers.actions import adopt, offer
from callspring.numbers.models import Connection, Number, NumberOrder
from callspring.scenarios.jobs import fulfil
from callspring.scenarios.making import RuleSettings, Settings, save
from callspring.scenarios.models import Rule, Scenario, WantedNumber
from callspring.scenarios.purchases import PriceChanged, WantedChanged, connect, progress, quote
from callspring.scenarios.routing import flow_of
from callspring.scenarios.tagging import NUMBER, Target
from callspring.sites.models import Site
from tests.races import at_once
from tests.stories import TARGET, Story, make_company

TWO = ("+13125550142", "+13125550143")


class Whole(Story):
    def connection(self) -> Connection:
        return Connection.objects.get(company=self.company)

    def settings(self, *numbers: str, **changes: Any) -> Settings:
        everybody = RuleSettings(Rule.Strategy.ALWAYS, dynamic=True, numbers=numbers)
        usual = Settings("Boston", self.site(), (Target(NUMBER, TARGET),), (everybody,), destination=TARGET)
        return replace(usual, **changes)

    def made(self, *numbers: str, **changes: Any) -> Scenario:
        return save(self.company, self.settings(*numbers, **changes), connection=self.connection())

    def refused(self, *numbers: str, **changes: Any) -> dict[str, list[str]]:
        before = Scenario.objects.count()
        with pytest.raises(ValidationError) as problem:
            self.made(*numbers, **changes)
        assert Scenario.objects.count() == before
        said: dict[str, list[str]] = problem.value.message_dict
        return said


class Making(Whole):
    def test_it_is_off_and_nothing_is_bought(self) -> None:
        before = balance(self.company.account)
        made = self.made(*TWO)
        assert not made.enabled
        assert [one.e164 for one in made.wanted.all()] == list(TWO)
        assert not NumberOrder.objects.exists()
        assert balance(self.company.account) == before

    def test_what_cannot_be(self) -> None:
        static, pool = RuleSettings("direct", numbers=TWO[:1]), RuleSettings("always", dynamic=True, numbers=TWO[1:])
        assert "numbers" in self.refused()
        assert "numbers" in self.refused(TARGET)
        assert "numbers" in self.refused(rules=(static, replace(pool, numbers=TWO[:1])))
        assert "rules" in self.refused(rules=(pool, replace(pool, strategy="direct", numbers=TWO[:1])))
        assert "rules" in self.refused(rules=(replace(static, numbers=TWO),))
        assert "title" in self.refused(*TWO, title=" ")
        assert "destination" in self.refused(*TWO, destination="12")
        assert "mask" in self.refused(*TWO, mask="?")
        assert "site" in self.refused(*TWO, site=self.site(self.elsewhere))
        assert "numbers" in self.refused(self.campaign().numbers.get().e164)
        theirs = self.numbers(1, self.elsewhere)[0]
        assert self.made(theirs.e164).wanted.count() == 1  # which the carrier will refuse

    def test_a_changed_scenario_keeps_the_rows_that_others_name(self) -> None:
        made = self.pool(2)
        rule, numbers = made.rules.get(), list(made.numbers.order_by("pk"))
        static = RuleSettings("landing_page", value="/x", numbers=(numbers[0].e164,))
        pool = RuleSettings("always", dynamic=True, numbers=(numbers[1].e164,))
        save(self.company, self.settings(rules=(static, pool)), scenario=made)
        first, second = made.rules.all()
        assert second == rule
        assert (numbers[0].pk, numbers[1].pk) == (first.numbers.get().pk, second.numbers.get().pk)
        save(self.company, self.settings(rules=(pool,)), scenario=made)
        numbers[0].refresh_from_db()
        assert (numbers[0].state, numbers[0].scenario) == (Number.State.RESTING, None)
        assert made.rules.get() == rule
        made.refresh_from_db()
        assert made.enabled  # as it was

    def test_a_flow_of_several_steps_stays(self) -> None:
        made = self.pool(1)
        steps = Scenario.objects.get(pk=made.pk)
        Scenario.objects.filter(pk=made.pk).update(flow=_tree())
        steps.refresh_from_db()
        numbers = [one.e164 for one in steps.numbers.all()]
        save(self.company, replace(self.settings(*numbers), destination=""), scenario=steps)
        steps.refresh_from_db()
        assert not isinstance(flow_of(steps), Forward)


def _tree() -> Any:
    return msgspec.to_builtins(whole(Forward(TARGET)))


class Purchases(Whole):
    def offered(self, count: int, kind: str = "local") -> list[str]:
        return [one.e164 for one in offer(self.company, kind, "", count)]

    def fulfilled(self) -> None:
        for order in NumberOrder.objects.values_list("batch", flat=True).distinct():
            fulfil({"batch": str(order)})

    def test_prices_by_country_kind_and_carrier(self) -> None:
        found = quote(self.company, "twilio", ["+13125550142", "+13125550143", "+18005550111"])
        lines = {(line.kind, line.country, line.carrier, line.count, line.price) for line in found.lines}
        assert lines == {("local", "US", "twilio", 2, 75), ("toll_free", "US", "twilio", 1, 100)}
        assert (found.count, found.total, found.affordable) == (3, 250, True)
        assert {line.carrier_month for line in found.lines} == {115, 215}
        assert not replace(found, balance=249).affordable
        assert replace(found, balance=249, prepaid=False).affordable

    def test_all_or_none(self) -> None:
        made = self.made(*self.offered(3))
        numbers = [one.e164 for one in made.wanted.all()]
        with pytest.raises(WantedChanged):
            connect(made, numbers[:2], 3 * 75, enable=True)
        with pytest.raises(PriceChanged):
            connect(made, numbers, 3 * 50, enable=True)
        LedgerEntry.objects.create(account=self.company.account, key="gone", kind="rent", amount=-48_00)
        with pytest.raises(NotEnoughFunds):
            connect(made, numbers, 3 * 75, enable=True)
        assert not NumberOrder.objects.exists()
        assert WantedNumber.objects.count() == 3
        made.refresh_from_db()
        assert not made.enabled

    def test_each_rule_gets_its_numbers(self) -> None:
        one, *others = self.offered(3)
        static = RuleSettings("direct", numbers=(one,))
        pool = RuleSettings("always", dynamic=True, numbers=tuple(others))
        made = self.made(rules=(static, pool))
        connect(made, [one, *others], 3 * 75, enable=False)
        self.fulfilled()
        first, second = made.rules.all()
        assert [number.e164 for number in first.numbers.all()] == [one]
        assert {number.e164 for number in second.numbers.all()} == set(others)
        assert progress(made).settled == 3
        made.refresh_from_db()
        assert not made.enabled

    def test_twenty_of_twenty_three_are_charged_and_three_are_named(self) -> None:
        wanted = self.offered(23)
        made = self.made(*wanted, peak=90)
        for e164 in wanted[4:7]:  # sold to somebody else meanwhile
            self.books().buy(Connection.objects.get(company=self.elsewhere).account, e164, "")
        before = balance(self.company.account)
        connect(made, wanted, 23 * 75, enable=True)
        self.fulfilled()
        found = progress(made)
        assert (len(found.obtained), [one.e164 for one in found.failed]) == (20, wanted[4:7])
        assert balance(self.company.account) == before - 20 * 75
        assert made.numbers.count() == 20


class Steps(HypothesisCase):
    @given(st.lists(st.tuples(st.sampled_from("abc"), st.sets(st.integers(0, 5), min_size=1)), max_size=8))
    @hypothesis_settings(max_examples=25, deadline=None)
    def test_a_number_is_in_one_scenario_and_one_rule(self, saves: list[tuple[str, set[int]]]) -> None:
        company = make_company("Alice's", User.objects.create_user("alice@example.com"))
        Account.objects.update(mode=Account.Mode.OWN_CARRIER)
        e164s = [f"+1312555014{line}" for line in range(6)]
        adopt(Connection.objects.get(), e164s)
        scenarios: dict[str, Scenario] = {}
        for name, lines in saves:
            numbers = tuple(e164s[line] for line in sorted(lines))
            rule = RuleSettings("always", dynamic=True, numbers=numbers)
            settings = Settings(name, Site.objects.get(), (Target(NUMBER, TARGET),), (rule,), destination=TARGET)
            try:
                scenarios[name] = save(company, settings, scenario=scenarios.get(name))
            except ValidationError:
                continue
            assert set(scenarios[name].numbers.values_list("e164", flat=True)) == set(numbers)
        for number in Number.objects.all():
            assert (number.scenario is None) == (number.rule is None)
            assert number.rule is None or number.rule.scenario == number.scenario


class Race(TransactionTestCase):
    def test_of_two_saves_that_want_a_number_at_once_one_gets_it(self) -> None:
        company = make_company("Alice's", User.objects.create_user("alice@example.com"))
        adopt(Connection.objects.get(), TWO[:1])
        rule = RuleSettings("always", dynamic=True, numbers=TWO[:1])

        def make(title: str) -> Scenario:
            settings = Settings(title, Site.objects.get(), (Target(NUMBER, TARGET),), (rule,), destination=TARGET)
            return save(company, settings)

        outcomes = at_once([partial(make, title) for title in "abcd"])
        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Scenario"] + ["ValidationError"] * 3
        assert Scenario.objects.count() == 1
