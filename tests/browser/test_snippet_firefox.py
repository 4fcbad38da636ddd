"""The snippet's core in the system's Firefox: what it swaps, living pages, and what it does when nobody answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser import snippet_pages
from tests.browser.firefox import Firefox, FirefoxPage
from tests.browser.snippet_checks import (
    check_that_a_page_comes_back,
    check_that_a_pinned_page_runs_nothing_else,
    check_that_a_pinned_page_runs_what_it_names,
    check_that_exactly_the_targets_change,
)
from tests.browser.snippet_fixtures import site
from tests.browser.snippet_formats import GROUPS
from tests.browser.snippet_pages import DE, US, Edge, Site, answering, document
from tests.browser.test_snippet import EDITS, edge, living

pytestmark = pytest.mark.browser
__all__ = ["edge", "site"]

READY = """new Promise((done) => {
  const look = () => (window.callspring?.ready ? callspring.ready.then(done) : setTimeout(look, 5));
  look();
})"""


@pytest.fixture(scope="module")
def firefox() -> Iterator[Firefox]:
    browser = Firefox()
    yield browser
    browser.close()


@pytest.fixture
def page(firefox: Firefox) -> Iterator[FirefoxPage]:
    """A new person's tab. What it reports as an error fails the test."""
    firefox.errors.clear()
    page = firefox.page()
    yield page
    page.close()
    assert firefox.errors == []


def load(page: FirefoxPage, url: str) -> None:
    page.goto(url)
    page.evaluate(READY)


@pytest.mark.parametrize("group", GROUPS)
def test_exactly_the_target_spans_change(group: str, page: FirefoxPage, site: Site, edge: Edge) -> None:
    check_that_exactly_the_targets_change(page, load, site, edge, group)


def test_it_follows_living_pages(page: FirefoxPage, site: Site, edge: Edge) -> None:
    edge.answer = answering([US, DE])
    shown = {}
    for name, (body, edit, _) in EDITS.items():
        load(page, site.put("/living", document(edge, body)))
        shown[name] = page.evaluate(living(edit))
    assert shown == {name: expected for name, (_, _, expected) in EDITS.items()}


def test_a_pinned_page_runs_what_it_names(page: FirefoxPage, site: Site, edge: Edge) -> None:
    check_that_a_pinned_page_runs_what_it_names(page, load, site, edge)


def test_a_pinned_page_runs_no_other_second_file(
    firefox: Firefox, site: Site, edge: Edge, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "cs.js").write_bytes(snippet_pages.SCRIPT.read_bytes())
    (tmp_path / "more.js").write_text("window.foreign = true; export const start = () => 0")
    monkeypatch.setattr(snippet_pages, "SCRIPT", tmp_path / "cs.js")
    page = firefox.page()  # it reports what it refuses as an error
    check_that_a_pinned_page_runs_nothing_else(page, load, site, edge, lambda page: page.goto("about:blank"))
    page.close()


def test_a_page_comes_back_from_the_back_forward_cache(page: FirefoxPage, site: Site, edge: Edge) -> None:
    edge.answer = answering([US])
    check_that_a_page_comes_back(page, load, site, edge, FirefoxPage.go_back)


@pytest.mark.parametrize("mood", ["hanging up", "garbage", "other json", "failing", "slow"])
def test_without_an_answer_the_page_keeps_its_number(mood: str, firefox: Firefox, site: Site, edge: Edge) -> None:
    edge.mood = mood
    page = firefox.page()
    firefox.errors.clear()
    load(page, site.put("/down", document(edge, "<p>800-555-0199</p><a href='tel:8005550199'>Call</a>")))
    assert page.evaluate("document.querySelector('p').textContent") == "800-555-0199"
    assert page.evaluate("document.querySelector('a').getAttribute('href')") == "tel:8005550199"
    assert page.evaluate("callspring.numbers()") == []
    page.close()
    # A browser reports a request that failed by itself; an error of ours would name our file.
    assert "cs.js" not in json.dumps(firefox.errors)
    assert "ejection" not in json.dumps(firefox.errors)
