"""Numbers: searched, priced, bought with partial success, given back; and where the calls of each go."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
from django.utils import timezone

from callspring.accounts.models import Account
from callspring.billing.queries import balance
from callspring.flows.flow import GREETING, AnyFlow, Forward
from callspring.jobs.models import Job
from callspring.numbers.models import Connection, Number, NumberOrder
from callspring.numbers.queries import numbers
from callspring.scenarios.jobs import reconcile_orders
from tests.carriers.loopback import Answer
from tests.console.carrier_story import DESK, RINGS, CarrierPages, error_at
from tests.console.pages import Pages, text
from tests.numbers.routes import routes

E164S = [f"+13125550{line}" for line in range(100, 123)]


class Buying(CarrierPages):
    def setUp(self) -> None:
        super().setUp()
        self.twilio = self.connected()
        self.searched = {"connection": str(self.twilio.pk), "country": "US", "kind": "local", "area_code": "312"}

    def search(self, **changes: str) -> str:
        return text(self.owner.get("/numbers/buy/", self.searched | changes))

    def post(self, *e164s: str, **changes: str) -> Any:
        return self.owner.post(
            "/numbers/buy/", {"number": list(e164s), "go": "buy", **self.searched, **RINGS, **changes}
        )

    def test_searched_with_the_price_first(self) -> None:
        page = self.search()
        assert "23 numbers" in page
        assert "$0.75 each for 7 days" in page
        assert "(312) 555-0122 Chicago, IL" in page
        assert "1 number" in self.search(digits="01 07")
        assert "No such number is to be had" in self.search(kind="toll_free")
        assert "Give at least two digits." in self.search(digits="5")
        assert "Digits only" in self.search(area_code="31x")
        self.account.misbehave(Answer(429))
        assert "Twilio asks for a pause" in self.search()
        assert not NumberOrder.objects.exists()

    def test_what_the_law_wants_is_said_before_anything_is_bought(self) -> None:
        assert "address" not in self.search()
        self.account.addresses = {E164S[0]: "any", E164S[1]: "local", E164S[2]: "foreign", E164S[3]: "nonsense"}
        page = self.search()
        assert "Some of these numbers need an address on your account at Twilio" in page
        assert page.count("needs an address of yours") == 3
        assert "(312) 555-0101 Chicago, IL needs an address of yours in that place" in page
        assert "is asked of whoever takes" not in page

    def test_each_country_says_what_it_asks_and_what_is_not_certain(self) -> None:
        page = self.search(country="DE")
        assert "Germany: what is asked of whoever takes a local number" in page
        assert "private people do not get such numbers" in page
        assert "Rules change and carriers differ, so check with Twilio" in page
        assert "Some carriers ask for more: A proof of that address" in self.search(country="BE")
        assert "Sweden: what carriers may ask of whoever takes a local number" in self.search(country="SE")
        unknown = self.search(country="CO")
        assert "Colombia: the law may want to know who has such a number" in unknown
        assert "An address" not in unknown
        assert "is asked of whoever" not in self.search(country="CA", kind="toll_free")
        assert "Germany: the law may want" in self.search(country="DE", kind="toll_free")
        confirmed = text(self.post("+4930901820000", go="confirm", country="DE", area_code=""))
        assert "Germany: what is asked of whoever takes a local number" in confirmed

    def test_the_carriers_own_refusal_is_kept_and_shown(self) -> None:
        said = b'{"code": 21631, "message": "Phone Number Requires an Address", "status": 400}'
        self.account.misbehave(Answer(400, said), method="POST")
        order = self.post(E164S[0]).headers["Location"]
        self.work()
        page = text(self.owner.get(order))
        assert "Give Twilio an address in its console" in page
        assert "Twilio says: Phone Number Requires an Address. (twilio.com/docs/errors/21631)" in page
        assert balance(self.company.account) == 50_00

    def test_another_companys_connection_is_no_choice(self) -> None:
        theirs = Connection.objects.get(company=self.elsewhere)
        assert "Select a valid choice" in self.search(connection=str(theirs.pk))
        assert "Select a valid choice" in text(self.post(E164S[0], connection=str(theirs.pk)))

    def test_confirmed_before_anything_is_bought(self) -> None:
        page = text(self.post(*E164S[:3], go="confirm"))
        assert "Buy 3 numbers for $2.25" in page
        assert "Balance $50.00" in page
        for changes, said in (
            ({"destination": ""}, "Give the number that is to ring"),
            ({"destination": E164S[0]}, "one of the numbers that you are buying"),
        ):
            assert said in error_at(self.post(*E164S[:3], **changes), "destination")
        assert "Choose at least one number." in text(self.post())
        assert "Choose at least one number." in text(self.post("x", "+99912345678", "<b>"))
        assert "Order at most 100" in text(self.post(*[f"+131255{line:05}" for line in range(101)]))
        assert not NumberOrder.objects.exists()

    def test_own_carrier_says_about_what_the_carrier_bills_first(self) -> None:
        self.own_carrier()
        page = self.search()
        assert "about $1.15 each a month" in page
        assert "Your carrier sends the bill, and nothing is charged here." in page
        page = text(self.post(*E164S[:2], go="confirm"))
        assert "Buy 2 numbers for about $2.30 a month" in page
        assert "2 × $1.15" in page
        assert "Balance" not in page

    def test_where_its_price_is_not_known_an_estimate_is_called_one(self) -> None:
        self.own_carrier()
        Account.objects.update(currency="EUR")  # the list has no price of Twilio's in it
        page = self.search()
        assert "about €3.00 each a month" in page
        assert "An estimate" in page

    def test_twenty_of_twenty_three(self) -> None:
        self.account.taken = set(E164S[:3])
        order = self.post(*E164S).headers["Location"]
        assert "0 of 23 numbers are yours. 23 are still being asked for" in text(self.owner.get(order))
        assert "hx-trigger" in self.owner.get(order, headers={"HX-Request": "true"}).content.decode()
        self.work()
        page = text(self.owner.get(order))
        assert "20 of 23 numbers are yours." in page
        assert "3 numbers could not be had and were not charged." in page
        assert "(312) 555-0100 Not obtained Somebody else has this number now." in page
        assert balance(self.company.account) == 50_00 - 20 * 75
        listed = self.page("numbers")
        assert listed.count("See the order") == 3
        assert listed.count("Ring (312) 202-0777 then voicemail") == 20
        self.account.taken.clear()
        self.owner.post(f"{order}retry/")
        self.work()
        assert "23 of 23 numbers are yours." in text(self.owner.get(order))
        assert "See the order" not in self.page("numbers")
        assert balance(self.company.account) == 50_00 - 23 * 75

    def test_bought_they_ring_where_was_said_also_while_we_are_silent(self) -> None:
        self.post(E164S[0])
        self.work()
        at_twilio = self.account.number(E164S[0])
        assert at_twilio["voice_url"] == self.webhook(self.twilio, "call")
        assert at_twilio["voice_fallback_url"].endswith("PhoneNumber=%2B13122020777")
        flow = self.published().routes[E164S[0]].flow
        assert flow == Forward(DESK, 20, voicemail=True, voicemail_greeting="Leave word, please.")

    def test_too_little_money_buys_nothing(self) -> None:
        self.company.account.ledger.all().delete()
        assert "This costs $0.75; the balance is $0.00. Nothing was bought." in text(self.post(E164S[0]))
        assert not NumberOrder.objects.exists()
        assert not Job.objects.filter(kind="scenarios.fulfil").exists()

    def test_a_lost_answer_is_found_out_minutes_later(self) -> None:
        """Twilio sold it, and the connection broke."""
        self.account.misbehave(Answer(200, drop=True), method="POST")
        order = self.post(E164S[0]).headers["Location"]
        self.work()
        assert NumberOrder.objects.get().state == "requested"
        self.account.own(E164S[0])
        NumberOrder.objects.update(asked_at=timezone.now() - timedelta(minutes=5))
        assert "The carrier's answer got lost." in text(self.owner.get(order))
        reconcile_orders({})
        assert "1 of 1 number is yours." in text(self.owner.get(order))
        assert self.published().routes[E164S[0]].flow is not None

    def test_an_order_is_the_companys_own(self) -> None:
        order = self.post(E164S[0]).headers["Location"]
        assert self.outsider.get(order).status_code == 404
        assert self.outsider.post(f"{order}retry/").status_code == 404
        assert self.analyst.get(order).status_code == 200
        assert self.analyst.post(f"{order}retry/").status_code == 403

    def test_released_for_good(self) -> None:
        self.post(E164S[0])
        self.work()
        number = numbers(self.company).get()
        page = self.page("release_number", number.pk)
        assert "This cannot be undone" in page
        assert "What is paid is not paid back." in page
        self.account.misbehave(Answer(503), method="DELETE")
        assert "cannot be reached" in text(self.owner.post(f"/numbers/{number.pk}/release/"))
        assert numbers(self.company).exists()
        self.owner.post(f"/numbers/{number.pk}/release/")
        assert not self.account.numbers
        assert not numbers(self.company).exists()
        assert self.published().routes == {}
        assert self.owner.get(f"/numbers/{number.pk}/release/").status_code == 404

    def test_a_scenarios_number_cannot_be_released(self) -> None:
        number = self.campaign(number=self.brought_one()).numbers.get()
        assert "The scenario “Google search” uses it" in self.page("release_number", number.pk)
        assert "is used by a scenario" in text(self.owner.post(f"/numbers/{number.pk}/release/"))
        assert self.account.number(number.e164)

    def brought_one(self) -> Number:
        self.post(E164S[0])
        self.work()
        return numbers(self.company).get()

    def test_without_a_carrier_that_sells(self) -> None:
        Connection.objects.update(disconnected_at=timezone.now())
        assert "No carrier that sells numbers" in text(self.owner.get("/numbers/buy/"))
        assert "Connect a carrier" in self.page("numbers")


class Routing(Pages):
    def routing(self, of: str, **changes: str) -> Any:
        data = {"destination": "(312) 202-0777", "ring_seconds": "20", "voicemail": "on", "greeting": " Hello\n you "}
        with self.captureOnCommitCallbacks(execute=True):
            return self.owner.post(of, data | changes)

    def flow(self, e164: str) -> AnyFlow | None:
        return routes(self.company, publish=False)[e164].flow

    def test_a_number_that_no_scenario_uses(self) -> None:
        number = self.numbers(1)[0]
        assert "Not in service" in self.page("numbers")
        address = f"/numbers/{number.pk}/routing/"
        assert "Callers hear that this number is not in service." in text(self.owner.get(address))
        assert self.routing(address).headers["Location"] == "/numbers/"
        said = Forward(DESK, 20, voicemail=True, voicemail_greeting="Hello you")
        assert self.flow(number.e164) == said
        assert "Ring (312) 202-0777 then voicemail" in self.page("numbers")
        html = self.owner.get(address).content.decode()
        assert 'value="+1 312-202-0777"' in html
        assert "Hello you</textarea>" in html
        self.campaign(number=number)
        assert self.owner.get(address).headers["Location"].startswith("/tracking-numbers/")

    def test_a_scenario_that_is_there(self) -> None:
        scenario = self.campaign()
        number = scenario.numbers.get()
        address = f"/tracking-numbers/{scenario.pk}/routing/"
        page = f"/tracking-numbers/{scenario.pk}/flow/"
        assert page in self.owner.get("/tracking-numbers/").content.decode()
        assert address in self.owner.get(page).content.decode(), "a simple flow has its simple form"
        assert address not in self.analyst.get(page).content.decode()
        self.routing(address, greeting="", voicemail="on")
        assert self.flow(number.e164) == Forward(DESK, 20, voicemail=True, voicemail_greeting=GREETING)
        assert Job.objects.filter(kind="scenarios.refresh_fallbacks").exists()
        self.routing(address, voicemail="")
        flow = self.flow(number.e164)
        assert isinstance(flow, Forward)
        assert not flow.voicemail

    def test_what_nobody_is_asked_for_stays(self) -> None:
        scenario = self.campaign()
        scenario.flow = msgspec.to_builtins(Forward(DESK, apology="Sorry!", max_voicemail_seconds=30))
        scenario.save()
        self.routing(f"/tracking-numbers/{scenario.pk}/routing/", destination="+18005550199")
        flow = self.flow(scenario.numbers.get().e164)
        assert isinstance(flow, Forward)
        assert (flow.destination, flow.apology, flow.max_voicemail_seconds) == ("+18005550199", "Sorry!", 30)

    def test_errors_stand_at_their_fields(self) -> None:
        scenario = self.campaign()
        ours = scenario.numbers.get()
        address = f"/tracking-numbers/{scenario.pk}/routing/"
        for changes, field, said in (
            ({"destination": "12"}, "destination", "phone number"),
            ({"destination": ours.e164}, "destination", "would go round"),
            ({"ring_seconds": "4"}, "ring_seconds", "greater than or equal to 5"),
            ({"greeting": "x" * 501}, "greeting", "at most 500"),
            ({"greeting": "a\x07b"}, "greeting", "cannot be spoken"),
        ):
            assert said in error_at(self.routing(address, **changes), field), changes
        scenario.refresh_from_db()
        assert scenario.flow["destination"] != "+13122020777"

    def test_the_outsider_routes_nothing(self) -> None:
        scenario, number = self.campaign(), self.numbers(1)[0]
        for address in (f"/tracking-numbers/{scenario.pk}/routing/", f"/numbers/{number.pk}/routing/"):
            assert self.outsider.post(address, RINGS).status_code == 404
        assert not Number.objects.filter(flow__isnull=False).exists()

    def test_the_wizard_makes_it_too(self) -> None:
        ours = self.numbers(1)[0]
        first = self.owner.get("/tracking-numbers/new/campaign/").headers["Location"]
        details = {"title": "Radio", "target": "(800) 555-0199", "strategy": "direct", "site": str(self.site().pk)}
        numbers = self.owner.post(first, details | {"go": "next"}).headers["Location"]
        chosen = {"title": "Radio", "number": str(ours.pk), "go": "next"}
        routing = self.owner.post(numbers, chosen).headers["Location"]
        assert "Voicemail" in text(self.owner.get(routing))
        self.routing(routing, title="Radio", go="enable")
        assert self.flow(ours.e164) == Forward(DESK, 20, voicemail=True, voicemail_greeting="Hello you")

    def test_sandbox_prices_are_shown_in_every_mode(self) -> None:
        Account.objects.update(mode=Account.Mode.OWN_CARRIER)
        sandbox = Connection.objects.get(company=self.company)
        searched = {"connection": str(sandbox.pk), "country": "US", "kind": "toll_free"}
        assert "$1.00 each for 7 days" in text(self.owner.get("/numbers/buy/", searched))
