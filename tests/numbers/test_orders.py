"""Orders at Twilio: what was obtained is charged, what was not is named, and nothing is bought unnoticed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.db import OperationalError
from django.utils import timezone

from callspring.billing.actions import NotEnoughFunds
from callspring.billing.models import LedgerEntry
from callspring.billing.queries import balance
from callspring.carriers.api import Denied, Unreachable
from callspring.numbers import orders
from callspring.numbers.actions import CannotOrder, buy, finish_releases, offer, reconcile, release
from callspring.numbers.carrier import AtCarrier
from callspring.numbers.models import Connection, Number, NumberOrder
from callspring.numbers.queries import free_numbers, numbers
from callspring.numbers.resting import take_back
from tests.carriers.loopback import Answer
from tests.numbers.at_twilio import TwilioStory
from tests.stories import TARGET

LATER = timedelta(minutes=3)
really_add = orders.add


class Ordering(TwilioStory):
    def setUp(self) -> None:
        super().setUp()
        self.twilio = self.connected()
        self.wanted = [one.e164 for one in offer(self.company, "local", "312", 23)]

    def states(self) -> dict[str, str]:
        return dict(NumberOrder.objects.values_list("e164", "state"))

    def time_passes(self) -> None:
        for name in ("asked_at", "created_at"):
            late = NumberOrder.objects.exclude(**{name: None})
            for order in late:
                NumberOrder.objects.filter(pk=order.pk).update(**{name: getattr(order, name) - LATER})

    def test_twenty_of_twenty_three(self) -> None:
        gone = set(self.wanted[4:21:7])
        self.account.taken |= gone
        bought = buy(self.company, self.wanted, TARGET)
        assert (len(bought.numbers), len(bought.refused)) == (20, 3)
        assert {refusal.e164 for refusal in bought.refused} == gone
        assert {refusal.reason for refusal in bought.refused} == {"Somebody else has this number now."}
        assert balance(self.company.account) == 50_00 - 20 * 75
        assert {e164 for e164, state in self.states().items() if state == "failed"} == gone

    def test_a_bought_number_is_ready_before_anybody_dials_it(self) -> None:
        self.own_carrier()
        number = buy(self.company, self.wanted[:1], TARGET).numbers[0]
        there = self.account.number(number.e164)
        assert (there["sid"], number.can_text) == (number.carrier_number_id, True)
        assert there["voice_url"] == self.webhook(self.twilio, "call")
        assert there["status_callback"] == self.webhook(self.twilio, "events")
        assert there["sms_url"] == self.webhook(self.twilio, "text")
        assert there["voice_fallback_url"] == "https://twimlets.com/forward?PhoneNumber=%2B18005550199"
        assert (number.fallback, number.pointed_at is not None) == (TARGET, True)
        assert balance(self.company.account) == 50_00

    def test_a_carrier_that_goes_away_in_the_middle(self) -> None:
        """The third was asked for and its answer is lost: it may have been bought."""
        lost = self.wanted[2]
        self.account.misbehave(None, None, Answer(200, drop=True), method="POST")
        bought = buy(self.company, self.wanted[:5], TARGET)
        assert [number.e164 for number in bought.numbers] == self.wanted[:2]
        assert [refusal.e164 for refusal in bought.refused] == self.wanted[2:5]
        assert "In a few minutes it is known" in bought.refused[0].reason
        assert "In a few minutes" not in bought.refused[1].reason
        assert balance(self.company.account) == 50_00 - 2 * 75
        assert self.states() == dict(
            zip(self.wanted[:5], ["obtained"] * 2 + ["requested"] + ["failed"] * 2, strict=True)
        )
        asked = [one.form["PhoneNumber"] for one in self.account.requests if one.method == "POST"]
        assert asked == self.wanted[:3]  # the others were not even tried
        assert reconcile(self.twilio) == []  # not yet: the answer may still be on its way
        self.time_passes()
        assert reconcile(self.twilio) == []
        assert self.states()[lost] == "failed"

    def test_without_a_carrier_nothing_is_bought_and_it_says_why(self) -> None:
        self.account.misbehave(*[Answer(503)] * 3)
        with pytest.raises(CannotOrder, match="cannot be reached"):
            offer(self.company, "local")
        with pytest.raises(CannotOrder, match="In a few minutes it is known"):
            buy(self.company, self.wanted[:3], TARGET)
        assert sorted(self.states().values()) == ["failed", "failed", "requested"]
        assert balance(self.company.account) == 50_00

    def test_a_crash_between_buying_and_writing_it_down(self) -> None:
        gone = patch.object(orders, "charge_rent", side_effect=OperationalError("the database went away"))
        with gone, pytest.raises(OperationalError):
            buy(self.company, self.wanted[:1], TARGET)
        assert self.account.number(self.wanted[0])
        assert not numbers(self.company).exists()
        self.account.own("+13122020099")  # somebody's own: nobody ordered it here
        self.time_passes()
        adopted = reconcile(self.twilio)
        assert [number.e164 for number in adopted] == self.wanted[:1]
        assert [number.e164 for number in numbers(self.company)] == self.wanted[:1]
        assert (adopted[0].carrier_number_id, adopted[0].fallback) == (
            self.account.number(self.wanted[0])["sid"],
            TARGET,
        )
        assert balance(self.company.account) == 50_00 - 75
        assert reconcile(self.twilio) == []
        assert balance(self.company.account) == 50_00 - 75

    def test_settled_by_two_at_once_it_is_one_number(self) -> None:
        (order,), _ = orders.place(self.twilio, self.wanted[:1], TARGET)
        at, bought = AtCarrier(self.twilio), orders.Bought()
        owned = at.api.buy(at.credentials, order.e164, at.webhooks(order.e164, TARGET))
        for _ in range(2):
            orders._settle(at, order, owned, bought)
        assert [number.pk for number in bought.numbers] == [numbers(self.company).get().pk] * 2
        assert (bought.refused, balance(self.company.account)) == ([], 50_00 - 75)

    def test_what_is_ordered_is_set_aside(self) -> None:
        NumberOrder.objects.create(company=self.company, connection=self.twilio, e164="+13125550199")
        LedgerEntry.objects.create(account=self.company.account, key="spent", kind="rent", amount=-(50_00 - 2 * 75))
        with pytest.raises(NotEnoughFunds) as refusal:
            buy(self.company, self.wanted[:2], TARGET)
        assert (refusal.value.needed, refusal.value.balance) == (150, 75)
        assert len(buy(self.company, self.wanted[:1], TARGET).numbers) == 1

    def test_what_can_no_longer_be_paid_goes_back(self) -> None:
        def add_when_it_is_spent(*args: Any, **more: Any) -> Number:
            LedgerEntry.objects.create(account=self.company.account, key="spent", kind="rent", amount=-50_00)
            return really_add(*args, **more)

        with patch.object(orders, "add", add_when_it_is_spent):
            bought = buy(self.company, self.wanted[:1], TARGET)
        assert (bought.numbers, len(bought.refused)) == ([], 1)
        assert "given back" in bought.refused[0].reason
        assert self.account.numbers == {}

    def test_a_number_that_is_being_ordered_is_not_ordered_again(self) -> None:
        NumberOrder.objects.create(company=self.company, connection=self.twilio, e164=self.wanted[0])
        bought = buy(self.company, self.wanted[:1], TARGET)
        assert [refusal.reason for refusal in bought.refused] == [f"{self.wanted[0]} is being ordered already."]
        assert all(asked.method == "GET" for asked in self.account.requests)

    def test_an_order_that_was_never_asked_for_is_given_up(self) -> None:
        order = NumberOrder.objects.create(company=self.company, connection=self.twilio, e164=self.wanted[0])
        NumberOrder.objects.filter(pk=order.pk).update(created_at=timezone.now() - timedelta(hours=2))
        assert reconcile(self.twilio) == []
        assert self.states() == {self.wanted[0]: "failed"}

    def test_the_outsiders_orders_are_not_ours(self) -> None:
        theirs = Connection.objects.create(
            company=self.elsewhere, carrier="twilio", label="T", account=self.account.sid, secret=self.account.token
        )
        NumberOrder.objects.create(company=self.company, connection=self.twilio, e164=self.wanted[0])
        self.account.own(self.wanted[0])
        NumberOrder.objects.update(asked_at=timezone.now())
        self.time_passes()
        assert reconcile(theirs) == []
        assert [number.company for number in reconcile(self.twilio)] == [self.company]


class Releasing(TwilioStory):
    def setUp(self) -> None:
        super().setUp()
        self.twilio = self.connected()
        self.number = buy(self.company, ["+13125550100"], TARGET).numbers[0]

    def test_a_released_number_is_gone_here_and_there(self) -> None:
        release(self.number)
        assert self.account.numbers == {}
        assert self.number.state == Number.State.RELEASED
        assert not numbers(self.company).exists()
        release(self.number)  # again: fine

    def test_what_the_carrier_no_longer_has_is_released_too(self) -> None:
        self.account.numbers.clear()
        Number.objects.filter(pk=self.number.pk).update(carrier_number_id="")
        self.number.refresh_from_db()
        release(self.number)
        assert self.number.state == Number.State.RELEASED

    def test_what_a_colleague_releases_meanwhile_does_not_come_back(self) -> None:
        """It is for sale again: were it ours here, pages would show a stranger's number."""
        mine, colleagues = (Number.objects.get(pk=self.number.pk) for _ in range(2))

        def meanwhile(connection: Connection) -> AtCarrier:
            with patch("callspring.numbers.actions.AtCarrier", AtCarrier):
                release(colleagues)
            self.account.misbehave(Answer(500))
            return AtCarrier(connection)

        with patch("callspring.numbers.actions.AtCarrier", meanwhile), pytest.raises(Unreachable):
            release(mine)
        assert self.account.numbers == {}
        assert not numbers(self.company).exists()

    def test_a_number_of_a_scenario_stays(self) -> None:
        self.campaign(number=self.number)
        with pytest.raises(ValueError, match="used by a scenario"):
            release(self.number)
        assert self.account.number(self.number.e164)

    def test_when_the_carrier_does_not_answer_it_stays_ours(self) -> None:
        for answer, problem in ((Answer(401), Denied), (Answer(503, drop=True), Unreachable)):
            self.account.misbehave(answer)
            with pytest.raises(problem):
                release(self.number)
            self.number.refresh_from_db()
            assert self.number.state == (Number.State.ACTIVE if problem is Denied else Number.State.RESTING)

    def test_an_answer_that_got_lost_is_asked_for_again(self) -> None:
        """Twilio has taken it back and we do not know: no scenario may get it meanwhile."""
        self.account.misbehave(Answer(204, drop=True), method="DELETE")
        with pytest.raises(Unreachable):
            release(self.number)
        assert list(free_numbers(self.company)) == []
        assert take_back([self.number], self.campaign().pk, self.campaign(title="B").rules.get().pk) == []
        now = timezone.now()
        assert finish_releases(now) == []  # a colleague may still be waiting for the answer
        assert [one.e164 for one in finish_releases(now + LATER)] == [self.number.e164]
        self.number.refresh_from_db()
        assert (self.number.state, self.number.giving_back_since) == (Number.State.RELEASED, None)
        assert finish_releases(now + 2 * LATER) == []
