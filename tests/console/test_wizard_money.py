"""Approving what a scenario costs: what is refused, charged once, named and tried again."""

from __future__ import annotations

import re

from callspring.accounts.models import Account
from callspring.billing.models import LedgerEntry
from callspring.billing.queries import balance
from callspring.numbers.actions import buy
from callspring.numbers.models import Connection, Number, NumberOrder
from callspring.scenarios.models import Scenario, WantedNumber
from tests.console.pages import text
from tests.console.test_wizard import Wizard
from tests.stories import TARGET


class Money(Wizard):
    def ready(self) -> str:
        """A pool of three that is saved and waits for approval."""
        return self.saved(self.go(self.numbers_step("users"), title="Everyone"), "enable")

    def test_too_little_money_buys_nothing_and_says_so(self) -> None:
        LedgerEntry.objects.create(account=self.company.account, key="gone", kind="rent", amount=-49_00)
        approve = self.ready()
        assert "The balance is too small" in text(self.owner.get(approve))
        page = text(self.approved(approve))
        assert "This costs $2.25; the balance is $1.00. Nothing was bought." in page
        assert not NumberOrder.objects.filter(company=self.company).exists()
        assert not Number.objects.filter(company=self.company).exists()
        assert not Scenario.objects.get().enabled
        assert WantedNumber.objects.count() == 3  # they can still be approved once there is money

    def test_enabling_while_nothing_is_left_is_refused(self) -> None:
        ours = self.numbers(1)[0]
        LedgerEntry.objects.create(account=self.company.account, key="gone", kind="rent", amount=-50_00)
        routing = self.go(self.numbers_step("campaign"), title="Radio", number=str(ours.pk))
        self.saved(routing, "enable")
        assert "“Radio” is saved and off: nothing is left on the account." in self.page("tracking_numbers")
        assert not Scenario.objects.get().enabled

    def test_save_buys_nothing_and_the_switch_leads_to_the_approval(self) -> None:
        assert self.saved(self.go(self.numbers_step("users"), title="Everyone")) == "/tracking-numbers/"
        assert "“Everyone” is saved and off. Nothing was bought." in self.page("tracking_numbers")
        made = Scenario.objects.get()
        assert (made.wanted.count(), made.numbers.count()) == (3, 0)
        answer = self.owner.post(f"/tracking-numbers/{made.pk}/status/", {"enabled": "yes"})
        assert answer.headers["Location"] == f"/tracking-numbers/{made.pk}/approve/?enable=1"
        made.refresh_from_db()
        assert not made.enabled

    def test_an_own_carrier_account_is_shown_a_forecast(self) -> None:
        Account.objects.filter(pk=self.company.account.pk).update(mode=Account.Mode.OWN_CARRIER)
        page = text(self.owner.get(self.ready()))
        assert "Forecast for the first 7 days $2.25" in page
        assert "Balance" not in page

    def test_what_changed_since_is_not_bought(self) -> None:
        approve = self.ready()
        seen = self.said(approve)
        cheaper = self.owner.post(approve, {**seen, "price": "100", "go": "enable"})
        assert "The price has changed since this page was shown" in text(cheaper)
        for hostile in ({"price": "x"}, {"price": "9" * 99}, {"price": "-225"}, {"price": ""}):
            assert "The price has changed" in text(self.owner.post(approve, {**seen, **hostile, "go": "enable"}))
        WantedNumber.objects.filter(e164=seen["number"][0]).update(e164="+13125559998")
        answer = self.owner.post(approve, {**seen, "go": "enable"})
        assert "The numbers have changed since this page was shown" in text(answer)
        assert not NumberOrder.objects.filter(company=self.company).exists()

    def test_connecting_twice_buys_once(self) -> None:
        approve = self.ready()
        seen = self.said(approve)
        for _ in range(2):
            self.owner.post(approve, {**seen, "go": "enable"})
            self.work()
        assert Number.objects.filter(company=self.company).count() == 3
        assert balance(self.company.account) == 50_00 - 3 * 75

    def test_what_somebody_else_took_meanwhile_is_named_and_can_be_replaced(self) -> None:
        approve = self.ready()
        taken = self.listed(approve)[0]
        buy(self.elsewhere, [taken], TARGET)
        self.approved(approve)
        self.work()
        made = Scenario.objects.get()
        page = self.page("purchase", made.pk)
        assert "2 of 3 numbers are yours" in page
        assert "1 number could not be had and was not charged" in page
        assert taken[-4:] in page
        assert balance(self.company.account) == 50_00 - 2 * 75
        assert made.enabled
        self.owner.post(f"/tracking-numbers/{made.pk}/purchase/retry/")
        self.work()
        assert "2 of 3 numbers are yours" in self.page("purchase", made.pk)
        self.owner.post(f"/tracking-numbers/{made.pk}/purchase/others/")
        self.work()
        assert "3 of 3 numbers are yours" in self.page("purchase", made.pk)
        assert made.numbers.count() == 3
        assert balance(self.company.account) == 50_00 - 3 * 75


class PeakOfNinety(Wizard):
    """S1's example through the wizard: a peak of 90 visits, 23 numbers, 3 of which the carrier fails to deliver."""

    def lose(self, e164s: list[str]) -> str:
        """Somebody else buys these at the carrier; who that is."""
        other = Connection.objects.get(company=self.elsewhere).account
        for e164 in e164s:
            self.books().buy(other, e164, "")
        return other

    def test_twenty_are_charged_three_are_named_and_the_retry_gets_them(self) -> None:
        numbers = self.numbers_step("users", peak="90")
        assert "23 numbers to be added" in text(self.owner.get(numbers))
        approve = self.saved(self.go(numbers, title="Everyone"), "enable")
        assert "Charged now, for the first 7 days $17.25" in text(self.owner.get(approve))
        wanted = self.listed(approve)
        assert len(set(wanted)) == 23
        assert balance(self.company.account) == 50_00, "saving and looking buy nothing"

        gone = wanted[3:24:7]  # three, sold while the page was looked at
        other = self.lose(gone)
        self.approved(approve)
        made = Scenario.objects.get()
        assert "0 of 23 numbers are yours" in self.page("purchase", made.pk)
        self.work()
        page = self.page("purchase", made.pk)
        assert "20 of 23 numbers are yours." in page
        assert "3 numbers could not be had and were not charged." in page
        assert "Try these 3 again" in page
        for e164 in gone:
            assert re.search(rf"555-{e164[8:]} Not obtained", page), page
        rents = LedgerEntry.objects.filter(account=self.company.account, kind="rent")
        assert {rent.note for rent in rents} == set(wanted) - set(gone)
        assert (rents.count(), balance(self.company.account)) == (20, 50_00 - 20 * 75)
        assert (made.numbers.count(), made.enabled) == (20, True)

        for e164 in gone:  # they are for sale again
            self.books().release(other, e164)
        retry = f"/tracking-numbers/{made.pk}/purchase/retry/"
        assert self.outsider.post(retry).status_code == 404
        self.owner.post(retry)
        self.work()
        page = self.page("purchase", made.pk)
        assert "23 of 23 numbers are yours." in page
        assert "could not be had" not in page
        assert {rent.note for rent in rents.all()} == set(wanted)
        assert (rents.all().count(), balance(self.company.account)) == (23, 50_00 - 23 * 75)
        assert {number.e164 for number in made.rules.get().numbers.all()} == set(wanted)
