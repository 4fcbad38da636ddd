"""Buying numbers at the sandbox carrier: money first, both or neither."""

from __future__ import annotations

import shutil
from functools import partial

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from django.test import TransactionTestCase
from django.utils import timezone

from callspring.accounts.models import Account, User
from callspring.billing.actions import NotEnoughFunds
from callspring.billing.models import LedgerEntry
from callspring.billing.prices import PERIOD
from callspring.billing.queries import balance
from callspring.carriers.sandbox.inventory import Inventory
from callspring.numbers import shopping
from callspring.numbers.actions import Bought, CannotOrder, adopt, buy, offer
from callspring.numbers.models import Connection, Number, NumberOrder
from callspring.numbers.queries import free_numbers, number, numbers, tracking_numbers
from tests.races import at_once
from tests.stories import TARGET, Story, make_company


class Offering(Story):
    def test_local_numbers_of_an_area(self) -> None:
        offered = offer(self.company, "local", "312", 3)
        assert [number.e164[:5] for number in offered] == ["+1312"] * 3
        assert {(number.kind, number.locality) for number in offered} == {("local", "Chicago")}

    def test_toll_free_numbers(self) -> None:
        assert {number.kind for number in offer(self.company, "toll_free", count=2)} == {"toll_free"}

    def test_offering_buys_nothing(self) -> None:
        offered = offer(self.company, "local", "312", 1)
        assert self.books().lookup(offered[0].e164) is None
        assert balance(self.company.account) == 50_00

    def test_a_bought_number_is_offered_to_nobody(self) -> None:
        bought = self.numbers(1)[0]
        for company in (self.company, self.elsewhere):
            assert bought.e164 not in {number.e164 for number in offer(company, "local", "312", 100)}

    def test_without_a_carrier_that_sells_it_says_so(self) -> None:
        Connection.objects.filter(company=self.company).update(disconnected_at=timezone.now())
        with pytest.raises(CannotOrder, match="Connect a carrier"):
            offer(self.company, "local")


class Buying(Story):
    def setUp(self) -> None:
        super().setUp()
        self.offered = [number.e164 for number in offer(self.company, "local", "312", 3)]

    def test_carrier_ledger_and_record_agree(self) -> None:
        order = buy(self.company, self.offered, TARGET)
        assert [number.e164 for number in order.numbers] == self.offered
        assert order.refused == []
        assert balance(self.company.account) == 50_00 - 3 * 75
        for bought in order.numbers:
            sold = self.books().lookup(bought.e164)
            assert sold is not None
            assert (sold.account.id, sold.fallback) == (bought.connection.account, TARGET)
            assert sold.addresses.voice == f"{settings.CONFIG.doors_url}/voice/sandbox/{bought.connection_id}/call"
            assert bought.paid_until - bought.bought_at == PERIOD
            assert bought.can_text
        assert [placed.state for placed in NumberOrder.objects.all()] == ["obtained"] * 3

    def test_a_number_asked_twice_is_bought_once(self) -> None:
        order = buy(self.company, [self.offered[0]] * 2, TARGET)
        assert (len(order.numbers), len(order.refused)) == (1, 0)
        assert balance(self.company.account) == 50_00 - 75

    def test_what_the_carrier_refuses_is_named_and_not_charged(self) -> None:
        gone = self.offered[1]
        theirs = Connection.objects.get(company=self.elsewhere)
        self.books().buy(theirs.account, gone, "")
        order = buy(self.company, self.offered, TARGET)
        assert [number.e164 for number in order.numbers] == [self.offered[0], self.offered[2]]
        assert [(refusal.e164, refusal.reason) for refusal in order.refused] == [
            (gone, "Somebody else has this number now.")
        ]
        assert balance(self.company.account) == 50_00 - 2 * 75
        assert not Number.objects.filter(e164=gone).exists()

    def test_a_number_that_is_not_for_sale(self) -> None:
        order = buy(self.company, ["+13122345678"], TARGET)
        assert [refusal.reason for refusal in order.refused] == ["The sandbox carrier does not have this number."]
        assert balance(self.company.account) == 50_00

    def test_what_is_no_number_buys_nothing(self) -> None:
        with pytest.raises(ValueError, match="is not a phone number"):
            buy(self.company, [self.offered[0], "'; DROP TABLE"], TARGET)
        assert not numbers(self.company).exists()

    def test_too_little_money_buys_nothing_at_all(self) -> None:
        LedgerEntry.objects.create(account=self.company.account, key="spent", kind="rent", amount=-(50_00 - 3 * 75 + 1))
        with pytest.raises(NotEnoughFunds) as refusal:
            buy(self.company, self.offered, TARGET)
        assert (refusal.value.needed, refusal.value.balance) == (225, 224)
        assert not numbers(self.company).exists()
        assert [self.books().lookup(e164) for e164 in self.offered] == [None] * 3

    def test_an_own_carrier_account_buys_without_a_balance(self) -> None:
        Account.objects.filter(pk=self.company.account_id).update(mode=Account.Mode.OWN_CARRIER)
        LedgerEntry.objects.filter(account=self.company.account_id).delete()
        self.company.refresh_from_db()
        assert len(buy(self.company, self.offered, TARGET).numbers) == 3
        assert balance(self.company.account) == 0

    def test_a_carrier_that_does_not_know_us_any_more_says_so(self) -> None:
        Connection.objects.filter(company=self.company).update(secret="changed elsewhere")
        for ask in (lambda: offer(self.company, "local"), lambda: buy(self.company, self.offered, TARGET)):
            with pytest.raises(CannotOrder, match="does not know"):
                ask()
        assert balance(self.company.account) == 50_00
        assert {order.state for order in NumberOrder.objects.all()} == {"failed"}

    def test_the_outsider_cannot_have_the_same_number(self) -> None:
        buy(self.company, self.offered[:1], TARGET)
        order = buy(self.elsewhere, self.offered[:1], TARGET)
        assert order.numbers == []
        assert [refusal.reason for refusal in order.refused] == [f"{self.offered[0]} is in use here already."]
        assert balance(self.elsewhere.account) == 50_00

    def test_the_database_keeps_a_number_to_one_owner(self) -> None:
        bought = buy(self.company, self.offered[:1], TARGET).numbers[0]
        bought.pk = None
        with pytest.raises(IntegrityError), transaction.atomic():
            bought.save()


class OrderingAgain(Story):
    def test_pressed_twice_it_is_ordered_once_and_that_is_told(self) -> None:
        (offered,) = offer(self.company, "local", "312", 1)
        theirs = Connection.objects.get(company=self.elsewhere)
        self.books().buy(theirs.account, offered.e164, "")
        batch = shopping.order(Connection.objects.get(company=self.company), [offered.e164], {}, TARGET)
        shopping.go_on(batch, 10)
        self.books().release(theirs.account, offered.e164)
        tabs = [shopping.find_batch(self.company, batch) for _ in range(2)]
        for tab in tabs:
            assert tab is not None
            assert [one.reason for one in tab.failed] == ["Somebody else has this number now."]
            shopping.order_again(tab)
        shopping.go_on(batch, 10)
        found = shopping.find_batch(self.company, batch)
        assert found is not None
        assert [(one.e164, one.state, one.reason) for one in found.orders] == [(offered.e164, "obtained", "")]


class Adopting(Story):
    def setUp(self) -> None:
        super().setUp()
        self.twilio = Connection.objects.create(
            company=self.company, carrier="twilio", label="Twilio", account="AC1", secret="t"
        )

    def test_numbers_of_an_own_carrier_account_cost_nothing_here(self) -> None:
        added = adopt(self.twilio, ["+13122345678", "+18002345678"])
        assert [(number.e164, number.kind) for number in added] == [
            ("+13122345678", "local"),
            ("+18002345678", "toll_free"),
        ]
        assert balance(self.company.account) == 50_00

    def test_a_number_of_somebody_else_stops_all(self) -> None:
        theirs = self.numbers(1, self.elsewhere)[0]
        with pytest.raises(ValueError, match="in use here already"):
            adopt(self.twilio, ["+13122345678", theirs.e164])
        assert not numbers(self.company).exists()


class Lists(Story):
    def test_tracking_numbers_are_those_of_scenarios(self) -> None:
        free, tracking = self.numbers(2)
        self.campaign(number=tracking)
        assert list(tracking_numbers(self.company)) == [tracking]
        assert list(free_numbers(self.company)) == [free]
        assert set(numbers(self.company)) == {free, tracking}

    def test_a_released_number_is_gone_from_the_lists(self) -> None:
        released = self.numbers(1)[0]
        Number.objects.filter(pk=released.pk).update(state=Number.State.RELEASED)
        assert not numbers(self.company).exists()
        assert number(self.company, released.pk) == released

    def test_the_outsider_sees_none(self) -> None:
        ours = self.numbers(2)
        self.campaign(number=ours[0])
        assert not numbers(self.elsewhere).exists()
        assert not tracking_numbers(self.elsewhere).exists()
        assert number(self.elsewhere, ours[0].pk) is None


class Race(TransactionTestCase):
    """Several people spend the same money at once."""

    def test_of_two_orders_that_together_cost_too_much_one_is_refused(self) -> None:
        company = make_company("Alice's", User.objects.create_user("alice@example.com"))
        LedgerEntry.objects.create(account=company.account, key="spent", kind="rent", amount=-(50_00 - 75))
        sandbox = Connection.objects.get()
        shutil.rmtree(settings.CONFIG.sandbox_books.parent, ignore_errors=True)
        books = Inventory(settings.CONFIG.sandbox_books)
        books.open_account(sandbox.account, secret=sandbox.secret, voice_url="http://127.0.0.1:9")
        offered = [number.e164 for number in offer(company, "local", "312", 2)]
        outcomes = at_once([partial(buy, company, [e164], TARGET) for e164 in offered])
        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Bought", "NotEnoughFunds"]
        assert balance(company.account) == 0
        assert [number.e164 for number in Number.objects.all()] == [
            e164 for e164 in offered if books.lookup(e164) is not None
        ]

    def test_of_two_orders_for_the_same_number_one_is_placed(self) -> None:
        company = make_company("Alice's", User.objects.create_user("alice@example.com"))
        sandbox = Connection.objects.get()
        shutil.rmtree(settings.CONFIG.sandbox_books.parent, ignore_errors=True)
        books = Inventory(settings.CONFIG.sandbox_books)
        books.open_account(sandbox.account, secret=sandbox.secret, voice_url="http://127.0.0.1:9")
        (offered,) = offer(company, "local", "312", 1)
        outcomes = at_once([partial(buy, company, [offered.e164], TARGET)] * 2)
        assert sorted(len(one.numbers) for one in outcomes if isinstance(one, Bought)) == [0, 1]
        assert balance(company.account) == 50_00 - 75
        assert [number.e164 for number in Number.objects.all()] == [offered.e164]
