"""Consent, the server's cookie and a visit carried on, told by a real snippet in a real browser to a real edge.

The edge is served through the websites' own addresses, as docs/guides have it: below a path of each.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from callspring.config import load
from callspring.doors.app import Doors
from callspring.doors.process import make_server
from callspring.doorway.http import Receive, Scope, Send, send_answer
from callspring.records import AnonymousVisit, VisitBegan, decode
from callspring.stores.snapshot.files import publish
from callspring.stores.snapshot.published import PublishedSite
from callspring.stores.spool.reader import Position, read
from tests.browser.chromium import user_agent
from tests.doors import KEY, companies, pool_site
from tests.edge.test_guides import free_port

pytestmark = pytest.mark.browser
OWN = "+1 800-555-0199"
SHOWN = "+1 312-555-0201"
PAGE = """<!doctype html><title>Pine</title><p id="number">{own}</p><a href="{other}">elsewhere</a>
<script src="/callspring/cs/{key}.js"></script>"""


class Website:
    """Answers with a page, and passes what is below /callspring/ on to the doors, as a reverse proxy does."""

    def __init__(self, doors: Doors, other: str) -> None:
        self._doors = doors
        self._html = PAGE.format(own=OWN, other=other, key=KEY).encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._doors(scope, receive, send)
        elif scope["path"].startswith("/callspring/"):
            await self._doors({**scope, "path": scope["path"].removeprefix("/callspring")}, receive, send)
        else:
            body = self._html if scope["path"] == "/" else b""
            await send_answer(send, 200, ((b"content-type", b"text/html; charset=utf-8"),), body)


@dataclass
class Here:
    """Two websites of a company behind one port, and a visitor's browser."""

    port: int
    doors: Doors
    folder: Path
    context: BrowserContext

    def url(self, host: str = "www.pine.test", path: str = "/") -> str:
        return f"http://{host}:{self.port}{path}"

    def publish(self, **changes: Any) -> None:
        for host in ("pine.test", "oak.test"):
            publish(self.folder / "snapshot", site(host, self.port, **changes))
        self.doors.snapshot.refresh()

    def visit(self, url: str = "", page: Page | None = None) -> Page:
        page = page or self.context.new_page()
        page.goto(url or self.url())
        page.evaluate("window.callspring.ready")
        return page

    def cookies(self) -> dict[str, Any]:
        return {cookie["domain"]: cookie for cookie in self.context.cookies() if cookie["name"] == "callspring"}

    def holders(self) -> int:
        return sum(1 for _ in self.doors.edge.view.leases())

    def records(self) -> list[Any]:
        batch = read(self.folder / "spool" / "doors-1", Position())
        return [record for payload, _ in batch.payloads for record in decode(payload)]


def site(host: str, port: int, **changes: Any) -> PublishedSite:
    domains = {f"{each}:{port}": each for each in ("pine.test", "oak.test")}
    number = 2 if host == "pine.test" else 5
    return msgspec.structs.replace(pool_site(), id=number, hosts=(f"{host}:{port}",), **{"domains": domains, **changes})


@pytest.fixture
def here(tmp_path: Path, chromium: Browser) -> Iterator[Here]:
    config = load({"CALLSPRING_VAR": str(tmp_path), "CALLSPRING_DOORS_URL": "https://calls.example.com"})
    doors, port = Doors(config), free_port()
    server = make_server(Website(doors, f"http://oak.test:{port}/"), "127.0.0.1", port)
    publish(config.snapshots, companies()[0])
    for host in ("pine.test", "oak.test"):
        publish(config.snapshots, site(host, port))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    context = chromium.new_context(user_agent=user_agent(chromium))
    yield Here(port, doors, config.snapshots.parent, context)
    context.close()
    server.should_exit = True
    thread.join()


def shows(page: Page, text: str) -> None:
    expect(page.locator("#number")).to_have_text(text)


def test_consent_is_asked_given_and_taken_back(here: Here) -> None:
    here.publish(needs_consent=True)
    page = here.visit()
    shows(page, OWN)
    assert (here.cookies(), here.holders()) == ({}, 0)
    assert [type(record) for record in here.records() if isinstance(record, AnonymousVisit)] == [AnonymousVisit]
    page.evaluate("callspring.consent(true)")
    shows(page, SHOWN)
    assert list(here.cookies()) == [".pine.test"]
    assert here.holders() == 1
    page.evaluate("callspring.consent(false)")
    shows(page, OWN)
    page.wait_for_function("!document.cookie.includes('callspring')")
    assert (here.cookies(), here.holders()) == ({}, 0)
    assert page.evaluate("localStorage.callspring") is None


def test_the_cookie_is_the_sites_and_lasts_as_long_as_it_says(here: Here) -> None:
    page = here.visit()
    shows(page, SHOWN)
    (cookie,) = here.cookies().values()
    assert (cookie["domain"], cookie["httpOnly"], cookie["sameSite"]) == (".pine.test", False, "Lax")
    assert abs(cookie["expires"] - time.time() - 180 * 86_400) < 60
    here.visit(here.url("offers.pine.test"), page)
    assert not [record for record in here.records() if isinstance(record, VisitBegan)][1:]


def test_a_visit_goes_on_on_the_other_domain(here: Here) -> None:
    # Links carry the visit from when the second file is there, which tells of the places.
    with here.context.expect_event("request", lambda request: request.url.endswith("/v1/beacon")):
        page = here.visit()
    page.click("a")
    page.wait_for_url("**oak.test**")
    page.evaluate("window.callspring.ready")
    shows(page, SHOWN)
    assert sorted(here.cookies()) == [".oak.test", ".pine.test"]
    (began,) = (record for record in here.records() if isinstance(record, VisitBegan))
    assert began.url == here.url()


def test_who_tries_a_number_leaves_nothing(here: Here) -> None:
    shows(here.visit(here.url(path="/?callspring_test=google")), SHOWN)
    assert (here.cookies(), here.holders()) == ({}, 0)
    assert not [record for record in here.records() if isinstance(record, VisitBegan)]
