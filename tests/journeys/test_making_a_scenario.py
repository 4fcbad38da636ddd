"""From an empty account to a swapped number: each kind of scenario, with the keyboard alone (issue 5, show 2)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.chromium import Visitor, assert_accessible, assert_fits, user_agent
from tests.journeys.emptied import empty, pay
from tests.journeys.running import Running, eventually, run
from tests.journeys.shop import SHOWN, arrive, digits
from tests.system.processes import free_ports

pytestmark = [pytest.mark.browser, pytest.mark.system]
MOST_TABS = 90


@pytest.fixture(scope="module")
def emptied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A product of its own: the others' journeys need the demo's scenarios."""
    with run(tmp_path_factory.mktemp("emptied") / "var", free_ports()) as found:
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


@pytest.fixture(scope="module")
def signed_in(emptied: Running, chromium: Browser) -> Any:
    """What the browser remembers of somebody who followed the link; it works once."""
    with chromium.new_context(user_agent=user_agent(chromium)) as context:
        page = context.new_page()
        page.goto(emptied.sign_in)
        page.wait_for_url(f"{emptied.console}/")
        return context.storage_state()


@pytest.fixture
def person(emptied: Running, signed_in: Any, visitor: Visitor) -> Page:
    """Somebody who is signed in, and whose company has no scenario, no number and no money."""
    empty(emptied)
    return visitor(storage_state=signed_in)


def refused(page: Page, running: Running, said: str) -> None:
    """Without money nothing is bought, whatever is pressed."""
    expect(page.get_by_role("heading", name="Approve the purchase")).to_be_visible()
    press(button(page, "Connect and enable"))
    expect(page.get_by_role("alert").first).to_contain_text(said)
    assert running.api("numbers")["items"] == []


def sees(page: Page, running: Running, way: str, numbers: Sequence[str]) -> None:
    """Whoever arrives so is shown one of these."""
    eventually(f"{way} is shown its number", lambda: arrive(page, running.shop, way) in numbers)


def in_the_ledger(page: Page, running: Running, numbers: Sequence[str]) -> None:
    """Each rent stands in the statement."""
    page.goto(f"{running.console}/settings/billing/statement/")
    for number in numbers:
        expect(page.locator("main")).to_contain_text(f"({number[:3]}) {number[3:6]}-{number[6:]}")


def test_tracking_users(emptied: Running, person: Page, visitor: Visitor) -> None:
    page = person
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
    # Two steps back, and nothing is lost.
    press(page.get_by_role("button", name=re.compile("What is tracked")))
    expect(page.get_by_label("Visits in your busiest hour")).to_have_value("10")
    press(button(page, "Continue"))
    press(button(page, "Continue"))
    expect(page.get_by_label("Ring for, seconds")).to_have_value("31")
    press(button(page, "Save and enable"))
    refused(page, emptied, "This costs $2.25; the balance is $0.00. Nothing was bought.")
    pay(emptied, 50_00)
    pool = connected(page, 3)
    sees(visitor(), emptied, "newsletter", pool)
    in_the_ledger(page, emptied, pool)


def test_tracking_campaigns(emptied: Running, person: Page, visitor: Visitor) -> None:
    page = person
    new(page, emptied, "Track campaigns")
    write(page, "Title", "Google")
    write(page, "Target number", "800 555 0199")
    reach(page.get_by_label("Strategy"))
    page.keyboard.type("Web")
    press(button(page, "Continue"))
    expect(page.get_by_text("Number that is shown instead")).to_be_visible()
    chosen = page.get_by_role("radio").nth(1)
    reach(page.get_by_role("radio").first)
    page.keyboard.press("ArrowDown")
    press(button(page, "Continue"))
    write(page, "Ring for, seconds", "31")
    # Two steps back, and nothing is lost.
    press(page.get_by_role("button", name=re.compile("What is tracked")))
    expect(page.get_by_label("Strategy")).to_have_value("web_search")
    press(button(page, "Continue"))
    expect(chosen).to_be_checked()
    press(button(page, "Continue"))
    expect(page.get_by_label("Ring for, seconds")).to_have_value("31")
    press(button(page, "Save and enable"))
    refused(page, emptied, "This costs $0.75; the balance is $0.00. Nothing was bought.")
    pay(emptied, 50_00)
    google = connected(page, 1)
    sees(visitor(), emptied, "google", google)
    in_the_ledger(page, emptied, google)


def test_the_full_wizard(emptied: Running, person: Page, visitor: Visitor) -> None:
    """Numbers, forwarding, tagging and format, channels, integrations, terms."""
    page = person
    new(page, emptied, "New scenario")
    write(page, "Title", "Boston")
    write(page, "How many", "3")
    page.keyboard.press("Enter")
    expect(page.get_by_text("3 numbers to be added")).to_be_visible()
    press(button(page, "Continue"))
    write(page, "Ring this number", "800 555 0199")
    press(button(page, "Continue"))
    write(page, "Replace", "800 555 0199")
    write(page, "Mask optional", "XXX.XXX.XXXX")
    # Two steps back, and nothing is lost.
    press(page.get_by_role("button", name=re.compile("Numbers")))
    expect(page.get_by_text("3 numbers to be added")).to_be_visible()
    press(button(page, "Continue"))
    expect(page.get_by_label("Ring this number")).to_have_value("800 555 0199")
    press(button(page, "Continue"))
    expect(page.get_by_label("Mask")).to_have_value("XXX.XXX.XXXX")
    press(button(page, "Continue"))
    # Whoever comes from a search engine is shown the first number, everybody else one of the pool.
    reach(page.get_by_label("Channel", exact=True))
    page.keyboard.type("Web")
    press(button(page, "Continue"))
    press(button(page, "Continue"))
    write(page, "Landing pages optional", "/jobs")
    press(button(page, "Save and enable"))
    refused(page, emptied, "This costs $2.25; the balance is $0.00. Nothing was bought.")
    pay(emptied, 50_00)
    first, *pool = sorted(connected(page, 3))
    searcher = visitor()
    sees(searcher, emptied, "google", [first])
    expect(searcher.locator(SHOWN).first).to_have_text(f"{first[:3]}.{first[3:6]}.{first[6:]}")
    sees(visitor(), emptied, "newsletter", pool)
    in_the_ledger(page, emptied, [first, *pool])


def test_print_and_radio(emptied: Running, person: Page) -> None:
    """No website: what a caller of the billboard is credited to."""
    page = person
    pay(emptied, 50_00)
    new(page, emptied, "Track print and radio")
    write(page, "Title", "Billboard")
    write(page, "Source", "Billboard Main Street")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Number that you will print or say")).to_be_visible()
    press(button(page, "Continue"))
    write(page, "Ring this number", "800 555 0199")
    press(button(page, "Save and enable"))
    (billboard,) = connected(page, 1)
    emptied.command("sandbox", "call", "--from", "+13125550177", "--to", f"+1{billboard}", "--duration", "1")
    call = eventually("the call", lambda: next(iter(emptied.api("calls")["items"]), None))
    final = eventually("its credit", lambda: emptied.api(f"calls/{call['id']}")["credit"]["source"])
    assert final == "billboard main street"
