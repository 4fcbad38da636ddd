"""One real Chromium for all browser tests, visitors in it, and what every page of ours has to pass.

A test that takes `page` or `visitor` fails on any console error and on any uncaught exception of a page, unless it says
in `allowed_errors` which ones belong to it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, expect, sync_playwright

# Playwright's synchronous interface keeps an event loop in the test's thread; Django refuses the database beside one.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")

CHROMIUM = os.environ.get("CALLSPRING_CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--no-first-run",
    "--host-resolver-rules=MAP *.test 127.0.0.1",  # for stories of several sites (RFC 6761 keeps .test for that)
    "--disable-blink-features=AutomationControlled",  # else navigator.webdriver is true, and the edge drops bots
]
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
PHONE_WIDTH = 375  # CSS pixels
# How long a test waits for what it expects, where it does not say. Playwright's 5 s are too few for a busy machine.
expect.set_options(timeout=15_000)  # milliseconds

Visitor = Callable[..., Page]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser, started once."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


def user_agent(browser: Browser) -> str:
    """What the same browser says of itself on a desktop; headless it says HeadlessChrome, which is a bot."""
    major = browser.version.split(".", maxsplit=1)[0]
    return f"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{major}.0.0.0 Safari/537.36"


@pytest.fixture
def allowed_errors() -> list[str]:
    """Regular expressions; a test adds those console errors and page errors that it provokes."""
    return []


@pytest.fixture
def visitor(chromium: Browser, allowed_errors: list[str]) -> Iterator[Visitor]:
    """Makes visitors: each call is a new person with an empty cookie jar, and gives their first page.

    Keyword arguments go to Playwright's `Browser.new_context`.
    """
    contexts = []
    errors: list[str] = []

    def arrive(**options: Any) -> Page:
        context = chromium.new_context(**{"user_agent": user_agent(chromium), "locale": "en-US", **options})
        contexts.append(context)
        context.on("page", lambda page: _listen(page, errors))
        return context.new_page()

    yield arrive
    for context in contexts:
        context.close()
    said = without_aborts(errors)
    unexpected = [error for error in said if not any(re.search(one, error) for one in allowed_errors)]
    assert not unexpected, "the browser reported errors:\n" + "\n".join(unexpected)


@pytest.fixture
def page(visitor: Visitor) -> Page:
    """The page of one visitor with an ordinary desktop Chrome."""
    return visitor()


def without_aborts(errors: list[str]) -> list[str]:
    """A request that ends because its page does is no error: htmx says it in two lines, and how many of them there are
    depends on the speed of the machine."""
    kept: list[str] = []
    for error in errors:
        if not error.startswith("htmx:sendAbort"):
            kept.append(error)
        elif kept and kept[-1].startswith("htmx:afterRequest"):
            kept.pop()
    return kept


def _listen(page: Page, errors: list[str]) -> None:
    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error":
            errors.append(f"{message.text} [{message.location.get('url', '')}]")

    def on_error(error: Error) -> None:
        errors.append(f"uncaught: {error}")

    page.on("console", on_console)
    page.on("pageerror", on_error)


def assert_fits(page: Page) -> None:
    """Fails when the page is wider than a phone of 375 px, and names what sticks out."""
    before = page.viewport_size
    page.set_viewport_size({"width": PHONE_WIDTH, "height": 812})
    wide = cast("list[str]", page.evaluate(_STICKING_OUT, PHONE_WIDTH))
    if before:
        page.set_viewport_size(before)
    assert not wide, f"{page.url} overflows at {PHONE_WIDTH} px:\n" + "\n".join(wide)


# Elements are named only when the document itself scrolls sideways: a table in its own scroller is fine.
# Two frames later, what watches its own size (charts) has followed.
_STICKING_OUT = """async (width) => {
  for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
  if (document.documentElement.scrollWidth <= width) return [];
  const isWide = (element) => element.getBoundingClientRect().right > width + 0.5;
  const wide = [...document.body.querySelectorAll('*')].filter(isWide);
  return [`document: ${document.documentElement.scrollWidth} px`].concat(
    wide.slice(0, 10).map((element) => element.cloneNode(false).outerHTML.slice(0, 200)));
}"""


def assert_accessible(page: Page) -> None:
    """Fails on serious and critical findings of axe-core, with the elements concerned."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = cast("list[str]", page.evaluate(_SERIOUS))
    assert not found, f"{page.url} is not accessible:\n" + "\n".join(found)


_SERIOUS = """async () => {
  const { violations } = await axe.run(document, { resultTypes: ['violations'] });
  const isSerious = ({ impact }) => impact === 'serious' || impact === 'critical';
  const written = ({ id, impact, help, nodes }) =>
    [`${impact}: ${id}: ${help}`, ...nodes.map((node) => node.html.slice(0, 200))].join('\\n  ');
  return violations.filter(isSerious).map(written);
}"""
