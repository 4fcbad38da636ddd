"""Numbers that left a scenario: still ours, paid, routed and credited; then free, or given back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from unittest.mock import patch

import pytest
from django.test import TransactionTestCase
from django.utils import timezone
from msgspec import to_builtins

from callspring.accounts.models import User
from callspring.calls.crediting import credit_call
from callspring.calls.models import Basis
from callspring.carriers.api import Unreachable
from callspring.flows.flow import Forward, read
from callspring.jobs.models import Job
from callspring.jobs.run import run_due
from callspring.numbers import orders, resting
from callspring.numbers.actions import adopt
from callspring.numbers.carrier import AtCarrier
from callspring.numbers.models import Connection, Number, NumberOrder
from callspring.numbers.queries import free_numbers, tracking_numbers
from callspring.scenarios import deleting, membership
from callspring.scenarios.membership import LastNumber
from callspring.scenarios.models import Rule, Scenario
from callspring.scenarios.resting_jobs import END_RESTS
from callspring.usage.renewing import renew_all
from tests.numbers.routes import routes
from tests.races import at_once
from tests.stories import Story, make_company

DAY = timedelta(days=1)


GIVE_BACK = Number.AfterRest.GIVE_BACK


class Rests(Story):
    def setUp(self) -> None:
        super().setUp()
        self.scenario = self.pool(3)
        self.rule = self.scenario.rules.get()
        self.first, self.second, self.third = self.scenario.numbers.all()

    def state(self, number: Number) -> str:
        return Number.objects.get(pk=number.pk).state

    def night(self, days: float) -> None:
        """Time passes for whatever rests, and the job comes."""
        for number in Number.objects.filter(rests_until__isnull=False):
            Number.objects.filter(pk=number.pk).update(rests_until=number.rests_until - days * DAY)  # type: ignore[operator]
        Job.objects.filter(kind=END_RESTS).delete()
        Job.objects.create(kind=END_RESTS, run_at=timezone.now())
        run_due()

    def test_it_is_paid_rings_and_is_logged_for_the_scenario_it_left(self) -> None:
        (gone,) = membership.take_out(self.scenario, [self.first])
        assert (gone.state, gone.scenario, gone.last_scenario_id) == ("resting", None, self.scenario.pk)
        assert 13.9 * DAY < (gone.rests_until or timezone.now()) - timezone.now() < 14 * DAY
        assert gone not in set(tracking_numbers(self.company)) | set(free_numbers(self.company))
        route = routes(self.company)[gone.e164]
        assert route.flow == read(self.scenario.flow)
        assert route.scenario == self.scenario.pk
        renewed = gone.paid_until
        renew_all(renewed)
        gone.refresh_from_db()
        assert gone.paid_until > renewed

    def test_who_saw_it_is_credited_when_they_call_later(self) -> None:
        now = timezone.now()
        visit = self.visit(at=now - timedelta(minutes=1))
        self.show(visit, self.first, seconds=600)
        (gone,) = membership.take_out(self.scenario, [self.first])
        call = self.call(gone, at=now, scenario=Scenario.objects.get(pk=routes(self.company)[gone.e164].scenario))
        credit = credit_call(call, final=True)
        assert (credit.basis, credit.visit) == (Basis.HOLDER, visit.pk)

    def test_a_static_number_that_rests_stands_for_the_rule_that_it_left(self) -> None:
        """A billboard still hangs there. The scenario has another rule before it."""
        made = self.campaign(title="Billboard", strategy="url_parameter", name="utm_source", value="billboard")
        Rule.objects.filter(scenario=made).update(position=1)
        Rule.objects.create(scenario=made, strategy="direct", position=0)
        Scenario.objects.filter(pk=made.pk).update(enabled=True)
        membership.put_in(made, made.rules.get(position=0), self.numbers(1))
        number = made.rules.get(position=1).numbers.get()
        (gone,) = membership.take_out(made, [number])
        credit = credit_call(self.call(gone, scenario=made), final=True)
        assert (credit.basis, credit.source) == (Basis.STATIC, "billboard")

    def test_a_scenario_that_is_off_credits_nothing_while_its_numbers_rest(self) -> None:
        (gone,) = membership.take_out(self.scenario, [self.first])
        Scenario.objects.update(enabled=False)
        assert routes(self.company)[gone.e164].scenario == 0

    def test_after_the_rest_it_is_free_and_still_rings(self) -> None:
        membership.take_out(self.scenario, [self.first])
        self.night(13.9)
        assert self.state(self.first) == "resting"
        self.night(0.2)
        assert list(free_numbers(self.company)) == [self.first]
        assert routes(self.company)[self.first.e164].flow is not None

    def test_or_it_is_given_back_as_the_company_has_set(self) -> None:
        resting.set_policy(self.company, 3, GIVE_BACK)
        membership.take_out(self.scenario, [self.first])
        self.night(2.9)
        assert self.books().lookup(self.first.e164)
        self.night(0.2)
        assert self.state(self.first) == "released"
        assert self.books().lookup(self.first.e164) is None
        assert self.first.e164 not in routes(self.company)

    def test_what_the_company_brought_along_is_never_given_back_by_itself(self) -> None:
        (own,) = adopt(Connection.objects.get(company=self.company), ["+13122345678"])
        membership.put_in(self.scenario, self.rule, [own])
        membership.take_out(self.scenario, [own], GIVE_BACK)
        self.night(15)
        assert self.state(own) == "active"

    def test_the_carrier_is_away_when_the_rest_ends(self) -> None:
        """Nothing is lost: it rests on until the carrier is there again."""
        from unittest.mock import patch

        membership.take_out(self.scenario, [self.first], GIVE_BACK)
        away = patch("callspring.carriers.sandbox.api.SandboxApi.release", side_effect=Unreachable("away"))
        with away:
            self.night(15)
        assert self.state(self.first) == "resting"
        self.night(0)
        assert self.state(self.first) == "released"

    def test_put_back_it_is_in_its_old_rule_and_rings_as_the_scenario_says_now(self) -> None:
        membership.take_out(self.scenario, [self.first])
        flow = to_builtins(Forward("+13125550188"))
        Scenario.objects.update(flow=flow)
        self.scenario.refresh_from_db()
        number = Number.objects.get(pk=self.first.pk)
        rule = membership.rule_for(self.scenario, number)
        assert rule == self.rule
        assert membership.put_in(self.scenario, rule, [number]) == [self.first]
        assert routes(self.company)[self.first.e164].flow == Forward("+13125550188")
        self.night(15)
        assert self.state(self.first) == "active"
        assert self.first in self.scenario.numbers.all()

    def test_a_scenario_that_is_on_keeps_a_number(self) -> None:
        with pytest.raises(LastNumber, match="Turn it off first"):
            membership.take_out(self.scenario, list(self.scenario.numbers.all()))
        assert self.scenario.numbers.count() == 3
        Scenario.objects.update(enabled=False)
        self.scenario.refresh_from_db()
        assert len(membership.take_out(self.scenario, list(self.scenario.numbers.all()))) == 3

    def test_growing_takes_back_what_rests_before_it_buys(self) -> None:
        membership.take_out(self.scenario, [self.first, self.second])
        elsewhere = self.campaign(title="Other")
        membership.put_in(elsewhere, elsewhere.rules.get(), self.numbers(1))
        Scenario.objects.filter(pk=elsewhere.pk).update(enabled=False)
        elsewhere.refresh_from_db()
        membership.take_out(elsewhere, list(elsewhere.numbers.all()))
        grown = membership.grow(self.scenario, self.rule, 4)
        assert {number.pk for number in grown.back} == {self.first.pk, self.second.pk}
        assert len(grown.ordered) == 2
        run_due()
        assert self.scenario.numbers.count() == 5
        new = Number.objects.filter(e164__in=grown.ordered)
        assert {(number.rule_id, number.state, number.pointed_at is not None) for number in new} == {
            (self.rule.pk, "active", True)
        }
        assert {number.e164[:5] for number in new} == {"+1312"}

    def test_shrinking_gives_up_what_is_paid_for_the_shortest(self) -> None:
        Number.objects.filter(pk=self.second.pk).update(paid_until=timezone.now() + DAY)
        cheapest = resting.surplus(list(self.scenario.numbers.all()), 1)
        assert [one.pk for one in cheapest] == [self.second.pk]
        membership.shrink(self.scenario, cheapest)
        assert Number.objects.get(pk=self.second.pk).after_rest == GIVE_BACK

    def test_a_number_that_arrives_for_a_scenario_that_was_deleted_is_free(self) -> None:
        grown = membership.grow(self.scenario, self.rule, 1)
        Scenario.objects.filter(pk=self.scenario.pk).update(deleted_at=timezone.now(), enabled=False)
        run_due()
        assert [number.e164 for number in free_numbers(self.company)] == list(grown.ordered)

    def test_so_is_one_that_was_under_way_when_it_was_deleted(self) -> None:
        grown = membership.grow(self.scenario, self.rule, 3)
        ask, asked = orders._ask, list[str]()

        def slowly(at: AtCarrier, order: NumberOrder, bought: orders.Bought) -> None:
            asked.append(order.e164)
            if len(asked) == 2:
                deleting.delete(Scenario.objects.get(pk=self.scenario.pk))
            ask(at, order, bought)

        with patch.object(orders, "_ask", slowly):
            run_due()
        assert not Number.objects.filter(scenario__deleted_at__isnull=False).exists()
        free = {number.e164 for number in free_numbers(self.company)}
        assert free | {grown.ordered[0]} == set(grown.ordered), "the first was there already, and rests"

    def test_the_outsiders_numbers_and_scenarios_are_not_ours(self) -> None:
        theirs = self.numbers(1, self.elsewhere)[0]
        assert membership.put_in(self.scenario, self.rule, [theirs]) == []
        membership.take_out(self.scenario, [self.first])
        assert list(resting.resting(self.elsewhere)) == []
        assert resting.policy(self.elsewhere).days == 14


class Race(TransactionTestCase):
    def test_of_two_scenarios_that_want_a_resting_number_one_gets_it(self) -> None:
        company = make_company("Harbor & Pine", User.objects.create_user("alice@example.com"))
        connection = Connection.objects.get()
        scenarios = [Scenario.objects.create(company=company, name=name, flow={}) for name in "abcd"]
        rules = [scenario.rules.create(strategy="always") for scenario in scenarios]
        now = timezone.now()
        number = Number.objects.create(
            company=company, connection=connection, e164="+13125550142", kind="local", bought_at=now, paid_until=now,
            state="resting", rests_until=now - DAY, last_scenario=scenarios[0],
        )  # fmt: skip
        NumberOrder.objects.create(company=company, connection=connection, e164=number.e164, state="obtained")
        deeds: list[Callable[[], object]] = [
            partial(resting.take_back, [number], scenario.pk, rule.pk)
            for scenario, rule in zip(scenarios, rules, strict=True)
        ]
        outcomes = at_once([*deeds, lambda: resting.end_rests(now)])
        taken = [one for one in outcomes if isinstance(one, list) and one]
        assert len(taken) == 1
        number.refresh_from_db()
        assert (number.state, number.scenario_id is not None, number.rests_until) == ("active", True, None)
