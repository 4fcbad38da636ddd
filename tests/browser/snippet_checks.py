"""What every browser has to pass with the pages of snippet_formats.py, whoever drives it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from tests.browser.snippet_formats import GROUPS
from tests.browser.snippet_pages import Edge, Site, document

_TARGET = re.compile(r"⟦([^|⟧]*)\|([^⟧]*)⟧")
_WHOLE = "document.documentElement.outerHTML"
_BY_SECTION = "Object.fromEntries([...document.querySelectorAll('section')].map((s) => [s.dataset.name, s.innerHTML]))"


class Tab(Protocol):
    """A page in a browser."""

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
    assert page.evaluate(_BY_SECTION) == expected
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
