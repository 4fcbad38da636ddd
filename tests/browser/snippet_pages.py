"""A site and an edge for the snippet's tests: two servers on two ports of this machine, so two origins.

The edge plays its part of docs/snippet-protocol.md from a script, and writes down what it was told. The real edge has
tests of its own.
"""

from __future__ import annotations

import json
import threading
import time
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from callspring.console.snippet import pinned
from callspring.scenarios.tagging import national, spellings
from callspring.stores.snippet_versions import newest

Json = dict[str, Any]

SCRIPT = Path(__file__).parents[2] / "src/callspring/_assets/snippet/cs.js"
MORE = "/cs/more-" + b64encode(sha256(SCRIPT.with_name("more.js").read_bytes()).digest()).decode()[:8] + ".js"
KEY = "ck_4fd09a"
TOKEN = "token-1.abc_DEF-2"
WAIT = 5.0  # seconds


@dataclass
class Server:
    """A loopback server on a free port that runs until it is stopped."""

    http: ThreadingHTTPServer = field(init=False)

    def start(self, handler: type[BaseHTTPRequestHandler]) -> None:
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.http.daemon_threads = True
        threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self) -> None:
        self.http.shutdown()
        self.http.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http.server_address[1]}"


class Quiet(BaseHTTPRequestHandler):
    """A handler that logs nothing and answers with a body."""

    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass

    def allow(self) -> None:
        """Whoever asks may read the answer: by name, as browsers want it where cookies may have come along."""
        self.send_header("Access-Control-Allow-Origin", self.headers.get("Origin") or "*")
        self.send_header("Access-Control-Allow-Credentials", "true")

    def answer(self, status: int, body: bytes, kind: str = "application/json", more: Json | None = None) -> None:
        self.send_response(status)
        self.allow()
        for name, value in {"Content-Type": kind, **(more or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Site(Server):
    """A website: `pages` by path. Every page carries the line of the snippet unless `html` was told otherwise."""

    def __init__(self) -> None:
        self.pages: dict[str, str] = {}
        self.headers: dict[str, Json] = {}
        self.start(type("SiteHandler", (_SiteHandler,), {"site": self}))

    def put(self, path: str, html: str, headers: Json | None = None) -> str:
        """Publishes a page, with these headers besides the usual ones or in their place, and gives its address."""
        self.pages[path], self.headers[path] = html, headers or {}
        return self.url + path


class _SiteHandler(Quiet):
    site: Site

    def do_GET(self) -> None:
        path = self.path.split("?")[0]
        html = self.site.pages.get(path)
        if html is None and self.path != "/favicon.ico":
            self.answer(404, b"no such page", "text/plain")
        else:
            self.answer(200, (html or "").encode(), "text/html; charset=utf-8", self.site.headers.get(path))


Answer = Callable[[Json], Json]


class Edge(Server):
    """The snippet's peer. `mood` says how it answers visits; `visits`, `events` are what it was told."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.mood = "well"
        self.cookie = ""  # what it sets with its answers, a header's value
        self.lost: set[str] = set()  # page views whose beacons are answered with `ask`
        self.visits: list[Json] = []
        self.beacons: list[Json] = []
        self.files: list[str] = []  # the paths of what was fetched
        self.told: list[tuple[str, Json]] = []  # (path, headers), one per request
        self._news = threading.Condition()
        self.start(type("EdgeHandler", (_EdgeHandler,), {"edge": self}))

    def vanish(self) -> None:
        """Answers nothing any more, neither on open connections nor on new ones."""
        self.mood = "hanging up"
        self.stop()

    def line(self) -> str:
        """The one line that a site's owner pastes."""
        return f'<script async src="{self.url}/cs/{KEY}.js"></script>'

    def pinned(self) -> str:
        """The lines that name today's version with the hashes of both its files."""
        lines = pinned(f"{self.url}/cs", KEY, newest())
        return lines.replace(f"{KEY}/{newest().first_file}", f"{KEY}.js")  # which is the file that this edge has

    def hear(self, path: str, headers: Json, body: Json) -> None:
        with self._news:
            (self.visits if path == "/v1/visit" else self.beacons).append(body)
            self.told.append((path, headers))
            self._news.notify_all()

    def events(self, kind: str) -> list[Json]:
        """The events of one kind that were told so far, in order."""
        return [event for beacon in self.beacons for event in beacon["events"] if event["kind"] == kind]

    def wait(self, ready: Callable[[], object], what: str) -> None:
        """Blocks until `ready()` is true of what was told; fails after a few seconds."""
        with self._news:
            assert self._news.wait_for(lambda: bool(ready()), timeout=WAIT), f"the edge never heard of {what}"


class _EdgeHandler(Quiet):
    edge: Edge

    def do_GET(self) -> None:
        self.edge.files.append(self.path)
        if self.path == MORE:
            self.answer(200, SCRIPT.with_name("more.js").read_bytes(), "text/javascript")
        elif self.path == f"/cs/{KEY}.js":
            self.answer(200, SCRIPT.read_bytes(), "text/javascript", {"Cache-Control": "max-age=60"})
        elif self.path == "/pause.js":
            time.sleep(0.2)
            self.answer(200, b"", "text/javascript")
        else:
            self.answer(404, b"{}")

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        body = json.loads(raw)
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.edge.hear(self.path, headers, body)
        if self.path == "/v1/beacon":
            self._beacon(body)
        else:
            self._visit(body)

    def _beacon(self, body: Json) -> None:
        if body["page"] in self.edge.lost:
            self.answer(200, b'{"ask": true}')
        elif any(event["kind"] == "view" for event in body["events"]):
            self.answer(200, json.dumps({"page": f"view-{len(self.edge.events('view'))}"}).encode())
        else:
            self.send_response(204)
            self.allow()
            self.end_headers()

    def _visit(self, body: Json) -> None:
        match self.edge.mood:
            case "slow":
                time.sleep(10)
                self.answer(200, json.dumps(self.edge.answer(body)).encode())
            case "trickling":
                self._trickle()
            case "garbage":
                self.answer(200, b'<!doctype html>{"swaps": [', "text/html")
            case "other json":
                self.answer(200, b'{"swaps": [null, 5, {"find": "x"}], "token": 7}')
            case "hanging up":
                self.close_connection = True
            case "failing":
                self.answer(500, json.dumps(self.edge.answer(body)).encode())
            case _:
                cookie = {"Set-Cookie": self.edge.cookie} if self.edge.cookie else {}
                self.answer(200, json.dumps(self.edge.answer(body)).encode(), more=cookie)

    def _trickle(self) -> None:
        """Headers at once, then a body that does not end for ten seconds."""
        self.send_response(200)
        self.allow()
        self.send_header("Content-Length", "1000")
        self.end_headers()
        for _ in range(20):
            try:
                self.wfile.write(b" ")
                self.wfile.flush()
            except OSError:
                return
            time.sleep(0.5)


def swap(scenario: int, target: str, number: str) -> Json:
    """One swap: `target` is the number on the page and `number` what is shown for it, both E.164."""
    return {"scenario": scenario, "find": list(spellings(target)), "number": number, "national": national(number)}


US = swap(3, "+18005550199", "+13125550142")
US_OTHER = swap(4, "+18885550177", "+13125550166")
UK = swap(5, "+442079460958", "+442079460123")
DE = swap(6, "+493023125678", "+4989123456789")  # a shown number with more digits
FR = swap(7, "+33199005432", "+33186650011")
US_TO_UK = swap(8, "+18775550111", "+442079460321")  # another country, other lengths
CHAIN = swap(9, "+13125550142", "+13125550199")  # its target is what US shows
NO = swap(10, "+4720240115", "+4721000000")  # a number that could be a date
ALL = [US, US_OTHER, UK, DE, FR, US_TO_UK, CHAIN, NO]


def answering(swaps: list[Json], **more: Any) -> Answer:
    """An edge that gives every visitor these swaps."""
    counter = iter(range(1, 1000))

    def answer(_body: Json) -> Json:
        page = f"page-{next(counter)}"
        return {"token": TOKEN, "visit": 1042, "page": page, "swaps": swaps, "beat": 30, "cookie_days": 180, **more}

    return answer


def document(edge: Edge, body: str, head: str = "") -> str:
    """A whole page with the snippet's line in its head."""
    return (
        "<!doctype html><html lang=en><head><meta charset=utf-8><title>A plumber</title>"
        f"{head}{edge.line()}</head><body>{body}</body></html>"
    )
