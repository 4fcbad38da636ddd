"""The deep test: a page in a real Chromium that reaches nothing but what the filter lets through."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings
from django.test import override_settings

from callspring.jobs.run import run_due
from callspring.scenarios import snippet_tests
from callspring.scenarios.snippet_tests import ask
from callspring.sites.browsing.chromium import BrowserFailed, BrowserNotStarted, Visited, find, visit
from callspring.sites.browsing.filter import Filter
from callspring.sites.fetching.wire import Deadline
from callspring.sites.snippet_test import Code
from tests.browser.chromium import CHROMIUM
from tests.browser.test_console import Shop, shop
from tests.browser.test_demo_shop import Edge
from tests.serving import serve
from tests.sites.internet import PUBLIC, Internet, Server, page, says

pytestmark = pytest.mark.browser
__all__ = ["shop"]


class Inside:
    """Listeners on loopback that nobody must reach, over TCP and UDP."""

    def __init__(self) -> None:
        self.reached: list[bytes] = []
        self._tcp = socket.create_server(("127.0.0.1", 0))
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.bind(("127.0.0.1", 0))
        self.tcp: int = self._tcp.getsockname()[1]
        self.udp: int = self._udp.getsockname()[1]
        threading.Thread(target=self._hear_tcp, daemon=True).start()
        threading.Thread(target=self._hear_udp, daemon=True).start()

    def _hear_tcp(self) -> None:
        while True:
            connected, _ = self._tcp.accept()
            self.reached.append(b"tcp " + connected.recv(100))

    def _hear_udp(self) -> None:
        while True:
            self.reached.append(b"udp " + self._udp.recvfrom(100)[0])


HOSTILE = """<p id=said>loaded</p><img src="http://127.0.0.1:@TCP/img"><iframe src="http://localhost:@TCP/frame"></iframe>
<iframe src="file:///etc/passwd"></iframe><link rel=preconnect href="http://127.0.0.1:@TCP"><script>
fetch('http://127.0.0.1:@TCP/').catch(() => said.append(' refused'));
fetch('http://[::ffff:127.0.0.1]:@TCP/'); fetch('http://inside.example/'); fetch('http://turns.example/');
new WebSocket('ws://127.0.0.1:@TCP/'); navigator.sendBeacon('http://127.0.0.1:@TCP/', 'x');
new EventSource('http://127.0.0.1:@TCP/');
const servers = [{ urls: 'stun:127.0.0.1:@UDP' },
  { urls: ['turn:127.0.0.1:@UDP?transport=udp', 'turn:127.0.0.1:@TCP?transport=tcp'], username: 'a', credential: 'b' }];
const peer = new RTCPeerConnection({ iceServers: servers });
peer.createDataChannel('x');
peer.createOffer().then((offer) => peer.setLocalDescription(offer));
said.append(' called');
if (window.WebTransport) new WebTransport('https://127.0.0.1:@UDP/');
alert('wait'); window.open('http://127.0.0.1:@TCP/popup');
setTimeout(() => { location = 'http://127.0.0.1:@TCP/gone' }, 1000);
</script>"""


def load(net: Internet, url: str, *origins: str, seconds: float = 20.0) -> Visited:
    deadline = Deadline(seconds)
    passage = Filter(origins, "http://127.0.0.1:9", deadline, resolve=net.resolve, dial=net.dial)
    with passage.running():
        return visit(find(CHROMIUM), url, passage.port, deadline)


def test_a_hostile_page_reaches_nothing_inside() -> None:
    inside = Inside()
    html = HOSTILE.replace("@TCP", str(inside.tcp)).replace("@UDP", str(inside.udp))
    with Server(page(html)) as server:
        names = {
            "evil.example": [[PUBLIC]],
            "inside.example": [["10.0.0.1"]],
            "turns.example": [[PUBLIC], ["127.0.0.1"]],
        }
        net = Internet(names, server)
        visited = load(net, "http://evil.example/")
        assert "/gone" in "".join(visited.asked), "its script ran to the end"
        secure = Internet({}, server)  # on loopback a page may do more: it counts as secure
        load(secure, server.origin + "/", server.origin)
    assert visited.asked["http://evil.example/"] == "200"
    assert {"inside.example", "turns.example"} <= set(net.looked_up)
    assert set(net.dialled) == {PUBLIC}
    assert set(secure.dialled) <= {"127.0.0.1", PUBLIC}  # the page's own server, and the first answer of a name
    assert inside.reached == []


def test_a_page_that_never_ends() -> None:
    with Server(says(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<script>for (;;);</script>")) as server:
        began = time.monotonic()
        with pytest.raises(BrowserFailed):
            load(Internet({"evil.example": [[PUBLIC]]}, server), "http://evil.example/", seconds=4)
        assert time.monotonic() - began < 8


def test_no_browser(tmp_path: Path) -> None:
    assert (find("none"), find(str(tmp_path / "nothing"))) == ("", "")
    with pytest.raises(BrowserFailed):
        visit("/bin/false", "http://a.example/", 9, Deadline(5))


@pytest.mark.parametrize(
    ("said", "why"), [("No usable sandbox! If this is", "sandbox"), ("libnss3.so: not found", "other")]
)
@pytest.mark.django_db(transaction=True)
def test_a_browser_that_does_not_start_says_why(shop: Shop, tmp_path: Path, said: str, why: str) -> None:
    """As Chromium does for an ordinary user where there are no namespaces: a line on its standard error, and an end."""
    broken = tmp_path / "chromium"
    broken.write_text(f"#!/bin/sh\nyes '{said}' | head -n 20000 >&2\nexit 133\n")
    broken.chmod(0o755)
    with pytest.raises(BrowserNotStarted, match=said[:10]):
        visit(str(broken), "http://a.example/", 9, Deadline(10))
    with Server(page()) as server:
        config = replace(settings.CONFIG, test_origins=(server.origin,), chromium=str(broken))
        with override_settings(CONFIG=config):
            test = ask(shop.company, server.origin, deep=True)
            run_due()
    test.refresh_from_db()
    assert [one["values"] for one in test.findings if one["code"] == Code.BROWSER_NOT_STARTED] == [{"why": why}]


class Door(Edge):
    """Gives programs no numbers, as the real edge does."""

    def _answer(self, path: str, body: bytes) -> tuple[int, bytes, bytes]:
        answer = super()._answer(path, body)
        if path == "/v1/visit" and self.visits[-1]["automated"]:
            return 200, b"application/json", b'{"swaps":[],"reason":"bot"}'
        return answer


@pytest.fixture
def edge() -> Iterator[tuple[Edge, str]]:
    edge = Door()
    with serve(edge) as url:
        yield edge, url


def deeply(story: Shop, html: str, doors: str, *headers: str) -> dict[str, dict[str, object]]:
    """A deep test of a page that scripts build: code → values."""
    html = html.replace("SRC", f"{doors}/cs/{story.company.key}.js")
    with Server(page(html, *headers)) as server:
        config = replace(settings.CONFIG, test_origins=(server.origin,), doors_url=doors, chromium=CHROMIUM)
        with override_settings(CONFIG=config):
            test = ask(story.company, server.origin, deep=True)
            run_due()
    test.refresh_from_db()
    return {one["code"]: one["values"] for one in test.findings}


BUILT = """<div id=root></div><script>
root.innerHTML = '<p>Call 800-<b>555</b>-0199</p>';
document.head.append(Object.assign(document.createElement('script'), { src: ADDRESS }))</script>"""


@pytest.mark.django_db(transaction=True)
def test_a_page_that_scripts_build(shop: Shop, edge: tuple[Edge, str]) -> None:
    hidden = "['SRC'][0].replace('', '')"
    split = BUILT.replace("ADDRESS", hidden).replace("/cs/", "/' + 'cs/")
    found = deeply(shop, split, edge[1])
    assert Code.BROWSER_RAN in found
    assert found[Code.BROWSER_TARGET]["total"] == 1
    assert not {Code.SCRIPT_MISSING, Code.SCRIPT_MISSING_JS, Code.TARGET_MISSING} & found.keys()
    assert len(edge[0].visits) == 1


@pytest.mark.django_db(transaction=True)
def test_what_goes_wrong_in_a_browser(shop: Shop, edge: tuple[Edge, str]) -> None:
    line = '<script async src="SRC"></script><p>nothing</p>'
    found = deeply(shop, line, edge[1], "Content-Security-Policy: script-src 'self'")
    assert found[Code.BROWSER_BLOCKED]["how"] == "csp"
    assert Code.BROWSER_TARGET_MISSING in found
    silent = deeply(shop, line, edge[1], f"Content-Security-Policy: default-src 'self' {edge[1]}/cs/")
    assert Code.BROWSER_SILENT in silent
    assert Code.BROWSER_WITHOUT in deeply(shop, "<p>nothing</p>", edge[1])


@pytest.mark.django_db(transaction=True)
def test_root_loads_only_what_the_operator_listed(
    shop: Shop,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(snippet_tests, "has_sandbox", lambda: False)
    with Server(page()) as server, override_settings(CONFIG=replace(settings.CONFIG, chromium=CHROMIUM)):
        net = Internet({"shop.example": [[PUBLIC]]}, server)
        test = ask(shop.company, "http://shop.example/", deep=True)
        snippet_tests.carry_out(test, net.fetcher())
    assert Code.BROWSER_ONLY_LISTED in {one["code"] for one in test.findings}
