"""The site and the edge of the snippet's tests, for modules to import.

There is one site for all tests of a module, and an edge for each of them.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.browser.snippet_pages import US, Edge, Site, answering


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """A website."""
    site = Site()
    yield site
    site.stop()


@pytest.fixture(autouse=True)  # before the page, so that it outlives it
def edge() -> Iterator[Edge]:
    """An edge that gives every visitor one number."""
    edge = Edge(answering([US]))
    yield edge
    edge.stop()


def load(page: Page, url: str) -> None:
    """Open the page, and wait for the edge's answer."""
    page.goto(url)
    page.evaluate("window.callspring.ready")
