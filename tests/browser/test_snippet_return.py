"""A page that really comes back from the back-forward cache: alive as it was left, with a number that may be gone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.chromium import ARGUMENTS, CHROMIUM, user_agent
from tests.browser.snippet_checks import check_that_a_page_comes_back
from tests.browser.snippet_fixtures import edge, load, site
from tests.browser.snippet_pages import Edge, Site, document

pytestmark = pytest.mark.browser
__all__ = ["edge", "site"]


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """In a Chromium with its back-forward cache, which Playwright otherwise switches off."""
    browser = chromium.browser_type.launch(
        executable_path=CHROMIUM, args=ARGUMENTS, ignore_default_args=["--disable-back-forward-cache"]
    )
    yield browser.new_page(user_agent=user_agent(browser))
    browser.close()


def test_a_page_comes_back_from_the_back_forward_cache(page: Page, site: Site, edge: Edge) -> None:
    check_that_a_page_comes_back(page, load, site, edge, lambda page: page.go_back(wait_until="commit"))


def test_without_an_answer_a_page_that_comes_back_shows_its_own_number(page: Page, site: Site, edge: Edge) -> None:
    site.put("/between", "<!doctype html><title>Between</title><p>x</p>")
    load(page, site.put("/alone", document(edge, "<p>800-555-0199</p>")))
    edge.wait(lambda: edge.events("swapped"), "the places")
    page.evaluate("window.isAlive = true")
    page.goto(site.url + "/between")
    edge.mood = "failing"
    page.go_back(wait_until="commit")
    page.wait_for_function("document.querySelector('p').textContent === '800-555-0199'")
    assert page.evaluate("[isAlive, callspring.numbers()]") == [True, []]
