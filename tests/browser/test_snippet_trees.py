"""The snippet in trees that are no part of the page's own: shadow trees, frames, what the page's code hands over."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.snippet_fixtures import edge, load, site
from tests.browser.snippet_pages import US, Edge, Site, answering, document, swap

pytestmark = pytest.mark.browser
__all__ = ["edge", "site"]

NEXT = swap(3, "+18005550199", "+13125550188")
LARGE = "<p>x <b>y</b></p>" * 1500
HOSTS = "".join(
    f"<{name}><template shadowrootmode=open><p>800-555-0199</p></template>{content}</{name.split()[0]}>"
    for name, content in (
        ("div class=host", ""),
        ("x-card class=host", "<b>Card</b>"),
        ("div class=host", "text"),
        ("p class=host", "text"),
    )
)
SHOWN = """(shown) => [...document.querySelectorAll('.host')].every(
  ({ shadowRoot }) => shadowRoot.querySelector('p').textContent === shown)"""
SHADOWS = """
  <div id=early><template shadowrootmode=open><p>800-<b>555</b>-0199</p>
    <a href='tel:8005550199'>Call</a></template></div>
  <div id=shut><template shadowrootmode=closed><p>800-555-0199</p></template></div>
  <div data-callspring=off><div id=off><template shadowrootmode=open><p>800-555-0199</p></template></div></div>
  <late-phone></late-phone>"""
DEFINE = """() => {
  customElements.define('late-phone', class extends HTMLElement {
    constructor() {
      super();
      this.attachShadow({ mode: 'open' }).innerHTML = '<p>(800) 555-0199</p><slot></slot>';
    }
  });
  document.body.append(Object.assign(document.createElement('late-phone'), { id: 'later' }));
}"""
SHADOW_TEXT = "(css) => document.querySelector(css).shadowRoot.querySelector('p').textContent"


def test_open_shadow_trees_are_swapped_and_followed(page: Page, site: Site, edge: Edge) -> None:
    load(page, site.put("/shadow", document(edge, SHADOWS)))
    page.wait_for_function(f"({SHADOW_TEXT})('#early') === '312-555-0142'")
    edge.wait(lambda: edge.events("swapped"), "the places")  # the second file, which follows later trees, is there
    shown = page.evaluate(
        f"async () => {{ ({DEFINE})(); await null; return ['late-phone', '#later'].map({SHADOW_TEXT}) }}"
    )
    assert shown == ["(312) 555-0142", "(312) 555-0142"], "in the same frame"
    assert page.evaluate(SHADOW_TEXT, "#off") == "800-555-0199"
    page.evaluate("document.querySelector('#later').shadowRoot.querySelector('p').textContent = '800.555.0199'")
    assert page.evaluate(SHADOW_TEXT, "#later") == "312.555.0142"
    page.click("#early a")
    edge.wait(lambda: edge.events("tel_click"), "a link in a shadow tree")
    assert edge.events("tel_click")[0]["number"] == "+13125550142"


def test_shadow_trees_of_a_large_page_are_swapped_once_the_second_file_is_there(
    page: Page, site: Site, edge: Edge
) -> None:
    load(page, site.put("/large", document(edge, LARGE + HOSTS)))
    page.wait_for_function(SHOWN, arg="312-555-0142")


def test_a_frame_is_swapped_where_its_page_asks_for_it(page: Page, site: Site, edge: Edge) -> None:
    frame = "<iframe srcdoc='<p>800-555-0199</p><a href=tel:8005550199>Call</a>'></iframe>"
    load(page, site.put("/frame", document(edge, frame)))
    inner = page.frame_locator("iframe")
    assert inner.locator("p").text_content() == "800-555-0199"
    page.evaluate("callspring.swap(document.querySelector('iframe').contentDocument.documentElement)")
    assert inner.locator("p").text_content() == "312-555-0142"
    inner.locator("p").evaluate("(p) => { p.textContent = '(800) 555-0199' }")
    assert inner.locator("p").text_content() == "(312) 555-0142"
    inner.locator("a").click()
    edge.wait(lambda: edge.events("tel_click"), "a link in the frame")


def has_other_numbers(edge: Edge) -> None:
    """The edge has another number by now, and says at the next beat that it wants to be asked."""
    edge.wait(lambda: edge.beacons, "the places")
    edge.answer = answering([NEXT], beat=1)
    edge.lost = {edge.beacons[-1]["page"]}


@pytest.mark.parametrize("size", ["small", "large"])
def test_shadow_trees_get_the_next_number(size: str, page: Page, site: Site, edge: Edge) -> None:
    edge.answer = answering([US], beat=1)
    load(page, site.put("/next", document(edge, "<p>800-555-0199</p>" + (LARGE if size == "large" else "") + HOSTS)))
    page.wait_for_function(SHOWN, arg="312-555-0142")
    page.evaluate("""() => {
      const host = Object.assign(document.createElement('p'), { className: 'host', textContent: 'text' });
      document.body.append(host);
      host.attachShadow({ mode: 'open' }).innerHTML = '<p>800-555-0199</p>';
    }""")
    page.wait_for_function(SHOWN, arg="312-555-0142")
    has_other_numbers(edge)
    page.wait_for_function(SHOWN, arg="312-555-0188")


FRAMES = {
    "marked": "<iframe data-callspring=on srcdoc='<p>800-555-0199</p>'></iframe>",
    "handed over": "<iframe srcdoc='<p>800-555-0199</p>'></iframe>",
}
HAND_OVER = "callspring.swap(document.querySelector('iframe').contentDocument.documentElement)"
IN_FRAME = "(shown) => document.querySelector('iframe').contentDocument.querySelector('p')?.textContent === shown"


@pytest.mark.parametrize("way", FRAMES)
def test_a_frame_gets_the_next_number(way: str, page: Page, site: Site, edge: Edge) -> None:
    edge.answer = answering([US], beat=1)
    load(page, site.put("/frame", document(edge, "<p>800-555-0199</p>" + FRAMES[way])))
    page.frame_locator("iframe").locator("p").wait_for()
    if way == "handed over":
        page.evaluate(HAND_OVER)
    page.wait_for_function(IN_FRAME, arg="312-555-0142")
    has_other_numbers(edge)
    page.wait_for_function(IN_FRAME, arg="312-555-0188")


def test_what_is_no_part_of_the_page_gets_the_next_number(page: Page, site: Site, edge: Edge) -> None:
    edge.answer = answering([US], beat=1)
    load(page, site.put("/apart", document(edge, "<p>800-555-0199</p>")))
    page.evaluate("""() => {
      window.apart = Object.assign(document.createElement('div'), { textContent: '800-555-0199' });
      callspring.swap(apart);
    }""")
    assert page.evaluate("apart.textContent") == "312-555-0142"
    has_other_numbers(edge)
    page.wait_for_function("apart.textContent === '312-555-0188'")


def test_trees_that_the_page_has_thrown_away_are_not_held_back(page: Page, site: Site, edge: Edge) -> None:
    load(page, site.put("/gone", document(edge, "<p>800-555-0199</p>")))
    edge.wait(lambda: edge.events("swapped"), "the places")
    page.evaluate("""async () => {
      window.gone = [];
      for (let count = 0; count < 5; count++) {
        const host = document.body.appendChild(document.createElement('div'));
        host.attachShadow({ mode: 'open' }).innerHTML = '<p>800-555-0199</p>';
        gone.push(new WeakRef(host.shadowRoot));
        await new Promise((done) => setTimeout(done, 50));
        host.remove();
      }
    }""")
    devtools = page.context.new_cdp_session(page)
    devtools.send("HeapProfiler.collectGarbage")
    page.wait_for_timeout(100)
    devtools.send("HeapProfiler.collectGarbage")
    assert page.evaluate("gone.filter((tree) => tree.deref()).length") <= 1, "the last one may be"


@pytest.mark.parametrize("size", ["small", "large"])
def test_trees_of_a_page_that_a_framework_may_still_take(size: str, page: Page, site: Site, edge: Edge) -> None:
    body = f"<div id=app>{LARGE if size == 'large' else ''}<p>800-555-0199</p>{HOSTS}</div>{FRAMES['handed over']}"
    load(page, site.put("/waiting", document(edge, body)))
    page.evaluate(HAND_OVER)
    page.wait_for_function(SHOWN, arg="312-555-0142")
    page.wait_for_function(IN_FRAME, arg="312-555-0142")


def test_trees_that_were_followed_before_there_were_numbers(page: Page, site: Site, edge: Edge) -> None:
    edge.answer = lambda body: answering([US] if body.get("consent") else [])(body)
    load(page, site.put("/later", document(edge, "<p>800-555-0199</p>" + LARGE + HOSTS + FRAMES["handed over"])))
    page.evaluate(HAND_OVER)
    page.evaluate("callspring.consent(true)")
    page.wait_for_function(SHOWN, arg="312-555-0142")
    page.wait_for_function(IN_FRAME, arg="312-555-0142")


# What the page's own code hands over, and then does with it.
HANDED = {
    "a link that is nowhere": "Object.assign(document.createElement('a'), { innerHTML: '800-<b>555</b>-0199' })",
    "a link that is removed": "(document.querySelector('a').remove(), document.createElement('a'))",
    "several": "document.querySelectorAll('p')",
    "nothing": "null",
}


@pytest.mark.parametrize("what", HANDED)
def test_nothing_that_is_handed_over_keeps_the_page_from_the_next_number(
    what: str, page: Page, site: Site, edge: Edge
) -> None:
    edge.answer = answering([US], beat=1)
    body = "<p>800-555-0199</p><div><a href='tel:8005550199'>800-<b>555</b>-0199</a></div>"
    load(page, site.put("/handed", document(edge, body)))
    page.evaluate("callspring.swap(document.querySelector('a'))")
    page.evaluate(f"callspring.swap({HANDED[what]})")
    has_other_numbers(edge)
    page.wait_for_function("document.querySelector('p').textContent === '312-555-0188'")


def test_a_component_that_watches_its_own_tree_comes_to_rest(page: Page, site: Site, edge: Edge) -> None:
    load(page, site.put("/watching", document(edge, "<p>800-555-0199</p>" + HOSTS)))
    page.wait_for_function(SHOWN, arg="312-555-0142")
    runs = page.evaluate("""async () => {
      let runs = 0;
      const host = document.querySelector('.host');
      const look = () => host.title = `seen ${host.shadowRoot.textContent} ${++runs}`;
      new MutationObserver(look).observe(host.shadowRoot, { subtree: true, childList: true, characterData: true });
      host.shadowRoot.querySelector('p').textContent = '(800) 555-0199';
      await new Promise((done) => setTimeout(done, 300));
      return runs;
    }""")
    assert runs <= 3


def test_a_tree_that_changed_while_it_was_out_of_the_page(page: Page, site: Site, edge: Edge) -> None:
    load(page, site.put("/out", document(edge, "<p>800-555-0199</p>" + HOSTS)))
    page.wait_for_function(SHOWN, arg="312-555-0142")
    shown = page.evaluate("""async () => {
      const host = document.querySelector('.host'), pause = () => new Promise((done) => setTimeout(done, 50));
      host.remove();
      await pause();
      host.shadowRoot.querySelector('p').textContent = '(800) 555-0199';
      await pause();
      document.body.append(host);
      await pause();
      return host.shadowRoot.textContent;
    }""")
    assert shown == "(312) 555-0142"


def test_a_tree_in_a_large_tree(page: Page, site: Site, edge: Edge) -> None:
    outer = f"<div><template shadowrootmode=open>{LARGE}<div id=inner>{HOSTS}</div></template></div>"
    load(page, site.put("/nested", document(edge, "<p>800-555-0199</p>" + outer)))
    page.wait_for_function("""() => [...document.querySelector('div').shadowRoot.querySelectorAll('.host')].every(
      ({ shadowRoot }) => shadowRoot.querySelector('p').textContent === '312-555-0142')""")
