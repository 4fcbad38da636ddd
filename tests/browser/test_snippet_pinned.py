"""One version of the snippet, named by its hash: a real browser checks it, a real edge on another origin serves it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
from playwright.sync_api import Page, expect

from callspring.config import load
from callspring.console.snippet import hash_source, import_map, pinned
from callspring.doors.app import Doors
from callspring.doors.process import make_server
from callspring.stores.snapshot.files import publish
from callspring.stores.snippet_versions import newest
from tests.browser.snippet_pages import Site
from tests.doors import KEY, companies, pool_site

pytestmark = pytest.mark.browser
OWN, SHOWN = "+1 800-555-0199", "+1 312-555-0201"


@dataclass
class Here:
    """A website, and the doors' origin."""

    site: Site
    doors_url: str

    @property
    def lines(self) -> str:
        """What pins a page to today's version."""
        return pinned(f"{self.doors_url}/cs", KEY, newest())

    def page(self, head: str) -> str:
        """The address of a page."""
        return self.site.put("/", f"<!doctype html><title>Pine</title>{head}<p id=number>{OWN}</p>")


@pytest.fixture(autouse=True)  # before the page, so that it outlives it
def here(tmp_path: Path) -> Iterator[Here]:
    site = Site()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        free.listen()  # who comes before the server has started waits
        doors_url = f"http://127.0.0.1:{free.getsockname()[1]}"
        config = load({"CALLSPRING_VAR": str(tmp_path), "CALLSPRING_DOORS_URL": doors_url})
        publish(config.snapshots, companies()[0])
        publish(config.snapshots, msgspec.structs.replace(pool_site(), hosts=(site.url.removeprefix("http://"),)))
        server = make_server(Doors(config), "127.0.0.1", 0)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [free]})
        thread.start()
        yield Here(site, doors_url)
        server.should_exit = True
        thread.join()
    site.stop()


@pytest.mark.parametrize("is_strict", [False, True])
def test_a_pinned_page_swaps_and_loads_its_second_file(is_strict: bool, page: Page, here: Here) -> None:
    source = hash_source(import_map(f"{here.doors_url}/cs", newest()))
    policy = f"default-src 'none'; script-src {here.doors_url} {source}; connect-src {here.doors_url}"
    strict = f'<meta http-equiv="Content-Security-Policy" content="{policy}">' if is_strict else ""
    with page.expect_response("**/cs/more-*.js") as later:
        page.goto(here.page(strict + here.lines))
    assert later.value.ok
    expect(page.locator("#number")).to_have_text(SHOWN)


def test_a_wrong_hash_leaves_the_pages_own_number(page: Page, here: Here, allowed_errors: list[str]) -> None:
    allowed_errors.append(r"^Failed to find a valid digest in the 'integrity' attribute")
    page.add_init_script("addEventListener('unhandledrejection', () => { window.rejected = true; })")
    watching = "<script>addEventListener('error', ({target}) => { window.refused = target.src }, true)</script>"
    page.goto(here.page(watching + here.lines.replace(newest().integrity, "sha384-" + "A" * 64)))
    page.wait_for_function("window.refused")
    assert page.text_content("#number") == OWN
    assert page.evaluate("[window.rejected, window.callspring]") == [None, None]


def test_where_there_is_no_current_script_it_finds_itself_among_others(page: Page, here: Here) -> None:
    """As a tag manager runs it, after the site's own scripts: the code is there, its element is another one."""
    here.site.put("/own.js", "")
    address = f"{here.doors_url}/cs/{KEY}/{newest().first_file}"
    run = f"fetch('{address}').then((reply) => reply.text()).then((code) => (0, eval)(code))"
    mark = f'<script src="/own.js"></script><script type="text/plain" src="{address}"></script>'
    html = f"<!doctype html><title>Pine</title><p id=number>{OWN}</p>{mark}<script>{run}</script>"
    page.goto(here.site.put("/managed", html))
    expect(page.locator("#number")).to_have_text(SHOWN)
