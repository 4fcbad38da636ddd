"""Nothing is told, and nothing is kept in the browser, once a visitor has taken their consent back."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.snippet_fixtures import edge, load, site
from tests.browser.snippet_pages import US, Edge, Json, Site, answering, document

pytestmark = pytest.mark.browser
__all__ = ["edge", "site"]

BODY = "<p>800-555-0199</p><a href='tel:8005550199'>Call</a>"
KEPT = "[localStorage.callspring, document.cookie]"


@pytest.fixture
def agreed(page: Page, site: Site, edge: Edge) -> Page:
    """The page of a visitor who has agreed so far; the edge does as it is told of consent."""

    def answer(body: Json) -> Json:
        return {"swaps": [], "consent": False} if body.get("consent") is False else answering([US])(body)

    edge.answer = answer
    load(page, site.put("/agreed", document(edge, BODY)))
    edge.wait(lambda: edge.events("swapped"), "the places")
    assert page.evaluate(KEPT) != [None, ""]
    return page


def test_what_happened_without_consent_is_never_told(agreed: Page, edge: Edge) -> None:
    agreed.evaluate("callspring.consent(false)")
    agreed.wait_for_function("document.querySelector('p').textContent === '800-555-0199'")
    edge.wait(lambda: len(edge.visits) == 2, "the edge's answer")
    agreed.wait_for_timeout(100)
    agreed.evaluate("callspring.event('secret', { mail: 'a@example.com' })")
    agreed.evaluate(
        "document.querySelector('a').dispatchEvent(new MouseEvent('click', { bubbles: true, composed: true }))"
    )
    agreed.evaluate("callspring.consent(true)")
    edge.wait(lambda: len(edge.events("swapped")) == 2, "the places of the next view")
    assert edge.events("event") == edge.events("tel_click") == []


def test_whoever_says_no_and_leaves_at_once_leaves_nothing(agreed: Page, site: Site, edge: Edge) -> None:
    site.put("/blank", "<!doctype html><title>blank</title>")
    agreed.evaluate("callspring.consent(false), location = '/blank', 0")
    agreed.wait_for_url("**/blank")
    edge.wait(lambda: edge.events("forget"), "the visitor's no")
    assert agreed.evaluate(KEPT) == [None, ""]


def test_another_tab_keeps_nothing_after_a_no(agreed: Page, site: Site, edge: Edge) -> None:
    other = agreed.context.new_page()
    load(other, site.put("/other", document(edge, BODY)))
    other.evaluate("callspring.consent(false)")
    other.wait_for_function("!document.cookie")
    agreed.goto("about:blank")
    assert other.evaluate(KEPT) == [None, ""]


def test_a_page_that_nobody_saw_for_long_does_not_keep_its_number_anew(agreed: Page, site: Site) -> None:
    before = agreed.evaluate("localStorage.callspring")
    agreed.evaluate("Date.now = ((now) => () => now() + 7_200_000)(Date.now.bind(Date))")
    site.put("/blank", "<!doctype html><title>blank</title>")
    agreed.goto(site.url + "/blank")
    assert agreed.evaluate("localStorage.callspring") == before
