"""Real Chromium, the real doors, the demo shop: who sees which number."""

from __future__ import annotations

import subprocess
import sys
import time

import httpx
import pytest

from tests.browser.chromium import Visitor
from tests.journeys.running import Running
from tests.journeys.shop import OWN_NUMBER, SHOWN, arrive, digits, shown
from tests.system.processes import free_ports

pytestmark = [pytest.mark.browser, pytest.mark.system]


def scenario_of(running: Running, number: str) -> str:
    """The name of the scenario that owns a number, as the API tells it."""
    owner = next(item for item in running.api("numbers", limit="100")["items"] if item["e164"] == f"+1{number}")
    return str(owner["scenario"]["name"])


@pytest.mark.parametrize(
    ("way", "scenario"),
    [
        ("google", "Google search"),
        ("facebook", "Facebook ad"),
        ("direct", "Direct visits"),
        ("partner", "Partner blog"),
        ("flyer", "Flyer QR code"),
        ("newsletter", "Everyone else"),
    ],
)
def test_each_way_of_arriving_shows_its_own_number(running: Running, visitor: Visitor, way: str, scenario: str) -> None:
    page = visitor()
    if way == "partner":
        page.goto(f"{running.shop}/arrive")
        page.click("[data-arrive=partner]")
        page.get_by_role("link", name="Harbor").first.click()
        number = shown(page)
    else:
        number = arrive(page, running.shop, way)
    assert scenario_of(running, number) == scenario


def test_google_facebook_and_direct_show_three_numbers_that_stay(running: Running, visitor: Visitor) -> None:
    numbers = {}
    for way in ("google", "facebook", "direct"):
        page = visitor()
        numbers[way] = arrive(page, running.shop, way)
        page.reload()
        assert shown(page) == numbers[way]
        later = page.context.new_page()
        later.goto(f"{running.shop}/prices")
        assert shown(later) == numbers[way]
    assert len(set(numbers.values())) == 3


def test_visitors_at_once_on_the_pool_never_share(running: Running, visitor: Visitor) -> None:
    pages = [visitor() for _ in range(4)]
    for page in pages:
        page.goto(f"{running.shop}/arrive")
    for page in pages:
        page.click("[data-arrive=newsletter]", no_wait_after=True)
    numbers = [shown(page) for page in pages]
    assert len(set(numbers)) == 4
    pages[0].reload()
    assert shown(pages[0]) == numbers[0]


def test_every_place_shows_the_same_number_and_look_alikes_stay(running: Running, visitor: Visitor) -> None:
    page = visitor()
    number = arrive(page, running.shop, "google")
    page.goto(f"{running.shop}/contact")
    assert shown(page) == number
    page.wait_for_function("() => callspring.numbers().length === 1")
    off = page.locator("[data-callspring=off]").inner_text()
    text = page.evaluate("() => document.body.innerText")
    assert OWN_NUMBER in digits_of(off), "what is marked stays"
    assert OWN_NUMBER not in digits_of(text.replace(off, ""))
    links = page.eval_on_selector_all("a[href^='tel:']", "all => all.map(a => a.href)")
    assert {digits(link) for link in links} == {number}


def digits_of(text: str) -> str:
    return "".join(filter(str.isdecimal, text))


def test_with_the_doors_stopped_the_page_shows_its_own_number(
    running: Running, visitor: Visitor, allowed_errors: list[str]
) -> None:
    allowed_errors.append("ERR_CONNECTION_REFUSED|Failed to load resource")
    port = free_ports()
    there = {**running.environment, "PORT": str(port)}
    shop = subprocess.Popen([sys.executable, "-m", "callspring.cli", "shop"], env=there)
    try:
        address = f"http://127.0.0.1:{port + 2}/"
        wait_for(address)
        page = visitor()
        page.goto(address)
        page.wait_for_timeout(500)
        assert digits(page.locator(SHOWN).first.inner_text()) == OWN_NUMBER
        assert page.locator(SHOWN).first.is_visible()
        assert digits(page.get_attribute("a[href^='tel:']", "href") or "") == OWN_NUMBER
    finally:
        shop.terminate()
        shop.wait(20)


def wait_for(address: str) -> None:
    for _ in range(100):
        try:
            if httpx.get(address).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(f"{address} does not answer")
