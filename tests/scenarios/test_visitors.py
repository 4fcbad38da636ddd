"""What a company says about its visitors, and what the doors learn of it."""

from __future__ import annotations

import shutil

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError

from callspring.scenarios.sites import add_site, change_site
from callspring.scenarios.try_links import try_link, try_links
from callspring.scenarios.visitors import MOST_DAYS, remember_visitors
from callspring.stores.snapshot.files import site_file
from callspring.stores.snapshot.published import PublishedSite, site_decoder
from callspring.visits.pretending import pretend
from tests.stories import Story


class Learning(Story):
    def setUp(self) -> None:
        super().setUp()
        shutil.rmtree(settings.CONFIG.snapshots, ignore_errors=True)

        self.first = self.site().pk

    def published(self) -> PublishedSite:
        return site_decoder.decode(site_file(settings.CONFIG.snapshots, self.first).read_bytes())

    def test_cookie_life_and_the_deciding_source_are_the_companys(self) -> None:
        with self.captureOnCommitCallbacks(execute=True):
            remember_visitors(self.company, cookie_days=30, newest_source=True)
        assert (self.published().cookie_days, self.published().newest_source) == (30, True)
        self.elsewhere.refresh_from_db()
        assert (self.elsewhere.cookie_days, self.elsewhere.newest_source) == (180, False)

    def test_a_cookie_that_no_browser_keeps_is_refused(self) -> None:
        for days in (0, -1, MOST_DAYS + 1):
            with pytest.raises(ValidationError, match="from 1 to 400"):
                remember_visitors(self.company, cookie_days=days, newest_source=False)
        self.company.refresh_from_db()
        assert self.company.cookie_days == 180

    def test_consent_is_the_sites(self) -> None:
        site = self.site()
        with self.captureOnCommitCallbacks(execute=True):
            change_site(site, site.name, site.hosts, needs_consent=True)
        assert self.published().needs_consent
        with self.captureOnCommitCallbacks(execute=True):
            change_site(site, "Another name", site.hosts)
        assert self.published().needs_consent, "it stays as it was said"

    def test_forms_are_taken_where_the_site_wants_it(self) -> None:
        site = self.site()
        with self.captureOnCommitCallbacks(execute=True):
            change_site(site, site.name, site.hosts, takes_forms=True)
        assert self.published().takes_forms
        with self.captureOnCommitCallbacks(execute=True):
            change_site(site, "Another name", site.hosts)
        assert self.published().takes_forms, "it stays as it was said"

    def test_doors_learn_the_domains_of_all_sites_of_the_company(self) -> None:
        site = self.site()
        with self.captureOnCommitCallbacks(execute=True):
            change_site(site, site.name, ["www.Shop.co.uk", "127.0.0.1:8002"])
            add_site(self.company, "Blog", ["blog.shop.co.uk", "pine.example"])
            add_site(self.elsewhere, "Theirs", ["theirs.example"])
        domains = self.published().domains
        assert domains == {
            "shop.co.uk": "shop.co.uk",
            "127.0.0.1:8002": "",
            "blog.shop.co.uk": "shop.co.uk",
            "pine.example": "pine.example",
        }


class Trying(Story):
    def test_a_link_for_each_rule(self) -> None:
        self.campaign()
        self.campaign(title="Partners", strategy="referral", value="partner.example")
        self.campaign(title="Spring", strategy="url_parameter", name="host", value="a b&c")
        self.campaign(title="Off", strategy="direct", enabled=False)
        host = self.site().hosts[0]
        links = try_links(self.site())
        assert [(link.rule.scenario.name, link.url) for link in links] == [
            ("Google search", f"https://{host}/?callspring_test=organic_search"),
            ("Partners", f"https://{host}/?callspring_test=partner.example"),
            ("Spring", f"https://{host}/?host=a+b%26c&callspring_test=direct"),
        ]
        touch = pretend(links[1].url, ())
        assert (touch.referrer_host, touch.source.channel) == ("partner.example", "referral")

    def test_a_site_of_somebody_else_has_links_of_its_own(self) -> None:
        self.campaign()
        assert try_links(self.site(self.elsewhere)) == []

    def test_a_machine_of_ones_own_has_no_https(self) -> None:
        assert try_link("127.0.0.1:8002", "google/cpc", "/a b") == (
            "http://127.0.0.1:8002/a%20b?callspring_test=google/cpc"
        )
