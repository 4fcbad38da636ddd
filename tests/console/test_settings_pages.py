"""Numbers, integrations, company."""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode
from hashlib import sha256, sha384

from django.conf import settings
from django.utils import timezone

from callspring.accounts.queries import key_in_force
from callspring.stores.snippet_versions import newest
from callspring.visits.models import DropCount
from tests.console.pages import Pages, text


class Numbers(Pages):
    def test_only_those_that_no_scenario_uses(self) -> None:
        used = self.campaign().numbers.get()
        other = self.numbers(1)[0]
        page = self.page("numbers")
        assert other.e164[-4:] in page
        assert used.e164[-4:] not in page
        assert "1 more is a tracking number" in page

    def test_none(self) -> None:
        assert "No other numbers" in self.page("numbers")


class Integrations(Pages):
    def test_the_line(self) -> None:
        line = f'<script async src="{settings.CONFIG.doors_url}/cs/{self.company.key}.js"></script>'
        page = self.page("integrations")
        assert line in page
        [(key, version, digest)] = re.findall(
            r'src="[^"]*/cs/(\w+)/(\w{16})\.js" integrity="sha384-([\w+/]{64})" crossorigin="anonymous">', page
        )
        assert (key, b64decode(digest).hex()[:16]) == (self.company.key, version)
        [checking] = re.findall(r'<script type="importmap">(.*?)</script>', page)
        address = f"{settings.CONFIG.doors_url}/cs/{newest().later_file}"
        digest = b64encode(sha384(newest().later).digest()).decode()
        assert json.loads(checking) == {"integrity": {address: f"sha384-{digest}"}}
        assert f"'sha256-{b64encode(sha256(checking.encode()).digest()).decode()}'" in page

    def test_hosts(self) -> None:
        site = self.site()
        address = f"/settings/integrations/sites/{site.pk}/"
        names = {"name": f"site-{site.pk}-name", "hosts": f"site-{site.pk}-hosts"}
        self.owner.post(address, {names["name"]: "Shop", names["hosts"]: "https://www.New.example/x\nshop.example"})
        assert self.site().hosts == ["new.example", "shop.example"]
        wrong = self.owner.post(address, {names["name"]: "Shop", names["hosts"]: "what is this"})
        assert "is not a host name" in text(wrong)
        assert "what is this</textarea>" in wrong.content.decode()
        assert self.site().hosts == ["new.example", "shop.example"]

    def test_another_site(self) -> None:
        self.owner.post("/settings/integrations/sites/", {"new-name": "Blog", "new-hosts": "blog.example"})
        assert "blog.example" in self.page("integrations")
        taken = self.owner.post("/settings/integrations/sites/", {"new-name": "Copy", "new-hosts": "blog.example"})
        assert "belongs to the site “Blog”" in text(taken)
        assert taken.content.decode().count('aria-current="') == 2, "the menu and the tabs still say where one is"

    def test_consent_is_said_for_each_site(self) -> None:
        site = self.site()
        address = f"/settings/integrations/sites/{site.pk}/"
        form = {f"site-{site.pk}-{name}": value for name, value in (("name", "Shop"), ("hosts", "shop.example"))}
        assert "· visitors must agree first" not in self.page("integrations")
        self.owner.post(address, {**form, f"site-{site.pk}-consent": "yes"})
        assert self.site().needs_consent
        assert "shop.example · visitors must agree first" in self.page("integrations", client=self.analyst)
        self.owner.post(address, {**form, f"site-{site.pk}-consent": ""})
        assert not self.site().needs_consent

    def test_forms_are_a_choice_of_each_site(self) -> None:
        site = self.site()
        address = f"/settings/integrations/sites/{site.pk}/"
        form = {f"site-{site.pk}-{name}": value for name, value in (("name", "Shop"), ("hosts", "shop.example"))}
        assert not site.takes_forms
        self.outsider.post(address, {**form, f"site-{site.pk}-forms": "yes"})
        assert not self.site().takes_forms
        self.owner.post(address, {**form, f"site-{site.pk}-forms": "yes"})
        assert self.site().takes_forms
        assert "shop.example · forms are recorded" in self.page("integrations", client=self.analyst)
        self.owner.post(address, form)
        assert not self.site().takes_forms

    def test_how_visitors_are_remembered(self) -> None:
        address = "/settings/integrations/visitors/"
        self.owner.post(address, {"cookie_days": "30", "newest_source": "yes"})
        self.company.refresh_from_db()
        assert (self.company.cookie_days, self.company.newest_source) == (30, True)
        assert "30 days" in self.page("integrations", client=self.analyst)
        for days in ("0", "401", "a month", ""):
            wrong = self.owner.post(address, {"cookie_days": days})
            assert wrong.content.decode().count("invalid-feedback") == 1, days
        self.outsider.post(address, {"cookie_days": "1"})
        self.company.refresh_from_db()
        assert (self.company.cookie_days, self.company.newest_source) == (30, True)

    def test_links_to_try(self) -> None:
        assert "See what others see" not in self.page("integrations")
        self.campaign()
        page = self.page("integrations")
        assert f"https://{self.site().hosts[0]}/?callspring_test=organic_search" in page
        assert "callspring_test" not in self.page("integrations", client=self.outsider)

    def test_drops_are_explained(self) -> None:
        hour = timezone.now().replace(minute=0, second=0, microsecond=0)
        DropCount.objects.create(company=self.company.pk, reason="unknown_host", host="x.example", hour=hour, count=7)
        page = self.page("integrations")
        assert "Add the host if it is yours." in page
        assert "x.example · reason unknown_host" in page
        assert "x.example" not in self.page("integrations", client=self.outsider)

    def test_a_key_is_shown_once(self) -> None:
        made = self.owner.post("/settings/integrations/api-keys/", {"label": "Report"})
        (plain,) = re.findall(r"cs_[\w-]{20,}", text(made))
        key = key_in_force(plain)
        assert key is not None
        assert key.company == self.company
        assert plain not in self.page("integrations")
        assert plain[:10] in self.page("integrations")
        self.owner.post(f"/settings/integrations/api-keys/{key.pk}/revoke/")
        assert key_in_force(plain) is None
        assert plain[:10] not in self.page("integrations")

    def test_a_key_needs_a_label(self) -> None:
        assert "Say what the key is for" in text(self.owner.post("/settings/integrations/api-keys/", {"label": " "}))


class Company(Pages):
    def test_name_and_zone(self) -> None:
        self.owner.post("/settings/company/", {"name": "Pine", "zone": "Asia/Kathmandu"})
        self.company.refresh_from_db()
        assert (self.company.name, self.company.zone) == ("Pine", "Asia/Kathmandu")
        assert "Asia/Kathmandu" in self.page("calls")

    def test_a_zone_that_does_not_exist(self) -> None:
        answer = self.owner.post("/settings/company/", {"name": "Pine", "zone": "Mars/Olympus"})
        assert "Select a valid choice" in text(answer)
        assert "America/Chicago" in self.page("calls")
