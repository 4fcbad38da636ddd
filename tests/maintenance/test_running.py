"""Maintenance on the real path: from shows in the record to orders at the carrier and rent in the ledger (C7)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import TransactionTestCase
from django.utils import timezone

from callspring.accounts.models import Account, User
from callspring.billing.actions import adjust
from callspring.billing.cap import set_cap
from callspring.jobs.models import Job
from callspring.jobs.run import run_due
from callspring.maintenance.actions import set_certainty_target, set_maintained
from callspring.maintenance.models import Decision, Maintenance, PoolHour
from callspring.maintenance.queries import decisions, fallen, pool, pool_scenario
from callspring.maintenance.running import due, look_at_sizes, run, run_all
from callspring.numbers.models import Number, NumberOrder
from callspring.scenarios.models import Scenario
from callspring.scenarios.pool_hours import hour_of
from callspring.visits.models import Show
from tests.maintenance.kept import DAY, HOUR, Kept
from tests.races import at_once
from tests.stories import Story, make_company

Action, Reason = Decision.Action, Decision.Reason


class Maintaining(Kept):
    def test_17_numbers_at_84_percent_become_18(self) -> None:
        scenario = self.maintained(17)
        self.shown(scenario, 346, 66)
        decision = self.run_today(scenario)
        assert (decision.shows, decision.exclusive, decision.numbers) == (412, 346, 17)
        assert (decision.action, decision.count, decision.rent) == (Action.BUY, 1, 75)
        assert self.rents() == 17
        run_due()
        assert pool(scenario).count() == 18
        assert self.rents() == 18
        bought = pool(scenario).get(e164=decision.e164s[0])
        assert NumberOrder.objects.get(e164=bought.e164).batch == decision.batch
        assert bought.e164 in {one.e164 for one in self.books().owned(bought.connection.account)}
        assert bought.paid_until - bought.bought_at == 7 * DAY

    def test_of_22_numbers_at_100_percent_2_go_whose_period_ends(self) -> None:
        scenario = self.maintained(22)
        ending = list(pool(scenario).values_list("pk", flat=True)[5:9])
        Number.objects.filter(pk__in=ending).update(paid_until=self.now + 23 * HOUR)
        self.shown(scenario, 412)
        decision = self.run_today(scenario)
        assert (decision.action, decision.count, decision.shows) == (Action.RELEASE, 2, 412)
        assert pool(scenario).count() == 20
        gone = Number.objects.filter(e164__in=decision.e164s)
        assert {number.pk for number in gone} == set(ending[:2])
        assert {(number.state, number.after_rest) for number in gone} == {("resting", "give_back")}

    def test_numbers_bought_lately_stay(self) -> None:
        scenario = self.maintained(22)
        self.shown(scenario, 412)
        decision = self.run_today(scenario)
        assert (decision.action, decision.reason, decision.ending) == (Action.NOTHING, Reason.NONE_ENDS, 0)
        assert pool(scenario).count() == 22

    def test_once_a_day_whatever_happens(self) -> None:
        scenario = self.maintained(17)
        self.shown(scenario, 346, 66)
        assert len(run_all(self.now)) == 1
        assert run(scenario, self.now) is None
        assert run_all(self.now + timedelta(hours=19)) == []
        run_due()
        assert pool(scenario).count() == 18

    def test_after_a_change_of_size_it_is_measured_anew(self) -> None:
        scenario = self.maintained(17)
        self.shown(scenario, 346, 66)
        self.run_today(scenario)
        run_due()
        look_at_sizes(self.now + HOUR)
        assert Maintenance.objects.get().sized_at == self.now + HOUR
        tomorrow = run(scenario, self.now + DAY)
        assert tomorrow is not None
        assert (tomorrow.reason, tomorrow.shows) == (Reason.FEW_SHOWS, 0)

    def test_all_shows_since_the_size_changed_count(self) -> None:
        """C7's decided line: the newest may be better, or perfect, and still it is all of them."""
        scenario = self.maintained(22)
        self.past(scenario, 100, 80, range(8, 29))
        self.shown(scenario, 380, 20)
        decision = self.run_today(scenario)
        assert (decision.shows, decision.exclusive) == (2500, 2060)
        assert (decision.action, decision.count) == (Action.BUY, 2)
        assert decision.since == self.now - 365 * DAY
        assert not decision.has_fallen

    def test_one_shared_show_long_ago_keeps_all_numbers(self) -> None:
        scenario = self.maintained(22)
        Number.objects.filter(scenario=scenario).update(paid_until=self.now + HOUR)
        self.past(scenario, 100, 99, range(60, 61))
        self.shown(scenario, 412)
        decision = self.run_today(scenario)
        assert (decision.reason, decision.shows, decision.exclusive) == (Reason.IN_RANGE, 512, 511)
        assert pool(scenario).count() == 22

    def test_a_bad_week_behind_a_good_year_is_told(self) -> None:
        scenario = self.maintained(17)
        self.past(scenario, 400, 400, range(8, 300))
        self.shown(scenario, 309, 103)
        decision = self.run_today(scenario)
        assert (decision.action, decision.reason) == (Action.NOTHING, Reason.IN_RANGE)
        assert (decision.lately_shows, decision.lately_exclusive, decision.has_fallen) == (412, 309, True)
        assert fallen([scenario.pk], self.now) == {scenario.pk: decision}
        mail = Job.objects.get(key__startswith=f"mail:maintenance:{scenario.pk}").payload
        assert (mail["to"], "may need more numbers" in mail["subject"]) == ("alice@example.com", True)
        for body in (mail["text"], mail["html"]):
            assert "was 75 % of 412 shows, with 17 numbers" in " ".join(body.split())
            assert f"/tracking-numbers/{scenario.pk}/numbers/" in body

    def test_a_bad_week_is_told_once_a_week_at_most(self) -> None:
        scenario = self.maintained(17)
        self.past(scenario, 400, 400, range(8, 300))
        self.shown(scenario, 309, 103)
        mails = []
        for day in range(9):
            about = {"company": self.company, "scenario": scenario, "hour": hour_of(self.now + day * DAY + HOUR)}
            PoolHour.objects.create(**about, shows=250, exclusive=100)
            decision = run(scenario, self.now + (day + 1) * DAY)
            assert decision is not None
            assert decision.has_fallen
            mails.append(Job.objects.filter(key__startswith=f"mail:maintenance:{scenario.pk}").count())
        assert mails == [1, 1, 1, 1, 1, 1, 1, 2, 2]

    def test_numbers_added_by_hand_end_what_was_told(self) -> None:
        scenario = self.maintained(17)
        self.past(scenario, 400, 400, range(8, 300))
        self.shown(scenario, 309, 103)
        self.run_today(scenario)
        pool(scenario).filter(pk=pool(scenario).order_by("pk")[0].pk).update(scenario=None)
        look_at_sizes(self.now + HOUR)
        assert fallen([scenario.pk], self.now + HOUR) == {}
        tomorrow = run(scenario, self.now + DAY)
        assert tomorrow is not None
        assert (tomorrow.reason, tomorrow.has_fallen) == (Reason.FEW_SHOWS, False)

    def test_what_rests_comes_back_before_any_is_bought(self) -> None:
        scenario = self.maintained(22)
        Number.objects.filter(scenario=scenario).update(paid_until=self.now + HOUR)
        self.shown(scenario, 412)
        released = self.run_today(scenario)
        Show.objects.all().delete()
        Maintenance.objects.update(sized_at=self.now - 2 * DAY)
        self.shown(scenario, 300, 100)
        rents = self.rents()
        decision = run(scenario, self.now + DAY)
        run_due()
        assert decision is not None
        assert (decision.count, decision.from_rest, decision.batch) == (1, 1, None)
        assert decision.e164s[0] in released.e164s
        assert (pool(scenario).count(), self.rents()) == (21, rents)

    def test_without_money_nothing_is_bought_and_the_owner_is_told_once(self) -> None:
        scenario = self.maintained(17)
        self.shown(scenario, 346, 66)
        adjust(self.company, -(50_00 - 17 * 75) + 74, "spent", self.alice, "spent")
        for day in range(2):
            decision = run(scenario, self.now + day * DAY)
            assert decision is not None
            assert (decision.action, decision.reason) == (Action.NOTHING, Reason.NO_MONEY)
            assert (decision.rent, decision.funds) == (75, 74)
        run_due()
        assert pool(scenario).count() == 17
        assert not NumberOrder.objects.filter(state="requested").exists()
        assert Job.objects.filter(key__startswith=f"mail:maintenance:{scenario.pk}").count() == 1

    def test_the_spending_cap_ends_it(self) -> None:
        scenario = self.maintained(17)
        self.shown(scenario, 346, 66)
        set_cap(self.company.account, 17 * 75)
        decision = self.run_today(scenario)
        assert (decision.action, decision.reason) == (Action.NOTHING, Reason.OVER_CAP)
        run_due()
        assert pool(scenario).count() == 17

    def test_a_carrier_that_sells_nothing(self) -> None:
        scenario = self.maintained(17)
        self.shown(scenario, 346, 66)
        Account.objects.update(mode=Account.Mode.OWN_CARRIER)
        self.empty_books()
        decision = self.run_today(scenario)
        assert (decision.action, decision.reason) == (Action.NOTHING, Reason.NO_CARRIER)
        assert decision.problem

    def test_certainty_keeps_numbers_too(self) -> None:
        scenario = self.maintained(22)
        Number.objects.filter(scenario=scenario).update(paid_until=self.now + HOUR)
        set_certainty_target(scenario, 0.99)
        self.shown(scenario, 412)
        decision = self.run_today(scenario)
        assert decision.reason == Reason.NEEDED_FOR_CERTAINTY
        assert decision.certainty_left is not None
        assert decision.certainty_left < 0.99

    def test_what_is_measured_corrects_the_forecast_of_certainty(self) -> None:
        scenario = self.maintained(22)
        Number.objects.filter(scenario=scenario).update(paid_until=self.now + HOUR)
        self.shown(scenario, 412)
        number = pool(scenario)[0]
        for _ in range(30):
            call = self.call(number, at=self.now - HOUR)
            self.credit(call, self.visit(at=self.now - HOUR), probability=0.6)
        decision = self.run_today(scenario)
        assert decision.reason == Reason.NEEDED_FOR_CERTAINTY
        assert decision.certainty_left is not None
        assert 0.5 < decision.certainty_left <= 0.6

    def test_only_what_is_on_and_has_a_pool(self) -> None:
        scenario = self.maintained(3)
        static = self.campaign()
        with pytest.raises(ValueError, match="Only a pool"):
            set_maintained(static, True)
        assert list(due(self.now)) == [scenario]
        Scenario.objects.filter(pk=scenario.pk).update(enabled=False)
        assert list(due(self.now)) == []
        Scenario.objects.filter(pk=scenario.pk).update(enabled=True)
        set_maintained(scenario, False)
        assert list(due(self.now)) == []

    def test_the_outsider_sees_nothing(self) -> None:
        scenario = self.maintained(17)
        self.shown(scenario, 346, 66)
        self.run_today(scenario)
        assert pool_scenario(self.elsewhere, scenario.pk) is None
        assert list(decisions(self.elsewhere)) == []
        assert list(decisions(self.elsewhere, scenario)) == []


class AtOnce(TransactionTestCase):
    numbers, pool, site, books, empty_books = Story.numbers, Story.pool, Story.site, Story.books, Story.empty_books
    maintained, shown = Kept.maintained, Kept.shown

    def test_two_who_run_at_once_buy_once(self) -> None:
        self.company = make_company("Harbor & Pine", User.objects.create_user("alice@example.com"))
        Story.setUp(self)  # type: ignore[arg-type]
        self.now = timezone.now().replace(minute=30)
        scenario = self.maintained(17)  # type: ignore[misc]
        self.shown(scenario, 346, 66)  # type: ignore[misc]
        at_once([lambda: run(Scenario.objects.get(pk=scenario.pk), self.now)] * 4)
        assert Decision.objects.count() == 1
        assert NumberOrder.objects.filter(state="requested").count() == 1
