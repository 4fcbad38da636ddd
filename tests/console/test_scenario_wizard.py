"""The full wizard, editing with the same steps, the preview, the target check, and why a visit saw its number."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.test import override_settings

from callspring.accounts.actions import create_api_key
from callspring.accounts.models import Membership
from callspring.console.models import Draft
from callspring.scenarios.models import Scenario
from callspring.scenarios.target_check import MOST_A_MINUTE
from callspring.sites.models import Site
from callspring.stores.snapshot.files import site_file
from callspring.stores.snapshot.published import site_decoder
from tests.console.pages import text
from tests.console.test_wizard import ROUTING, Wizard
from tests.serving import serve
from tests.stories import TARGET

SEARCH = {"title": "Boston", "kind": "local", "country": "US", "area_code": "312"}


class Full(Wizard):
    def numbers_done(self, count: int) -> tuple[str, list[str]]:
        """The second step's address, and the numbers that were added in the first."""
        first = self.begin("scenario")
        assert self.go(first, "search", **SEARCH, count=str(count)) == first
        added = self.offered(first)
        assert len(added) == count
        return self.go(first, **SEARCH, number=added), added

    def tagging(self, **changes: Any) -> dict[str, Any]:
        return {"title": "Boston", "site": str(self.site().pk), "target-0": TARGET, "part-0": ""} | changes

    def test_all_six_steps(self) -> None:
        routing, added = self.numbers_done(3)
        tagging = self.go(routing, title="Boston", **ROUTING)
        page = self.tagging(
            **{"target-1": ".phone", "part-1": "area", "mask": "XXX-XXX-XXXX", "number_prefix": "Tel. "}
        )
        aside = text(self.send(tagging, "keep", version=self.version(tagging), **page))
        assert f"In text Tel. {added[0][2:5]}-{added[0][5:8]}-{added[0][8:]} Area code 312" in aside
        channels = self.go(tagging, **page)
        rows = {
            "strategy-0": "landing_page", "value-0": "/boilers", "gives-0": added[0],
            "strategy-1": "channel", "value-1": "Paid search", "gives-1": "pool",
            "rest": "nobody", "overflow": "leave",
        }  # fmt: skip
        integrations = self.go(channels, title="Boston", **rows)
        create_api_key(self.company, "Report")
        create_api_key(self.elsewhere, "Theirs")
        Membership.objects.update(email_copies=False)
        assert "nobody gets copies yet" in text(self.owner.get(integrations))
        Membership.objects.exclude(user=self.bob).update(email_copies=True)
        where = text(self.owner.get(integrations))
        assert "1 of your people gets a copy of each: Alice." in where
        assert "1 key is in force: Report." in where
        terms = self.go(integrations, title="Boston")
        out = {"title": "Boston", "pages": "/jobs\n/jobs/*", "places": "us/Illinois", "channels": ["direct", "email"]}
        approve = self.go(terms, "enable", **out)
        assert "“US/Illinois” cannot work yet" in text(self.owner.get(approve))
        self.approved(approve)
        self.work()
        made = Scenario.objects.get()
        assert [(one.value, one.part) for one in made.targets.all()] == [(TARGET, ""), (".phone", "area")]
        assert (made.mask, made.prefix, made.overflow, made.enabled) == ("XXX-XXX-XXXX", "Tel. ", "leave", True)
        first, second = made.rules.all()
        assert (first.strategy, first.value, first.dynamic) == ("landing_page", "/boilers", False)
        assert (second.strategy, second.value, second.dynamic) == ("channel", "paid_search", True)
        assert [one.e164 for one in first.numbers.all()] == added[:1]
        assert {one.e164 for one in second.numbers.all()} == set(added[1:])
        said = {(one.kind, one.value) for one in made.terms.all()}
        assert said == {
            ("channel", "direct"), ("channel", "email"), ("place", "US/Illinois"),
            ("landing_page", "/jobs"), ("landing_page", "/jobs/*"),
        }  # fmt: skip
        published = site_decoder.decode(site_file(settings.CONFIG.snapshots, self.site().pk).read_bytes())
        assert len(published.scenarios[0].rules) == 2

    def version(self, address: str) -> str:
        found = re.search(r'name="version" value="(\d+)"', self.owner.get(address).content.decode())
        assert found
        return found[1]

    def test_three_steps_are_enough(self) -> None:
        routing, added = self.numbers_done(2)
        tagging = self.go(routing, title="Boston", **ROUTING)
        assert self.go(tagging, "save", **self.tagging()) == "/tracking-numbers/"
        made = Scenario.objects.get()
        assert [(rule.strategy, rule.dynamic) for rule in made.rules.all()] == [("always", True)]
        assert {one.e164 for one in made.wanted.all()} == set(added)

    def test_two_steps_back_and_nothing_is_lost(self) -> None:
        routing, added = self.numbers_done(2)
        tagging = self.go(routing, title="Boston", **ROUTING)
        wrong = self.tagging(**{"target-0": "half", "target-1": "#tel", "mask": "?"})
        first = self.go(tagging, "numbers", **wrong)
        self.go(first, "search", **SEARCH, number=added, count="1")
        third = self.offered(first)
        assert third[:2] == added
        tagging = self.go(self.go(first, **SEARCH, number=third), title="Boston", **ROUTING)
        html = self.owner.get(tagging).content.decode()
        assert all(f'value="{kept}"' in html for kept in ("half", "#tel", "?"))
        answer = self.send(tagging, **wrong)
        for field in ("target-0", "mask"):
            assert f'id="id_{field}_error"' in answer.content.decode()
        assert re.search(r'name="target-0"[^>]*autofocus', answer.content.decode())
        missing = self.go(tagging, "channels", **wrong)
        assert self.send(missing, "save", title="Boston").headers["Location"].endswith("/tagging/?check=1")

    def test_rows_are_added_moved_and_taken_out_without_a_script(self) -> None:
        routing, added = self.numbers_done(2)
        channels = self.go(self.go(routing, title="Boston", **ROUTING), **self.tagging())
        row = {"title": "Boston", "strategy-0": "direct", "gives-0": added[0]}
        self.go(channels, "more", **row)
        two = row | {"strategy-1": "web_search", "gives-1": added[1]}
        self.go(channels, "up-1", **two)
        html = self.owner.get(channels).content.decode()
        assert re.search(r'name="strategy-0".*?value="web_search" selected', html, re.DOTALL)
        self.go(channels, "drop-0", **two)
        html = self.owner.get(channels).content.decode()
        assert 'name="strategy-1"' not in html
        assert re.search(r'name="strategy-0".*?value="web_search" selected', html, re.DOTALL)

    def test_rules_that_cannot_be(self) -> None:
        routing, added = self.numbers_done(2)
        channels = self.go(self.go(routing, title="Boston", **ROUTING), **self.tagging())
        row = {"title": "Boston", "strategy-0": "direct", "gives-0": added[0]}
        for changes, said in (
            ({"strategy-1": "web_search", "gives-1": added[0]}, "A number can stand in one row only"),
            ({"gives-0": "pool"}, "A scenario has one pool."),
            ({"strategy-1": "web_search", "gives-1": added[1]}, "No number is left for the pool."),
            ({"rest": "nobody"}, "is in no row."),
            ({"strategy-0": "source"}, "Give its name"),
            ({"strategy-0": "channel", "value-0": "carrier pigeon"}, "is no channel"),
            ({"gives-0": "+13125559999"}, "This number is not in the first step any more."),
        ):
            assert said in text(self.send(channels, **(row | changes))), said

    def test_terms_that_cannot_be(self) -> None:
        routing, _ = self.numbers_done(1)
        tagging = self.go(routing, title="Boston", **ROUTING)
        self.go(tagging, **self.tagging())
        terms = tagging.replace("tagging", "terms")
        for changes, field in (
            ({"pages": "jobs"}, "pages"),
            ({"places": "Boston"}, "places"),
            ({"sources": "*"}, "sources"),
        ):
            html = self.send(terms, "save", title="Boston", **changes).content.decode()
            assert f'id="id_{field}_error"' in html, changes
        with override_settings(CONFIG=replace(settings.CONFIG, city_file=Path("/somewhere"))):
            self.go(terms, "save", title="Boston", places="US/Illinois")
            assert "cannot work yet" not in self.page("tracking_numbers")

    def test_what_is_kept_while_typing_never_overtakes_what_was_sent(self) -> None:
        first = self.begin("scenario")
        late = self.version(first)
        self.go(first, "search", **SEARCH, count="2")
        assert self.send(first, "keep", version=late, title="Old", count="9").status_code == 204
        assert len(self.offered(first)) == 2
        assert Draft.objects.get().title == "Boston"


class Looking(Wizard):
    def preview(self, **asked: str) -> str:
        """Who would see what, of a draft for /boilers among an older pool."""
        routing = self.go(self.numbers_step("campaign", path="/boilers"), title="Boilers", number=self.one())
        self.send(routing, "keep", version=str(Draft.objects.get().version), title="Boilers", **ROUTING)
        address = f"/tracking-numbers/drafts/{Draft.objects.get().pk}/preview/"
        return text(self.owner.get(address, {"arrives": "google", "page": "/"} | asked))

    def one(self) -> str:
        return self.offered(f"/tracking-numbers/drafts/{Draft.objects.get().pk}/numbers/")[0]

    def test_a_visitor_would_see_and_why(self) -> None:
        self.pool(1, title="Everyone")
        page = self.preview(page="/boilers", place="US/Massachusetts/Boston")
        assert "A visitor from google / organic on page /boilers in Boston, Massachusetts, US" in page
        assert re.search(
            r"sees \(312\) 555-\d{4} in place of \(800\) 555-0199, of “Boilers”, because they landed", page
        )
        assert "“Everyone” lost (800) 555-0199 to “Boilers”: a landing page goes before the pool" in page

    def test_another_page_shows_the_other_scenario(self) -> None:
        self.pool(1, title="Everyone")
        page = self.preview(page="/prices", arrives="newsletter")
        assert "A visitor from newsletter / email on page /prices" in page
        assert "of “Everyone”, because everybody is given one of its numbers" in page
        assert "“Boilers” is for others: they landed on /boilers." in page

    def test_hostile_previews(self) -> None:
        self.preview()
        address = f"/tracking-numbers/drafts/{Draft.objects.get().pk}/preview/"
        for page, arrives, place in (
            ("http://[::1", "google", ""),
            ("/", "magic", ""),
            ("/", "direct", "///"),
            ("/<script>" * 99, "other", "<script>"),
        ):
            answer = self.owner.get(address, {"page": page, "arrives": arrives, "place": place})
            assert answer.status_code == 200
            assert "<script>" not in answer.content.decode()

    def test_why_a_visit_saw_its_number(self) -> None:
        made = self.campaign(title="Google search")
        number = made.numbers.get()
        visit = self.visit(source="google", channel="organic_search", landing_url="https://shop.example/boilers")
        self.show(visit, number, reason="web_search", dynamic=False)
        page = self.page("visit_why", visit.number)
        assert f"{number.e164[-4:]} of “Google search”: the scenario won by a web search" in page
        assert self.outsider.get(f"/visits/{visit.number}/why/").status_code == 404


class TargetOnPage(Wizard):
    """A home page that has the number in three places, is gone, or has another one."""

    def look(self, body: str, *targets: str, status: int = 200) -> str:
        async def app(_scope: Any, _receive: Any, send: Any) -> None:
            await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"text/html")]})
            await send({"type": "http.response.body", "body": body.encode()})

        with serve(app) as origin, override_settings(CONFIG=replace(settings.CONFIG, test_origins=(origin,))):
            Site.objects.filter(pk=self.site().pk).update(hosts=[origin.removeprefix("http://")])
            cache.clear()
            asked = {"site": str(self.site().pk), "target": targets or ["800 555 0199"]}
            return text(self.owner.get("/tracking-numbers/new/target/", asked))

    def test_found_missing_and_out_of_reach(self) -> None:
        page = '<p>Call 800-555-0199 or (800) 555 0199</p><a href="tel:+18005550199">call</a>'
        assert "Found in 3 places on your home page" in self.look(page)
        missing = self.look('<a href="tel:+13125550123">call</a>')
        assert "(800) 555-0199 is not on this page" in missing
        assert "13125550123" in missing
        assert "cannot be reached from here" in self.look(page, status=500)
        assert "phone number" in self.look(page, "12")

    def test_each_of_several_numbers_is_looked_for(self) -> None:
        found = self.look('<p>Call 800-555-0199</p><a href="tel:+13125550123">us</a>', "8005550199", "3125550188")
        assert "(800) 555-0199 stands in 1 place on your home page" in found
        assert "(312) 555-0188 is not on this page" in found
        page = self.look("<p>800-555-0199</p>", *[f"312555{line:04}" for line in range(400)])
        assert page.count("is not on this page") < 50  # as many as a scenario has

    def test_the_step_asks_for_all_numbers_that_it_names(self) -> None:
        routing = self.go(self.numbers_step("campaign"), title="Radio", number=self.one_offered())
        assert "target=%2B18005550199" in self.owner.get(routing.replace("routing", "tracking")).content.decode()
        first = self.begin("scenario")
        tagging = first.replace("/numbers/", "/tagging/")
        two = {"site": str(self.site().pk), "target-0": TARGET, "target-1": ".phone", "target-2": "3125550188"}
        html = self.send(tagging, "keep", version="0", **two).content.decode()
        assert f"target={TARGET}&amp;target=+13125550188".replace("+", "%2B") in html

    def one_offered(self) -> str:
        return self.offered(f"/tracking-numbers/drafts/{Draft.objects.get().pk}/numbers/")[0]

    def test_no_other_place_than_the_site_is_reached(self) -> None:
        Site.objects.filter(pk=self.site().pk).update(hosts=["127.0.0.1:8000"])
        asked = {"site": str(self.site().pk), "target": TARGET}
        assert "cannot be reached from here" in text(self.owner.get("/tracking-numbers/new/target/", asked))
        theirs = {"site": str(self.site(self.elsewhere).pk), "target": TARGET}
        assert "Choose a site first" in text(self.owner.get("/tracking-numbers/new/target/", theirs))

    def test_it_cannot_be_used_to_knock_all_day(self) -> None:
        Site.objects.filter(pk=self.site().pk).update(hosts=["127.0.0.1:8000"])
        for line in range(MOST_A_MINUTE + 1):
            asked = {"site": str(self.site().pk), "target": f"+1312555{1000 + line}"}
            page = text(self.owner.get("/tracking-numbers/new/target/", asked))
        assert "Try again in a minute" in page
