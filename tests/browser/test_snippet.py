"""The snippet in a real browser: what it finds and swaps. What it says to the edge is in test_snippet_talk.py."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from playwright.sync_api import Page

from tests.browser import snippet_pages
from tests.browser.snippet_checks import (
    check_that_a_pinned_page_runs_nothing_else,
    check_that_a_pinned_page_runs_what_it_names,
    check_that_exactly_the_targets_change,
)
from tests.browser.snippet_fixtures import load, site
from tests.browser.snippet_formats import COUNTRY_SWAPS, GROUPS
from tests.browser.snippet_pages import ALL, DE, US, Edge, Json, Site, answering, document

pytestmark = pytest.mark.browser
__all__ = ["edge", "site"]


@pytest.fixture(autouse=True)  # before the page, so that it outlives it
def edge() -> Iterator[Edge]:
    """An edge that swaps every target of `ALL` and of the countries on any page but /after."""
    swapping, leaving = answering([*ALL, *COUNTRY_SWAPS]), answering([])
    edge = Edge(lambda body: (leaving if "/after" in body["url"] else swapping)(body))
    yield edge
    edge.stop()


@pytest.mark.parametrize(("file", "budget"), [("cs.js", 5000), ("more.js", 2900)])
def test_the_build_keeps_to_its_size(file: str, budget: int) -> None:
    assert len(gzip.compress(snippet_pages.SCRIPT.with_name(file).read_bytes(), 9)) <= budget


def test_numbers_stand_whatever_the_second_file_is(
    page: Page, site: Site, edge: Edge, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "cs.js").write_bytes(snippet_pages.SCRIPT.read_bytes())
    (tmp_path / "more.js").write_text("window.foreign = true")
    monkeypatch.setattr(snippet_pages, "SCRIPT", tmp_path / "cs.js")
    page.add_init_script("addEventListener('unhandledrejection', () => { window.rejected = true; })")
    load(page, site.put("/foreign", document(edge, "<p>800-555-0199</p>")))
    page.wait_for_function("window.foreign")
    assert page.text_content("p") == "312-555-0142"
    assert page.evaluate("window.rejected") is None


def test_a_pinned_page_runs_what_it_names(page: Page, site: Site, edge: Edge) -> None:
    check_that_a_pinned_page_runs_what_it_names(page, load, site, edge)


def test_a_pinned_page_runs_no_other_second_file(
    page: Page, site: Site, edge: Edge, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, allowed_errors: list[str]
) -> None:
    allowed_errors.append(r"^Failed to find a valid digest in the 'integrity' attribute")
    (tmp_path / "cs.js").write_bytes(snippet_pages.SCRIPT.read_bytes())
    (tmp_path / "more.js").write_text("window.foreign = true; export const start = () => 0")
    monkeypatch.setattr(snippet_pages, "SCRIPT", tmp_path / "cs.js")
    check_that_a_pinned_page_runs_nothing_else(page, load, site, edge, lambda page: page.goto("about:blank"))


@pytest.mark.parametrize("group", GROUPS)
def test_exactly_the_target_spans_change(group: str, page: Page, site: Site, edge: Edge) -> None:
    check_that_exactly_the_targets_change(page, load, site, edge, group)


INCLUDE = """(src) => new Promise((onload) =>
  document.head.append(Object.assign(document.createElement('script'), { src, onload })))"""


def test_it_runs_once_however_often_it_is_included(page: Page, site: Site, edge: Edge) -> None:
    body = "<p id=callspring>800-555-0199</p>" + edge.line()
    load(page, site.put("/twice", document(edge, body, head=edge.line())))
    page.evaluate(INCLUDE, f"{edge.url}/cs/{snippet_pages.KEY}.js")
    page.evaluate("window.callspring.ready")
    assert page.text_content("p") == "312-555-0142"
    edge.wait(lambda: edge.events("swapped"), "the place")
    page.goto("about:blank")
    edge.wait(lambda: edge.events("leave"), "the leave")
    assert len(edge.visits) == 1
    assert len(edge.events("leave")) == 1


# Each edit is made by the page's own code after the first swap; the result is read before a frame could be painted.
EDITS: dict[str, tuple[str, str, str]] = {
    "an element is added": (
        "<div></div>",
        "div.innerHTML = '<p>Call <b>800</b>-555-0199</p>'",
        "<p>Call <b>312</b>-555-0142</p>",
    ),
    "an element is added, its number after another element": (
        "<div></div>",
        "div.innerHTML = '<p>Call us <i>today</i> or</p> <p><b>tomorrow</b> 800-555-0199</p>'",
        "<p>Call us <i>today</i> or</p> <p><b>tomorrow</b> 312-555-0142</p>",
    ),
    "a text is added": ("<div></div>", "div.append('800-555-0199')", "312-555-0142"),
    "the last part is added": ("<div><b>(800)</b></div>", "div.append(' 555', '-0199')", "<b>(312)</b> 555-0142"),
    "the first part is added": ("<div>-555-0199</div>", "div.prepend('800')", "312-555-0142"),
    "an inline part is added": (
        "<div>800--0199</div>",
        "div.firstChild.splitText(4); div.firstChild.after(make('i', '555'))",
        "312-<i>555</i>-0142",
    ),
    "a text is edited in place": ("<div>soon</div>", "div.firstChild.data = 'Call 800.555.0199'", "Call 312.555.0142"),
    "a swapped text is set again": ("<div>800-555-0199</div>", "div.firstChild.data = '800-555-0199'", "312-555-0142"),
    "a swapped text is added to": ("<div>800-555-0199</div>", "div.firstChild.data += ' now'", "312-555-0142 now"),
    "one part of a number is set again": (
        "<div><b>800</b>-555-0199</div>",
        "div.querySelector('b').firstChild.data = '800'",
        "<b>312</b>-555-0142",
    ),
    "one part of a number is replaced": (
        "<div><b>800</b>-555-0199</div>",
        "div.querySelector('b').textContent = '800'",
        "<b>312</b>-555-0142",
    ),
    "a number becomes another's": (
        "<div><b>800</b>-555-0199</div>",
        "div.querySelector('b').textContent = '801'",
        "<b>801</b>-555-0199",
    ),
    "a part is taken away": ("<div><b>800</b>-555-0199</div>", "div.querySelector('b').remove()", "-555-0199"),
    "what kept it apart is taken away": (
        "<div>800-<br>555-0199</div>",
        "div.querySelector('br').remove()",
        "312-555-0142",
    ),
    "a shorter number is set again": (
        "<div>030 <b>23125678</b></div>",
        "div.firstChild.data = '030 '",
        "089 123456789<b></b>",
    ),
    "a link is added": (
        "<div></div>",
        "div.append(Object.assign(make('a', 'x'), { href: 'tel:8005550199' }))",
        '<a href="tel:+13125550142">x</a>',
    ),
    "a link is changed": (
        "<div><a href='/x'>x</a></div>",
        "div.firstChild.href = 'tel:8005550199'",
        '<a href="tel:+13125550142">x</a>',
    ),
    "a link is set again": (
        "<div><a href='tel:8005550199'>x</a></div>",
        "div.firstChild.href = 'tel:8005550199'",
        '<a href="tel:+13125550142">x</a>',
    ),
    "a label is set": (
        "<div><p></p></div>",
        "div.firstChild.setAttribute('aria-label', '800-555-0199')",
        '<p aria-label="312-555-0142"></p>',
    ),
    "a label is taken away": (
        "<div><p title='800-555-0199'></p></div>",
        "div.firstChild.removeAttribute('title')",
        "<p></p>",
    ),
    "a part is moved elsewhere": (
        "<div><p>800-555-0199</p><i></i></div>",
        "div.lastChild.append(div.firstChild.firstChild)",
        "<p></p><i>312-555-0142</i>",
    ),
    "it is added where it is off": (
        "<div data-callspring=off></div>",
        "div.innerHTML = '800-555-0199'",
        "800-555-0199",
    ),
    "the title of the page is set": (
        "<div>x</div>",
        "document.title = '800-555-0199'; await null; div.textContent = document.title.replace('800', '801')",
        "801-555-0199",
    ),
    "the body is replaced": (
        "<div></div>",
        "const next = make('body'); next.innerHTML = '<div>800-555-0199</div>'; document.body = next",
        "312-555-0142",
    ),
}


@pytest.mark.parametrize("name", EDITS)
def test_it_follows_a_living_page(name: str, page: Page, site: Site, edge: Edge) -> None:
    body, edit, expected = EDITS[name]
    edge.answer = answering([US, DE])
    load(page, site.put("/living", document(edge, body)))
    assert page.evaluate(living(edit)) == expected


def living(edit: str) -> str:
    """Code that makes an edit, and gives what the page has before a frame could be painted."""
    return f"""async () => {{
      const make = (tag, text = '') => Object.assign(document.createElement(tag), {{ textContent: text }});
      const div = document.querySelector('div');
      {edit};
      await null;
      return document.querySelector('div').innerHTML;
    }}"""


# The page is searched by stretches of 256 elements; a number may lie across the border of two.
SPLIT_NUMBER = "<p>Call <b>(<i>800</i>)</b> <u>555</u>-<em>0199</em> <b>now</b></p>"


def test_numbers_across_the_borders_of_stretches(page: Page, site: Site, edge: Edge) -> None:
    head = 5  # html, head, meta, title, script
    sizes = range(256 - 8 - head, 256 + 2 - head)
    for size in sizes:
        filling = "<p>x</p>" * size
        load(page, site.put("/stretches", document(edge, filling + SPLIT_NUMBER + filling + SPLIT_NUMBER)))
        shown = page.evaluate("document.body.innerText.match(/Call .*/g)")
        assert shown == ["Call (312) 555-0142 now"] * 2, f"after {size} elements"


def test_it_sees_what_is_parsed_after_it_ran(page: Page, site: Site, edge: Edge) -> None:
    wait = f"<script src='{edge.url}/pause.js'></script>"
    body = f"<p>800-555-0199</p>{wait}<p>(800) 555-0199</p>{wait}<a href='tel:8005550199'>x</a>"
    load(page, site.put("/parsing", document(edge, body)))
    assert page.locator("p").all_text_contents() == ["312-555-0142", "(312) 555-0142"]
    assert page.get_attribute("a", "href") == "tel:+13125550142"


# A framework that renders again every 50 ms: by new texts, by the same text nodes, by new elements.
RENDERINGS = {
    "new texts": "b.textContent = '800-555-0199'",
    "the same text node": "b.firstChild.nodeValue = n % 2 ? '800-555-0199' : '(800) 555-0199'",
    "new elements": "p.innerHTML = '<b>800-<i>555</i>-0199</b>'",
    "attributes": "p.title = '800-555-0199'",
}


@pytest.mark.parametrize("name", RENDERINGS)
def test_a_page_that_renders_every_50_ms_never_shows_its_own_number(
    name: str, page: Page, site: Site, edge: Edge
) -> None:
    load(page, site.put("/react", document(edge, "<p><b>800-555-0199</b></p>")))
    seen, writes = page.evaluate(
        f"""() => new Promise((done) => {{
          const p = document.querySelector('p');
          const seen = new Set();
          let n = 0;
          let writes = 0;
          const everything = {{ subtree: true, childList: true, characterData: true, attributes: true }};
          new MutationObserver(() => writes++).observe(p, everything);
          const render = (b) => {{ {RENDERINGS[name]}; n++; }};
          const rendering = setInterval(() => render(p.querySelector('b')), 50);
          const look = () => {{
            seen.add(p.textContent.replace(/\\D/g, '') + (p.title || ''));
            if (n < 20) return requestAnimationFrame(look);
            clearInterval(rendering);
            done([[...seen], writes]);
          }};
          requestAnimationFrame(look);
        }})"""
    )
    assert not [text for text in seen if "800" in text]
    assert writes <= 3 * 21, "each rendering is answered once"
    assert len(edge.events("swapped")) <= 3, "confirmations come in batches"


def test_a_script_that_undoes_every_swap_does_not_hang_the_page(page: Page, site: Site, edge: Edge) -> None:
    fight = """<p>800-555-0199</p><script>
      const p = document.querySelector('p');
      new MutationObserver(() => { if (p.textContent !== '800-555-0199') p.textContent = '800-555-0199'; })
        .observe(p, { childList: true, characterData: true, subtree: true });
    </script>"""
    load(page, site.put("/fight", document(edge, fight)))
    page.evaluate("window.ticks = 0; setInterval(() => ticks++, 10)")
    ticks = page.evaluate("new Promise((done) => setTimeout(() => done(ticks), 500))")
    assert ticks > 10
    page.evaluate("document.body.append(Object.assign(document.createElement('h1'), {textContent: '800-555-0199'}))")
    page.wait_for_function("document.querySelector('h1').textContent === '312-555-0142'", timeout=2000)


def test_it_works_under_a_strict_content_security_policy(page: Page, site: Site, edge: Edge) -> None:
    policy = f"default-src 'none'; script-src {edge.url}; connect-src {edge.url}; require-trusted-types-for 'script'"
    head = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    load(page, site.put("/strict", document(edge, "<p>800-555-0199</p>", head=head)))
    assert page.text_content("p") == "312-555-0142"


def test_the_page_returns_to_its_own_number_when_the_next_answer_has_none(page: Page, site: Site, edge: Edge) -> None:
    html = "<p>Call <b>030</b> 231 25 678</p><a href='tel:8005550199' title='800-555-0199'>x</a>"
    load(page, site.put("/back", document(edge, html)))
    assert "089" in page.inner_text("p")
    edge.wait(lambda: edge.events("swapped"), "the first places")
    edge.answer = answering([])
    come_back(page, edge)
    assert page.inner_html("p") == "Call <b>030</b> 231 25 678"
    assert page.get_attribute("a", "href") == "tel:8005550199"
    assert page.get_attribute("a", "title") == "800-555-0199"
    edge.answer = answering([cast("Json", {**US, "number": "+12025550111", "national": "(202) 555-0111"})])
    come_back(page, edge)
    assert page.get_attribute("a", "href") == "tel:+12025550111"
    assert page.get_attribute("a", "title") == "202-555-0111"


def come_back(page: Page, edge: Edge) -> None:
    """What a page is told that returns from the back-forward cache (test_snippet_return.py has the real one)."""
    before = len(edge.visits)
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    edge.wait(lambda: len(edge.visits) > before, "the page that came back")
    page.wait_for_function(f"window.callspring.numbers().length === {len(edge.answer({})['swaps'])}")
    page.evaluate("new Promise(requestAnimationFrame)")
