"""What a visitor of the demo shop does and sees."""

from __future__ import annotations

import re

from playwright.sync_api import Page, Route, expect

OWN_NUMBER = "8005550199"
SHOWN = ".call span"
ELSEWHERE = "8.8.8.8"  # the country file knows it: US


def arrive(page: Page, shop: str, way: str) -> str:
    """Arrive by a link of `/arrive`; the digits of the number that the shop shows then."""
    page.goto(f"{shop}/arrive")
    page.click(f"[data-arrive={way}]")
    return shown(page)


def shown(page: Page) -> str:
    """The ten digits that the page shows once the swap is done."""
    number = page.locator(SHOWN).first
    expect(number).not_to_contain_text(re.compile("555.0199"))
    return digits(number.inner_text())


def digits(text: str) -> str:
    """The last ten digits of what is written."""
    return "".join(filter(str.isdecimal, text))[-10:]


def from_elsewhere(page: Page, doors: str) -> Page:
    """As if a reverse proxy on this machine handed the visitor's requests to the doors."""

    def hand_on(route: Route) -> None:
        route.continue_(headers={**route.request.headers, "x-forwarded-for": ELSEWHERE})

    page.route(f"{doors}/v1/visit", hand_on)
    return page


def chrome(page: Page) -> str:
    """The browser's name as we write it: with its major version."""
    browser = page.context.browser
    assert browser
    return f"Chrome {browser.version.partition('.')[0]}"


def visit_number(page: Page) -> int:
    """The visit's number, as the snippet tells the page."""
    return int(page.evaluate("() => callspring.ready.then(() => callspring.visit())"))
