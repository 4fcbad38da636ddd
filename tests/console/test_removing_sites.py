"""A site is removed in the console and brought back, and hosts are shown as people write them."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils import timezone

from callspring.scenarios.sites import add_site, change_site, remove_site
from callspring.sites.models import Site, SnippetTest
from callspring.visits.models import DropCount
from tests.console.pages import Pages, text
from tests.stories import TARGET


class Removing(Pages):
    def setUp(self) -> None:
        super().setUp()
        self.shop = change_site(self.site(), "Shop", ["harbor.example"])
        self.scenario = self.campaign(title="Google search")
        self.pool_scenario = self.pool(2, title="Everyone")

    def post(self, view: str, *args: Any, client: Any = None) -> str:
        """What the page says to which it leads."""
        return text((client or self.owner).post(reverse(f"console:{view}", args=args), follow=True))

    def test_it_says_first_what_happens(self) -> None:
        page = self.page("remove_site", self.shop.pk)
        for said in (
            "Remove “Shop”?",
            "Pages show your own number again, within two seconds: harbor.example.",
            "The 3 tracking numbers shown there keep ringing you.",
            "It is your only site",
            "2 scenarios act on this site",
            "Google search On · 1 number, shown on this site alone",
            "Everyone On · 2 numbers, shown on this site alone",
            "None of the 3 numbers is given back",
        ):
            assert said in page, said
        assert self.site() == self.shop, "asking removes nothing"

    def test_a_site_without_scenarios_is_told_of_without_them(self) -> None:
        page = self.page("remove_site", add_site(self.company, "Blog", ["blog.example"]).pk)
        assert "blog.example" in page
        for unsaid in ("your only site", "scenario", "ringing"):
            assert unsaid not in page, unsaid

    def test_removed_and_undone(self) -> None:
        page = self.post("remove_site", self.shop.pk)
        assert "“Shop” is removed: its pages show your own number." in page
        assert "can be brought back at any time, as it was. Undo" in page
        assert "There is no site, so the script shows no numbers anywhere." in page
        assert "1 removed site Shop harbor.example · Removed" in page
        assert "Bring back" in page
        assert "Undo" not in self.page("integrations"), "it is offered once; below it stays"
        assert "is removed: its pages" in self.post("remove_site", self.shop.pk), "pressed twice"
        asked = self.owner.get(reverse("console:remove_site", args=[self.shop.pk]))
        assert asked.headers["Location"] == "/settings/integrations/"
        assert "is there again, as it was" in self.post("restore_site", self.shop.pk)
        assert "is there again, as it was" in self.post("restore_site", self.shop.pk), "pressed twice"
        assert self.site() == self.shop
        assert "removed site" not in self.page("integrations")

    def test_others_are_offered_nothing_of_it(self) -> None:
        self.post("remove_site", self.shop.pk)
        assert "Bring back" not in self.page("integrations", client=self.analyst)
        assert "harbor.example" not in self.page("integrations", client=self.outsider)
        for view in ("restore_site", "remove_site"):
            assert self.outsider.post(reverse(f"console:{view}", args=[self.shop.pk])).status_code == 404
        assert self.analyst.post(reverse("console:restore_site", args=[self.shop.pk])).status_code == 403
        assert not Site.objects.filter(company=self.company).exists()

    def test_its_host_is_another_sites_by_now(self) -> None:
        remove_site(self.shop)
        add_site(self.company, "New", ["harbor.example"])
        page = self.post("restore_site", self.shop.pk)
        assert "harbor.example belongs to the site “New”. “Shop” stays removed" in page
        assert "1 removed site" in page

    def test_its_scenarios_say_so_and_can_be_edited_without_moving(self) -> None:
        other = add_site(self.company, "Other", ["other.example"])
        remove_site(self.shop)
        said = "On no page: its site “Shop” is removed"
        assert self.page("tracking_numbers").count(said) == 2
        self.owner.post(reverse("console:set_maintenance", args=[self.pool_scenario.pk]), {"enabled": "yes"})
        assert "Its site is removed, and so nothing is done meanwhile." in self.page(
            "pool_maintenance", self.pool_scenario.pk
        )
        opened = self.owner.get(reverse("console:edit_scenario", args=[self.scenario.pk])).headers["Location"]
        tagging = opened.replace("/numbers/", "/tagging/")
        page = self.owner.get(tagging).content.decode()
        assert f'<option value="{self.shop.pk}" selected>Shop (removed)</option>' in page
        assert f'<option value="{other.pk}">Other</option>' in page
        form = {"title": "Google search", "target-0": TARGET, "site": str(self.shop.pk), "go": "next"}
        assert "/tagging/" not in self.owner.post(tagging, form).headers["Location"]

    def test_no_new_scenario_begins_on_it(self) -> None:
        remove_site(self.shop)
        for way in ("new_campaign", "new_users"):
            page = self.owner.get(reverse(f"console:{way}"), follow=True)
            assert "First tell us your site's host" in text(page), way
            assert "(removed)" not in text(page), way

    def test_a_draft_that_was_begun_on_it_says_what_to_do(self) -> None:
        address = self.owner.get(reverse("console:new_campaign")).headers["Location"]
        add_site(self.company, "Other", ["other.example"])
        remove_site(self.shop)
        form = {"title": "Mail", "site": str(self.shop.pk), "target": TARGET, "strategy": "direct", "go": "next"}
        assert "This site is not here any more. Choose another one" in text(self.owner.post(address, form))

    def test_requests_from_it_and_its_visits_are_explained(self) -> None:
        visit = self.visit()
        hour = timezone.now().replace(minute=0, second=0, microsecond=0)
        for host in ("harbor.example", "elsewhere.example"):
            DropCount.objects.create(company=self.company.pk, reason="unknown_host", host=host, hour=hour, count=3)
        remove_site(self.shop)
        page = self.page("integrations")
        assert "The script ran on a site that you removed: its pages kept their own number. harbor.example" in page
        assert "allowed hosts. Add the host if it is yours. elsewhere.example" in page
        why = self.page("visit_why", visit.number)
        assert "“Shop” is removed since" in why
        assert "its pages keep their own numbers, whatever the scenarios say." in why
        assert "They would see your own number." in why


class Hosts(Pages):
    PUNYCODE, WRITTEN = "xn--mller-kva.example", "müller.example"

    def setUp(self) -> None:
        super().setUp()
        self.shop = change_site(self.site(), "Shop", [self.WRITTEN])

    def test_as_people_write_them(self) -> None:
        assert self.shop.hosts == [self.PUNYCODE]
        self.campaign()
        page = self.owner.get(reverse("console:integrations")).content.decode()
        assert f'<bdi title="{self.PUNYCODE}">{self.WRITTEN}</bdi>' in page
        assert f"{self.WRITTEN}</textarea>" in page
        assert f'href="https://{self.PUNYCODE}/?callspring_test=organic_search"' in page
        assert f">https://{self.WRITTEN}/?callspring_test=organic_search</a>" in page
        assert self.WRITTEN in self.page("remove_site", self.shop.pk)

    def test_saved_again_it_is_the_same_host(self) -> None:
        address = reverse("console:site", args=[self.shop.pk])
        form = {f"site-{self.shop.pk}-name": "Shop", f"site-{self.shop.pk}-hosts": self.WRITTEN}
        self.owner.post(address, form)
        assert self.site().hosts == [self.PUNYCODE]
        taken = self.owner.post(reverse("console:new_site"), {"new-name": "Copy", "new-hosts": self.PUNYCODE})
        assert f"{self.WRITTEN} belongs to the site “Shop”." in text(taken)

    def test_in_tests_of_the_snippet_and_on_visits(self) -> None:
        finding = {"code": "host_unknown", "level": "problem", "values": {"host": self.PUNYCODE}}
        test = SnippetTest.objects.create(
            company=self.company, address=f"https://{self.PUNYCODE}/", host=self.PUNYCODE, level="problem",
            state=SnippetTest.State.DONE, findings=[finding],
        )  # fmt: skip
        page = self.page("snippet_test", test.pk)
        assert f"{self.WRITTEN} is not an allowed host" in page
        assert f"Allow {self.WRITTEN} for “Shop”" in page
        assert self.PUNYCODE not in page
        visit = self.visit(landing_url=f"https://{self.PUNYCODE}/contact?x=1")
        assert f"on {self.WRITTEN}/contact:" in self.page("visit_why", visit.number)

    def test_what_could_deceive_stays_as_it_is(self) -> None:
        change_site(self.site(), "Shop", ["pаypal.example"])  # with a Cyrillic а
        page = self.page("integrations")
        assert "xn--pypal-4ve.example" in page
        assert "pаypal" not in page
