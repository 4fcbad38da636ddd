"""What a visitor of the demo shop does and sees."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

OWN_NUMBER = "8005550199"
SHOWN = ".call span"


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
