"""New tracking number, from choosing to saved."""

from __future__ import annotations

import re
from typing import Any

from callspring.accounts.models import Account
from callspring.billing.models import LedgerEntry
from callspring.billing.queries import balance
from callspring.numbers.actions import buy
from callspring.numbers.models import Number
from callspring.scenarios.models import Scenario
from tests.console.pages import Pages, text
from tests.stories import TARGET

CAMPAIGN = {"title": "Radio", "target": "(800) 555-0199", "strategy": "landing_page", "path": "/radio"}
USERS = {"title": "Everyone", "target": "800.555.0199", "peak": "10", "count": ""}
ROUTING = {"destination": "+1 800 555 0199", "ring_seconds": "30", "enabled": "on", "go": "save"}


class Wizard(Pages):
    def details(self, way: str, **changes: str) -> Any:
        data = {"campaign": CAMPAIGN, "users": USERS}[way] | {"site": str(self.site().pk)} | changes
        return self.owner.post(f"/tracking-numbers/new/{way}/", data)

    def begin(self, way: str, **changes: str) -> str:
        """The address of the second step."""
        answer = self.details(way, **changes)
        assert answer.status_code == 302, text(answer)
        return str(answer.headers["Location"])

    def offered(self, review: str) -> list[str]:
        return re.findall(r'name="number" value="(\+\d+)"', self.owner.get(review).content.decode())

    def chosen(self, address: str) -> list[str]:
        """The numbers that the draft is going to buy."""
        found: list[str] = self.owner.session["drafts"][address.partition("draft=")[2]]["chosen"]
        return list(found)

    def go(self, address: str, data: dict[str, str]) -> str:
        answer = self.owner.post(address, data)
        assert answer.status_code == 302, text(answer)
        return str(answer.headers["Location"])

    def test_a_campaign_from_start_to_end(self) -> None:
        review = self.begin("campaign")
        number = self.offered(review)[1]
        assert "$0.75" in text(self.owner.get(review))
        routing = self.go(review, {"number": number, "go": "next"})
        assert "Buy 1 number for $0.75 and save" in text(self.owner.get(routing))
        assert not Number.objects.filter(company=self.company).exists()  # not bought before the last step
        assert self.go(routing, ROUTING) == "/tracking-numbers/"
        made = Scenario.objects.get()
        rule = made.rules.get()
        assert (made.name, made.target, made.enabled) == ("Radio", "+18005550199", True)
        assert (rule.strategy, rule.value, rule.dynamic) == ("landing_page", "/radio", False)
        assert made.flow["destination"] == "+18005550199"
        assert made.flow["ring_seconds"] == 30
        assert made.numbers.get().e164 == number
        assert balance(self.company.account) == 50_00 - 75
        assert "“Radio” is on" in self.page("tracking_numbers")

    def test_users_get_a_quarter_of_the_peak(self) -> None:
        review = self.begin("users")
        assert "3 numbers to be added" in text(self.owner.get(review))
        routing = self.go(review, {"go": "next"})
        assert "Buy 3 numbers for $2.25 and save" in text(self.owner.get(routing))
        self.go(routing, {**ROUTING, "enabled": ""})
        made = Scenario.objects.get()
        assert (made.peak_hourly_visits, made.numbers.count(), made.enabled) == (10, 3, False)
        assert made.rules.get().dynamic
        assert "3 numbers" in self.page("tracking_numbers")

    def test_what_was_typed_stays_when_going_back(self) -> None:
        review = self.begin("campaign", title="Radio & “TV”")
        second = self.offered(review)[1]
        routing = self.go(review, {"number": second, "go": "next"})
        back = self.go(routing, {"destination": "half a num", "ring_seconds": "7", "go": "review"})
        assert f'value="{second}" checked' in self.owner.get(back).content.decode()
        details = self.go(back, {"go": "details"})
        html = self.owner.get(details).content.decode()
        assert 'value="Radio &amp; “TV”"' in html
        assert 'value="/radio"' in html
        self.go(details, CAMPAIGN | {"site": str(self.site().pk)})
        html = self.owner.get(routing).content.decode()
        assert 'value="half a num"' in html
        assert 'value="7"' in html
        assert "checked" not in html  # an unticked box stays unticked

    def test_errors_stand_at_their_fields(self) -> None:
        for changes, said in (
            ({"title": " "}, "Give it a title"),
            ({"target": "12"}, "is not a phone number"),
            ({"path": "radio"}, "begins with “/”"),
            ({"strategy": "url_parameter"}, "Give the parameter's name"),
            ({"strategy": "referral", "host": "a b"}, "Give the website's host"),
            ({"strategy": "magic"}, "Select a valid choice"),
        ):
            answer = self.details("campaign", **changes)
            assert answer.status_code == 200
            assert said in text(answer) or "has too few digits" in text(answer), (changes, text(answer))
            assert 'aria-invalid="true"' in answer.content.decode()
        for changes in ({"peak": "0"}, {"peak": "many"}, {"count": "1001"}, {"count": "-1"}):
            assert 'aria-invalid="true"' in self.details("users", **changes).content.decode(), changes

    def test_another_companys_site_is_no_choice(self) -> None:
        answer = self.details("campaign", site=str(self.site(self.elsewhere).pk))
        assert answer.status_code == 200
        assert "Select a valid choice" in text(answer)

    def test_routing_errors(self) -> None:
        routing = self.go(self.begin("users"), {"go": "next"})
        for changes, said in (
            ({"destination": ""}, "Give the number that is to ring"),
            ({"destination": "12"}, "phone number"),
            ({"ring_seconds": "500"}, "less than or equal to 120"),
        ):
            assert said in text(self.owner.post(routing, ROUTING | changes)), said
        ours = self.numbers(1)[0]
        answer = self.owner.post(routing, ROUTING | {"destination": ours.e164})
        assert 'id="id_destination_error"' in answer.content.decode()
        assert not Scenario.objects.exists()

    def test_toll_free_and_area_codes(self) -> None:
        review = self.begin("campaign")
        self.go(review, {"kind": "toll_free", "area_code": "", "go": "search"})
        page = text(self.owner.get(review))
        assert "$1.00 for 7 days" in page
        assert re.search(r"\(8\d\d\) 555-", page)
        self.go(review, {"kind": "local", "area_code": "999", "go": "search"})
        assert "No such number is to be had" in text(self.owner.get(review))
        assert "Digits only" in text(self.owner.post(review, {"kind": "local", "area_code": "x", "go": "next"}))

    def test_a_number_that_was_not_offered_cannot_be_taken(self) -> None:
        review = self.begin("campaign")
        theirs = self.numbers(1, self.elsewhere)[0]
        for number in ("+13125559999", str(theirs.pk), theirs.e164, "", "0"):
            assert "Choose a number" in text(self.owner.post(review, {"number": number, "go": "next"})), number

    def test_a_number_the_company_has_costs_nothing(self) -> None:
        ours = self.numbers(1)[0]
        before = balance(self.company.account)
        routing = self.go(self.begin("campaign"), {"number": str(ours.pk), "go": "next"})
        assert "Buy" not in text(self.owner.get(routing)).replace("To buy", "")
        self.go(routing, ROUTING)
        assert Scenario.objects.get().numbers.get() == ours
        assert balance(self.company.account) == before

    def test_own_numbers_come_first_in_a_pool(self) -> None:
        ours = self.numbers(1)[0]
        routing = self.go(self.begin("users"), {"use_owned": "on", "go": "next"})
        assert "Buy 2 numbers for $1.50 and save" in text(self.owner.get(routing))
        self.go(routing, ROUTING)
        assert ours in Scenario.objects.get().numbers.all()
        assert Scenario.objects.get().numbers.count() == 3

    def test_too_little_money_buys_nothing_and_says_so(self) -> None:
        LedgerEntry.objects.create(account=self.company.account, key="gone", kind="rent", amount=-49_00)
        review = self.begin("users")
        assert "The balance is too small" in text(self.owner.get(review))
        routing = self.go(review, {"go": "next"})
        assert "This costs $2.25; the balance is $1.00. Nothing was bought." in text(self.owner.post(routing, ROUTING))
        assert not Number.objects.filter(company=self.company).exists()
        assert not Scenario.objects.exists()

    def test_what_somebody_else_took_meanwhile_is_named_and_not_charged(self) -> None:
        routing = self.go(self.begin("users"), {"go": "next"})
        taken = self.chosen(routing)[0]
        buy(self.elsewhere, [taken], TARGET)
        self.go(routing, ROUTING)
        assert Scenario.objects.get().numbers.count() == 2
        page = self.page("tracking_numbers")
        assert "1 number could not be had and was not charged" in page
        assert taken[-4:] in page
        assert balance(self.company.account) == 50_00 - 2 * 75

    def test_if_nothing_is_left_another_choice_is_asked_for(self) -> None:
        review = self.begin("campaign")
        routing = self.go(review, {"number": self.offered(review)[0], "go": "next"})
        buy(self.elsewhere, self.chosen(routing), TARGET)
        assert "None of the numbers could be had" in text(self.owner.post(routing, ROUTING))
        assert self.owner.get(routing).headers["Location"] == review
        assert not Scenario.objects.exists()

    def test_saving_twice_buys_once(self) -> None:
        routing = self.go(self.begin("users"), {"go": "next"})
        self.go(routing, ROUTING)
        assert self.go(routing, ROUTING) == "/tracking-numbers/"  # the draft is gone
        assert Scenario.objects.count() == 1
        assert Number.objects.filter(company=self.company).count() == 3

    def test_a_failure_after_buying_does_not_buy_again(self) -> None:
        routing = self.go(self.begin("users"), {"go": "next"})
        # A destination that passes the form but not the scenario's own check: one of the numbers just bought.
        answer = self.owner.post(routing, ROUTING | {"destination": self.chosen(routing)[0]})
        assert answer.status_code == 200
        assert Number.objects.filter(company=self.company).count() == 3
        assert balance(self.company.account) == 50_00 - 3 * 75
        self.go(routing, ROUTING | {"destination": TARGET})
        assert Scenario.objects.get().numbers.count() == 3
        assert balance(self.company.account) == 50_00 - 3 * 75

    def test_drafts_of_two_tabs_do_not_mix(self) -> None:
        first, second = self.begin("campaign", title="First"), self.begin("campaign", title="Second")
        one, other = self.offered(first)[0], self.offered(second)[1]
        for review, number in ((second, other), (first, one)):
            self.go(self.go(review, {"number": number, "go": "next"}), ROUTING)
        assert list(Scenario.objects.values_list("name", "numbers__e164")) == [("Second", other), ("First", one)]

    def test_nobody_elses_draft(self) -> None:
        review = self.begin("campaign")
        for address in (review, review.replace("review", "routing"), review.replace("review", "campaign")):
            assert self.outsider.get(address).headers["Location"] == "/tracking-numbers/"
        assert self.owner.get("/tracking-numbers/new/routing/?draft=invented").headers["Location"]

    def test_back_after_saving_says_what_became_of_it(self) -> None:
        routing = self.go(self.begin("users"), {"go": "next"})
        self.go(routing, ROUTING)
        self.page("tracking_numbers")
        for step in ("routing", "review", "users"):
            answer = self.owner.get(routing.replace("routing", step), follow=True)
            assert answer.redirect_chain == [("/tracking-numbers/", 302)]
            assert "This was saved or given up already." in text(answer), step

    def test_what_would_show_nothing_is_said_before_money_is_spent(self) -> None:
        self.pool(1, title="Everyone else")
        review = self.begin("users", title="My pool")
        said = (
            "“Everyone else” already swaps this number for every visitor; "
            "“My pool” will show nothing until you switch that off."
        )
        assert said in text(self.owner.get(review))
        self.go(self.go(review, {"go": "next"}), ROUTING)
        page = self.page("tracking_numbers")
        assert said in page
        assert "Pages show its numbers from now on" not in page

    def test_what_wins_somebody_is_not_warned_of(self) -> None:
        self.pool(1, title="Everyone else")
        review = self.begin("campaign")
        assert "already swaps this number" not in text(self.owner.get(review))
        self.go(self.go(review, {"number": self.offered(review)[0], "go": "next"}), ROUTING)
        assert "“Radio” is on. Pages show its numbers from now on." in self.page("tracking_numbers")

    def test_the_bill_promises_no_renewal(self) -> None:
        review = self.begin("users")
        routing = self.go(review, {"go": "next"})
        for address in (review, routing):
            page = text(self.owner.get(address))
            assert "7 days are paid from the balance when you save" in page
            assert "every 7 days" not in page
        Account.objects.filter(pk=self.company.account_id).update(mode=Account.Mode.OWN_CARRIER)
        page = text(self.owner.get(routing))
        assert "your carrier sends the bill" in page
        assert "are paid from" not in page

    def test_steps_cannot_be_skipped(self) -> None:
        review = self.begin("campaign")
        assert self.owner.get(review.replace("review", "routing")).headers["Location"] == review

    def test_a_company_without_a_site_or_a_carrier_is_told_what_to_do(self) -> None:
        self.company.connections.all().delete()
        assert "Connect a carrier" in text(self.owner.get(self.begin("campaign")))
        self.company.sites.all().delete()
        assert "First tell us your site's host" in self.page("campaign")


class Switch(Pages):
    def test_on_and_off(self) -> None:
        made = self.campaign()
        for wanted, now in (("no", False), ("no", False), ("yes", True)):
            assert self.owner.post(f"/tracking-numbers/{made.pk}/status/", {"enabled": wanted}).status_code == 302
            made.refresh_from_db()
            assert made.enabled is now

    def test_the_list_says_it_in_words(self) -> None:
        self.campaign(strategy="url_parameter", name="utm_source", value="radio")
        self.campaign(strategy="referral", title="Partner", value="partner.example")
        page = self.page("tracking_numbers")
        assert "Address has utm_source=radio" in page
        assert "Came from partner.example" in page
        assert "Which visitors see which number" in page
