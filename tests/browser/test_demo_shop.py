from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from callspring.config import assets
from callspring.demo.shop import SHOP_PAGES, make_app
from callspring.demo.web import Receive, Scope, Send
from tests.browser.chromium import Visitor, assert_accessible, assert_fits
from tests.demo.scripted_door import BUSINESS, NUMBER, ScriptedDoor, door_in_a_thread, sell
from tests.serving import serve

pytestmark = pytest.mark.browser

SHOWN = "(312) 555-0142"
SWAP = {
    "scenario": 3,
    "find": ["+18005550199", "18005550199", "8005550199"],
    "number": NUMBER,
    "national": SHOWN,
}
PAGES = [*SHOP_PAGES, "/nothing", "/arrive", "/phone", "/partner"]


@dataclass
class Edge:
    """Serves the real snippet, gives every visitor the same number and keeps what it was asked."""

    visits: list[dict[str, Any]] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body, more = b"", scope["type"] == "http"
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        status, content_type, answer = self._answer(scope["path"], body)
        origin = dict(scope["headers"]).get(b"origin", b"*")
        allowed = [(b"access-control-allow-origin", origin), (b"access-control-allow-credentials", b"true")]
        headers = [(b"content-type", content_type), *allowed]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    def _answer(self, path: str, body: bytes) -> tuple[int, bytes, bytes]:
        if path.startswith("/cs/"):
            file = "more.js" if path.startswith("/cs/more-") else "cs.js"
            return 200, b"text/javascript", (assets() / "snippet" / file).read_bytes()
        if path != "/v1/visit":
            return 204, b"text/plain", b""
        self.visits.append(json.loads(body))
        answer = {"token": "t0k", "visit": 7, "page": "p1", "swaps": [SWAP], "beat": 30, "cookie_days": 180}
        return 200, b"application/json", json.dumps(answer).encode()


@dataclass
class Place:
    """The running shop: its origin, and the two doors behind it."""

    url: str
    edge: Edge
    voice: ScriptedDoor

    @property
    def port(self) -> str:
        return self.url.rpartition(":")[2]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    edge = Edge()
    with door_in_a_thread(lambda door: [door.dial(ring_seconds=20)]) as voice, serve(edge) as doors_url:
        books = sell(tmp_path, voice.origin)
        app = make_app(doors_url=doors_url, company_key="ck_demo", business_number=BUSINESS, books=books)
        with serve(app) as url:
            yield Place(url, edge, voice)


def swapped(page: Page) -> None:
    expect(page.locator(".call span")).to_have_text(SHOWN)


@pytest.mark.parametrize("path", PAGES)
def test_each_page_fits_and_is_accessible(place: Place, page: Page, path: str, allowed_errors: list[str]) -> None:
    allowed_errors.append("404" if path == "/nothing" else "nothing is allowed")
    page.goto(place.url + path)
    page.wait_for_load_state("networkidle")
    expect(page.locator("h1")).to_be_visible()
    assert_accessible(page)
    assert_fits(page)
    page.set_viewport_size({"width": 375, "height": 812})
    assert_accessible(page)


@pytest.mark.parametrize("path", list(SHOP_PAGES))
def test_the_snippet_swaps_every_spelling_and_no_look_alike(place: Place, page: Page, path: str) -> None:
    page.goto(place.url + path)
    swapped(page)
    text = page.locator("body").inner_text()
    own = page.locator("[data-callspring=off]").all_inner_texts()
    for kept in own:
        assert "800-555-0199" in kept
        text = text.replace(kept, "")
    assert not re.search(r"800\D{0,3}555\D?0199(?!0)", text)
    assert "(800) 555-0198" in text
    links = page.eval_on_selector_all("a[href^='tel:'], a[href^='sms:']", "all => all.map((a) => a.href)")
    assert {link.partition(":")[2].partition("?")[0] for link in links} == {NUMBER}
    marked = page.eval_on_selector_all(
        "[title], [aria-label], [alt]", "all => all.map((e) => e.title + e.ariaLabel + (e.alt ?? '')).join()"
    )
    assert "0199" not in marked


@pytest.mark.parametrize(
    ("key", "referrer", "address"),
    [
        ("google", "https://www.google.com/", "/"),
        ("google-ads", "https://www.google.com/", "/emergency?gclid="),
        ("facebook", "https://l.facebook.com/", "/prices?utm_source=facebook&utm_medium=paid_social"),
        ("flyer", "", "/flyer?utm_source=flyer&utm_medium=qr"),
        ("newsletter", "", "/services?utm_source=newsletter&utm_medium=email"),
        ("direct", "", "/"),
    ],
)
@pytest.mark.parametrize("anew", [False, True], ids=["same", "anew"])
def test_the_snippet_sees_how_one_arrived(
    place: Place, page: Page, key: str, referrer: str, address: str, anew: bool
) -> None:
    page.goto(place.url + "/arrive")
    page.context.add_cookies([{"name": "callspring", "value": "old", "url": place.url}])
    page.click(f"[data-arrive{'-anew' if anew else ''}={key}]")
    swapped(page)
    asked = place.edge.visits[-1]
    assert asked["referrer"] == referrer
    assert asked["url"].startswith(place.url + address)
    assert "arrive_as" not in asked["url"]
    assert asked["token"] == ("" if anew else "old")
    assert len(place.edge.visits) == 1


def test_the_blogs_referrer_is_a_real_one(place: Place, page: Page) -> None:
    page.goto(place.url + "/arrive")
    page.click("[data-arrive=partner]")
    expect(page).to_have_url(f"http://localhost:{place.port}/partner")
    page.click("text=Harbor & Pine Plumbing")
    swapped(page)
    assert [visit["referrer"] for visit in place.edge.visits] == [f"http://localhost:{place.port}/partner"]


def test_forget_me(place: Place, page: Page) -> None:
    page.goto(place.url + "/")
    swapped(page)
    assert [c for c in page.context.cookies() if c["name"] == "callspring"]
    page.goto(place.url + "/arrive")
    page.click("text=Forget me")
    expect(page.get_by_role("status")).to_contain_text("Forgotten")
    assert not [c for c in page.context.cookies() if c["name"] == "callspring"]


def test_the_booking_app_shows_the_number_late(place: Place, page: Page) -> None:
    page.goto(place.url + "/booking")
    swapped(page)
    expect(page.locator("#booking a")).to_have_count(0)
    page.click("text=A blocked drain")
    expect(page).to_have_url(place.url + "/booking/day")
    expect(page.locator("#booking .talk a")).to_have_text(SHOWN)
    assert_accessible(page)
    assert_fits(page)
    page.click("#booking fieldset:first-of-type .option:first-of-type")
    expect(page).to_have_url(place.url + "/booking/done")
    expect(page.locator("#booking .talk a")).to_have_text(SHOWN)
    expect(page.locator("#booking .lead")).to_contain_text("HP-8005550-1990")
    assert_fits(page)
    page.go_back()
    expect(page.locator("#booking h1")).to_have_text("When may we come?")
    page.reload()
    expect(page.locator("#booking h1")).to_have_text("What is the matter?")


def test_a_call_by_keyboard(place: Place, page: Page) -> None:
    page.goto(f"{place.url}/phone?to={NUMBER}")
    expect(page.locator("#to")).to_have_value(NUMBER)
    page.focus("#to")
    page.keyboard.press("Enter")
    expect(page.locator("#business-state")).to_have_text("Ringing: (773) 555-0177 calls.")
    expect(page.locator("#caller-state")).to_have_text("It rings.")
    assert_accessible(page)
    assert_fits(page)
    page.focus("#answer")
    page.keyboard.press("Enter")
    expect(page.locator("#caller-state")).to_contain_text("Talking")
    expect(page.locator("#business-hangs-up")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#caller-state")).to_contain_text("Ended: completed")
    expect(page.locator("#caller-state")).to_contain_text("by business")
    expect(page.locator("#call")).to_be_focused()
    expect(page.locator(".line.callspring").first).to_contain_text("Ring (800) 555-0199 for 20 seconds.")
    page.locator(".line.callspring summary").first.click()
    expect(page.locator(".line.callspring pre").first).to_contain_text('"do": "dial"')
    assert_fits(page)
    assert_accessible(page)


def test_a_double_click_places_one_call_and_presses_once(place: Place, page: Page) -> None:
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.goto(f"{place.url}/phone?to={NUMBER}")
    page.dblclick("#call")
    expect(page.locator("#business-state")).to_contain_text("Ringing")
    page.dblclick("#answer")
    expect(page.locator("#caller-state")).to_have_text("Talking.")
    page.dblclick("#business-hangs-up")
    expect(page.locator("#caller-state")).to_contain_text("Ended: completed")
    calls = f"{place.url}/phone/calls"
    assert [url for url in sent if url == calls] == [calls]
    assert len([url for url in sent if url.endswith("/press")]) == 2
    assert len(place.voice.questions) == 2, "the call, and what comes after the talk"


def test_the_slow_second_click_on_answer_does_not_hang_up(place: Place, page: Page) -> None:
    page.set_viewport_size({"width": 375, "height": 812})  # where "Hang up" takes the very place of "Answer"
    page.goto(f"{place.url}/phone?to={NUMBER}")
    page.click("#call")
    expect(page.locator("#business-state")).to_contain_text("Ringing")
    box = page.locator("#answer").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator("#business-hangs-up")).to_be_visible()
    page.mouse.down(click_count=2)
    page.mouse.up(click_count=2)
    expect(page.locator("#seconds")).to_have_text("1 s")
    expect(page.locator("#caller-state")).to_have_text("Talking.")
    page.click("#business-hangs-up")
    expect(page.locator("#caller-state")).to_contain_text("Ended: completed")


def test_a_call_that_cannot_be_placed_leaves_the_phone_usable(
    place: Place, page: Page, allowed_errors: list[str]
) -> None:
    allowed_errors.append("503")
    page.goto(f"{place.url}/phone?to={NUMBER}")
    page.route("**/phone/calls", lambda route: route.fulfill(status=503, json={"error": "Out of order."}))
    page.click("#call")
    expect(page.locator("#caller-state")).to_have_text("Out of order.")
    expect(page.locator("#call")).to_be_focused()
    page.unroute("**/phone/calls")
    page.keyboard.press("Enter")
    expect(page.locator("#business-state")).to_contain_text("Ringing")


def test_a_reloaded_phone_takes_its_call_up_again(place: Place, page: Page) -> None:
    page.goto(f"{place.url}/phone?to={NUMBER}")
    page.click("#call")
    page.click("#answer")
    expect(page.locator("#caller-state")).to_have_text("Talking.")
    page.reload()
    expect(page.locator("#caller-state")).to_have_text("Talking.")
    expect(page.locator("#call")).to_be_disabled()
    page.click("#caller-hangs-up")
    expect(page.locator("#caller-state")).to_contain_text("Ended: completed")
    page.reload()
    expect(page.locator("#caller-state")).to_have_text("Ready.")
    expect(page.locator("#call")).to_be_enabled()


def test_a_phone_forgets_a_call_that_the_exchange_does_not_know(
    place: Place, page: Page, allowed_errors: list[str]
) -> None:
    allowed_errors.append("404")
    page.goto(f"{place.url}/phone?to={NUMBER}")
    page.evaluate("sessionStorage.setItem('sandbox-phone-call', 'sb_of_an_earlier_run')")
    page.reload()
    expect(page.locator("#call")).to_be_enabled()
    assert page.evaluate("sessionStorage.length") == 0
    page.click("#call")
    expect(page.locator("#business-state")).to_contain_text("Ringing")


def test_the_keypad_a_withheld_number_and_a_declined_call(place: Place, page: Page) -> None:
    page.goto(f"{place.url}/phone")
    for key in "3125550142":
        page.click(f"[data-key='{key}']")
    page.check("#withheld")
    page.click("#call")
    expect(page.locator("#talk")).to_contain_text("A call from a withheld number to (312) 555-0142 came in.")
    expect(page.locator("#business-state")).to_contain_text("Ringing")
    page.click("#decline")
    expect(page.locator("#caller-state")).to_have_text("Ended: busy, by business.")
    expect(page.locator("#business-state")).to_have_text("A missed call.")


def test_the_caller_gives_up(place: Place, page: Page) -> None:
    page.goto(f"{place.url}/phone?to={NUMBER}")
    page.click("#call")
    expect(page.locator("#business-state")).to_contain_text("Ringing")
    page.click("#caller-hangs-up")
    expect(page.locator("#caller-state")).to_have_text("Ended: canceled, by caller.")


def test_wrong_numbers_are_explained_beside_the_field(place: Place, page: Page, allowed_errors: list[str]) -> None:
    allowed_errors += ["422", "404"]
    page.goto(f"{place.url}/phone")
    for typed, why in (("", "Type a number"), ("12", "not a telephone number"), ("+13125550100", "Nobody in")):
        page.fill("#to", typed)
        page.click("#call")
        expect(page.locator("#to-error")).to_contain_text(why)
        expect(page.locator("#to")).to_be_focused()
    assert_accessible(page)


def test_without_the_doors_the_shop_keeps_its_own_number(
    visitor: Visitor, tmp_path: Path, allowed_errors: list[str]
) -> None:
    allowed_errors.append("ERR_CONNECTION_REFUSED")
    with serve(Edge()) as doors_url:
        pass
    books = sell(tmp_path, doors_url)
    app = make_app(doors_url=doors_url, company_key="ck_demo", business_number=BUSINESS, books=books)
    with serve(app) as url:
        page = visitor()
        page.goto(url)
        page.wait_for_load_state("networkidle")
        expect(page.locator(".call span")).to_have_text("(800) 555-0199")
        assert page.get_attribute(".call", "href") == f"tel:{BUSINESS}"
