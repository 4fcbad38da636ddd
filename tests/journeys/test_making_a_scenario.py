"""From an empty account to a swapped number: each kind of scenario, with the keyboard alone (issue 5, show 2)."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.chromium import Visitor, assert_accessible, assert_fits
from tests.journeys.emptied import empty, pay
from tests.journeys.running import Running, eventually, run
from tests.journeys.shop import arrive, digits
from tests.system.processes import free_ports

pytestmark = [pytest.mark.browser, pytest.mark.system]
MOST_TABS = 90


@pytest.fixture(scope="module")
def emptied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A product of its own: the others' journeys need the demo's scenarios."""
    with run(tmp_path_factory.mktemp("emptied") / "var", free_ports()) as found:
        empty(found)
        yield found


def reach(place: Locator) -> None:
    """Go on with Tab until the focus is there."""
    expect(place).to_be_visible()
    keyboard = place.page.keyboard
    for _ in range(MOST_TABS):
        if place.evaluate("one => one === document.activeElement"):
            return
        keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {place}")


def press(place: Locator) -> None:
    """Reach a button or a link and press it."""
    reach(place)
    place.page.keyboard.press("Enter")


def write(page: Page, label: str, text: str) -> None:
    """Reach a field and type into it, in place of what is there."""
    reach(page.get_by_label(label, exact=True))
    page.keyboard.press("Control+a")
    page.keyboard.type(text)


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def new(page: Page, running: Running, way: str) -> None:
    """Choose what to track; everything by keyboard from here on."""
    page.goto(f"{running.console}/tracking-numbers/")
    press(page.get_by_role("link", name="New tracking number").first)
    expect(page.get_by_role("heading", name="New tracking number")).to_be_visible()
    press(page.get_by_role("link", name=way, exact=True))
    expect(page.get_by_label("Title", exact=True)).to_be_visible()


def connected(page: Page, count: int) -> list[str]:
    """Approve, and wait until all numbers are here; their digits."""
    expect(page.get_by_role("heading", name="Approve the purchase")).to_be_visible()
    page.wait_for_load_state()
    assert_fits(page)
    assert_accessible(page)
    press(button(page, "Connect and enable"))
    expect(page.locator("#order-title")).to_have_text(re.compile(rf"^{count} of {count} "), timeout=20_000)
    return [digits(text) for text in page.locator("#order .cs-number").all_inner_texts()]


def test_each_kind_from_an_empty_account_to_a_swapped_number(emptied: Running, visitor: Visitor) -> None:
    page = visitor()
    page.goto(emptied.sign_in)
    page.wait_for_url(f"{emptied.console}/")

    # Track users. Two steps back, and nothing is lost; without money nothing is bought.
    new(page, emptied, "Track users")
    write(page, "Title", "Everybody")
    write(page, "Target number", "800 555 0199")
    write(page, "Visits in your busiest hour", "10")
    expect(page.get_by_label("Numbers to create")).to_have_value("3")
    expect(page.locator("#wizard-aside")).to_contain_text(re.compile(r"Found in \d+ places? on your home page"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="3 numbers to be added")).to_be_visible()
    press(button(page, "Continue"))
    write(page, "Ring for, seconds", "31")
    press(page.get_by_role("button", name=re.compile("What is tracked")))
    expect(page.get_by_label("Visits in your busiest hour")).to_have_value("10")
    press(button(page, "Continue"))
    press(button(page, "Continue"))
    expect(page.get_by_label("Ring for, seconds")).to_have_value("31")
    press(button(page, "Save and enable"))
    expect(page.get_by_role("heading", name="Approve the purchase")).to_be_visible()
    press(button(page, "Connect and enable"))
    expect(page.get_by_role("alert").first).to_contain_text(
        "This costs $2.25; the balance is $0.00. Nothing was bought."
    )
    assert emptied.api("numbers")["items"] == []
    pay(emptied, 50_00)
    pool = connected(page, 3)

    # Track campaigns.
    new(page, emptied, "Track campaigns")
    write(page, "Title", "Google")
    reach(page.get_by_label("Strategy"))
    page.keyboard.type("Web")
    press(button(page, "Continue"))
    expect(page.get_by_text("Number that is shown instead")).to_be_visible()
    press(button(page, "Continue"))
    press(button(page, "Save and enable"))
    google = connected(page, 1)

    # Print and radio: no website.
    new(page, emptied, "Track print and radio")
    write(page, "Title", "Billboard")
    write(page, "Source", "Billboard Main Street")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Number that you will print or say")).to_be_visible()
    press(button(page, "Continue"))
    press(button(page, "Save and enable"))
    billboard = connected(page, 1)

    # What visitors see, what the billboard's caller is credited to, and what it cost.
    eventually("the pool's number is shown", lambda: arrive(visitor(), emptied.shop, "newsletter") in pool)
    eventually("Google's number is shown", lambda: arrive(visitor(), emptied.shop, "google") in google)
    emptied.command("sandbox", "call", "--from", "+13125550177", "--to", f"+1{billboard[0]}", "--duration", "1")
    call = eventually("the call", lambda: next(iter(emptied.api("calls")["items"]), None))
    final = eventually("its credit", lambda: emptied.api(f"calls/{call['id']}")["credit"]["source"])
    assert final == "billboard main street"
    page.goto(f"{emptied.console}/settings/billing/statement/")
    for number in (*pool, *google, *billboard):
        expect(page.locator("main")).to_contain_text(f"({number[:3]}) {number[3:6]}-{number[6:]}")
