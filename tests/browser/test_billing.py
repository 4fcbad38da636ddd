"""Billing in a real browser: an owner tops up, sets the notice, reads the statement; on a desk and on a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from callspring.accounts.models import Account
from callspring.billing.ledger import Fact, balance, write
from tests.browser.chromium import Visitor, assert_accessible, assert_fits
from tests.console.pages import Pages

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 375, "height": 812}


@pytest.fixture
def story(transactional_db: None) -> Iterator[Pages]:  # noqa: ARG001 - the database has to be there first
    Pages.setUpTestData()
    story = Pages()
    story.setUp()
    yield story
    story.empty_books()


def enter(page: Page, story: Pages, server: LiveServer) -> None:
    """Alice's session, as if she had signed in before."""
    cookie = story.owner.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": server.url}])


def test_top_up_notice_and_statement(visitor: Visitor, live_server: LiveServer, story: Pages) -> None:
    page = visitor()
    enter(page, story, live_server)
    page.goto(live_server.url + "/settings/integrations/")
    page.get_by_role("link", name="Billing").click()
    page.get_by_label("Amount, USD").fill("25")
    page.get_by_label("What for?").fill("Bank transfer")
    page.get_by_role("button", name="Write down").dblclick()
    expect(page.get_by_role("status")).to_contain_text("$25.00 is written down.")
    assert balance(story.company.account) == 75_00

    amount = page.get_by_label("Sum, USD")
    expect(amount).to_be_hidden()
    page.get_by_label("Tell us by e-mail").select_option(label="when less than this is left")
    amount.fill("12.50")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("Saved.")
    assert Account.objects.get(pk=story.company.account_id).low_balance == 12_50

    page.get_by_role("link", name="Whole statement").click()
    page.get_by_label("Kind").select_option(label="Opening balance")
    expect(page).to_have_url(re.compile(r"/statement/\?kind=opening\b"))
    expect(page.get_by_text("Bank transfer")).to_have_count(0)
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert download.value.suggested_filename.startswith("statement-harbor-pine-")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_every_page_fits_and_is_accessible(
    visitor: Visitor, live_server: LiveServer, story: Pages, size: dict[str, int]
) -> None:
    page = visitor(viewport=size)
    enter(page, story, live_server)
    story.numbers(2)
    wide = [Fact("adjustment", "wide", -999_999_99, "A reason that goes on and on, andneverendswithaspaceinit" * 2)]
    write(story.company.account, wide, now=timezone.now() - timedelta(days=1))
    for address in ("", "statement/", "statement/?kind=refund&period=custom&from=2026-01-01", "plans/", "mode/"):
        page.goto(live_server.url + "/settings/billing/" + address)
        assert_fits(page)
        assert_accessible(page)
