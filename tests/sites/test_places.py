"""The same places as the snippet finds, on the snippet's own cases."""

from __future__ import annotations

import re

import pytest

from callspring.scenarios.tagging import spellings
from callspring.sites.page.markup import parts
from callspring.sites.page.places import ATTRIBUTE, LINK, TEXT, Targets, dialled, places
from tests.browser.snippet_formats import COUNTRY_SWAPS, GROUPS
from tests.browser.snippet_pages import ALL

CASES = [(name, html) for group in GROUPS.values() for name, html in group.items()]
TARGETS = Targets({f"{number}": swap["find"] for number, swap in enumerate([*ALL, *COUNTRY_SWAPS])})
# What takes a style sheet, or a browser's own mending of the page, to see.
ONLY_IN_A_BROWSER = {"beside digits that stand apart", "the title of a drawing"}


@pytest.mark.parametrize(("name", "html"), CASES, ids=[name for name, _ in CASES])
def test_the_snippets_cases(name: str, html: str) -> None:
    before = re.sub(r"⟦([^|⟧]*)\|[^⟧]*⟧", r"\1", html)
    found = sum(kinds.total() for kinds in places(parts(before), TARGETS).found.values())
    assert (found == html.count("⟦")) is (name not in ONLY_IN_A_BROWSER)


def test_kinds_of_places() -> None:
    html = """<p>Call (800) 555-0199 or <b>800</b>-555-0199</p><a href="tel:+18005550199" title="800.555.0199">x</a>
    <a href="sms:8005550199?body=hi">y</a><a href="tel:+13125550100">z</a><a href="tel:911">e</a>
    <img alt="+1 800 555 0199"><p>800-555-0198</p>"""
    found = places(parts(html), Targets({"+18005550199": spellings("+18005550199"), "+13": spellings("+4930901820")}))
    assert found.found == {"+18005550199": {TEXT: 2, LINK: 2, ATTRIBUTE: 2}}
    assert found.strangers == ["+13125550100"]


def test_numbers_of_links() -> None:
    assert [dialled(each) for each in ("tel:%2B1%20(800)%20555", "TEL:1-800", "mailto:1", "tel:1;ext=2", "")] == [
        "+1800555", "1800", "", "1", "",
    ]  # fmt: skip


def test_what_is_switched_off_ends() -> None:
    off = "<div data-callspring=off><div>800-555-0199</div>800-555-0199<br></div>"
    html = f"{off}<p>800-555-0199</p><select><option>1</select>8005550199"
    found = places(parts(html), Targets({"x": ["8005550199"]}))
    assert found.found == {"x": {TEXT: 2}}
