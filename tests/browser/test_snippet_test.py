"""Test snippet in a real browser: type an address, press the button, and the result comes by itself."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings
from django.test import override_settings
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from callspring.demo.shop import make_app
from callspring.jobs.run import run_due
from callspring.sites.models import SnippetTest
from tests.browser.chromium import Visitor, assert_accessible, assert_fits
from tests.browser.test_console import DESK, PHONE, Shop, enter, shop
from tests.serving import serve
from tests.stories import TARGET

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
__all__ = ["shop"]


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_from_the_address_to_the_allowed_host(
    visitor: Visitor,
    live_server: LiveServer,
    shop: Shop,
    tmp_path: Path,
    size: dict[str, int],
) -> None:
    books = tmp_path / "books.json"
    app = make_app(
        doors_url=settings.CONFIG.doors_url, company_key=shop.company.key, business_number=TARGET, books=books
    )
    with serve(app) as origin, override_settings(CONFIG=replace(settings.CONFIG, test_origins=(origin,))):
        page = visitor(viewport=size)
        enter(page, shop, live_server)
        page.goto(live_server.url + "/settings/integrations/")
        page.get_by_label("Address of a page of your site").fill("http://10.0.0.1/")
        page.get_by_role("button", name="Test", exact=True).click()
        expect(page.get_by_text("leads into a private network")).to_be_visible()
        assert_fits(page)
        assert_accessible(page)
        page.get_by_label("Address of a page of your site").fill(origin + "/contact")
        page.get_by_role("button", name="Test", exact=True).click()
        expect(page.locator("#snippet-result")).to_contain_text("Waiting for its turn")
        run_due()
        expect(page.locator("#snippet-result")).to_contain_text("Your script is on the page")
        assert_fits(page)
        assert_accessible(page)
        page.get_by_role("button", name=re.compile("^Allow 127")).click()
        expect(page.get_by_text("is allowed. Test the page again")).to_be_visible()
        page.get_by_role("button", name="Test again").click()
        run_due()
        expect(page.locator("#snippet-result")).to_contain_text("Everything is in place.")
    assert SnippetTest.objects.count() == 2
