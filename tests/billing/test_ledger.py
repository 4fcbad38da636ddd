"""The balance is the sum of the entries, and no fact is written twice, in whatever order things happen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Sum
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as PropertyCase

from callspring.accounts.models import Account, Company
from callspring.billing.actions import (
    NotEnoughFunds,
    adjust,
    charge_rent,
    open_balance,
    refund,
    renew_rent,
    set_low_balance,
    top_up_by_hand,
)  # fmt: skip
from callspring.billing.ledger import Fact, balance, write
from callspring.billing.models import LedgerEntry
from callspring.billing.queries import Wanted, lines, page, statement
from callspring.jobs.models import Job
from tests.stories import NOON, Story, make_company

WEEK = timedelta(days=7)
Kind = LedgerEntry.Kind
DEEDS = st.lists(
    st.tuples(
        st.sampled_from(["buy", "renew", "top_up", "adjust", "minutes", "refund"]),
        st.integers(0, 3),
        st.integers(1, 4000),
        st.booleans(),
    ),
    max_size=30,
)


class Crash(Exception):
    """The process dies before the transaction is through."""


class Thing:
    """What billing knows of a number."""

    kind, carrier, country, e164 = "local", "sandbox", "US", "+13125550142"

    def __init__(self, number: int, company: int) -> None:
        self.id, self.company_id = number, company


class Interleavings(PropertyCase):
    @settings(max_examples=40, deadline=None)
    @given(DEEDS)
    def test_any_order_of_charges_retries_and_crashes(self, deeds: list[tuple[str, int, int, bool]]) -> None:
        from callspring.accounts.models import User

        alice = User.objects.create_user("alice@example.com")
        self.company = make_company("Harbor & Pine", alice)
        self.account, self.alice = self.company.account, alice
        written: dict[str, int] = {f"opening:{self.account.pk}": 50_00}
        for name, which, amount, crashes in deeds:
            try:
                with transaction.atomic():
                    found = getattr(self, name)(which, amount)
                    if crashes:
                        raise Crash
            except (Crash, NotEnoughFunds):
                continue
            for entry in found:
                assert written.setdefault(entry.key, entry.amount) == entry.amount
        entries = {entry.key: entry.amount for entry in LedgerEntry.objects.filter(account=self.account)}
        assert entries == written
        assert balance(self.account) == sum(written.values())
        assert [line.balance for line in statement(self.account)][-1] == balance(self.account)
        assert (Account.objects.get(pk=self.account.pk).arrears_since is not None) is (balance(self.account) < 0)

    def buy(self, which: int, _amount: int) -> list[LedgerEntry]:
        entry = charge_rent(self.account, Thing(which, self.company.pk), NOON)
        return [entry] if entry else []

    def renew(self, which: int, amount: int) -> list[LedgerEntry]:
        starts = [NOON + WEEK * (which + number) for number in range(amount % 3 + 1)]
        return renew_rent(self.account, Thing(which, self.company.pk), starts, NOON)

    def top_up(self, which: int, _amount: int) -> list[LedgerEntry]:
        return [top_up_by_hand(self.company, which * 1000 + 1, "cash", self.alice, f"top-up {which}")]

    def adjust(self, which: int, _amount: int) -> list[LedgerEntry]:
        return [adjust(self.company, 500 - which * 999, "sorry", self.alice, f"adjust {which}")]

    def minutes(self, which: int, _amount: int) -> list[LedgerEntry]:
        return write(self.account, [Fact(Kind.MINUTES, f"minutes:{n}", -3 * n, units=n) for n in range(which + 1)])

    def refund(self, which: int, amount: int) -> list[LedgerEntry]:
        """Parts of whatever is there, never more than all of it."""
        entry = LedgerEntry.objects.filter(account=self.account).exclude(kind=Kind.REFUND).order_by("id")[0]
        found = refund(entry, amount, f"refund:{entry.pk}:{which}", "")
        given: int = entry.reversed_by.aggregate(total=Sum("amount"))["total"] or 0
        assert 0 <= -given <= entry.amount
        return [found] if found else []


class Ledger(Story):
    def setUp(self) -> None:
        super().setUp()
        self.account = self.company.account

    def mails(self) -> list[str]:
        return [job.payload["subject"] for job in Job.objects.filter(kind="mail.send").order_by("id")]

    def move(self, *amounts: int, kind: str = Kind.ADJUSTMENT) -> None:
        for amount in amounts:
            write(self.account, [Fact(kind, f"{LedgerEntry.objects.count()}", amount, "x")])

    def test_each_crossing_is_told_once_and_again_after_a_top_up(self) -> None:
        set_low_balance(self.account, 10_00)
        self.move(-39_00, -1_00, -50, -50, -8_00, -1_00, -5)
        first = ["The balance is low: $10.00", "Nothing is left on the account"]
        assert self.mails() == [f"Harbor & Pine: {subject}" for subject in first]
        self.move(5, 40_00, -35_00)
        assert self.mails()[2:] == ["Harbor & Pine: The balance is low: $5.00"]

    def test_a_threshold_that_the_owner_sets_above_the_balance_is_crossed_at_once(self) -> None:
        set_low_balance(self.account, 60_00)
        assert self.mails() == ["Harbor & Pine: The balance is low: $50.00"]
        set_low_balance(self.account, 60_00)
        assert len(self.mails()) == 1

    def test_without_a_threshold_a_tenth_of_what_was_spent_counts(self) -> None:
        self.move(-40_00, -5_00, kind=Kind.RENT)
        assert self.mails() == []  # $5.00 are left, and a tenth of $45.00 is less
        self.move(-50, kind=Kind.RENT)
        assert len(self.mails()) == 1

    def test_only_owners_are_told(self) -> None:
        self.move(-50_00)
        assert [job.payload["to"] for job in Job.objects.filter(kind="mail.send")] == ["alice@example.com"]

    def test_the_mail_says_what_happens_next(self) -> None:
        self.move(-50_00)
        text = Job.objects.get(kind="mail.send").payload["text"]
        assert "Every call still rings your business" in text
        assert "owed money for 7 days" in text
        assert "/settings/billing/" in text

    def test_an_own_carrier_account_is_told_nothing(self) -> None:
        Account.objects.filter(pk=self.account.pk).update(mode=Account.Mode.OWN_CARRIER)
        self.move(-60_00)
        assert self.mails() == []
        self.account.refresh_from_db()
        assert self.account.arrears_since is None

    def test_a_key_of_another_account_is_refused(self) -> None:
        with pytest.raises(ValueError, match="another account"):
            open_balance(self.elsewhere.account, 1_00, f"opening:{self.account.pk}")
        assert balance(self.elsewhere.account) == 50_00

    def test_by_hand_needs_a_reason_and_a_sum(self) -> None:
        wrong: list[tuple[Callable[..., Any], int, str]] = [
            (top_up_by_hand, 0, "cash"), (top_up_by_hand, -1, "cash"), (adjust, 0, "x"), (adjust, 5, "  "),
            (adjust, 10**9, "x"),
        ]  # fmt: skip
        for verb, amount, note in wrong:
            with pytest.raises(ValueError, match=r"\."):
                verb(self.company, amount, note, self.alice, "k")
        assert balance(self.account) == 50_00

    def test_who_did_it_stands_in_the_entry(self) -> None:
        entry = adjust(self.company, -5, " a  reason ", self.alice, "k")
        assert (entry.actor, entry.company, entry.note, entry.currency) == (self.alice, self.company, "a reason", "USD")

    def test_a_page_shows_the_balance_after_each_line(self) -> None:
        self.move(-1_00, kind=Kind.RENT)
        self.move(-2_00, -3_00, kind=Kind.MINUTES)
        self.move(-4_00, kind=Kind.RENT)
        rents = Wanted(kind=Kind.RENT)
        newest = page(self.account, rents, None, 1)
        assert [(line.entry.amount, line.balance) for line in newest] == [(-4_00, 40_00)]
        older = page(self.account, rents, newest[0].entry.pk, 10)
        assert [(line.entry.amount, line.balance) for line in older] == [(-1_00, 49_00)]
        everything = page(self.account, Wanted(), None, 50)
        assert [line.balance for line in everything] == [40_00, 44_00, 47_00, 49_00, 50_00]
        assert [line.balance for line in lines(self.account, rents)] == [49_00, 40_00]

    def test_the_outsider_has_a_statement_of_their_own(self) -> None:
        self.move(-5_00)
        theirs: Company = self.elsewhere
        assert [line.entry.amount for line in statement(theirs.account)] == [50_00]
        assert page(theirs.account, Wanted(), None, 50)[0].balance == 50_00
