"""What a visitor writes into the shop's contact form stands in the inbox, in the thread of their number."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.running import Running, eventually
from tests.journeys.shop import arrive

pytestmark = [pytest.mark.browser, pytest.mark.system]


def test_a_form_becomes_a_message(running: Running, page: Page) -> None:
    arrive(page, running.shop, "newsletter")
    page.goto(f"{running.shop}/contact")
    expect(page.locator("a.huge")).not_to_have_attribute("href", "tel:+18005550199")  # the snippet is at work
    page.get_by_label("Your name").fill("Dana <b>Reyes</b>")
    page.get_by_label("Telephone").fill("(312) 555-0144")
    page.get_by_label("What is the matter?").fill("A leak under the sink")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("status")).to_contain_text("Thank you")

    def thread() -> dict[str, Any] | None:
        return next((one for one in running.api("threads")["items"] if one["contact"] == "+13125550144"), None)

    found = eventually("the form's thread", thread)
    (message,) = running.api(f"threads/{found['id']}/messages")["items"]
    assert message["kind"] == "form"
    assert "A leak under the sink" in message["body"]
    assert "Dana <b>Reyes</b>" in message["body"]
