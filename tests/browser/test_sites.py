"""A site is removed and brought back in a real browser, by keyboard, on a desk and on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from callspring.scenarios.sites import add_site, change_site
from tests.browser.chromium import Visitor, assert_accessible, assert_fits
from tests.browser.test_people import DESK, enter, story
from tests.console.pages import Pages

__all__ = ["story"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HOSTS = ["müller.example", "shop.müller.example", "a-rather-long-name-of-a-campaign-of-last-summer.müller.example:8443"]


def press(page: Page, role: str, name: str) -> None:
    """As somebody does who has no mouse."""
    found = page.get_by_role(role, name=name, exact=True)  # type: ignore[arg-type]
    found.focus()
    expect(found).to_be_focused()
    page.keyboard.press("Enter")


def check(page: Page) -> None:
    assert_accessible(page)
    assert_fits(page)


def test_removed_and_brought_back_by_keyboard(visitor: Visitor, live_server: LiveServer, story: Pages) -> None:
    page = visitor(viewport=DESK)
    shop = change_site(story.site(), "Müller’s shop", HOSTS)
    story.campaign(title="Google search")
    story.pool(3, title="Everyone")
    add_site(story.company, "Blog", ["blog.example"])
    enter(page, story, live_server)
    page.goto(live_server.url + "/settings/integrations/")
    summary = page.locator("summary", has_text="Müller’s shop")
    expect(summary.get_by_title("xn--mller-kva.example", exact=True)).to_have_text("müller.example")
    summary.focus()
    page.keyboard.press("Enter")
    check(page)
    press(page, "link", "Remove Müller’s shop")
    expect(page.get_by_role("heading", level=1)).to_have_text("Remove “Müller’s shop”?")
    expect(page.get_by_role("list", name="2 scenarios act on this site").get_by_role("listitem")).to_have_count(2)
    check(page)
    press(page, "button", "Remove it")
    expect(page.get_by_role("status").first).to_contain_text("is removed: its pages show your own number")
    page.locator("summary", has_text="1 removed site").click()
    expect(page.get_by_role("button", name="Bring back Müller’s shop")).to_be_visible()
    check(page)
    page.goto(live_server.url + "/tracking-numbers/")
    expect(page.get_by_text("its site “Müller’s shop” is removed")).to_have_count(2)
    check(page)
    page.goto(live_server.url + "/settings/integrations/")
    page.locator("summary", has_text="1 removed site").click()
    press(page, "button", "Bring back Müller’s shop")
    expect(page.get_by_role("status")).to_contain_text("is there again, as it was")
    assert story.company.sites.filter(pk=shop.pk).exists()
