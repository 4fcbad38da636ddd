"""Buying numbers in a real browser: price and papers first, what failed named and dealt with; on a desk and a phone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from callspring.numbers.models import NumberOrder
from tests.browser.chromium import Visitor, assert_accessible, assert_fits
from tests.carriers.loopback import Answer
from tests.console.carrier_story import CarrierPages

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 375, "height": 812}
SHOTS = os.environ.get("SHOTS", "")


@pytest.fixture
def story(transactional_db: None) -> Iterator[CarrierPages]:  # noqa: ARG001 - the database has to be there first
    CarrierPages.setUpTestData()
    story = CarrierPages()
    story.setUp()
    yield story
    story.doCleanups()
    story.empty_books()


def looks_right(page: Page, name: str) -> None:
    assert_fits(page)
    assert_accessible(page)
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}-{page.viewport_size['width']}.png", full_page=True)  # type: ignore[index]


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_from_the_search_to_what_failed(
    visitor: Visitor, live_server: LiveServer, story: CarrierPages, size: dict[str, int]
) -> None:
    story.connected()
    story.own_carrier()
    page = visitor(viewport=size)
    cookie = story.owner.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    page.goto(f"{live_server.url}/numbers/")
    looks_right(page, "numbers-empty")
    page.get_by_role("link", name="Buy numbers").click()
    page.get_by_label("Country").select_option("DE")
    page.get_by_role("button", name="Search").press("Enter")
    expect(page.get_by_role("note")).to_contain_text("check with Twilio")
    looks_right(page, "buy-germany")
    story.account.misbehave(Answer(429))
    page.get_by_label("Country").select_option("US")
    page.get_by_role("button", name="Search").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Twilio asks for a pause")
    looks_right(page, "buy-error")
    page.get_by_role("button", name="Search").press("Enter")
    expect(page.get_by_text("about $1.15 each a month")).to_be_visible()
    looks_right(page, "buy-results")
    for line in ("0100", "0101", "0102"):
        page.get_by_label(f"(312) 555-{line}").first.check()
    page.get_by_role("button", name="Continue").press("Enter")
    page.get_by_label("Ring this number").fill("(312) 202-0777")
    looks_right(page, "buy-confirm")
    story.account.taken = {"+13125550101"}
    page.get_by_role("button", name="Buy 3 numbers for about $3.45 a month").press("Enter")
    expect(page.get_by_text("0 of 3 numbers are yours.")).to_be_visible()
    story.work()
    expect(page.get_by_text("2 of 3 numbers are yours.")).to_be_visible()
    expect(page.get_by_text("Somebody else has this number now.")).to_be_visible()
    looks_right(page, "order-failed")
    page.get_by_role("link", name="Orders").click()
    expect(page.get_by_text("1 could not be had")).to_be_visible()
    looks_right(page, "orders")
    page.goto(f"{live_server.url}/numbers/")
    looks_right(page, "numbers-failed")
    page.get_by_role("link", name="See the order").click()
    page.get_by_role("button", name="Leave it at that").press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("Left at that.")
    assert NumberOrder.objects.get(e164="+13125550101").state == "left"
