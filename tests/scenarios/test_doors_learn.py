"""The doors learn of a change when it is in the record, and not before."""

from __future__ import annotations

import shutil
import threading
from unittest.mock import patch

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import TransactionTestCase

from callspring.accounts.models import Company, User
from callspring.scenarios import publishing
from callspring.scenarios.actions import set_enabled
from callspring.scenarios.publishing import publish_company
from callspring.stores.snapshot.files import company_file, site_file
from callspring.stores.snapshot.published import (
    PublishedCompany,
    PublishedSite,
    company_decoder,
    site_decoder,
)
from tests.stories import TARGET, Story, make_company


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
        assert company.routes[number.e164].scenario == scenario.pk

    def test_switched_off_it_is_gone_from_the_page_and_still_rings(self) -> None:
        with self.captureOnCommitCallbacks(execute=True):
            scenario = self.campaign()
            set_enabled(scenario, False)
        site, company = self.published()
        route = company.routes[scenario.numbers.get().e164]
        assert site.scenarios == ()
        assert route.scenario == 0
        assert route.flow is not None
        assert route.flow.destination == TARGET

    def test_a_refused_scenario_publishes_nothing(self) -> None:
        number = self.numbers(1)[0]
        with self.captureOnCommitCallbacks() as callbacks, pytest.raises(ValidationError):
            self.campaign(number=number, title="")
        assert callbacks == []

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
