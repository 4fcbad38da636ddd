"""Pages that live, and pages that are served, in ways that nobody would have thought of."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.snippet_fixtures import load, site
from tests.browser.snippet_pages import DE, US, Edge, Site, answering, document
from tests.browser.test_snippet import edge, living

pytestmark = pytest.mark.browser
__all__ = ["edge", "site"]

# The page's body, its own edit, and what its first <div> has before a frame could be painted.
EDITS: dict[str, tuple[str, str, str]] = {
    "an element that begins with text": (
        "<div></div>",
        "div.innerHTML = '<section>Our phone, day and night: <i>x</i> <b>y</b> 800-555-0199</section>'",
        "<section>Our phone, day and night: <i>x</i> <b>y</b> 312-555-0142</section>",
    ),
    "a long text before the first element": (
        "<div></div>",
        "div.innerHTML = `<section>${'lorem ipsum '.repeat(40)}<p>x</p><p>800-555-0199</p></section>`",
        f"<section>{'lorem ipsum ' * 40}<p>x</p><p>312-555-0142</p></section>",
    ),
    "what the page reads back and writes again": (
        "<div>800-555-0199</div>",
        "div.innerHTML += '<br>'; div.innerHTML += '<i>800-555-0199</i>'",
        "312-555-0142<br><i>312-555-0142</i>",
    ),
    "a copy of what is swapped": (
        "<div><p>030 23125678</p></div>",
        "div.append(div.firstChild.cloneNode(true))",
        "<p>089 123456789</p><p>089 123456789</p>",
    ),
    "texts put together": (
        "<div>800-<!---->555-0199</div>",
        "div.childNodes[1].remove(); div.normalize()",
        "312-555-0142",
    ),
    "an element that becomes a text": (
        "<div><p>x</p></div>",
        "div.firstChild.replaceWith('800-555-0199')",
        "312-555-0142",
    ),
    "a comment that becomes a text": (
        "<div><!--800-555-0199--></div>",
        "div.textContent = div.firstChild.data",
        "312-555-0142",
    ),
    "a text node that another number gets": (
        "<div>800-555-0199</div>",
        "div.firstChild.data = '030 23125678'; await null; div.firstChild.data = '030 23125679'",
        "030 23125679",
    ),
    "a link that leads elsewhere, and back": (
        "<div><a href='tel:8005550199'>x</a></div>",
        "div.firstChild.href = '/x'; await null; div.firstChild.href = 'tel:03023125678'",
        '<a href="tel:+4989123456789">x</a>',
    ),
    "many writes of one label": (
        "<div><p title='x'>y</p></div>",
        "for (const title of ['800-555-0199', '8', '800.555.0199']) div.firstChild.title = title",
        '<p title="312.555.0142">y</p>',
    ),
    "what somebody edits": (
        "<div><p contenteditable>x</p></div>",
        "div.firstChild.innerHTML = '<b>800-555-0199</b>'",
        '<p contenteditable=""><b>800-555-0199</b></p>',
    ),
}


@pytest.mark.parametrize("name", EDITS)
def test_it_follows_a_page_that_does(name: str, page: Page, site: Site, edge: Edge) -> None:
    body, edit, expected = EDITS[name]
    edge.answer = answering([US, DE])
    load(page, site.put("/nasty", document(edge, body)))
    assert page.evaluate(living(edit)) == expected


SHADOWS = """() => [...document.querySelectorAll('x-a, x-b')].map(({ shadowRoot }) => shadowRoot?.textContent ?? '')"""


def test_shadow_trees_from_the_html_and_from_elsewhere(page: Page, site: Site, edge: Edge) -> None:
    """Declared ones, one in another, closed ones, and one that is filled before its host is on the page."""
    inner = "<x-b><template shadowrootmode=open>800.555.0199</template></x-b>"
    body = (
        f"<x-a><template shadowrootmode=open><p>800-555-0199</p>{inner}<slot></slot></template></x-a>"
        "<x-a><template shadowrootmode=closed>800-555-0199</template>(800) 555-0199</x-a>"
    )
    load(page, site.put("/shadows", document(edge, body)))
    assert page.evaluate("document.querySelector('x-a').shadowRoot.textContent") == "312-555-0142"
    assert page.evaluate("document.querySelector('x-a').shadowRoot.querySelector('x-b').shadowRoot.textContent") == (
        "312.555.0142"
    )
    assert page.text_content("x-a:nth-of-type(2)") == "(312) 555-0142"
    page.evaluate(
        """() => {
          const late = document.createElement('x-b');
          late.attachShadow({ mode: 'open' }).innerHTML = '800 555 0199';
          document.body.append(late);
        }"""
    )
    assert page.evaluate(SHADOWS)[-1] == "312 555 0142"


NUMBER = "800-555-0199 (<b>800</b>) 555-0199"
XHTML = (
    f"<html xmlns='http://www.w3.org/1999/xhtml'><head><title>x</title>LINE</head><body><p>{NUMBER}</p></body></html>"
)
ADDED = "document.head.append(Object.assign(document.createElement('script'), { src: 'SRC' }))"
SERVED: dict[str, tuple[str, dict[str, str]]] = {
    "as XHTML": (XHTML, {"Content-Type": "application/xhtml+xml"}),
    "in quirks mode, with nothing in order": (f"LINE<P>{NUMBER}", {}),
    "with a base elsewhere": (f"<base href='https://nowhere.invalid/x/'>LINE<p>{NUMBER}</p>", {}),
    "with the script at its end": (f"<p>{NUMBER}</p>LINE", {}),
    "with the script as a module": (f"<p>{NUMBER}</p><script type='module' src='SRC'></script>", {}),
    "with a script that another one added": (f"<p>{NUMBER}</p><script>{ADDED}</script>", {}),
    "with a nonce and nothing else": (
        f"<p>{NUMBER}</p><script nonce='a1' src='SRC'></script>",
        {"Content-Security-Policy": "script-src 'nonce-a1' 'strict-dynamic'; base-uri 'none'; object-src 'none'"},
    ),
    "without any policy of Trusted Types": (
        f"LINE<p>{NUMBER}</p>",
        {"Content-Security-Policy": "require-trusted-types-for 'script'; trusted-types 'none'"},
    ),
    "in a sandbox, without cookies": (f"LINE<p>{NUMBER}</p>", {"Content-Security-Policy": "sandbox allow-scripts"}),
    "without referrers": (f"LINE<p>{NUMBER}</p>", {"Referrer-Policy": "no-referrer"}),
}


@pytest.mark.parametrize("name", SERVED)
def test_it_works_on_a_page_that_is_served(name: str, page: Page, site: Site, edge: Edge) -> None:
    html, headers = SERVED[name]
    line = edge.line().replace("async", "async=''")
    page.goto(site.put("/served", html.replace("LINE", line).replace("SRC", line.split('"')[1]), headers))
    expect(page.locator("p")).to_have_text("312-555-0142 (312) 555-0142", timeout=9000)
    edge.wait(lambda: edge.events("swapped"), "the places")


@pytest.mark.parametrize(
    "write",
    [
        "document.open(); document.write('<p>800-555-0199</p>'); document.close()",
        """document.documentElement.replaceWith(document.createElement('html'));
        document.documentElement.innerHTML = '<p>800-555-0199'""",
    ],
)
def test_it_follows_a_page_that_replaces_itself(write: str, page: Page, site: Site, edge: Edge) -> None:
    load(page, site.put("/replaced", document(edge, "<p>800-555-0199</p>")))
    page.evaluate(f"() => {{ {write} }}")
    expect(page.locator("p")).to_have_text("312-555-0142")


def test_a_place_within_and_one_behind_are_two(page: Page, site: Site, edge: Edge) -> None:
    load(page, site.put("/two", document(edge, "<div><h3>800-555-0199</h3>800-555-0199</div>")))
    edge.wait(lambda: [2] in [list(one["places"].values()) for one in edge.events("swapped")], "two places")


def test_a_page_of_many_places(page: Page, site: Site, edge: Edge) -> None:
    parts = "<b>8</b>" * 3000
    load(page, site.put("/many", document(edge, f"<p>800-555-0199</p>{parts}" + "<p>800-<i>555</i>-0199</p>" * 2000)))
    assert page.evaluate("document.body.innerText.split('312-555-0142').length - 1") == 2001
    edge.wait(lambda: [2001] in [list(one["places"].values()) for one in edge.events("swapped")], "2,001 places")


def test_many_edits_of_one_line_at_once_cost_little_more_than_one(page: Page, site: Site, edge: Edge) -> None:
    """A line of many elements reads as one text: it is read once, not once for each element that changes."""
    page.add_init_script(
        """{
          const { nextNode } = TreeWalker.prototype;
          window.steps = 0;
          TreeWalker.prototype.nextNode = function () { steps++; return nextNode.call(this); };
        }"""
    )
    edge.answer = answering([US])
    line = "<span>77 </span>" * 400 + "<b>800</b>-555-0199"
    load(page, site.put("/line", document(edge, f"<p>{line}</p>")))
    steps = page.evaluate(
        """async () => {
          const count = async (edit) => { steps = 0; edit(); await null; return steps; };
          const p = document.querySelector('p');
          return [await count(() => { p.firstChild.firstChild.data = '78 '; }),
                  await count(() => { for (const span of p.children) span.firstChild.data += ''; }),
                  await count(() => { p.innerHTML = p.innerHTML.replaceAll('77', '76'); })];
        }"""
    )
    assert steps[0] > 400
    assert max(steps) < 10 * steps[0]
    assert str(page.text_content("p")).endswith("76 312-555-0142")
