"""The demo company: complete, made once, and every way of arriving at the shop has its number."""

from __future__ import annotations

import shutil
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import TestCase

from callspring.accounts.actions import revoke_api_key, use_sign_in_link
from callspring.accounts.models import Account, Company, SignInLink
from callspring.accounts.queries import api_keys, key_in_force
from callspring.billing.models import LedgerEntry
from callspring.billing.queries import balance
from callspring.carriers.sandbox.inventory import Inventory
from callspring.config import load
from callspring.demo.arrivals import ARRIVALS
from callspring.demo.keepsake import Keepsake, read_keepsake
from callspring.demo.seed import BUSINESS_NUMBER, CAMPAIGNS, POOL, seed, sign_in_address
from callspring.numbers.models import Connection, Number
from callspring.scenarios.conditions import Facts
from callspring.scenarios.models import Scenario
from callspring.scenarios.rules import decide, rank
from callspring.sites.models import Site
from callspring.stores.snapshot.files import site_file
from callspring.stores.snapshot.published import PublishedSite, site_decoder
from callspring.visits.sources import classify

SHOP = "http://127.0.0.1:8002"
# What the browser sends with each of the arrivals that `/arrive` offers.
REFERRERS = {
    "google": "https://www.google.com/",
    "google-ads": "https://www.google.com/",
    "facebook": "https://l.facebook.com/",
    "partner": "http://localhost:8002/partner",
    "flyer": "",
    "newsletter": "",
    "direct": "",
}
EXPECTED = {
    "google": ("Google search", "web_search"),
    "google-ads": ("Google Ads", "url_parameter"),
    "facebook": ("Facebook ad", "url_parameter"),
    "partner": ("Partner blog", "referral"),
    "flyer": ("Flyer QR code", "landing_page"),
    "newsletter": (POOL, "pool"),
    "direct": ("Direct visits", "direct"),
}


class Seed(TestCase):
    def setUp(self) -> None:
        for path in (settings.CONFIG.sandbox_books.parent, settings.CONFIG.snapshots):
            shutil.rmtree(path, ignore_errors=True)
        self.file.unlink(missing_ok=True)

    file = settings.CONFIG.var / "demo.json"

    def published(self) -> PublishedSite:
        return site_decoder.decode(site_file(settings.CONFIG.snapshots, Site.objects.get().pk).read_bytes())

    def test_money_people_numbers_scenarios(self) -> None:
        seeded = seed()
        company = seeded.company
        assert company.account.mode == Account.Mode.PREPAID
        numbers = Number.objects.filter(company=company)
        assert balance(company.account) == 100_00 - 75 * numbers.count()
        assert numbers.filter(scenario=None).count() == 0
        assert [s.name for s in Scenario.objects.filter(company=company)] == [
            *(campaign.title for campaign in CAMPAIGNS),
            POOL,
        ]
        assert Scenario.objects.get(name=POOL).numbers.count() == 8
        assert seeded.owner.memberships.get().role == "owner"

    def test_the_carrier_knows_the_numbers_and_our_address(self) -> None:
        seed()
        connection = Connection.objects.get()
        for number in Number.objects.all():
            sold = Inventory(settings.CONFIG.sandbox_books).lookup(number.e164)
            assert sold is not None
            assert sold.fallback == BUSINESS_NUMBER
            assert sold.account.secret == connection.secret
            assert sold.account.voice_url == f"http://127.0.0.1:8001/voice/sandbox/{connection.pk}"

    def test_a_second_time_changes_nothing(self) -> None:
        def everything() -> list[object]:
            tables = (Account, Company, Site, Connection, Number, Scenario, LedgerEntry, SignInLink)
            rows = [list(table._default_manager.order_by("pk").values()) for table in tables]
            return [rows, settings.CONFIG.sandbox_books.read_text(), self.file.read_text()]

        first = seed()
        before = everything()
        assert seed() == first
        assert everything() == before

    def test_what_people_changed_stays(self) -> None:
        seed()
        Company.objects.update(name="My plumber", zone="Europe/Berlin")
        Scenario.objects.filter(name=POOL).update(enabled=False)
        seed()
        assert Company.objects.get().name == "My plumber"
        assert not Scenario.objects.get(name=POOL).enabled

    def test_another_port(self) -> None:
        seed()
        moved = load({"PORT": "9000", "CALLSPRING_VAR": str(settings.CONFIG.var)})
        with self.settings(CONFIG=moved), self.captureOnCommitCallbacks(execute=True):
            seed()
        assert Site.objects.get().hosts == ["127.0.0.1:8002", "127.0.0.1:9002"]
        assert self.published().hosts == ("127.0.0.1:8002", "127.0.0.1:9002")
        account = Inventory(moved.sandbox_books).account(Connection.objects.get().account)
        assert account.voice_url.startswith("http://127.0.0.1:9001/")

    def test_every_arrival_gets_the_number_made_for_it(self) -> None:
        with self.captureOnCommitCallbacks(execute=True):
            seed()
        site = self.published()
        own_hosts = [host.partition(":")[0] for host in site.hosts]
        names = dict(Scenario.objects.values_list("id", "name"))
        found = {}
        for arrival in ARRIVALS:
            path = "/" if arrival.key == "partner" else arrival.to  # the blog links to the shop's first page
            touch = classify(SHOP + path, REFERRERS[arrival.key], own_hosts)
            facts = Facts(touch.source, touch.referrer_host, touch.path, touch.parameters)
            (decision,) = decide(rank(site.scenarios), facts, {})
            found[arrival.key] = (names[decision.scenario.id], decision.reason)
        assert found == EXPECTED


class Secrets(TestCase):
    def setUp(self) -> None:
        shutil.rmtree(settings.CONFIG.sandbox_books.parent, ignore_errors=True)
        Seed.file.unlink(missing_ok=True)

    def test_the_key_works_and_nobody_else_reads_it(self) -> None:
        seeded = seed()
        key = key_in_force(seeded.api_key)
        assert key is not None
        assert (key.company, key.scopes) == (seeded.company, ["read"])
        assert Seed.file.stat().st_mode & 0o777 == 0o600

    def test_the_shop_reads_what_it_needs_without_a_database(self) -> None:
        with pytest.raises(ValueError, match="`make run` makes it"):
            read_keepsake(settings.CONFIG)
        seeded = seed()
        assert read_keepsake(settings.CONFIG) == Keepsake(seeded.company.key, BUSINESS_NUMBER, seeded.api_key)

    def test_a_spoilt_file_is_named_and_written_anew(self) -> None:
        seed()
        for spoilt in ("", "{}", "[1]"):
            Seed.file.write_text(spoilt)
            with pytest.raises(ValueError, match="cannot be read"):
                read_keepsake(settings.CONFIG)
            assert key_in_force(seed().api_key) is not None
            assert read_keepsake(settings.CONFIG).api_key == seed().api_key

    def test_a_revoked_key_is_replaced(self) -> None:
        first = seed()
        key = key_in_force(first.api_key)
        assert key is not None
        revoke_api_key(key)
        second = seed()
        assert key_in_force(second.api_key) is not None
        assert seed().api_key == second.api_key
        assert api_keys(first.company).count() == 1

    def test_each_start_has_a_fresh_link_that_works_once(self) -> None:
        seeded = seed()
        links = [sign_in_address(seeded) for _ in range(2)]
        assert links[0] != links[1]
        for link in links:
            parts = urlsplit(link)
            assert f"{parts.scheme}://{parts.netloc}" == settings.CONFIG.console_url
            token = parts.path.strip("/").rpartition("/")[2]
            assert use_sign_in_link(token) == seeded.owner
            assert use_sign_in_link(token) is None
