"""Money: prices, rent, the ledger."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from callspring.accounts.models import Account
from callspring.billing.actions import NotEnoughFunds, charge_rent, open_balance
from callspring.billing.models import LedgerEntry
from callspring.billing.prices import price_list, rent
from callspring.billing.queries import balance, statement
from callspring.usage.forecast import weekly_rent
from tests.stories import NOON, Story


@given(st.text(max_size=5))
def test_a_currency_without_prices_is_named(currency: str) -> None:
    if currency not in {one.currency for one in price_list().prices}:
        with pytest.raises(ValueError, match="no rent for a local number"):
            rent("local", currency)


class Rent(Story):
    def setUp(self) -> None:
        super().setUp()
        self.account = self.company.account
        self.number = self.numbers(1)[0]  # pays its first 7 days
        self.later = NOON + timedelta(days=7)

    def test_buying_charged_one_period(self) -> None:
        assert balance(self.account) == 50_00 - 75
        assert weekly_rent(self.account) == 75

    def test_a_period_is_charged_once_however_often_it_is_asked(self) -> None:
        first = charge_rent(self.account, self.number, self.later)
        again = charge_rent(self.account, self.number, self.later)
        assert first == again
        assert balance(self.account) == 50_00 - 2 * 75

    def test_the_next_period_is_charged_too(self) -> None:
        charge_rent(self.account, self.number, self.later)
        charge_rent(self.account, self.number, self.later + timedelta(days=7))
        assert balance(self.account) == 50_00 - 3 * 75

    def test_the_key_names_number_and_period(self) -> None:
        entry = charge_rent(self.account, self.number, NOON)
        assert entry is not None
        assert entry.key == f"rent:{self.number.pk}:2026-03-02T12:00:00Z"
        assert entry.note == self.number.e164

    def test_the_database_refuses_a_key_twice(self) -> None:
        entry = LedgerEntry.objects.filter(account=self.account).last()
        assert entry is not None
        with pytest.raises(IntegrityError), transaction.atomic():
            LedgerEntry.objects.create(account=self.account, key=entry.key, kind="rent", currency="USD", amount=-1)

    def test_without_funds_nothing_is_charged(self) -> None:
        LedgerEntry.objects.create(account=self.account, key="spent", kind="rent", currency="USD", amount=-(49_25 - 74))
        with pytest.raises(NotEnoughFunds) as refusal:
            charge_rent(self.account, self.number, self.later)
        assert (refusal.value.needed, refusal.value.balance) == (75, 74)
        assert balance(self.account) == 74

    def test_the_last_cent_can_be_spent(self) -> None:
        LedgerEntry.objects.create(account=self.account, key="spent", kind="rent", currency="USD", amount=-(49_25 - 75))
        charge_rent(self.account, self.number, self.later)
        assert balance(self.account) == 0

    def test_an_own_carrier_account_is_never_charged(self) -> None:
        self.account.mode = Account.Mode.OWN_CARRIER
        before = balance(self.account)
        assert charge_rent(self.account, self.number, self.later) is None
        assert balance(self.account) == before
        assert weekly_rent(self.account) == 75

    def test_the_opening_balance_comes_once(self) -> None:
        open_balance(self.account, 50_00, f"opening:{self.account.pk}")
        assert balance(self.account) == 50_00 - 75

    def test_an_opening_balance_is_positive(self) -> None:
        with pytest.raises(ValueError, match="more than nothing"):
            open_balance(self.account, 0, "nothing")

    def test_history_cannot_be_changed(self) -> None:
        entry = LedgerEntry.objects.filter(account=self.account).latest("id")
        entry.amount = 1_000_00
        with pytest.raises(ValueError, match="never changed"):
            entry.save()

    def test_the_statement_adds_up_line_by_line(self) -> None:
        charge_rent(self.account, self.number, self.later)
        lines = statement(self.account)
        assert [(line.entry.amount, line.balance) for line in lines] == [
            (50_00, 50_00),
            (-75, 49_25),
            (-75, 48_50),
        ]

    def test_the_outsider_sees_and_pays_nothing_of_it(self) -> None:
        theirs = self.elsewhere.account
        charge_rent(self.account, self.number, self.later)
        assert balance(theirs) == 50_00
        assert [line.entry.account_id for line in statement(theirs)] == [theirs.pk]
        assert weekly_rent(theirs) == 0
