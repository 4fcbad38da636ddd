"""Copies that a page makes of swapped numbers: they never keep a number that may be somebody else's by now."""

from __future__ import annotations

import time
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.snippet_fixtures import edge, load, site
from tests.browser.snippet_pages import DE, UK, US, Edge, Json, Site, answering, document, swap

pytestmark = pytest.mark.browser
__all__ = ["edge", "site"]

LATER = swap(3, "+18005550199", "+13125550188")
UK_LATER = swap(5, "+442079460958", "+442079460777")
BODY = (
    "<div id=box><p title='Call 800-555-0199'>Call <b>(800)</b> 555-0199</p>"
    "<a href='tel:8005550199'>020 7946 0958</a></div>"
    "<p id=other>312-555-0143</p>"
)
COPY = "box.append(box.firstChild.cloneNode(true)); box.innerHTML += ''"
TEXTS = "box.innerHTML"
SHOWN = (
    '<p title="Call {0}">Call <b>({1})</b> {2}</p><a href="tel:{3}">{4}</a>'
    '<p title="Call {0}">Call <b>({1})</b> {2}</p>'
)  # fmt: skip
FIRST = SHOWN.format("312-555-0142", "312", "555-0142", "+13125550142", "020 7946 0123")
SECOND = SHOWN.format("312-555-0188", "312", "555-0188", "+13125550188", "020 7946 0777")
OWN = SHOWN.format("800-555-0199", "800", "555-0199", "+18005550199", "020 7946 0958")


@pytest.fixture
def copied(page: Page, site: Site, edge: Edge) -> Page:
    """A page that has copied its swapped numbers."""
    edge.answer = answering([US, UK], beat=1)
    load(page, site.put("/copies", document(edge, BODY)))
    edge.wait(lambda: edge.events("swapped"), "the places")
    page.evaluate(COPY)
    assert page.evaluate(TEXTS) == FIRST
    return page


def until(page: Page, html: str) -> None:
    page.wait_for_function("(html) => box.innerHTML === html", arg=html, timeout=8000)
    assert page.text_content("#other") == "312-555-0143"


def asked(edge: Edge, swaps: list[Any]) -> None:
    """The edge has other numbers by now, and says at the next beat that it wants to be asked."""
    edge.answer = answering(swaps, beat=1)
    edge.lost = {edge.beacons[-1]["page"]}


def test_they_get_the_next_number(copied: Page, edge: Edge) -> None:
    asked(edge, [LATER, UK_LATER])
    until(copied, SECOND)


def test_they_get_the_pages_own_number_back(copied: Page, edge: Edge) -> None:
    asked(edge, [])
    until(copied, OWN)


def test_and_the_next_one_after_that(copied: Page, edge: Edge) -> None:
    asked(edge, [DE])
    until(copied, OWN)
    edge.wait(lambda: len({beacon["page"] for beacon in edge.beacons}) > 1, "the next page view")
    asked(edge, [LATER, UK_LATER])
    until(copied, SECOND)


def test_without_consent_too(copied: Page, edge: Edge) -> None:
    edge.answer = answering([DE], consent=False)
    copied.evaluate("callspring.consent(false)")
    until(copied, OWN)


def test_a_copy_confirms_nothing_for_a_number_that_is_gone(copied: Page, edge: Edge) -> None:
    asked(edge, [])
    until(copied, OWN)
    before = len(edge.events("swapped"))
    copied.wait_for_timeout(1500)
    assert [event for event in edge.events("swapped")[before:] if {"3", "5"} & event["places"].keys()] == []


# What a page does with a number that the page before was given, until the edge gives another.
UNCONFIRMED = {
    "a copy": "document.body.append(box.cloneNode(true))",
    "a text": "other.title = box.textContent",
    "taken out": """(() => {
      const { parentNode } = box, out = box;
      out.remove();
      setTimeout(() => parentNode.append(out), 900);
    })()""",
}


@pytest.mark.parametrize("way", UNCONFIRMED)
def test_copies_of_a_number_that_the_edge_does_not_confirm(way: str, page: Page, site: Site, edge: Edge) -> None:
    edge.answer = answering([{**US, "hold": 60}])
    load(page, site.put("/given", document(edge, "<p>800-555-0199</p>")))
    page.wait_for_function("localStorage.callspring")

    def in_time(body: Json) -> Json:
        time.sleep(0.6)
        return answering([LATER])(body)

    edge.answer = in_time
    body = "<div><p id=box>800-555-0199</p></div><p id=other>x</p>"
    page.goto(site.put("/unconfirmed", document(edge, body)))
    page.wait_for_function("box.textContent === '312-555-0142'")
    page.evaluate(UNCONFIRMED[way])
    page.wait_for_function("document.body.innerHTML.includes('312-555-0188')")
    page.wait_for_timeout(1000)
    assert "0142" not in page.evaluate("document.body.innerHTML")
