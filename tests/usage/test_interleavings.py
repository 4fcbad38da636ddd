"""Any interleaving of charges, retries and crashes leaves balance = sum of entries, and no fact charged twice.

Threads do in the same moment what runners, webhooks, owners and buyers do, each deed several times over, and some die
before their transaction is through. On PostgreSQL they really run at once (`scripts/test.py` runs all on both).
"""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.test import TransactionTestCase
from django.utils import timezone

from callspring.accounts.models import User
from callspring.billing import checkout, reversals
from callspring.billing.actions import NotEnoughFunds, adjust, refund, top_up_by_hand
from callspring.billing.cap import OverCap, set_cap
from callspring.billing.ledger import balance, lock
from callspring.billing.models import LedgerEntry, TopUp
from callspring.billing.plans import choose, renew
from callspring.billing.queries import statement
from callspring.carriers.sandbox.inventory import Inventory
from callspring.numbers import orders, shopping
from callspring.numbers.models import Connection, Number, NumberOrder
from callspring.numbers.spending import this_month
from callspring.scenarios.jobs import order_again, order_others
from callspring.usage.charging import ALL, charge_all
from callspring.usage.renewing import renew_all
from tests.races import at_once
from tests.stories import NOON, make_company
from tests.usage.test_charging import ended_call
from tests.usage.test_renewing import rent_a_number

WEEK, NOW = timedelta(days=7), NOON + timedelta(days=21, hours=1)
Deed = Callable[[], object]


class Crash(Exception):
    """The process dies before the transaction is through."""


def dying(deed: Deed) -> object:
    """Everything is done, and nothing is committed."""
    with transaction.atomic():
        deed()
        raise Crash


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.django_db(transaction=True)
def test_whatever_comes_in_whatever_order(seed: int) -> None:
    """4 numbers of which 4 weeks are due, 6 calls, a payment with refunds and a dispute, a plan, a buyer."""
    chance = random.Random(seed)
    alice = User.objects.create_user("alice@example.com")
    company = make_company("Harbor & Pine", alice)
    account, connection = company.account, Connection.objects.get()
    numbers = [rent_a_number(company, NOON, f"+1312555014{digit}") for digit in range(4)]
    calls = [ended_call(numbers[n % 4], 70 + n, NOON + timedelta(days=n)) for n in range(6)]
    charge = top_up_by_hand(company, 10_00, "cash", alice, "cash")
    paid = TopUp.objects.create(account=account, company=company, amount=20_00, currency="USD", session="cs_1")
    session = {
        "id": "cs_1", "client_reference_id": f"top-up-{paid.pk}", "payment_status": "paid", "payment_intent": "pi_1",
        "mode": "payment", "amount_total": 20_00, "currency": "usd",
    }  # fmt: skip
    stripe = {"payment_intent": "pi_1", "currency": "usd"}
    deeds: list[Deed] = [
        partial(renew_all, NOW),
        partial(charge_all, NOW, ALL),
        partial(checkout.settle, session),
        partial(reversals.refunded, stripe | {"id": "ch_1", "amount_refunded": 4_00}),
        partial(reversals.refunded, stripe | {"id": "ch_1", "amount_refunded": 6_00}),
        partial(reversals.disputed, stripe | {"id": "du_1", "amount": 9_00, "status": "needs_response"}),
        partial(reversals.disputed, stripe | {"id": "du_1", "amount": 9_00, "status": "won"}),
        partial(refund, charge, 3_00, "given back", "cash"),
        partial(adjust, company, -1_00, "a stamp", alice, "stamp"),
        partial(choose, account, "personal", NOON),
        partial(renew, account, NOW),
        partial(_buy, connection, "+13125550150"),
    ]
    lives = [deed for deed in deeds for _ in range(2)]
    deaths: list[Deed] = [partial(dying, deed) for deed in chance.sample(deeds, 6)]
    for _ in range(2):
        chance.shuffle(lives)
        order: list[Deed] = [*lives, *deaths]
        chance.shuffle(order)
        outcomes = at_once(order)
        assert {type(one) for one in outcomes if isinstance(one, Exception)} <= {Crash, NotEnoughFunds}

    entries = LedgerEntry.objects.filter(account=account)
    assert balance(account) == entries.aggregate(total=Sum("amount"))["total"] == statement(account)[-1].balance
    assert max(Counter(entries.values_list("key", flat=True)).values()) == 1
    rents = Counter(entries.filter(kind="rent", about__lte=NOW).values_list("note", "about").order_by())
    assert max(rents.values()) == 1
    due = [(number.e164, NOON + WEEK * week) for number in numbers for week in range(4)]
    assert set(due) <= rents.keys(), "every week of every number once"
    assert set(entries.filter(kind="minutes").values_list("subject", flat=True)) == {call.pk for call in calls}
    assert entries.filter(kind="minutes").count() == len(calls)
    assert entries.filter(key=f"top-up:{paid.pk}").count() == 1
    assert entries.filter(kind="refund", note="Stripe").aggregate(total=Sum("amount"))["total"] == -6_00
    assert (entries.filter(kind="chargeback").aggregate(total=Sum("amount"))["total"] or 0) == 0
    assert list(entries.filter(kind="refund", note="cash").values_list("amount", flat=True)) == [-3_00]
    assert entries.filter(kind="adjustment").count() == 1
    bought = Number.objects.filter(e164="+13125550150")
    assert (bought.count(), entries.filter(kind="rent", note="+13125550150").count()) == (1, 1)


def _buy(connection: Connection, e164: str) -> None:
    """An order that is placed and recorded by whoever gets to it; the carrier always says yes."""
    from callspring.carriers.api import Owned, Webhooks

    try:
        orders.place(connection, [e164], "")
    except ValueError:
        return
    owned = Owned(e164, e164, e164, True, True, Webhooks(), {})
    for order in NumberOrder.objects.filter(e164=e164, state="requested").select_related("connection"):
        orders._record(order, owned)


class Caps(TransactionTestCase):
    def test_of_many_who_buy_at_once_only_so_many_as_the_cap_allows(self) -> None:
        company = make_company("Harbor & Pine", User.objects.create_user("alice@example.com"))
        connection = Connection.objects.get()
        set_cap(company.account, 6_00)
        deeds = [partial(orders.place, connection, [f"+131255501{line}"], "") for line in range(20, 30)]
        outcomes = at_once(deeds)
        placed = [one for one in outcomes if not isinstance(one, Exception)]
        assert {type(one) for one in outcomes if isinstance(one, Exception)} == {OverCap}
        with transaction.atomic():
            lock(company.account)
            month = this_month(company.account, timezone.now())
        assert len(placed) == NumberOrder.objects.count() > 0
        assert month.committed <= 6_00 < month.committed + month.committed // len(placed)


class Retries(TransactionTestCase):
    """Two orders of which all failed; people press while jobs ask the carrier, and some die."""

    def setUp(self) -> None:
        self.company = make_company("Harbor & Pine", User.objects.create_user("alice@example.com"))
        self.connection = Connection.objects.get()
        shutil.rmtree(settings.CONFIG.sandbox_books.parent, ignore_errors=True)
        self.books = Inventory(settings.CONFIG.sandbox_books)
        for account in (self.connection.account, "somebody"):
            self.books.open_account(account, secret=self.connection.secret, voice_url="http://127.0.0.1:9")
        self.e164s = [f"+131255501{line}" for line in range(40, 46)]
        for e164 in self.e164s:
            self.books.buy("somebody", e164, "")
        self.batches = [shopping.order(self.connection, some, {}, "") for some in (self.e164s[:3], self.e164s[3:])]
        for batch in self.batches:
            shopping.go_on(batch, 60)
        assert set(NumberOrder.objects.values_list("state", flat=True)) == {"failed"}

    def together(self, press: Callable[..., object]) -> None:
        """Three rounds of people who press, one of whom dies, and runners who ask the carrier."""
        # As everybody saw them on their page, when all had failed.
        pressed = partial(press, *filter(None, (shopping.find_batch(self.company, one) for one in self.batches)))
        runs: list[Deed] = [partial(shopping.go_on, batch, 60.0) for batch in self.batches]
        for _ in range(3):
            deeds: list[Deed] = [pressed, pressed, partial(dying, pressed), *runs, *runs]
            outcomes = at_once(deeds)
            assert {type(one) for one in outcomes if isinstance(one, Exception)} <= {Crash}

    def bought(self) -> list[str]:
        """The numbers, each of which is there, at the carrier and in the ledger once."""
        numbers = sorted(Number.objects.values_list("e164", flat=True))
        rents = LedgerEntry.objects.filter(account=self.company.account, kind="rent")
        assert [one.e164 for one in self.books.owned(self.connection.account)] == numbers
        assert sorted(rents.values_list("note", flat=True)) == numbers
        assert balance(self.company.account) == 50_00 - len(numbers) * 75
        assert NumberOrder.objects.filter(state="obtained").count() == len(numbers)
        return numbers

    def test_the_same_again_are_bought_and_charged_once(self) -> None:
        for e164 in self.e164s:
            self.books.release("somebody", e164)
        self.together(order_again)
        assert self.bought() == self.e164s

    def test_others_instead_are_as_many_as_failed_however_often_one_presses(self) -> None:
        self.together(order_others)
        assert len(self.bought()) == 6
        assert not NumberOrder.objects.exclude(state__in=("obtained", "replaced")).exists()
