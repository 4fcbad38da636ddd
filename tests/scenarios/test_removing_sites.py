"""A site is removed: what the back publishes then, what becomes of its scenarios, and how it comes back."""

from __future__ import annotations

import shutil
from functools import partial

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone

from callspring.maintenance.models import Maintenance
from callspring.maintenance.running import due
from callspring.reports.dead_targets import dead_targets
from callspring.scenarios.actions import set_enabled
from callspring.scenarios.publishing import publish_all, publish_company, publish_site
from callspring.scenarios.queries import scenarios
from callspring.scenarios.sites import add_site, bring_back_site, change_site, remove_site
from callspring.sites.models import Site
from callspring.sites.queries import removed_sites, sites
from callspring.stores.snapshot.files import company_file, site_file, timing_file
from callspring.stores.snapshot.published import PublishedCompany, Route, company_decoder, site_decoder
from tests.stories import Story


class Removing(Story):
    def setUp(self) -> None:
        super().setUp()
        self.folder = settings.CONFIG.snapshots
        shutil.rmtree(self.folder, ignore_errors=True)
        self.shop = self.site()
        self.one, self.everyone = self.campaign(), self.pool(2)
        self.theirs = self.campaign(self.elsewhere)
        publish_all()
        self.before = site_file(self.folder, self.shop.pk).read_bytes()

    def remove(self) -> None:
        with self.captureOnCommitCallbacks(execute=True):
            assert remove_site(self.shop)

    def published(self) -> PublishedCompany:
        return company_decoder.decode(company_file(self.folder, self.company.pk).read_bytes())

    def routes(self) -> dict[str, Route]:
        return dict(site_decoder.decode(self.before).routes)

    def test_it_leaves_the_snapshot_and_its_numbers_keep_ringing_and_are_credited(self) -> None:
        kept = timing_file(self.folder, self.shop.pk)
        kept.write_bytes(b"{}")
        self.remove()
        for again in (publish_all, partial(publish_company, self.company.pk), partial(publish_site, self.shop.pk)):
            assert not site_file(self.folder, self.shop.pk).exists()
            assert {e164: self.published().routes[e164] for e164 in self.routes()} == self.routes()
            again()
        assert {route.scenario for route in self.routes().values()} == {self.one.pk, self.everyone.pk}
        assert not site_file(self.folder, self.shop.pk).exists()
        assert kept.exists(), "what was learnt of it is there when it comes back"
        assert site_file(self.folder, self.site(self.elsewhere).pk).exists()

    def test_nothing_of_its_scenarios_changes(self) -> None:
        numbers = list(self.company.numbers.order_by("pk").values())
        self.remove()
        assert list(self.company.numbers.order_by("pk").values()) == numbers
        assert [(one.pk, one.enabled, one.site) for one in scenarios(self.company)] == [
            (self.one.pk, True, self.shop), (self.everyone.pk, True, self.shop),
        ]  # fmt: skip

    def test_it_is_in_no_list_and_removed_once(self) -> None:
        self.remove()
        assert list(sites(self.company)) == list(self.company.sites.all()) == []
        assert list(removed_sites(self.company)) == [self.shop]
        assert not remove_site(self.shop)
        assert list(removed_sites(self.elsewhere)) == []

    def test_what_is_changed_meanwhile_is_published(self) -> None:
        self.remove()
        with self.captureOnCommitCallbacks(execute=True):
            set_enabled(self.one, False)
        number = self.one.numbers.get()
        assert self.published().routes[number.e164].scenario == 0
        assert self.published().routes[number.e164].flow is not None
        publish_site(self.shop.pk)
        assert not site_file(self.folder, self.shop.pk).exists()

    def test_it_comes_back_as_it_was(self) -> None:
        self.remove()
        with self.captureOnCommitCallbacks(execute=True):
            assert bring_back_site(self.shop)
        assert site_file(self.folder, self.shop.pk).read_bytes() == self.before
        assert self.published().routes.keys().isdisjoint(self.routes())
        assert self.site().removed_at is None
        assert not bring_back_site(self.shop)

    def test_not_while_another_site_has_its_host(self) -> None:
        self.remove()
        new = add_site(self.company, "New shop", ["shop.example", "new.example"])
        with pytest.raises(ValidationError) as caught:
            bring_back_site(self.shop)
        assert caught.value.messages == ["shop.example belongs to the site “New shop”."]
        assert list(sites(self.company)) == [new]
        change_site(new, "New shop", ["new.example"])
        assert bring_back_site(Site.every.get(pk=self.shop.pk))

    def test_who_changes_it_at_the_same_time_does_not_bring_it_back(self) -> None:
        stale = self.site()
        self.remove()
        with self.captureOnCommitCallbacks(execute=True):
            change_site(stale, "Renamed", ["renamed.example"])
        assert [(one.name, one.hosts) for one in removed_sites(self.company)] == [("Renamed", ["renamed.example"])]
        assert not site_file(self.folder, self.shop.pk).exists()

    def test_no_pool_of_it_grows_or_shrinks_and_nobody_is_warned_of_its_pages(self) -> None:
        now = timezone.now()
        Maintenance.objects.create(scenario=self.everyone, enabled=True, size=2, sized_at=now)
        for _ in range(3):
            self.show(self.visit(at=now), self.everyone.numbers.all()[0], places=0)
        assert [one.pk for one in due(now)] == [self.everyone.pk]
        assert len(dead_targets(self.company, now)) == 1
        self.remove()
        assert list(due(now)) == []
        assert dead_targets(self.company, now) == []
