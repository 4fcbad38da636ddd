"""What every browser has to pass with the pages of snippet_formats.py, whoever drives it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from tests.browser.snippet_formats import GROUPS
from tests.browser.snippet_pages import MORE, US, Edge, Site, answering, document

_TARGET = re.compile(r"⟦([^|⟧]*)\|([^⟧]*)⟧")
_WHOLE = "document.documentElement.outerHTML"
_BY_SECTION = "Object.fromEntries([...document.querySelectorAll('section')].map((s) => [s.dataset.name, s.innerHTML]))"


class Tab(Protocol):
    """A page in a browser."""

    def goto(self, url: str, /) -> object:
        """Opens an address."""

    def evaluate(self, code: str, /) -> Any:
        """What JavaScript gives."""


T = TypeVar("T", bound=Tab)


def check_that_exactly_the_targets_change(
    page: T, load: Callable[[T, str], None], site: Site, edge: Edge, group: str
) -> None:
    """One group of fixtures in one page: its serialised DOM, its places, and that a second look changes nothing more.

    The edge has to swap all targets on any page but /after, which shows what is expected.
    """
    before, after = _sections(GROUPS[group], r"\1"), _sections(GROUPS[group], r"\2")
    load(page, site.put("/after", document(edge, after)))
    expected, whole = page.evaluate(_BY_SECTION), page.evaluate(_WHOLE)
    load(page, site.put("/before", document(edge, before)))
    shown = page.evaluate(_BY_SECTION)
    assert {name: html for name, html in shown.items() if html != expected[name]} == {}
    assert shown.keys() == expected.keys()
    assert page.evaluate(_WHOLE) == whole
    page.evaluate("{ const body = document.body; body.remove(); document.documentElement.append(body) }")
    assert page.evaluate(_WHOLE) == whole, "looking at the whole page again changed something more"
    count = before.count("<hr>")
    edge.wait(lambda: count in [sum(event["places"].values()) for event in edge.events("swapped")], f"{count} places")


def _sections(fixtures: dict[str, str], side: str) -> str:
    """All fixtures of a group in one page, with as many rules at its end as places that change, and one control."""
    fixtures = {**fixtures, "control": "<p>⟦800-555-0199|312-555-0142⟧</p>"}
    html = "".join(f"<section data-name='{name}'>{html}</section>" for name, html in fixtures.items())
    return _TARGET.sub(side, html) + "<hr>" * len(_TARGET.findall(html))


_PINNED = "<p>800-555-0199</p><a id=tel href='tel:8005550199' onclick='return false'>Call</a>"
_PRESS = "document.querySelector('#tel').click()"


def check_that_a_pinned_page_runs_what_it_names(
    page: T, load: Callable[[T, str], None], site: Site, edge: Edge
) -> None:
    """The second file has the hash that the page names: it runs, and tells of the page."""
    load(page, site.put("/pinned", f"<!doctype html><title>Pinned</title>{edge.pinned()}{_PINNED}"))
    edge.wait(lambda: edge.events("swapped"), "the places, by the second file")
    page.evaluate(_PRESS)
    edge.wait(lambda: edge.events("tel_click"), "the pressed link")
    assert edge.files.count(MORE) == 1
    assert len(edge.events("swapped")) == 1, "not from the first file again"


def check_that_a_pinned_page_runs_nothing_else(
    page: T, load: Callable[[T, str], None], site: Site, edge: Edge, leave: Callable[[T], object]
) -> None:
    """The edge's second file sets `window.foreign`, but has not the hash that the page names."""
    load(page, site.put("/forged", f"<!doctype html><title>Pinned</title>{edge.pinned()}{_PINNED}"))
    page.evaluate(f"import('{edge.url}{MORE}').then(() => {{ window.foreign = true }}, () => 0)")
    assert MORE in edge.files
    assert page.evaluate("document.querySelector('p').textContent") == "312-555-0142"
    page.evaluate(_PRESS)
    edge.wait(lambda: edge.events("tel_click"), "the pressed link, by the first file")
    assert page.evaluate("window.foreign") is None
    leave(page)
    edge.wait(lambda: edge.events("leave"), "the leave, by the first file")


_REMEMBER = """{
  window.returns = [];
  addEventListener('pageshow', ({ persisted }) => {
    returns.push([persisted, document.querySelector('p').textContent, callspring.numbers().length]);
  });
}"""
_TRIES = 10  # a browser may let a page go; Firefox does while it still waits for something of it


def check_that_a_page_comes_back(
    page: T, load: Callable[[T, str], None], site: Site, edge: Edge, back: Callable[[T], object]
) -> None:
    """Left and come back to, alive: the number stands at once, and the edge says which one it is now."""
    site.put("/between", "<!doctype html><title>Between</title><p>x</p>")
    site.put("/alive", document(edge, "<p>800-555-0199</p>"))
    assert any(_comes_back(page, load, site, edge, back) for _ in range(_TRIES)), "the browser keeps no page"
    page.evaluate(_until("document.querySelector('p').textContent === '312-555-0188'"))
    assert page.evaluate("returns") == [[True, "312-555-0142", 1]], "what stood there before the edge could answer"
    assert [visit["reload"] for visit in edge.visits] == [False, True]


def _comes_back(page: T, load: Callable[[T, str], None], site: Site, edge: Edge, back: Callable[[T], object]) -> bool:
    """Whether the page that was left is the one that is there again; either way the edge has been asked twice."""
    edge.visits.clear()
    edge.beacons.clear()
    edge.answer = answering([US])
    load(page, site.url + "/alive")
    edge.wait(lambda: edge.events("swapped"), "the places")
    page.evaluate(_REMEMBER)
    page.goto(site.url + "/between")
    edge.wait(lambda: edge.events("leave"), "the leave")
    edge.answer = answering([US | {"number": "+13125550188", "national": "(312) 555-0188"}])
    back(page)
    edge.wait(lambda: len(edge.visits) == 2, "the page that came back")
    return bool(page.evaluate("window.returns"))


def _until(condition: str) -> str:
    return f"new Promise((done) => {{ const look = () => ({condition} ? done() : setTimeout(look, 5)); look() }})"
