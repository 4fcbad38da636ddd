"""The doors learn of a change when it is in the record, and not before."""

from __future__ import annotations

import shutil
import threading
from unittest.mock import patch

import msgspec
import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.test import TransactionTestCase
from django.utils import timezone

from callspring.accounts.models import Company, User
from callspring.flows.flow import Forward, rung_first
from callspring.jobs.models import Job
from callspring.jobs.run import run_due
from callspring.numbers.models import Number
from callspring.scenarios import publishing
from callspring.scenarios.actions import call_also, set_enabled
from callspring.scenarios.models import Rule, Scenario, ScenarioAlias, SwapTarget, Term
from callspring.scenarios.publishing import publish_company, publish_site
from callspring.scenarios.sites import add_site
from callspring.sites.models import Site
from callspring.stores.snapshot.files import company_file, site_file
from callspring.stores.snapshot.published import (
    PublishedCompany,
    PublishedSite,
    PublishedTerm,
    company_decoder,
    site_decoder,
)
from tests.stories import NOON, TARGET, Story, make_company


class Doors(Story):
    def setUp(self) -> None:
        super().setUp()
        shutil.rmtree(settings.CONFIG.snapshots, ignore_errors=True)

    def published(self) -> tuple[PublishedSite, PublishedCompany]:
        folder = settings.CONFIG.snapshots
        return (
            site_decoder.decode(site_file(folder, self.site().pk).read_bytes()),
            company_decoder.decode(company_file(folder, self.company.pk).read_bytes()),
        )

    def test_a_scenario_is_published_with_its_commit(self) -> None:
        with self.captureOnCommitCallbacks(execute=True):
            scenario = self.campaign()
            assert not settings.CONFIG.snapshots.exists()
        site, company = self.published()
        number = scenario.numbers.get()
        assert [one.id for one in site.scenarios] == [scenario.pk]
        assert [one.e164 for one in site.numbers] == [number.e164]
        assert site.routes[number.e164].scenario == scenario.pk
        assert number.e164 not in company.routes, "one file has all of it, so that no door knows half"

    def test_switched_off_it_is_gone_from_the_page_and_still_rings(self) -> None:
        with self.captureOnCommitCallbacks(execute=True):
            scenario = self.campaign()
            set_enabled(scenario, False)
        site, _ = self.published()
        route = site.routes[scenario.numbers.get().e164]
        assert site.scenarios == ()
        assert route.scenario == 0
        assert route.flow is not None
        assert rung_first(route.flow) == TARGET

    def test_tagging_and_terms_are_published_and_texts_made_beforehand(self) -> None:
        with self.captureOnCommitCallbacks(execute=True):
            scenario = self.campaign()
            SwapTarget.objects.create(scenario=scenario, kind="selector", value=".area", part="area", position=1)
            Term.objects.create(scenario=scenario, kind="place", value="US/Illinois")
            ScenarioAlias.objects.create(company=self.company, scenario=scenario, alias="77")
            Scenario.objects.filter(pk=scenario.pk).update(mask="XXX.XXX.XXXX", prefix="Tel. ")
        site, _ = self.published()
        (one,), (number,) = site.scenarios, site.numbers
        assert [(target.value, target.part) for target in one.targets] == [(TARGET, ""), (".area", "area")]
        assert "8005550199" in one.targets[0].find
        assert one.targets[1].find == ()
        assert one.terms == (PublishedTerm("place", "US/Illinois"),)
        assert site.aliases == {"77": scenario.pk}
        area, rest = number.e164[2:5], number.e164[5:]
        assert number.text == f"Tel. {area}.{rest[:3]}.{rest[3:]}"
        assert number.parts == ("+1", area, f"{rest[:3]}-{rest[3:]}")

    def test_an_alias_means_the_scenario_it_was_given_to_last(self) -> None:
        with self.captureOnCommitCallbacks(execute=True):
            first, second = self.campaign(), self.campaign()
            call_also(first, " 12 ")
            call_also(second, "12")
            call_also(self.campaign(self.elsewhere), "12")
        assert self.published()[0].aliases == {"12": second.pk}
        with pytest.raises(ValueError, match="Give the name"):
            call_also(first, " ")

    def test_a_change_in_one_site_publishes_that_site_alone(self) -> None:
        with self.captureOnCommitCallbacks(execute=True):
            scenario = self.campaign()
            other = add_site(self.company, "Other", ["other.example"])
        folder = settings.CONFIG.snapshots
        mine, others = site_file(folder, self.site_of(scenario).pk), site_file(folder, other.pk)
        Site.objects.filter(pk=other.pk).update(hosts=["changed.example"])  # shows whether it is published anew
        inode = others.stat().st_ino, company_file(folder, self.company.pk).stat().st_ino
        with self.captureOnCommitCallbacks(execute=True):
            set_enabled(scenario, False)
        assert site_decoder.decode(mine.read_bytes()).scenarios == ()
        assert inode == (others.stat().st_ino, company_file(folder, self.company.pk).stat().st_ino)

    def site_of(self, scenario: Scenario) -> Site:
        assert scenario.site is not None
        return scenario.site

    def test_a_refused_scenario_publishes_nothing(self) -> None:
        number = self.numbers(1)[0]
        with self.captureOnCommitCallbacks() as callbacks, pytest.raises(ValidationError):
            self.campaign(number=number, title="")
        assert callbacks == []

    def test_what_could_not_be_published_is_as_soon_as_it_can_be(self) -> None:
        folder = settings.CONFIG.snapshots
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.write_text("the disk is full")
        with self.captureOnCommitCallbacks(execute=True):
            scenario = self.campaign()  # made all the same
        for _ in range(12):  # it is not given up
            self.all_is_due()
            assert not folder.is_dir()
        folder.unlink()
        self.all_is_due()
        assert [one.id for one in self.published()[0].scenarios] == [scenario.pk]
        assert not Job.objects.filter(kind=publishing.PUBLISH).exclude(state=Job.State.DONE).exists()

    def all_is_due(self) -> None:
        due = Job.objects.filter(kind=publishing.PUBLISH, state=Job.State.QUEUED)
        due.update(run_at=timezone.now())
        run_due()

    def test_the_outsiders_doors_learn_nothing_of_it(self) -> None:
        with self.captureOnCommitCallbacks(execute=True):
            self.campaign()
        folder = settings.CONFIG.snapshots
        assert not company_file(folder, self.elsewhere.pk).exists()
        assert not site_file(folder, self.site(self.elsewhere).pk).exists()


class AtOnce(TransactionTestCase):
    def test_what_is_published_last_is_what_the_record_says(self) -> None:
        """One has read the record and not written yet when another changes it and publishes."""
        shutil.rmtree(settings.CONFIG.snapshots, ignore_errors=True)
        company = make_company("Harbor & Pine", User.objects.create_user("alice@example.com"))
        read, published = threading.Event(), threading.Event()
        really = publishing._company

        def first() -> None:
            publish_company(company.pk)
            connection.close()

        thread = threading.Thread(target=first)

        def read_it(company: Company) -> PublishedCompany:
            found = really(company)
            if threading.current_thread() is thread:
                read.set()
                published.wait(0.5)
            return found

        with patch.object(publishing, "_company", read_it):
            thread.start()
            assert read.wait(10)
            Company.objects.filter(pk=company.pk).update(key="ck_changed")
            publish_company(company.pk)
            published.set()
            thread.join(10)
        said = company_decoder.decode(company_file(settings.CONFIG.snapshots, company.pk).read_bytes())
        assert said.key == "ck_changed"

    def test_no_half_of_a_change_is_published(self) -> None:
        """Somebody saves a scenario between two looks of whoever publishes: all of it is said, or nothing."""
        shutil.rmtree(settings.CONFIG.snapshots, ignore_errors=True)
        company = make_company("Harbor & Pine", User.objects.create_user("alice@example.com"))
        site = Site.objects.get(company=company)
        scenario = Scenario.objects.create(
            company=company, site=site, name="One", enabled=True, flow=msgspec.to_builtins(Forward(TARGET))
        )
        rule = Rule.objects.create(scenario=scenario, strategy="always")
        number = Number.objects.create(
            company=company, connection=company.connections.get(), e164="+13125550142", kind="local",
            scenario=scenario, rule=rule, bought_at=NOON, paid_until=NOON,
        )  # fmt: skip

        def change() -> None:
            with transaction.atomic():
                Scenario.objects.filter(pk=scenario.pk).update(hold_seconds=200)
                Number.objects.filter(pk=number.pk).update(state=Number.State.RESTING)
            connection.close()

        changing = threading.Thread(target=change)
        really = publishing.published_numbers

        def look(ids: list[int]) -> list[Number]:
            if changing.ident is None:
                changing.start()
                changing.join(1)  # where readers keep writers waiting it goes on afterwards
            return really(ids)

        with patch.object(publishing, "published_numbers", look):
            publish_site(site.pk)
        changing.join(30)
        (said,) = self.said(site).scenarios
        assert (said.hold, said.rules[0].numbers) == (150, (number.pk,))
        publish_site(site.pk)
        (said,) = self.said(site).scenarios
        assert (said.hold, said.rules[0].numbers) == (200, ())

    def said(self, site: Site) -> PublishedSite:
        return site_decoder.decode(site_file(settings.CONFIG.snapshots, site.pk).read_bytes())
