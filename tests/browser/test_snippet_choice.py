"""What pages, scenarios and visitors choose: targets by selector, which numbers, consent, frames, other sites."""

from __future__ import annotations

from typing import cast

import pytest
from playwright.sync_api import Page

from tests.browser.chromium import Visitor
from tests.browser.snippet_fixtures import edge, load, site
from tests.browser.snippet_pages import TOKEN, US, Edge, Json, Site, answering, document

pytestmark = pytest.mark.browser
__all__ = ["edge", "site"]

OWN, OURS = "800-555-0199", "312-555-0142"
MASKED = "8 (312) 555-01-42"
PARTS = [[".country", "+1"], [".area", "312"], [".rest", "555-0142"]]


def until(page: Page, expression: str) -> None:
    page.wait_for_function(expression, timeout=5000)


def at(*pairs: list[str], **more: object) -> Json:
    """A swap of a scenario that names selectors."""
    return {**US, "at": list(pairs), **more}


# --- targets by selector --------------------------------------------------------------------------------------------

# What a page has, the pairs, and what it has then.
PLACED: dict[str, tuple[str, list[list[str]], str]] = {
    "a class": ("<b class=phone>our number</b>", [[".phone", MASKED]], f'<b class="phone">{MASKED}</b>'),
    "an id, twice": ("<i id=t>1</i><i id=t>2</i>", [["#t", "9"]], '<i id="t">9</i><i id="t">9</i>'),
    "nothing in it": ("<b class=phone></b>", [[".phone", MASKED]], f'<b class="phone">{MASKED}</b>'),
    "its number in an element": (
        "<b class=phone>\n <i>(812)</i> <u>555</u>\n</b>",
        [[".phone", MASKED]],
        f'<b class="phone"><i>{MASKED}</i><u></u></b>',
    ),
    "parts": (
        "<p>+<i class=country>7</i> (<i class=area>812</i>) <i class=rest>555-00-11</i></p>",
        PARTS,
        '<p>+<i class="country">+1</i> (<i class="area">312</i>) <i class="rest">555-0142</i></p>',
    ),
    "a link": (
        "<a class=phone href='tel:88125550011'>8 812 555-00-11</a>",
        [[".phone", MASKED]],
        f'<a class="phone" href="tel:+13125550142">{MASKED}</a>',
    ),
    "in a link": (
        "<a href='tel:88125550011'><i class=phone>8</i></a>",
        [[".phone", MASKED]],
        f'<a href="tel:+13125550142"><i class="phone">{MASKED}</i></a>',
    ),
    "around links": (
        "<div class=phone><a href='sms:88125550011'>8</a><a href='/x'></a></div>",
        [[".phone", MASKED]],
        f'<div class="phone"><a href="sms:+13125550142">{MASKED}</a><a href="/x"></a></div>',
    ),
    "a target too": (f"<b class=phone>{OWN}</b>", [[".phone", MASKED]], f'<b class="phone">{MASKED}</b>'),
    "beside a target": (
        f"<p>{OWN}/<b class=phone>812</b></p>",
        [[".phone", "312"]],
        f'<p>{OURS}/<b class="phone">312</b></p>',
    ),
    "switched off": ("<p data-callspring=off><b class=phone>8</b></p>", [[".phone", "9"]], ""),
    "a form field": ("<textarea class=phone>8</textarea>", [[".phone", "9"]], ""),
    "bad selectors": ("<b class=phone>8</b>", [["]", "1"], ["a:::b", "2"], [".phone", "9"]], '<b class="phone">9</b>'),
}


PARSED = """(html) => {
  const main = document.createElement('main');
  main.innerHTML = html;
  return main.innerHTML;
}"""


@pytest.mark.parametrize("name", PLACED)
def test_what_selectors_choose(name: str, page: Page, site: Site, edge: Edge) -> None:
    body, pairs, expected = PLACED[name]
    edge.answer = answering([at(*pairs), {**at(["#control", "9"]), "scenario": 5, "find": []}])
    load(page, site.put("/at", document(edge, f"<main>{body}</main><b id=control>8</b>")))
    before = page.evaluate(PARSED, body)
    until(page, "document.querySelector('#control').textContent === '9'")
    shown = "document.querySelector('main').innerHTML"
    squeezed = shown + ".replace(/>\\s+</g, '><')" if "\n" in body else shown
    assert page.evaluate(squeezed) == (expected or before)
    html = page.evaluate(shown)
    page.evaluate("{ const main = document.querySelector('main'); main.remove(); document.body.prepend(main) }")
    page.evaluate("new Promise(requestAnimationFrame)")
    assert page.evaluate(shown) == html, "a second look changed something more"
    edge.answer = answering([])
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    until(page, "callspring.numbers().length === 0")
    assert page.evaluate(shown) == before, "the page got its own back"


def test_they_count_as_places_and_follow_a_living_page(page: Page, site: Site, edge: Edge) -> None:
    edge.answer = answering([at([".phone", MASKED], find=[])])
    body = "<p><a class=phone href='tel:88125550011'>8 812</a></p><div></div>"
    load(page, site.put("/at", document(edge, body)))
    edge.wait(lambda: edge.events("swapped") and edge.events("swapped")[-1]["places"] == {"3": 2}, "a text and a link")
    shown = page.evaluate(
        """async () => {
          const a = document.querySelector('a');
          a.firstChild.data = '8 813';
          a.href = 'tel:1';
          document.querySelector('div').innerHTML = '<b class=phone><i>8</i></b>';
          await null;
          return [a.outerHTML, document.querySelector('div').innerHTML];
        }"""
    )
    assert shown == [
        f'<a class="phone" href="tel:+13125550142">{MASKED}</a>',
        f'<b class="phone"><i>{MASKED}</i></b>',
    ], "in the same frame"


def test_the_visit_number_goes_where_the_page_asks_for_it(page: Page, site: Site, edge: Edge) -> None:
    edge.answer = answering([])
    load(page, site.put("/visit", document(edge, "<p>Your number: <b data-callspring=visit></b></p>")))
    until(page, "document.querySelector('b').textContent === '1042'")
    assert edge.events("swapped") == [], "it is no place of a number"


# --- which numbers --------------------------------------------------------------------------------------------------

WISHES = {
    "ours": (
        "callspringScenarios = [3, 'old-5']; callspringPhonePrefix = '7812'; callspringPhonePrefixBind = 'spb'",
        "onCallspringNumber",
    ),
    "Roistat's": (
        "roistatCalltrackingScripts = [3, 'old-5']; roistatPhonePrefix = '7812'; roistatPhonePrefixBind = 'spb'",
        "onCallTrackingPhoneReceived",
    ),
}


@pytest.mark.parametrize("name", WISHES)
def test_what_a_page_says_of_its_numbers(name: str, page: Page, site: Site, edge: Edge) -> None:
    code, callback = WISHES[name]
    edge.answer = answering([{**US, "find": []}, at([".none", MASKED], text=MASKED, scenario=5, find=[])])
    script = f"<script>{code}; window.got = []; {callback} = (...all) => {{ got.push(all) }}</script>"
    load(page, site.put("/wishes", document(edge, "<p>x</p>", head=script)))
    until(page, "got.length === 2")
    [body] = edge.visits
    assert (body["scenarios"], body["prefix"], body["bind"]) == ([3, "old-5"], "7812", "spb")
    number = {"number": US["number"], "national": US["national"]}
    assert page.evaluate("got") == [
        [US["national"], {"scenario": 3, **number}],
        [MASKED, {"scenario": 5, **number}],
    ]


# --- consent --------------------------------------------------------------------------------------------------------

GTAG = "window.dataLayer = window.dataLayer || []; function gtag() { dataLayer.push(arguments) }"
DENIED = GTAG + "; gtag('consent', 'default', { ad_storage: 'granted', analytics_storage: 'denied' })"
GRANTED = GTAG + "; gtag('consent', 'default', { analytics_storage: 'granted' })"
GPC = "Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', { get: () => true })"
KEPT = "[document.cookie, localStorage.callspring || '']"


def by_consent(body: Json) -> Json:
    """An edge whose site wants consent: a static number for everybody, the rest by consent."""
    if body.get("consent"):
        return cast("Json", {"token": TOKEN, "visit": 1042, "page": "page-1", "swaps": [{**US, "hold": 60}]})
    return {"swaps": [], "consent": False}


SAID = {
    "nothing": ("", None),
    "no by Consent Mode": (DENIED, False),
    "yes by Consent Mode": (GRANTED, True),
    "yes, after a default of no": (DENIED + "; gtag('consent', 'update', { analytics_storage: 'granted' })", True),
    "no for some regions": (GTAG + DENIED[len(GTAG) :] + GRANTED[len(GTAG) :], False),
    "nothing about analytics": (
        GTAG + "; gtag('consent', 'default', { ad_storage: 'denied' }); dataLayer.push(null)",
        None,
    ),
    "no by the browser": (GPC + ";" + GRANTED, False),
}


@pytest.mark.parametrize("name", SAID)
def test_what_is_said_about_consent(name: str, page: Page, site: Site, edge: Edge) -> None:
    code, consent = SAID[name]
    edge.answer = by_consent
    load(page, site.put("/consent", document(edge, f"<p>{OWN}</p>", head=f"<script>{code}</script>")))
    [body] = edge.visits
    assert body.get("consent") is consent
    assert page.text_content("p") == (OURS if consent else OWN)
    assert (page.evaluate(KEPT) == ["", ""]) is not bool(consent)
    if not consent:
        page.evaluate("callspring.event('x')")
        page.goto("about:blank")
        page.wait_for_timeout(200)
        assert edge.beacons == []


def test_consent_is_given_and_withdrawn(page: Page, site: Site, edge: Edge) -> None:
    edge.answer = by_consent
    load(page, site.put("/consent", document(edge, f"<p>{OWN}</p>", head=f"<script>{DENIED}</script>")))
    page.evaluate("gtag('consent', 'update', { analytics_storage: 'granted' })")
    until(page, f"document.querySelector('p').textContent === '{OURS}'")
    assert page.evaluate("document.cookie") == f"callspring={TOKEN}"
    edge.wait(lambda: edge.events("swapped"), "the places")
    page.evaluate("gtag('consent', 'update', { analytics_storage: 'denied' })")
    edge.wait(lambda: len(edge.visits) == 3, "the page that asks without consent")
    edge.wait(lambda: edge.events("forget"), "the withdrawal")
    assert [visit["consent"] for visit in edge.visits] == [False, True, False]
    assert edge.visits[-1]["token"] == ""
    assert page.text_content("p") == OWN
    assert page.evaluate(KEPT) == ["", ""]
    page.evaluate("callspring.consent(true)")
    until(page, f"document.querySelector('p').textContent === '{OURS}'")


@pytest.mark.parametrize("consent", [True, False])
def test_what_the_site_says_counts_most(consent: bool, page: Page, site: Site, edge: Edge) -> None:
    edge.answer = by_consent
    head = f"<script>{GPC if consent else GRANTED}</script>"
    load(page, site.put("/consent", document(edge, f"<p>{OWN}</p>", head=head)))
    page.evaluate(f"callspring.consent({'true' if consent else 'false'})")
    until(page, f"document.querySelector('p').textContent === '{OURS if consent else OWN}'")
    edge.wait(lambda: len(edge.visits) == 2, "the choice")
    assert edge.visits[-1]["consent"] is consent


def test_without_consent_what_was_kept_before_goes(page: Page, site: Site, edge: Edge) -> None:
    url = site.put("/before", document(edge, f"<p>{OWN}</p>"))
    load(page, url)
    assert page.evaluate(KEPT) != ["", ""]
    site.put("/before", document(edge, f"<p>{OWN}</p>", head=f"<script>{DENIED}</script>"))
    edge.answer = by_consent
    load(page, url)
    assert edge.visits[-1]["token"] == ""
    assert page.evaluate(KEPT) == ["", ""]
    assert page.text_content("p") == OWN


def test_a_number_that_is_only_tried_is_shown_and_nothing_else(page: Page, site: Site, edge: Edge) -> None:
    edge.answer = lambda _: {"swaps": [US], "test": True}
    load(page, site.put("/try", document(edge, f"<p>{OWN}</p>")))
    assert page.text_content("p") == OURS
    page.evaluate("callspring.event('x')")
    page.goto(site.put("/empty", "<!doctype html><title>empty</title>"))
    assert page.evaluate(KEPT) == ["", ""]
    assert edge.beacons == []


# --- cookies, frames, other sites -----------------------------------------------------------------------------------


def test_a_cookie_that_the_edge_has_set_is_left_alone(page: Page, site: Site, edge: Edge) -> None:
    edge.answer = answering([US], kept=True)
    page.add_init_script(f"document.cookie = 'callspring={TOKEN}; path=/'; window.written = 0; const of = "
                         "Object.getOwnPropertyDescriptor(Document.prototype, 'cookie'); Object.defineProperty("
                         "document, 'cookie', { get: () => of.get.call(document), set(text) { written++; "
                         "of.set.call(document, text) } })")  # fmt: skip
    load(page, site.put("/kept", document(edge, f"<p>{OWN}</p>")))
    assert page.evaluate("written") == 0
    edge.answer = answering([US], token="token-2")
    load(page, site.put("/kept", document(edge, f"<p>{OWN}</p>")))
    assert page.evaluate("written") == 1


def test_frames_that_ask_for_it(page: Page, site: Site, edge: Edge) -> None:
    later = f"<script>setTimeout(() => document.body.append('{OWN}'), 50)</script>"
    site.put("/inner", f"<!doctype html><p>{OWN}</p>{later}")
    body = "<iframe data-callspring=on src=/inner></iframe><iframe src=/inner></iframe>"
    load(page, site.put("/frames", document(edge, body)))
    inner, other = page.frame_locator("iframe >> nth=0").locator("body"), page.frame_locator("iframe >> nth=1")
    until(page, f"frames[0].document.body.innerText.replace(/\\s/g, '') === '{OURS}{OURS}'")
    page.evaluate("frames[0].location.reload()")
    until(page, f"frames[0].document.body && frames[0].document.body.innerText.replace(/\\s/g, '') === '{OURS}{OURS}'")
    page.evaluate("document.body.append(Object.assign(document.createElement('p'), { innerHTML: "
                  "'<iframe data-callspring=on src=/inner></iframe>' }))")  # fmt: skip
    until(page, f"frames[2] && frames[2].document.body && frames[2].document.body.innerText.includes('{OURS}')")
    assert other.locator("p").text_content() == OWN
    assert inner.count() == 1


def test_a_visit_goes_on_on_another_site_of_the_company(visitor: Visitor, site: Site, edge: Edge) -> None:
    page = visitor()
    edge.answer = answering([US], domains=["localhost"])
    there = site.url.replace("127.0.0.1", "localhost")
    body = f"<p>{OWN}</p><a id=there href='{there}/there?size=3#top'>x</a><a id=else href='http://127.0.0.2/'>x</a>"
    load(page, site.put("/here", document(edge, body)))
    edge.wait(lambda: edge.events("swapped"), "the places")
    page.dispatch_event("#else", "mousedown")
    assert page.get_attribute("#else", "href") == "http://127.0.0.2/"
    edge.answer = answering([US], domains=["127.0.0.1"])
    site.put("/there", document(edge, f"<p>{OWN}</p>"))
    page.click("#there")
    until(page, f"location.href === '{there}/there?size=3#top'")
    assert edge.visits[-1]["url"] == f"{there}/there?size=3&callspring_from={TOKEN}#top"
    assert edge.visits[-1]["token"] == ""
    page.wait_for_timeout(400)
    assert edge.events("view") == []
    page.goto(f"{there}/there?callspring_from=somebody&size=3")
    page.evaluate("window.callspring.ready")
    assert edge.visits[-1]["token"], "who is known here stays who they are"
    until(page, f"location.href === '{there}/there?size=3'")
