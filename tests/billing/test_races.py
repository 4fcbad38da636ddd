"""Several runners, webhooks and owners in the same moment. On PostgreSQL they really run at once."""

from __future__ import annotations

from datetime import timedelta

from django.test import TransactionTestCase

from callspring.accounts.models import Account, User
from callspring.billing.actions import NotEnoughFunds, adjust, charge_rent, refund
from callspring.billing.ledger import Fact, balance, write
from callspring.billing.models import LedgerEntry
from callspring.billing.plans import choose, renew
from callspring.jobs.models import Job
from tests.billing.test_ledger import Thing
from tests.races import at_once
from tests.stories import NOON, make_company

WEEK = timedelta(days=7)


class Race(TransactionTestCase):
    def setUp(self) -> None:
        self.alice = User.objects.create_user("alice@example.com")
        self.company = make_company("Harbor & Pine", self.alice)
        self.account = self.company.account

    def test_the_same_fact_by_many_is_written_once(self) -> None:
        facts = [Fact("minutes", f"minutes:{number}", -1) for number in range(5)]
        outcomes = at_once([lambda: len(write(self.account, facts))] * 6)
        assert outcomes == [5] * 6
        assert balance(self.account) == 50_00 - 5

    def test_many_who_buy_with_the_last_money_never_overdraw(self) -> None:
        adjust(self.company, -(50_00 - 3 * 75), "spent", self.alice, "spent")
        deeds = [lambda n=n: charge_rent(self.account, Thing(n, self.company.pk), NOON) for n in range(8)]
        refused = [one for one in at_once(deeds) if isinstance(one, NotEnoughFunds)]
        assert (len(refused), balance(self.account)) == (5, 0)

    def test_one_crossing_is_one_mail_however_many_cross_it(self) -> None:
        at_once([lambda n=n: adjust(self.company, -10_00, "x", self.alice, str(n)) for n in range(6)])  # type: ignore[misc]
        assert balance(self.account) == -10_00
        assert Job.objects.filter(kind="mail.send").count() == 1
        assert Account.objects.get(pk=self.account.pk).arrears_since is not None

    def test_refunds_together_are_never_more_than_the_charge(self) -> None:
        charge = write(self.account, [Fact("rent", "rent:x", -10)])[0]
        at_once([lambda n=n: refund(charge, 4, f"refund:{n}", "") for n in range(5)])  # type: ignore[misc]
        assert sum(charge.reversed_by.values_list("amount", flat=True)) == 10
        assert balance(self.account) == 50_00

    def test_a_plan_is_charged_once_by_two_runners_and_an_owner(self) -> None:
        choose(self.account, "personal", NOON)
        after = NOON + WEEK
        at_once([
            lambda: renew(self.account, after), lambda: renew(self.account, after),
            lambda: choose(self.account, "personal", after),
        ])  # fmt: skip
        fees = LedgerEntry.objects.filter(account=self.account, kind="plan")
        assert [fee.about for fee in fees.order_by("id")] == [NOON, after]
