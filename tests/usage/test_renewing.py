"""Rent renews itself: over sixty days with outages, over the change of clocks, by several runners at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.test import TransactionTestCase
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as PropertyCase

from callspring.accounts.models import Account, Company, User
from callspring.billing.actions import adjust, change_mode
from callspring.billing.ledger import balance
from callspring.billing.models import LedgerEntry
from callspring.numbers.actions import adopt, release
from callspring.numbers.models import Connection, Number, NumberOrder
from callspring.usage.forecast import forecast, weekly_rent
from callspring.usage.renewing import begin, renew_all
from tests.races import at_once
from tests.stories import NOON, Story, make_company

WEEK, DAY = timedelta(days=7), timedelta(days=1)


def rent_a_number(company: Company, start: datetime, e164: str = "+13125550142") -> Number:
    """A number that was bought at `start`, without its first charge."""
    connection = Connection.objects.get(company=company)
    about = {"company": company, "connection": connection, "e164": e164}
    NumberOrder.objects.create(**about, state=NumberOrder.State.OBTAINED)
    return Number.objects.create(**about, kind="local", bought_at=start, paid_until=start)


def rents(company: Company) -> list[datetime]:
    found = LedgerEntry.objects.filter(account=company.account, kind="rent").order_by("about")
    return [entry.about for entry in found if entry.about]


class SixtyDays(PropertyCase):
    @settings(max_examples=25, deadline=None)
    @given(st.lists(st.integers(0, 60 * 24), max_size=60), st.integers(0, 60 * 24))
    def test_each_week_is_charged_once_however_long_the_outages(self, hours: list[int], given_back: int) -> None:
        """The runner is up at these hours only; the number is given back at some hour."""
        company = make_company("Harbor & Pine", User.objects.create_user("alice@example.com"))
        number = rent_a_number(company, NOON)
        for hour in sorted({*hours, given_back}):
            now = NOON + timedelta(hours=hour)
            if hour == given_back:
                renew_all(now)
                Number.objects.filter(pk=number.pk).update(state=Number.State.RELEASED)
            renew_all(now)
        weeks = given_back // (7 * 24) + 1
        assert rents(company) == [NOON + WEEK * number for number in range(weeks)]
        assert balance(company.account) == 50_00 - 75 * weeks


class Renewing(Story):
    def setUp(self) -> None:
        super().setUp()
        self.account = self.company.account
        self.number = rent_a_number(self.company, NOON)

    def paid_until(self) -> datetime:
        return Number.objects.get(pk=self.number.pk).paid_until

    def test_a_bought_number_goes_on_where_its_purchase_ended(self) -> None:
        bought = self.numbers(1)[0]
        renew_all(bought.paid_until - timedelta(seconds=1))
        before = LedgerEntry.objects.filter(note=bought.e164).count()
        renew_all(bought.paid_until)
        renew_all(bought.paid_until)
        assert (before, LedgerEntry.objects.filter(note=bought.e164).count()) == (1, 2)

    def test_a_week_is_168_hours_through_the_change_of_clocks(self) -> None:
        chicago = ZoneInfo("America/Chicago")
        start = datetime(2026, 3, 2, 1, 30, tzinfo=chicago)  # six days before 02:00 becomes 03:00
        Number.objects.update(paid_until=start)
        renew_all(start.astimezone(UTC) + WEEK)
        second = rents(self.company)[1]
        assert second - start.astimezone(UTC) == timedelta(hours=168)
        assert second.astimezone(chicago).hour == 2

    def test_whether_or_not_a_scenario_uses_it(self) -> None:
        scenario = self.campaign(number=self.number)
        scenario.enabled = False
        scenario.save()
        renew_all(NOON + WEEK)
        assert rents(self.company) == [NOON, NOON + WEEK]

    def test_without_money_it_is_owed_and_the_number_stays(self) -> None:
        adjust(self.company, -50_00, "spent", self.alice, "spent")
        renew_all(NOON)
        assert balance(self.account) == -75
        assert Account.objects.get(pk=self.account.pk).arrears_since == NOON
        assert Number.objects.get(pk=self.number.pk).state == Number.State.ACTIVE

    def test_what_the_company_brought_along_costs_nothing(self) -> None:
        brought = adopt(Connection.objects.get(company=self.company), ["+13125550143"])[0]
        renew_all(NOON + 700 * DAY)
        assert not LedgerEntry.objects.filter(note=brought.e164).exists()
        assert Number.objects.get(pk=brought.pk).paid_until > NOON + 700 * DAY
        assert weekly_rent(self.account) == 75

    def test_an_own_carrier_account_pays_nothing_and_then_from_the_change_on(self) -> None:
        Account.objects.filter(pk=self.account.pk).update(mode=Account.Mode.OWN_CARRIER)
        renew_all(NOON + 30 * DAY)
        assert (rents(self.company), self.paid_until()) == ([], NOON + 35 * DAY)
        Number.objects.update(paid_until=NOON)  # nobody renewed while we were down
        change_mode(Account.objects.get(pk=self.account.pk), "prepaid", 75)
        since = Account.objects.get(pk=self.account.pk).prepaid_since
        assert since is not None
        renew_all(since + DAY)
        assert rents(self.company) == [since]

    def test_changing_over_and_back_makes_no_week_free(self) -> None:
        renew_all(NOON)
        account = Account.objects.get(pk=self.account.pk)
        change_mode(account, "own_carrier", 75)
        renew_all(NOON + WEEK)  # nobody is charged for this week
        change_mode(account, "prepaid", 75)
        since = Account.objects.get(pk=self.account.pk).prepaid_since
        assert since is not None
        Account.objects.filter(pk=self.account.pk).update(prepaid_since=NOON + WEEK + DAY)
        begin(account, NOON + WEEK + DAY)
        renew_all(NOON + WEEK + DAY)
        assert rents(self.company) == [NOON, NOON + WEEK + DAY]
        begin(account, NOON + WEEK + 2 * DAY)
        assert self.paid_until() == NOON + 2 * WEEK + DAY, "a week that was charged goes on"

    def test_a_number_without_a_price_holds_up_no_other(self) -> None:
        other = rent_a_number(self.elsewhere, NOON, "+13125550144")
        Account.objects.filter(pk=self.account.pk).update(currency="CHF")
        renew_all(NOON)
        assert (rents(self.company), rents(self.elsewhere)) == ([], [NOON])
        assert (self.paid_until(), Number.objects.get(pk=other.pk).paid_until) == (NOON, NOON + WEEK)

    def test_given_back_is_given_back(self) -> None:
        release(self.numbers(1)[0])
        before = LedgerEntry.objects.count()
        Number.objects.filter(pk=self.number.pk).update(state=Number.State.RELEASED)
        renew_all(NOON + 365 * DAY)
        assert LedgerEntry.objects.count() == before

    def test_the_forecast_is_what_comes_true(self) -> None:
        first = datetime(2026, 3, 1, tzinfo=ZoneInfo("America/Chicago"))
        renew_all(NOON)
        expected = forecast(self.account, ZoneInfo("America/Chicago"), NOON).numbers
        for days in range(31):
            renew_all(first + days * DAY)
        assert (expected.so_far, expected.total) == (75, 75 * len(rents(self.company)))


class Race(TransactionTestCase):
    def test_several_runners_charge_nothing_twice(self) -> None:
        company = make_company("Harbor & Pine", User.objects.create_user("alice@example.com"))
        for number in range(6):
            rent_a_number(company, NOON, f"+1312555014{number}")
        at_once([lambda: renew_all(NOON + 3 * WEEK)] * 5)
        assert balance(company.account) == 50_00 - 6 * 4 * 75
        assert LedgerEntry.objects.filter(kind="rent").count() == 24
