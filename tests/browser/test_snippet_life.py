"""The snippet on living pages: frameworks that take them over, what was shown a moment ago."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from typing import Any, cast

import pytest
from playwright.sync_api import Page

from tests.browser.snippet_fixtures import edge, load, site
from tests.browser.snippet_pages import DE, US, Edge, Json, Site, answering, document

pytestmark = pytest.mark.browser
__all__ = ["edge", "site"]

ROOT = Path(__file__).parents[2]
PAGES = Path(__file__).parent / "pages"
MOVED = {"number": "+13125550188", "national": "(312) 555-0188"}
BROWSERS_OWN = r"^Failed to load resource"
MARKUP = (
    '<main><p id="split">Call <b>800</b>-555-0199</p><p id="whole">800-555-0199</p>'
    '<a href="tel:8005550199" title="Call 800-555-0199, 0">Call us</a><button>Pressed 0</button></main>'
)
DEFINED = {
    "process.env.NODE_ENV": '"development"',  # which says more when something is wrong
    "__VUE_OPTIONS_API__": "true",
    "__VUE_PROD_DEVTOOLS__": "false",
    "__VUE_PROD_HYDRATION_MISMATCH_DETAILS__": "true",
}


@pytest.fixture(scope="module")
def bundles() -> dict[str, str]:
    """The pages' own scripts with real React and Vue in them, as a site would build them."""
    defines = [f"--define:{name}={value}" for name, value in DEFINED.items()]
    return {name: _bundle(PAGES / f"{name}.js", defines) for name in ("react", "vue")}


def _bundle(entry: Path, defines: list[str]) -> str:
    esbuild = ROOT / "node_modules/.bin/esbuild"
    command = [str(esbuild), str(entry), "--bundle", "--format=iife", "--log-level=error", *defines]
    return subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout


# --- frameworks -----------------------------------------------------------------------------------------------------

ROOTS = {"react": "root", "vue": "app"}


def app(bundles: dict[str, str], edge: Edge, name: str, markup: str, settings: Json) -> str:
    """A page of a framework: `markup` is what its server rendered."""
    globals_ = ";".join(f"window.{key}={json.dumps(value)}" for key, value in settings.items())
    script = bundles[name].replace("</script", "<\\/script")
    return document(edge, f"<div id={ROOTS[name]}>{markup}</div><script>{globals_};{script}</script>")


@pytest.mark.parametrize("name", ROOTS)
@pytest.mark.parametrize("late", [0, 350])
def test_frameworks_take_over_what_their_server_rendered(
    name: str, late: int, bundles: dict[str, str], page: Page, site: Site, edge: Edge
) -> None:
    page.add_init_script("addEventListener('DOMContentLoaded', () => { window.node = document.querySelector('b') })")
    load(page, site.put("/app", app(bundles, edge, name, MARKUP, {"late": late, "fast": False})))
    page.wait_for_function("document.querySelector('#split').textContent === 'Call 312-555-0142'")
    assert page.evaluate("damage") == []
    assert page.evaluate("node === document.querySelector('b')"), "the framework threw the server's markup away"
    page.click("button")
    page.wait_for_function("document.querySelector('button').textContent === 'Pressed 1'")
    assert page.text_content("#whole") == "(312) 555-0142"
    assert page.get_attribute("a", "href") == "tel:+13125550142"
    assert page.get_attribute("a", "title") == "Call 312-555-0142, 1"
    assert page.text_content("#split") == "Call 312-555-0142"


@pytest.mark.parametrize("entry", ["/_next/static/app.js", "/assets/entry.client-Bx1.js"])
@pytest.mark.parametrize("late", [0, 350])
def test_react_takes_over_a_whole_document(
    entry: str, late: int, bundles: dict[str, str], page: Page, site: Site, edge: Edge
) -> None:
    edge.answer = answering([held(US, 300)])
    page.add_init_script(f"window.late = {late}")
    page.add_init_script("addEventListener('DOMContentLoaded', () => { window.node = document.querySelector('b') })")
    site.put(entry, bundles["react"], {"Content-Type": "text/javascript"})
    head = f'<link rel="modulepreload" href="{entry}"><script async src="{entry}"></script>'
    url = site.put("/whole", document(edge, MARKUP, head))
    for _ in range(2):  # the second time the number is known at once
        load(page, url)
        page.wait_for_function("document.querySelector('#split').textContent === 'Call 312-555-0142'")
        assert page.evaluate("damage") == []
        assert page.evaluate("node === document.querySelector('b')"), "the framework threw the server's markup away"


@pytest.mark.parametrize("name", ROOTS)
def test_frameworks_that_render_every_50_ms(
    name: str, bundles: dict[str, str], page: Page, site: Site, edge: Edge
) -> None:
    load(page, site.put("/fast", app(bundles, edge, name, "", {"late": 0, "fast": True})))
    page.wait_for_function("document.querySelector('#whole').textContent.includes('312')")
    seen = page.evaluate(
        """() => new Promise((done) => {
          const seen = new Set();
          const end = performance.now() + 600;
          const look = () => {
            seen.add(document.querySelector('main').innerText.replace(/Pressed \\d+/, '') + document.links[0].title);
            if (performance.now() < end) requestAnimationFrame(look); else done([...seen]);
          };
          requestAnimationFrame(look);
        })"""
    )
    assert len(seen) > 5
    assert not [text for text in seen if "800" in text]
    assert page.evaluate("damage") == []


def test_a_plain_page_that_looks_like_an_app_is_swapped_soon_after_it_was_loaded(
    page: Page, site: Site, edge: Edge
) -> None:
    load(page, site.put("/plain", document(edge, "<div id=app><p>800-555-0199</p></div>")))
    page.wait_for_function("document.querySelector('p').textContent === '312-555-0142'", timeout=2500)


# --- what was shown a moment ago ------------------------------------------------------------------------------------


def held(swap: Json, seconds: int) -> Json:
    return {**swap, "hold": seconds}


def test_a_number_that_is_still_held_is_shown_before_the_edge_answers(page: Page, site: Site, edge: Edge) -> None:
    edge.answer = answering([held(US, 60)])
    body = "<p>800-555-0199</p><a href='tel:8005550199'>Call</a>"
    load(page, site.put("/first", document(edge, body)))
    edge.wait(lambda: edge.events("swapped"), "the first page's places")
    edge.mood = "slow"
    page.goto(site.put("/second", document(edge, body)))
    page.wait_for_function("document.querySelector('p').textContent === '312-555-0142'", timeout=1000)
    assert page.evaluate("callspring.numbers().length") == 1
    assert page.evaluate("window.callspring.ready") == [], "without an answer in time the page has its own number"
    assert page.text_content("p") == "800-555-0199"
    assert page.get_attribute("a", "href") == "tel:8005550199"


def test_the_edge_confirms_what_was_kept_or_gives_another(page: Page, site: Site, edge: Edge) -> None:
    edge.answer = answering([held(US, 60)])
    url = site.put("/kept", document(edge, "<p>800-555-0199</p>"))
    load(page, url)
    edge.wait(lambda: len(edge.events("swapped")) == 1, "the places of the first page")
    load(page, url)
    edge.wait(lambda: len(edge.events("swapped")) == 2, "the places of the second page")
    assert edge.events("swapped")[1] == {"kind": "swapped", "places": {"3": 1}}
    edge.answer = answering([held(US | MOVED, 60)])
    load(page, url)
    assert page.text_content("p") == "312-555-0188"
    edge.answer = answering([])
    load(page, url)
    assert page.text_content("p") == "800-555-0199"
    page.wait_for_function("JSON.parse(localStorage.callspring)[1].length === 0")


# Each spoils what the first page kept; the second page then has to ask before it shows anything.
SPOILED = {
    "the hold is over": "localStorage.callspring = localStorage.callspring.replace(/\\d{13}/, (at) => at - 61000)",
    "the cookie is gone": "document.cookie = 'callspring=; max-age=0'",
    "it is not ours": "localStorage.callspring = '{\"a\": 1}'",
    "it is no JSON": "localStorage.callspring = 'x'",
    "its swaps are none": 'localStorage.callspring = `[${Date.now()}, [{"hold": 60}, null]]`',
}


@pytest.mark.parametrize("name", SPOILED)
def test_what_was_kept_is_not_shown_when(name: str, page: Page, site: Site, edge: Edge) -> None:
    edge.answer = answering([held(US, 60)])
    load(page, site.put("/spoil", document(edge, "<p>800-555-0199</p>")))
    edge.wait(lambda: edge.events("swapped"), "the second file, which keeps them")
    site.put("/empty", "<!doctype html><title>empty</title>")
    page.goto(site.url + "/empty")  # leaving is a sign of life
    page.evaluate(SPOILED[name])
    edge.mood = "slow"
    page.goto(site.put("/again", document(edge, "<p>800-555-0199</p>")))
    page.wait_for_timeout(300)
    assert page.text_content("p") == "800-555-0199"
    assert page.evaluate("callspring.numbers()") == []


def test_where_storage_is_refused_the_page_is_swapped_all_the_same(page: Page, site: Site, edge: Edge) -> None:
    page.add_init_script(
        """Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError') } });
        Object.defineProperty(Document.prototype, 'cookie', { get() { throw new DOMException('no', 'SecurityError') },
          set() { throw new DOMException('no', 'SecurityError') } });"""
    )
    load(page, site.put("/refused", document(edge, "<p>800-555-0199</p>")))
    assert page.text_content("p") == "312-555-0142"


# --- beats ----------------------------------------------------------------------------------------------------------


def test_the_first_activity_after_a_long_silence_is_a_beat(page: Page, site: Site, edge: Edge) -> None:
    edge.answer = answering([US], beat=3600)
    load(page, site.put("/asleep", document(edge, "<p>800-555-0199</p>")))
    edge.wait(lambda: edge.events("swapped"), "the places")
    page.keyboard.press("Tab")
    page.evaluate("Date.now = ((now) => () => now() + 61_000)(Date.now.bind(Date))")
    assert edge.events("beat") == []
    page.keyboard.press("Tab")
    edge.wait(lambda: edge.events("beat"), "a beat")
    page.keyboard.press("Tab")
    page.evaluate("callspring.event('x')")
    edge.wait(lambda: edge.events("event"), "an event")
    assert len(edge.events("beat")) == 1


# --- older browsers -------------------------------------------------------------------------------------------------


def test_without_a_time_out_of_their_own_they_are_swapped_and_wait_as_long_as_they_do(
    page: Page, site: Site, edge: Edge
) -> None:
    page.add_init_script("delete AbortSignal.timeout")
    url = site.put("/older", document(edge, "<p>800-555-0199</p>"))
    load(page, url)
    assert page.text_content("p") == "312-555-0142"
    edge.mood = "slow"
    page.context.clear_cookies()
    begun = time.monotonic()
    load(page, url)
    assert time.monotonic() - begun > 5
    assert page.text_content("p") == "312-555-0142"


# --- display --------------------------------------------------------------------------------------------------------


def test_a_scenario_that_says_how_its_number_is_written(page: Page, site: Site, edge: Edge) -> None:
    edge.answer = answering([{**US, "text": "8 (312) 555-01-42"}, DE])
    body = (
        "<p>Call <b>+1 (800)</b> 555-0199</p><a href='tel:8005550199'>(800) 555-0199</a><div><i>030 23125678</i></div>"
    )
    load(page, site.put("/mask", document(edge, body)))
    assert page.text_content("p") == "Call 8 (312) 555-01-42"
    assert page.inner_html("a") == "8 (312) 555-01-42"
    assert page.get_attribute("a", "href") == "tel:+13125550142"
    assert page.text_content("i") == "089 123456789"


# docs/snippet.md gives site owners these lines.
HIDING = """<style>
  @keyframes callspring { to { visibility: visible } }
  [data-callspring=hide] { visibility: hidden; animation: callspring 0s 0.4s forwards }
</style>"""
VISIBILITY = "(css) => getComputedStyle(document.querySelector(css)).visibility"


def test_elements_hidden_until_the_swap_show_after_400_ms_whatever_happens(
    page: Page, site: Site, edge: Edge, allowed_errors: list[str]
) -> None:
    allowed_errors.append(BROWSERS_OWN)
    edge.mood = "slow"
    body = "<p id=hidden data-callspring=hide>800-555-0199</p><p id=other>800-555-0199</p>"
    page.goto(site.put("/hide", document(edge, body, head=HIDING)), wait_until="commit")
    page.wait_for_selector("#other")
    assert page.evaluate(VISIBILITY, "#other") == "visible"
    page.wait_for_function(f"({VISIBILITY})('#hidden') === 'visible'", timeout=5000)
    states = cast("list[Any]", page.evaluate("document.getAnimations().map(({ playState }) => playState)"))
    assert states in ([], ["finished"])
