"""Making and changing a scenario, from choosing a way to switched on: what is asked, kept, refused and bought."""

from __future__ import annotations

import re
from typing import Any

from django.utils import timezone

from callspring.billing.queries import balance
from callspring.console.models import Draft
from callspring.console.wizard.drafts import KEPT_BLANK
from callspring.jobs.models import Job
from callspring.jobs.run import run_due
from callspring.numbers.models import Number
from callspring.scenarios.models import Scenario
from tests.console.pages import Pages, text
from tests.stories import TARGET

CAMPAIGN = {"title": "Radio", "target": "(800) 555-0199", "strategy": "landing_page", "path": "/radio"}
USERS = {"title": "Everyone", "target": "800.555.0199", "peak": "10", "count": ""}
OFFLINE = {"title": "Billboard", "source": " Billboard  Main Street "}
ROUTING = {"destination": "+1 800 555 0199", "ring_seconds": "30"}
FIRST = {"campaign": CAMPAIGN, "users": USERS, "offline": OFFLINE}


class Wizard(Pages):
    """A browser of Alice's that steps through."""

    def begin(self, way: str) -> str:
        """The address of the first step of a fresh draft."""
        return str(self.owner.get(f"/tracking-numbers/new/{way}/").headers["Location"])

    def send(self, address: str, go: str = "next", **data: Any) -> Any:
        return self.owner.post(address, {**data, "go": go})

    def go(self, address: str, go: str = "next", **data: Any) -> str:
        """Where it leads; the step has to be right."""
        answer = self.send(address, go, **data)
        assert answer.status_code == 302, text(answer)
        return str(answer.headers["Location"])

    def details(self, way: str, **changes: str) -> Any:
        site = {"site": str(self.site().pk)} if way != "offline" else {}
        return self.send(self.begin(way), **(FIRST[way] | site | changes))

    def numbers_step(self, way: str, **changes: str) -> str:
        answer = self.details(way, **changes)
        assert answer.status_code == 302, text(answer)
        return str(answer.headers["Location"])

    def offered(self, address: str) -> list[str]:
        return re.findall(r'name="number" value="(\+\d+)"', self.owner.get(address).content.decode())

    def saved(self, routing: str, go: str = "save", **changes: Any) -> str:
        title = self.owner.get(routing).context["draft"].title
        return self.go(routing, go, title=title, **(ROUTING | changes))

    def approved(self, approve: str, go: str = "enable") -> Any:
        """Press *Connect*, with what the page says."""
        return self.owner.post(approve, {**self.said(approve), "go": go})

    def said(self, approve: str) -> dict[str, Any]:
        """The numbers that the page lists, and their price."""
        html = self.owner.get(approve).content.decode()
        price = re.search(r'name="price" value="(\d+)"', html)
        return {"number": re.findall(r'name="number" value="(\+\d+)"', html), "price": price[1] if price else ""}

    def listed(self, approve: str) -> list[str]:
        found: list[str] = self.said(approve)["number"]
        return found

    def work(self) -> None:
        """What waits is done."""
        for _ in range(30):
            Job.objects.filter(state=Job.State.QUEUED).update(run_at=timezone.now())
            if not run_due(1):
                return


class ShortWays(Wizard):
    def test_a_campaign_from_start_to_end(self) -> None:
        numbers = self.numbers_step("campaign")
        number = self.offered(numbers)[1]
        assert "$0.75" in text(self.owner.get(numbers))
        routing = self.go(numbers, title="Radio", number=number)
        approve = self.saved(routing, "enable")
        assert not Number.objects.filter(company=self.company).exists()  # nothing is bought by saving
        made = Scenario.objects.get()
        assert not made.enabled
        page = text(self.owner.get(approve))
        assert "Charged now, for the first 7 days $0.75" in page
        assert "United States · Sandbox" in page
        assert "A minute to a local number $0.01" in page
        self.approved(approve)
        self.work()
        made.refresh_from_db()
        rule = made.rules.get()
        assert (made.name, made.target, made.enabled) == ("Radio", TARGET, True)
        assert (rule.strategy, rule.value, rule.dynamic) == ("landing_page", "/radio", False)
        assert made.flow["ring_seconds"] == 30
        assert made.numbers.get().e164 == number
        assert made.numbers.get().rule == rule
        assert balance(self.company.account) == 50_00 - 75
        assert "1 of 1 number is yours" in self.page("purchase", made.pk)
        assert not Draft.objects.exists()

    def test_users_get_a_quarter_of_the_peak(self) -> None:
        numbers = self.numbers_step("users")
        assert "3 numbers to be added" in text(self.owner.get(numbers))
        self.approved(self.saved(self.go(numbers, title="Everyone"), "enable"), "rent")
        self.work()
        made = Scenario.objects.get()
        assert (made.peak_hourly_visits, made.numbers.count(), made.enabled) == (10, 3, False)  # rented, and off
        assert made.rules.get().dynamic
        assert balance(self.company.account) == 50_00 - 3 * 75

    def test_a_billboard_needs_no_site(self) -> None:
        numbers = self.numbers_step("offline")
        number = self.offered(numbers)[0]
        self.approved(self.saved(self.go(numbers, title="Billboard", number=number), "enable"))
        self.work()
        made = Scenario.objects.get()
        rule = made.rules.get()
        assert (made.site, made.target, made.enabled) == (None, "", True)
        assert (rule.strategy, rule.value) == ("source", "Billboard Main Street")

    def test_the_form_says_what_more_numbers_would_buy(self) -> None:
        first = self.begin("users")
        aside = text(self.send(first, "keep", version="0", **(USERS | {"peak": "90", "site": str(self.site().pk)})))
        assert re.search(r"23 a quarter \d\d\.\d % \$17.25", aside)
        shares = [float(share) for share in re.findall(r"([\d.]+) % \$", aside)]
        assert shares == sorted(shares)
        assert len(shares) > 2

    def test_errors_stand_at_their_fields_with_the_cursor_in_the_first(self) -> None:
        for changes, said in (
            ({"title": " "}, "Give it a title"),
            ({"target": "12"}, "is not a phone number"),
            ({"path": "radio"}, "begins with “/”"),
            ({"strategy": "url_parameter"}, "Give the parameter's name"),
            ({"strategy": "referral", "host": "a b"}, "Give the website's host"),
            ({"strategy": "magic"}, "Select a valid choice"),
            ({"site": str(self.site(self.elsewhere).pk)}, "not here any more"),
        ):
            answer = self.details("campaign", **changes)
            assert answer.status_code == 200
            html = answer.content.decode()
            assert said in text(answer) or "has too few digits" in text(answer), (changes, text(answer))
            assert re.search(r"<(input|select)[^>]*autofocus", html), changes
        for changes in ({"peak": "0"}, {"peak": "many"}, {"count": "20001"}, {"count": "-1"}):
            assert 'aria-invalid="true"' in self.details("users", **changes).content.decode(), changes
        routing = self.go(self.numbers_step("users"), title="Everyone")
        for changes, said in (
            ({"destination": ""}, "Give the number that is to ring"),
            ({"ring_seconds": "500"}, "less than or equal to 120"),
        ):
            assert said in text(self.send(routing, "save", title="Everyone", **(ROUTING | changes))), said
        assert not Scenario.objects.exists()

    def test_toll_free_and_area_codes(self) -> None:
        numbers = self.numbers_step("campaign")
        search = {"title": "Radio", "kind": "toll_free", "country": "US", "area_code": ""}
        self.go(numbers, "search", **search)
        page = text(self.owner.get(numbers))
        assert "$1.00 for 7 days" in page
        assert re.search(r"\(8\d\d\) 555-", page)
        self.send(numbers, "search", **(search | {"kind": "local", "area_code": "999"}))
        assert "No such number is to be had" in text(self.owner.get(numbers))
        assert "Digits only" in text(self.send(numbers, **(search | {"area_code": "x"})))

    def test_a_number_that_was_not_offered_cannot_be_taken(self) -> None:
        numbers = self.numbers_step("campaign")
        theirs = self.numbers(1, self.elsewhere)[0]
        for number in ("+13125559999", str(theirs.pk), theirs.e164, "", "0"):
            assert "Choose a number" in text(self.send(numbers, title="Radio", number=number)), number

    def test_a_number_the_company_has_costs_nothing_and_needs_no_approval(self) -> None:
        ours, before = self.numbers(1)[0], balance(self.company.account)
        routing = self.go(self.numbers_step("campaign"), title="Radio", number=str(ours.pk))
        assert self.saved(routing, "enable") == "/tracking-numbers/"
        made = Scenario.objects.get()
        assert (made.numbers.get(), made.enabled) == (ours, True)
        assert balance(self.company.account) == before
        assert "“Radio” is on. Pages show its numbers from now on." in self.page("tracking_numbers")

    def test_own_numbers_come_first_in_a_pool(self) -> None:
        ours = self.numbers(1)[0]
        approve = self.saved(self.go(self.numbers_step("users"), title="Everyone", use_owned="on"), "enable")
        assert len(self.listed(approve)) == 2
        self.approved(approve)
        self.work()
        assert ours in Scenario.objects.get().numbers.all()
        assert Scenario.objects.get().numbers.count() == 3


class Drafts(Wizard):
    def test_nothing_typed_is_lost_on_the_way_back(self) -> None:
        numbers = self.numbers_step("campaign", title="Radio & “TV”")
        second = self.offered(numbers)[1]
        routing = self.go(numbers, title="Radio & “TV”", number=second)
        broken = {"title": "Radio 2", "destination": "half a num", "ring_seconds": "7"}
        back = self.go(routing, "numbers", **broken)
        assert f'value="{second}" checked' in self.owner.get(back).content.decode()
        details = self.go(back, "tracking", title="Radio 2")
        html = self.owner.get(details).content.decode()
        assert 'value="Radio 2"' in html
        assert 'value="/radio"' in html
        html = self.owner.get(routing).content.decode()
        assert 'value="half a num"' in html
        assert 'value="7"' in html
        assert "is-invalid" not in html  # it is said when one wants to go on

    def test_what_is_typed_is_kept_while_typing_and_waits_on_the_next_day(self) -> None:
        first = self.begin("campaign")
        assert self.send(first, "keep", version="0", title="Half done", target="80").status_code == 200
        page = self.page("new")
        assert "You began one and did not finish it" in page
        assert "Half done" in page
        found = Draft.objects.get()
        again = str(self.owner.get(f"/tracking-numbers/drafts/{found.pk}/").headers["Location"])
        assert 'value="80"' in self.owner.get(again).content.decode()

    def test_a_draft_is_discarded(self) -> None:
        first = self.begin("campaign")
        self.send(first, "keep", version="0", title="Half done")
        self.owner.post(f"/tracking-numbers/drafts/{Draft.objects.get().pk}/discard/")
        assert "The draft is discarded" in self.page("tracking_numbers")
        assert self.owner.get(first).headers["Location"] == "/tracking-numbers/"
        assert "This was saved or given up already." in self.page("tracking_numbers")

    def test_looking_alone_leaves_nothing_to_continue(self) -> None:
        self.owner.get(self.begin("users"))
        assert "You began" not in self.page("new")

    def test_looking_often_costs_nobody_what_was_begun(self) -> None:
        first = self.begin("campaign")
        self.send(first, "keep", version="0", title="Half done")
        blank = [self.begin("users") for _ in range(30)]
        assert 'value="Half done"' in self.owner.get(first).content.decode()
        assert len(set(blank)) == 30  # each tab has its own
        assert self.owner.get(blank[-2]).status_code == 200
        assert Draft.objects.count() == 1 + KEPT_BLANK

    def test_drafts_of_two_tabs_do_not_mix(self) -> None:
        first, second = self.numbers_step("campaign"), self.numbers_step("campaign", title="Second")
        one, other = self.offered(first)[0], self.offered(second)[1]
        for numbers, number, title in ((second, other, "Second"), (first, one, "Radio")):
            self.saved(self.go(numbers, title=title, number=number))
        assert list(Scenario.objects.values_list("name", "wanted__e164")) == [("Second", other), ("Radio", one)]

    def test_an_outsider_finds_no_draft(self) -> None:
        numbers = self.numbers_step("campaign")
        for step in ("tracking", "numbers", "routing"):
            address = re.sub(r"drafts/(\d+)/.*", rf"drafts/\1/{step}/", numbers)
            assert self.outsider.get(address).status_code == 404
            assert self.outsider.post(address, {"title": "Evil", "go": "keep"}).status_code == 404
        assert Draft.objects.get().title == "Radio"
        assert self.analyst.post(numbers, {"go": "keep"}).status_code == 403

    def test_a_huge_form_is_cut(self) -> None:
        first = self.begin("campaign")
        self.send(
            first, "keep", version="0", title="x" * 9_000, target="y" * 90_000, **{f"f{n}": "z" for n in range(600)}
        )
        found = Draft.objects.get()
        assert len(found.title) == 500
        assert len(str(found.typed)) < 20_000


class Overlaps(Wizard):
    def test_what_would_show_nothing_is_said(self) -> None:
        self.pool(1, title="Everyone else")
        self.saved(self.go(self.numbers_step("users", title="My pool"), title="My pool"))
        said = (
            "“Everyone else” already swaps this number for every visitor; "
            "“My pool” will show nothing until you switch that off."
        )
        assert said in self.page("tracking_numbers")

    def test_equally_strong_rules_are_said(self) -> None:
        self.campaign(title="Old radio", strategy="landing_page", value="/radio")
        numbers = self.numbers_step("campaign")
        self.saved(self.go(numbers, title="Radio", number=self.offered(numbers)[0]))
        page = self.page("tracking_numbers")
        assert "“Radio” and “Old radio” both replace (800) 555-0199" in page or "already swaps" in page

    def test_what_is_apart_is_not_warned_of(self) -> None:
        self.campaign(title="Newsletter", strategy="direct")
        numbers = self.numbers_step("campaign", strategy="web_search")
        self.saved(self.go(numbers, title="Radio", number=self.offered(numbers)[0]))
        assert "both replace" not in self.page("tracking_numbers")
