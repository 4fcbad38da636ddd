"""The built console assets under the strict policy they are made for, and the checks that other tests rely on."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.chromium import assert_accessible, assert_fits
from tests.browser.snippet_pages import Quiet, Server

pytestmark = pytest.mark.browser

ASSETS = Path(__file__).parents[2] / "src/callspring/_assets/static/console"
KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
POLICY = "default-src 'self'; img-src 'self' data:"

CHART = """<div data-chart role="img" aria-label="Calls by day">
  <script type="application/json">
    {"xAxis": {"type": "category", "data": ["Mon", "Tue"]}, "yAxis": {"type": "value"}, "tooltip": {"trigger": "axis"},
     "series": [{"type": "bar", "name": "Calls", "data": [3, 5]}]}
  </script></div>"""
CONSOLE = f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Console</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">
<link rel="stylesheet" href="/console.css"><script defer src="/console.js"></script></head><body><main>
<h1>Calls <svg class="icon" aria-hidden="true"><use href="/icons.svg#phone-call"></use></svg></h1>{CHART}
<div class="dropdown"><button class="btn" data-bs-toggle="dropdown" aria-expanded="false">More</button>
<div class="dropdown-menu"><a class="dropdown-item" href="#a">Export</a></div></div>
<button class="btn" data-bs-toggle="collapse" data-bs-target="#menu" aria-expanded="false">Menu</button>
<nav class="collapse" id="menu">Navigation</nav>
<div id="late"></div><button class="btn" id="load" hx-get="/more" hx-target="#late">Load</button>
</main></body></html>"""
PAGES = {
    "/": CONSOLE,
    "/more": CHART,
    "/poor": "<!doctype html><title>x</title><p>x</p><div>wide<img src='data:,'></div>",
}


class ConsoleHandler(Quiet):
    """The built files and three pages, under the content security policy."""

    def do_GET(self) -> None:  # noqa: N802
        file = ASSETS / self.path.lstrip("/")
        policy = {"Content-Security-Policy": POLICY}
        if self.path in PAGES:
            self.answer(200, PAGES[self.path].encode(), "text/html; charset=utf-8", policy)
        elif file.suffix in KINDS:
            self.answer(200, file.read_bytes(), KINDS[file.suffix], policy)
        else:
            self.answer(204, b"", "image/x-icon")


@pytest.fixture(scope="module")
def console() -> Iterator[str]:
    handler: type[BaseHTTPRequestHandler] = ConsoleHandler
    server = Server()
    server.start(handler)
    yield server.url
    server.stop()


def test_charts_draw_under_the_policy_and_after_a_swap(page: Page, console: str) -> None:
    page.goto(console)
    page.wait_for_selector("main > [data-chart] canvas")
    page.hover("main > [data-chart]", position={"x": 200, "y": 100})  # the tooltip must not need inline styles
    page.click("#load")
    page.wait_for_selector("#late [data-chart] canvas")
    assert page.locator("canvas").count() == 2
    drawn = "() => new Set(document.querySelector('canvas').getContext('2d').getImageData(0, 0, 400, 200).data).size"
    page.wait_for_function(f"({drawn})() > 10")


def test_dropdowns_and_collapses(page: Page, console: str) -> None:
    page.goto(console)
    page.click("text=More")
    assert page.is_visible("text=Export")
    page.keyboard.press("Escape")
    assert page.is_hidden("text=Export")
    page.click("text=More")
    page.click("h1")
    assert page.is_hidden("text=Export")
    page.click("text=Menu")
    assert page.is_visible("nav")
    assert page.get_attribute("[data-bs-target='#menu']", "aria-expanded") == "true"
    page.click("text=Menu")
    assert page.is_hidden("nav")


def test_a_good_page_passes_the_checks(page: Page, console: str) -> None:
    page.goto(console)
    page.wait_for_selector("canvas")
    assert_fits(page)
    assert_accessible(page)


def test_the_checks_catch_a_poor_page(page: Page, console: str) -> None:
    page.goto(console + "/poor")
    with pytest.raises(AssertionError, match="image-alt"):
        assert_accessible(page)
    assert_fits(page)
    page.evaluate("document.querySelector('div').style.width = '400px'")
    with pytest.raises(AssertionError, match="<div"):
        assert_fits(page)
    assert page.viewport_size == {"width": 1280, "height": 720}
