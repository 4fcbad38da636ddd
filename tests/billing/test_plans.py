"""Plans: chosen, renewed, ended."""

from __future__ import annotations

from datetime import timedelta

import pytest

from callspring.accounts.models import Account
from callspring.billing.actions import NotEnoughFunds, adjust
from callspring.billing.ledger import Fact, balance, write
from callspring.billing.models import LedgerEntry
from callspring.billing.plans import choose, left, renew_all
from callspring.jobs.models import Job
from tests.stories import NOON, Story

WEEK, DAY = timedelta(days=7), timedelta(days=1)


class Plans(Story):
    def setUp(self) -> None:
        super().setUp()
        self.account = self.company.account

    def now(self) -> Account:
        return Account.objects.get(pk=self.account.pk)

    def fees(self) -> list[int]:
        return [entry.amount for entry in LedgerEntry.objects.filter(account=self.account, kind="plan").order_by("id")]

    def use(self, units: int) -> None:
        key = f"minutes:{LedgerEntry.objects.count()}"
        write(self.account, [Fact("minutes", key, 0, units=units)], now=NOON + DAY)

    def test_a_plan_begins_at_once_where_there_was_no_fee(self) -> None:
        choose(self.account, "personal", NOON)
        assert (self.now().plan, self.now().plan_paid_until, self.fees()) == ("personal", NOON + WEEK, [-300])

    def test_a_change_waits_until_what_is_paid_for_is_used(self) -> None:
        choose(self.account, "personal", NOON)
        choose(self.account, "unlimited", NOON + DAY)
        assert (self.now().plan, self.now().plan_next, self.fees()) == ("personal", "unlimited", [-300])
        renew_all(NOON + WEEK)
        assert (self.now().plan, self.now().plan_next, self.fees()) == ("unlimited", "", [-300, -1900])

    def test_choosing_the_present_plan_takes_the_change_back(self) -> None:
        choose(self.account, "personal", NOON)
        choose(self.account, "pay_as_you_go", NOON + DAY)
        choose(self.account, "personal", NOON + 2 * DAY)
        renew_all(NOON + WEEK)
        assert (self.now().plan, self.fees()) == ("personal", [-300, -300])

    def test_going_back_ends_the_fees(self) -> None:
        choose(self.account, "personal", NOON)
        choose(self.account, "pay_as_you_go", NOON + DAY)
        for days in (7, 8, 30):
            renew_all(NOON + timedelta(days=days))
        assert (self.now().plan, self.now().plan_paid_until, self.fees()) == ("pay_as_you_go", None, [-300])

    def test_it_is_charged_once_each_week(self) -> None:
        choose(self.account, "personal", NOON)
        for hours in range(0, 22 * 24, 5):
            renew_all(NOON + timedelta(hours=hours))
        assert len(self.fees()) == 4

    def test_after_an_outage_what_nobody_could_use_is_not_charged(self) -> None:
        choose(self.account, "personal", NOON)
        renew_all(NOON + 40 * DAY)
        assert (len(self.fees()), self.now().plan_paid_until) == (2, NOON + 47 * DAY)

    def test_a_plan_that_cannot_be_paid_ends_and_says_so(self) -> None:
        choose(self.account, "personal", NOON)
        adjust(self.company, -45_00, "spent", self.alice, "spent")
        renew_all(NOON + WEEK)
        assert (self.now().plan, self.fees(), balance(self.account)) == ("pay_as_you_go", [-300], 2_00)
        subjects = [job.payload["subject"] for job in Job.objects.filter(kind="mail.send").order_by("id")]
        assert subjects[-1] == "Harbor & Pine: The plan Personal has ended"

    def test_what_cannot_be_chosen(self) -> None:
        with pytest.raises(ValueError, match="one of the plans"):
            choose(self.account, "gold", NOON)
        adjust(self.company, -49_00, "spent", self.alice, "spent")
        with pytest.raises(NotEnoughFunds):
            choose(self.account, "personal", NOON)
        Account.objects.filter(pk=self.account.pk).update(mode=Account.Mode.OWN_CARRIER)
        with pytest.raises(ValueError, match="prepaid"):
            choose(self.account, "pay_as_you_go", NOON)

    def test_what_it_includes_is_used_up_and_comes_anew(self) -> None:
        assert left(self.now(), "minutes", NOON) == 0
        choose(self.account, "personal", NOON)
        assert (left(self.now(), "minutes", NOON + DAY), left(self.now(), "messages", NOON + DAY)) == (120, 30)
        self.use(100)
        self.use(30)
        assert left(self.now(), "minutes", NOON + 2 * DAY) == 0
        renew_all(NOON + WEEK)
        assert left(self.now(), "minutes", NOON + WEEK) == 120

    def test_between_the_end_and_the_renewal_nothing_is_included(self) -> None:
        choose(self.account, "personal", NOON)
        assert left(self.now(), "minutes", NOON + WEEK) == 0

    def test_unlimited_is_without_end(self) -> None:
        choose(self.account, "unlimited", NOON)
        assert left(self.now(), "minutes", NOON + DAY) is None
