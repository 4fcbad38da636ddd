"""What the snippet does without its second file, and across the hosts of one domain."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Route

from tests.browser import snippet_pages
from tests.browser.snippet_fixtures import edge, load, site
from tests.browser.snippet_pages import KEY, TOKEN, US, Edge, Json, Site, answering, document

pytestmark = pytest.mark.browser
__all__ = ["edge", "site"]

NO_NUMBER = {"swaps": [{"scenario": 3, "find": ["+18005550199", "8005550199"]}], "page": "page-1"}
BODY = "<p>800-555-0199</p><a id=tel href='tel:8005550199' onclick='return false'><b>Call</b></a><i>soon</i>"


def test_the_last_of_a_page_is_told_without_the_second_file(
    page: Page, site: Site, edge: Edge, monkeypatch: pytest.MonkeyPatch, allowed_errors: list[str]
) -> None:
    allowed_errors.append(r"^Failed to load resource.*/cs/more-")
    monkeypatch.setattr(snippet_pages, "MORE", "/cs/elsewhere.js")
    load(page, site.put("/early", document(edge, BODY)))
    page.click("i")
    page.click("#tel b")
    edge.wait(lambda: edge.beacons, "the pressed link")
    page.goto("about:blank")
    edge.wait(lambda: edge.events("leave"), "the leave")
    swapped: Json = {"kind": "swapped", "places": {"3": 2}}
    told: Json = {"key": KEY, "token": TOKEN, "page": "page-1"}
    assert edge.beacons == [
        {**told, "events": [swapped, {"kind": "tel_click", "number": "+13125550142"}]},
        {**told, "events": [swapped, {"kind": "leave"}]},
    ]


def test_a_link_in_a_shadow_tree_is_told_without_the_second_file(
    page: Page, site: Site, edge: Edge, monkeypatch: pytest.MonkeyPatch, allowed_errors: list[str]
) -> None:
    allowed_errors.append(r"^Failed to load resource.*/cs/more-")
    monkeypatch.setattr(snippet_pages, "MORE", "/cs/elsewhere.js")
    link = "<template shadowrootmode=open><a href=tel:8005550199>Call</a></template>"
    load(page, site.put("/early-shadow", document(edge, f"<p>800-555-0199</p><div id=host>{link}</div>")))
    page.click("#host a")
    edge.wait(lambda: edge.events("tel_click"), "the pressed link")
    assert edge.events("tel_click") == [{"kind": "tel_click", "number": "+13125550142"}]


def test_with_the_second_file_each_thing_is_told_once(page: Page, site: Site, edge: Edge) -> None:
    load(page, site.put("/both", document(edge, BODY)))
    edge.wait(lambda: edge.events("swapped"), "the places")
    page.click("#tel")
    page.goto("about:blank")
    edge.wait(lambda: edge.events("leave"), "the leave")
    kinds = [event["kind"] for beacon in edge.beacons for event in beacon["events"]]
    assert sorted(kinds) == ["leave", "swapped", "tel_click"]


def test_a_visitor_whom_nobody_may_recognise_leaves_unseen(page: Page, site: Site, edge: Edge) -> None:
    edge.answer = lambda _body: {"swaps": [US], "consent": False, "reason": "x"}
    load(page, site.put("/unseen", document(edge, BODY)))
    page.click("#tel")
    page.goto("about:blank")
    edge.answer = answering([US])
    load(page, site.put("/after", document(edge, BODY)))
    edge.wait(lambda: edge.events("swapped"), "the next page")
    assert {beacon["page"] for beacon in edge.beacons} == {"page-1"}


def on_host(url: str, name: str) -> str:
    """The same address under another name: browsers look names below localhost up by themselves."""
    return url.replace("127.0.0.1", f"{name}.localhost")


def test_the_cookie_that_the_edge_sets_holds_on_all_hosts_of_a_domain(page: Page, site: Site, edge: Edge) -> None:
    edge.answer = answering([US], kept=True)
    edge.cookie = f"callspring={TOKEN}; Domain=shop.localhost; Path=/; Max-Age=86400; SameSite=Lax"
    line = edge.line().replace("127.0.0.1", "calls.shop.localhost")
    url = site.put("/hosts", f"<!doctype html><title>x</title>{line}<p>800-555-0199</p>")
    load(page, on_host(url, "www.shop"))
    assert page.text_content("p") == "312-555-0142"
    assert [(each["domain"], each["value"]) for each in page.context.cookies()] == [(".shop.localhost", TOKEN)]
    for name in ("blog.shop", "shop", "www.other"):
        load(page, on_host(url, name))
    assert [urlsplit(visit["url"]).hostname for visit in edge.visits] == [
        f"{name}.localhost" for name in ("www.shop", "blog.shop", "shop", "www.other")
    ]
    assert [visit["token"] for visit in edge.visits] == ["", TOKEN, TOKEN, ""]
    cookies = [re.search("callspring=", headers.get("cookie", "")) for path, headers in edge.told if "visit" in path]
    assert [bool(cookie) for cookie in cookies] == [False, True, True, False], "another domain sends none along"


def test_shadow_trees_that_came_before_the_second_file_are_swapped_once_it_is_there(
    page: Page, site: Site, edge: Edge
) -> None:
    def slowly(route: Route) -> None:
        page.evaluate("box.attachShadow({ mode: 'open' }).innerHTML = '<p>800-555-0199</p>'")
        route.continue_()

    page.route("**/cs/more-*", slowly)
    load(page, site.put("/between", document(edge, "<div id=box>x</div><p id=p>800-555-0199</p>")))
    page.wait_for_function("box.shadowRoot?.textContent === '312-555-0142'")
    page.evaluate("box.shadowRoot.firstChild.textContent = 'now 800-555-0199'")
    page.wait_for_function("box.shadowRoot.textContent === 'now 312-555-0142'")


@pytest.mark.parametrize(
    "answer", [{}, [], 5, True, {"swaps": None}, {"page": "page-1"}, {"consent": False}, NO_NUMBER]
)
def test_an_answer_without_numbers_leaves_the_page_its_own(page: Page, site: Site, edge: Edge, answer: Any) -> None:
    edge.answer = lambda _: answer
    page.goto(site.put("/none", document(edge, BODY)))
    assert page.evaluate("Promise.race([callspring.ready, new Promise((late) => setTimeout(late, 5000))])") == []
    assert page.evaluate("callspring.numbers()") == []
    assert page.text_content("p") == "800-555-0199"
    assert page.get_attribute("#tel", "href") == "tel:8005550199"
