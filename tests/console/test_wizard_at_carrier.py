"""The wizard and the calculators where a carrier of one's own sends the bill, and where the law asks for papers."""

from __future__ import annotations

from callspring.accounts.models import Account
from tests.console.carrier_story import CarrierPages
from tests.console.pages import text
from tests.console.test_wizard import Wizard

PEAK = "?peak=40&accuracy=90"


class OwnCarrier(CarrierPages, Wizard):
    def setUp(self) -> None:
        super().setUp()
        self.twilio = self.connected()

    def own_carrier(self) -> None:
        Account.objects.filter(pk=self.company.account_id).update(mode=Account.Mode.OWN_CARRIER)

    def test_prepaid_is_rent_for_7_days_everywhere(self) -> None:
        ways = self.page("new")
        assert "1 number per campaign , $0.75 for 7 days" in ways
        assert "A toll-free number is $1.00 instead." in ways
        assert "$0.75 for 7 days" in text(self.owner.get(self.numbers_step("campaign")))
        assert "Call certainty 7 days 30 days" in self.page("calculator", query=PEAK)

    def test_the_carriers_own_month_stands_wherever_a_price_does(self) -> None:
        self.own_carrier()
        ways = self.page("new")
        assert "1 number per campaign , about $1.15 a month on your carrier’s bill" in ways
        assert "about $1.15 each a month on your carrier’s bill" in ways
        assert "A toll-free number is about $2.15 instead." in ways
        numbers = self.numbers_step("campaign")
        offered = text(self.owner.get(numbers))
        assert "about $1.15 a month" in offered
        users = text(self.owner.get(self.numbers_step("users", count="3").replace("/numbers/", "/tracking/")))
        assert "Numbers Accuracy A month" in users
        assert "$3.45" in users
        for page in (ways, offered, users):
            assert "for 7 days" not in page
            assert "$0.75" not in page

    def test_the_calculator_counts_by_the_month(self) -> None:
        self.own_carrier()
        page = self.page("calculator", query=PEAK)
        assert "Call certainty A month" in page
        assert "7 days" not in page
        answer = self.owner.get(f"/tracking-numbers/size/{PEAK}").context["answer"]
        assert all(offer.month == 115 * offer.size.numbers for offer in answer.offers)
        assert all(offer.week is None for offer in answer.offers)
        assert "nothing is charged here" in page

    def test_what_the_country_asks_is_said_where_numbers_are_chosen(self) -> None:
        numbers = self.numbers_step("campaign")
        assert "is asked of whoever takes" not in text(self.owner.get(numbers))
        german = {"title": "Berlin", "country": "DE", "kind": "local", "area_code": "30"}
        self.send(numbers, "search", **german)
        page = text(self.owner.get(numbers))
        assert "Germany: what is asked of whoever takes a local number" in page
        assert "That you are a business" in page
        assert "check with Twilio" in page
        assert self.outsider.get(numbers).status_code == 404
