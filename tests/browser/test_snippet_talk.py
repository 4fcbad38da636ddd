"""What the snippet says to the edge and to the page, and what it does when nobody answers."""

from __future__ import annotations

import json
import time

import pytest
from playwright.sync_api import Page

from tests.browser.chromium import Visitor
from tests.browser.snippet_fixtures import edge, load, site
from tests.browser.snippet_pages import KEY, MORE, TOKEN, UK, US, Edge, Site, answering, document

pytestmark = pytest.mark.browser
__all__ = ["edge", "site"]

MOVED = {"number": "+13125550188", "national": "(312) 555-0188"}
# Browsers report failed requests themselves; that is not our code speaking.
BROWSERS_OWN = r"^Failed to load resource"
COUNT_REJECTIONS = (
    "window.rejections = []; addEventListener('unhandledrejection', (event) => rejections.push(String(event.reason)))"
)


def shop(site: Site, edge: Edge, path: str = "/shop", body: str = "") -> str:
    html = "<h1>Boilers</h1><p>800-555-0199</p><a id=tel href='tel:8005550199'>Call</a><a id=in href='/in'>in</a>"
    site.put("/in", "<!doctype html><title>in</title>")
    return site.put(path, document(edge, html + body))


# --- the question ---------------------------------------------------------------------------------------------------


def test_it_asks_once_with_what_the_edge_needs(visitor: Visitor, site: Site, edge: Edge) -> None:
    page = visitor(timezone_id="Europe/Berlin")
    url = shop(site, edge) + "?utm_source=x#top"
    page.goto(url, referer="https://www.google.com/")
    page.evaluate("window.callspring.ready")
    [body] = edge.visits
    assert body == {
        "key": KEY,
        "url": url,
        "referrer": "https://www.google.com/",
        "title": "A plumber",
        "zone": "Europe/Berlin",
        "token": "",
        "automated": False,
        "reload": False,
    }
    [headers] = [headers for path, headers in edge.told if path == "/v1/visit"]
    assert headers["content-type"].startswith("text/plain"), "else a browser asks for leave first"
    assert headers["origin"] == site.url
    assert "cookie" not in headers


def test_an_automated_browser_says_so(page: Page, site: Site, edge: Edge) -> None:
    page.add_init_script("Object.defineProperty(navigator, 'webdriver', { value: true })")
    load(page, shop(site, edge))
    assert edge.visits[0]["automated"] is True


def test_a_page_that_is_loaded_again_says_so(page: Page, site: Site, edge: Edge) -> None:
    load(page, shop(site, edge))
    page.reload()
    page.evaluate("window.callspring.ready")
    assert [visit["reload"] for visit in edge.visits] == [False, True]


def test_the_cookie_is_kept_and_sent_and_nobody_is_known_by_anything_else(page: Page, site: Site, edge: Edge) -> None:
    load(page, shop(site, edge))
    [cookie] = page.context.cookies()
    assert cookie["name"] == "callspring"
    assert cookie["value"] == TOKEN
    assert cookie["path"] == "/"
    assert cookie["sameSite"] == "Lax"
    assert cookie["secure"] is False
    assert cookie["expires"] == pytest.approx(time.time() + 180 * 86400, abs=60)
    load(page, shop(site, edge, "/other"))
    assert edge.visits[1]["token"] == TOKEN
    page.wait_for_function("localStorage.callspring")
    assert page.evaluate("[Object.keys(localStorage), sessionStorage.length]") == [["callspring"], 0]
    stored = json.loads(page.evaluate("localStorage.callspring"))
    assert stored == [pytest.approx(time.time() * 1000, abs=60_000), [US]], "numbers and the time, not the visitor"
    page.context.clear_cookies()
    load(page, shop(site, edge, "/third"))
    assert edge.visits[2]["token"] == "", "an identity that was deleted must not come back"


def test_a_page_without_cookies_is_swapped_all_the_same(page: Page, site: Site, edge: Edge) -> None:
    inner = shop(site, edge, "/inner")
    page.goto(site.put("/outer", f"<!doctype html><iframe sandbox='allow-scripts' src='{inner}'></iframe>"))
    edge.wait(lambda: edge.events("swapped"), "a swap in a sandboxed frame")
    assert page.frame_locator("iframe").locator("p").text_content() == "312-555-0142"
    assert edge.beacons[0]["token"] == TOKEN


# --- nobody answers -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mood", ["garbage", "other json", "failing", "hanging up", "slow", "trickling"])
def test_without_a_good_answer_the_page_keeps_its_number(
    mood: str, page: Page, site: Site, edge: Edge, allowed_errors: list[str]
) -> None:
    allowed_errors.append(BROWSERS_OWN)
    edge.mood = mood
    page.add_init_script(COUNT_REJECTIONS)
    begun = time.monotonic()
    page.goto(shop(site, edge))
    assert page.is_visible("p")
    assert page.evaluate("window.callspring.ready") == []
    assert time.monotonic() - begun < 8, "it waits 3 s, of the 10 that a slow answer takes"
    assert page.text_content("p") == "800-555-0199"
    assert page.get_attribute("#tel", "href") == "tel:8005550199"
    assert page.evaluate("callspring.event('x'), callspring.visit()") is None
    assert page.evaluate("rejections") == []
    assert page.context.cookies() == [] or mood == "other json"
    assert edge.beacons == []


def test_with_the_edge_gone_the_page_keeps_its_number(
    page: Page, site: Site, edge: Edge, allowed_errors: list[str]
) -> None:
    allowed_errors.append(BROWSERS_OWN)
    page.add_init_script(COUNT_REJECTIONS)
    url = shop(site, edge)
    load(page, url)  # the script is in the browser's cache from here on
    edge.vanish()
    load(page, url)
    assert page.text_content("p") == "800-555-0199"
    assert page.evaluate("rejections") == []
    page.click("#in")


def test_with_the_edge_blocked_by_policy_the_page_keeps_its_number(
    page: Page, site: Site, edge: Edge, allowed_errors: list[str]
) -> None:
    allowed_errors.append("Content Security Policy")
    page.add_init_script(COUNT_REJECTIONS)
    policy = "<meta http-equiv='Content-Security-Policy' content=\"connect-src 'self'\">"
    load(page, site.put("/blocked", document(edge, "<p>800-555-0199</p>", head=policy)))
    assert page.text_content("p") == "800-555-0199"
    assert page.evaluate("rejections") == []
    assert edge.visits == []


def test_offline_beacons_do_no_harm(page: Page, site: Site, edge: Edge, allowed_errors: list[str]) -> None:
    allowed_errors.append(BROWSERS_OWN)
    page.add_init_script(COUNT_REJECTIONS)
    load(page, shop(site, edge))
    page.context.set_offline(True)
    page.evaluate("callspring.event('x'); history.pushState(null, '', '/offline')")
    page.wait_for_timeout(500)
    assert page.text_content("p") == "312-555-0142"
    assert page.evaluate("rejections") == []


def test_an_answer_without_a_page_view_is_followed_by_silence(page: Page, site: Site, edge: Edge) -> None:
    edge.answer = lambda _body: {"swaps": [], "reason": "unknown_host"}
    load(page, shop(site, edge))
    page.evaluate("callspring.event('x')")
    page.click("#in")
    page.wait_for_timeout(200)
    assert edge.beacons == []
    assert page.context.cookies() == []


# --- beacons --------------------------------------------------------------------------------------------------------


def test_swapped_places_are_confirmed_at_once_and_later_ones_in_batches(page: Page, site: Site, edge: Edge) -> None:
    edge.answer = answering([US, UK])
    load(page, shop(site, edge))
    edge.wait(lambda: edge.events("swapped"), "the first places")
    assert edge.events("swapped") == [{"kind": "swapped", "places": {"3": 2}}]
    assert edge.beacons[0] == {"key": KEY, "token": TOKEN, "page": "page-1", "events": edge.events("swapped")}
    page.evaluate(
        """async () => {
          for (let at = 0; at < 5; at++) {
            document.body.insertAdjacentHTML('beforeend', '<p>800-555-0199</p><p>020 7946 0958</p>');
            await new Promise((done) => setTimeout(done));
          }
        }"""
    )
    edge.wait(lambda: len(edge.events("swapped")) > 1, "the later places")
    assert edge.events("swapped")[1:] == [{"kind": "swapped", "places": {"3": 7, "5": 5}}]


def test_it_beats_while_the_page_is_visible(page: Page, site: Site, edge: Edge) -> None:
    page.clock.install()
    load(page, shop(site, edge))
    page.wait_for_function("document.querySelector('p').textContent === '312-555-0142'")
    page.evaluate(f"import('{edge.url}{MORE}')")  # the browser has it, and runs it once
    page.clock.run_for(61_000)
    edge.wait(lambda: len(edge.events("beat")) == 2, "two beats")
    look_away(page, "hidden")
    page.clock.run_for(120_000)
    look_away(page, "visible")
    edge.wait(lambda: len(edge.events("beat")) == 3, "back again is told at once")
    page.clock.run_for(31_000)
    edge.wait(lambda: len(edge.events("beat")) == 4, "the next beat")


def look_away(page: Page, state: str) -> None:
    page.evaluate(
        """(state) => {
          Object.defineProperty(document, 'visibilityState', { value: state, configurable: true });
          Object.defineProperty(document, 'hidden', { value: state === 'hidden', configurable: true });
          document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
        }""",
        state,
    )


def test_a_pressed_link_is_told_before_the_dialler_opens(page: Page, site: Site, edge: Edge) -> None:
    body = """<a id=own href='tel:+1 (888) 555-0177'><b>Other</b></a><script>
      const refuse = (event) => { event.stopPropagation(); return false; };
      for (const link of document.querySelectorAll('a')) link.onclick = refuse;
    </script>"""
    load(page, shop(site, edge, body=body))
    page.click("#tel")
    page.click("#own b")
    page.click("#in")
    edge.wait(lambda: len(edge.events("tel_click")) == 2, "two pressed links")
    assert [event["number"] for event in edge.events("tel_click")] == ["+13125550142", "+18885550177"]


def test_the_leave_is_told_with_the_page_it_leaves(page: Page, site: Site, edge: Edge) -> None:
    load(page, shop(site, edge))
    edge.wait(lambda: edge.events("swapped"), "the places")
    page.goto("about:blank")
    edge.wait(lambda: edge.events("leave"), "the leave")
    (told,) = [beacon for beacon in edge.beacons if {"kind": "leave"} in beacon["events"]]
    assert told["page"] == "page-1"
    assert told["events"][-1] == {"kind": "leave"}


def test_a_page_that_comes_back_asks_again(page: Page, site: Site, edge: Edge) -> None:
    load(page, shop(site, edge))
    edge.wait(lambda: edge.events("swapped"), "the first places")
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    edge.wait(lambda: len(edge.events("swapped")) == 2, "the places of the page that came back")
    assert [visit["reload"] for visit in edge.visits] == [False, True]
    assert edge.visits[1]["token"] == TOKEN
    assert edge.beacons[-1] == {
        "key": KEY, "token": TOKEN, "page": "page-2", "events": [{"kind": "swapped", "places": {"3": 2}}],
    }  # fmt: skip
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: false }))")
    page.wait_for_timeout(100)
    assert len(edge.visits) == 2


def test_a_page_whose_number_was_lost_asks_again_when_it_is_seen(page: Page, site: Site, edge: Edge) -> None:
    load(page, shop(site, edge))
    edge.wait(lambda: edge.events("swapped"), "the first places")
    edge.lost = {"page-1"}
    edge.answer = lambda _body: {"token": "token-2", "visit": 1042, "page": "page-2", "swaps": [US | MOVED]}
    look_away(page, "hidden")
    look_away(page, "visible")
    look_away(page, "visible")
    edge.wait(lambda: len(edge.events("swapped")) == 2, "the places of the new number")
    assert edge.events("beat")[0] == {"kind": "beat", "places": {"3": 2}}
    assert (edge.beacons[-1]["token"], edge.beacons[-1]["page"]) == ("token-2", "page-2")
    assert page.text_content("p") == "312-555-0188"
    assert page.get_attribute("#tel", "href") == "tel:+13125550188"
    look_away(page, "visible")
    page.wait_for_timeout(200)
    assert [visit["reload"] for visit in edge.visits] == [False, True], "two answers with `ask`, one question"


def test_views_of_a_single_page_app(page: Page, site: Site, edge: Edge) -> None:
    url = shop(site, edge)
    load(page, url)
    page.evaluate("history.pushState(null, '', '/taps'); document.title = 'Taps'")
    edge.wait(lambda: len(edge.events("view")) == 1, "a pushed view")
    assert edge.events("view") == [{"kind": "view", "url": site.url + "/taps", "title": "Taps"}]
    assert edge.beacons[-1]["page"] == "page-1"
    page.evaluate("window.telling = setInterval(() => callspring.event('priced'), 20)")
    edge.wait(lambda: edge.beacons[-1]["page"] == "view-1", "an event on the view")
    page.evaluate("clearInterval(telling)")
    page.evaluate("history.replaceState({}, '', '/taps?size=3'); history.replaceState({}, '', '/taps?size=4')")
    edge.wait(lambda: len(edge.events("view")) == 2, "the last of two quick views")
    page.evaluate("location.hash = '#/basket'")
    edge.wait(lambda: len(edge.events("view")) == 3, "a hash route")
    page.go_back()
    edge.wait(lambda: len(edge.events("view")) == 4, "a step back")
    assert [event["url"].removeprefix(site.url) for event in edge.events("view")] == [
        "/taps",
        "/taps?size=4",
        "/taps?size=4#/basket",
        "/taps?size=4",
    ]


def test_what_is_no_other_view(page: Page, site: Site, edge: Edge) -> None:
    load(page, shop(site, edge))
    page.evaluate(
        "history.replaceState({ scroll: 5 }, ''); history.pushState({}, '', location.href); location.hash = '#prices'"
    )
    page.wait_for_timeout(400)
    assert edge.events("view") == []
    page.evaluate("history.pushState(null, '', '/fast')")
    page.goto("about:blank")
    edge.wait(lambda: edge.events("leave"), "the leave")
    assert [event["url"] for event in edge.events("view")] == [site.url + "/fast"], "told before leaving"


# --- the page's side ------------------------------------------------------------------------------------------------


def test_the_api(page: Page, site: Site, edge: Edge) -> None:
    page.add_init_script("document.addEventListener('callspring:swapped', (event) => { window.heard = event.detail; })")
    page.goto(shop(site, edge))
    numbers = [{"scenario": 3, "number": "+13125550142", "national": "(312) 555-0142"}]
    assert page.evaluate("callspring.ready") == numbers
    assert page.evaluate("callspring.numbers()") == numbers
    assert page.evaluate("callspring.visit()") == 1042
    assert page.evaluate("heard") == {"places": {"3": 2}, "numbers": numbers}
    page.evaluate(
        """const knot = {}; knot.knot = knot; callspring.event('knot', knot);
        callspring.event('booked', { price: 90, place: 'Ulm', who: null })"""
    )
    edge.wait(lambda: len(edge.events("event")) == 2, "two events")
    assert edge.events("event") == [
        {"kind": "event", "name": "knot", "data": {}},
        {"kind": "event", "name": "booked", "data": {"price": 90, "place": "Ulm"}},
    ]


def test_events_before_the_answer_wait_for_it(page: Page, site: Site, edge: Edge) -> None:
    body = f"<script src='{edge.url}/cs/{KEY}.js'></script><script>callspring.event('early', 'x')</script>"
    load(page, shop(site, edge, body=body))
    edge.wait(lambda: edge.events("event"), "the early event")
    assert edge.events("event") == [{"kind": "event", "name": "early", "data": {}}]


def test_a_page_without_targets_is_ready_too(page: Page, site: Site, edge: Edge) -> None:
    edge.answer = answering([])
    page.goto(shop(site, edge))
    assert page.evaluate("callspring.ready") == []
    assert page.evaluate("callspring.visit()") == 1042
    assert page.text_content("p") == "800-555-0199"
