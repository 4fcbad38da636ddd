"""The edge on the wire: the snippet below `/cs/`, `/v1/visit`, `/v1/beacon`."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Mapping

from callspring.doorway.http import Disconnected, Headers, Receive, Scope, Send, read_body, send_answer
from callspring.edge.arrival import Arrival, Dropped
from callspring.edge.beacon_path import take_beacon
from callspring.edge.cookie import deletion, headers_for, own_domain, with_credentials
from callspring.edge.door import EdgeDoor
from callspring.edge.page_host import host_of
from callspring.edge.protocol import MAX_BODY, decode_beacon
from callspring.edge.scripts import FOR_EVER, NEWEST, Script
from callspring.edge.visit_path import load_page
from callspring.visits.drops import Drop

# As few headers as do, the server looks through each. Nobody keeps an answer to a POST (RFC 9110, section 9.3.3).
CORS: Headers = ((b"access-control-allow-origin", b"*"),)
NOT_FOUND: Headers = ((b"cache-control", b"no-store"), *CORS)
EXPOSE: Headers = ((b"access-control-expose-headers", b"x-callspring-reason"),)
JSON: Headers = ((b"content-type", b"application/json"), *CORS)
# Beacons are sent without CORS: a page with Cross-Origin-Embedder-Policy wants to know that it may have the answer.
EMBEDDED: Headers = ((b"cross-origin-resource-policy", b"cross-origin"),)
TOLD, HEARD = (*JSON, *EMBEDDED), (*CORS, *EMBEDDED)  # made once, not for each beacon
STATUS = {Drop.DISK_FULL: 507, Drop.TOO_MANY: 429}  # of a beacon that is refused; others are 400
PREFLIGHT: Headers = (
    (b"access-control-allow-methods", b"POST"),
    (b"access-control-allow-headers", b"content-type"),
    (b"access-control-max-age", b"86400"),
    *CORS,
)


SCRIPT: Headers = (
    (b"content-type", b"text/javascript; charset=utf-8"),
    (b"access-control-allow-origin", b"*"),
    *EMBEDDED,
)


class Edge:
    """Routes the edge's requests; holds the snippet in memory.

    `/cs/KEY.js` is the newest version. `versions` are the files that are named by their content, name → content, and
    so may be kept for ever: first files as `/cs/KEY/NAME`, those that they load later as `/cs/NAME`.
    """

    def __init__(self, door: EdgeDoor, snippet: bytes, versions: Mapping[str, bytes]) -> None:
        self._door = door
        self._snippet = Script(snippet, (*NEWEST, *SCRIPT))
        self._versions = {name: Script(content, (*FOR_EVER, *SCRIPT)) for name, content in versions.items()}

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Answer one request to a path of the edge."""
        path, method = scope["path"], scope["method"]
        if method == "POST" and path == "/v1/visit":
            return self._visit(scope, receive, send)
        if method == "POST" and path == "/v1/beacon":
            return self._beacon(scope, receive, send)
        if method == "OPTIONS" and path.startswith("/v1/"):
            return send_answer(send, 204, PREFLIGHT)
        if method in ("GET", "HEAD") and path.startswith("/cs/") and path.endswith(".js"):
            return self._script(scope, send)
        return send_answer(send, 404, NOT_FOUND)

    async def _visit(self, scope: Scope, receive: Receive, send: Send) -> None:
        client = scope.get("client")
        try:
            body = await read_body(receive, MAX_BODY)
            arrival = Arrival(body, dict(scope["headers"]), client[0] if client else "", time.time())
            answer = await load_page(self._door, arrival)
        except Disconnected:
            return
        except Dropped as dropped:
            self._count(dropped)
            reason = dropped.reason.encode()
            headers = with_credentials(
                (*JSON, *EXPOSE, (b"x-callspring-reason", reason)), arrival.headers.get(b"origin")
            )
            await send_answer(send, 200, headers, b'{"swaps":[],"reason":"' + reason + b'"}')
            return
        await send_answer(send, 200, headers_for(arrival, JSON) if arrival.is_near else JSON, answer)

    async def _beacon(self, scope: Scope, receive: Receive, send: Send) -> None:
        origin = next((value for name, value in scope["headers"] if name == b"origin"), None)
        try:
            body = await read_body(receive, MAX_BODY)
            answer = await take_beacon(self._door, body, time.time())
        except Disconnected:
            return
        except Dropped as dropped:
            self._count(dropped)
            status = STATUS.get(dropped.reason, 400)
            why = (*CORS, *EMBEDDED, *EXPOSE, (b"x-callspring-reason", dropped.reason.encode()))
            await send_answer(send, status, with_credentials(why, origin))
            return
        headers = with_credentials(TOLD if answer else HEARD, origin)
        if b'"forget"' in body:  # the snippet cannot delete what was set for the whole domain without knowing it
            headers = (*headers, *self._deletion(scope, body, origin or b""))
        await send_answer(send, 200 if answer else 204, headers, answer)

    def _deletion(self, scope: Scope, body: bytes, origin: bytes) -> Headers:
        host, client = host_of(origin.decode("latin-1")), scope.get("client")
        site = self._door.snapshot.sites.get(decode_beacon(body).key, {}).get(host)
        if site is None:
            return ()
        domain = own_domain(self._door, site, host, client[0] if client else "", dict(scope["headers"]))
        return (deletion(domain),) if domain else ()

    def _script(self, scope: Scope, send: Send) -> Awaitable[None]:
        first, _, second = scope["path"][4:].partition("/")
        is_newest = not second and not first.startswith("more-")
        script = self._snippet if is_newest else self._versions.get(second or first)
        if script is None:
            return send_answer(send, 404, NOT_FOUND)
        status, headers, body = script.answer(scope["headers"])
        return send_answer(send, status, headers, body if scope["method"] == "GET" else b"")

    def _count(self, dropped: Dropped) -> None:
        self._door.drops.count(dropped.reason, dropped.company, dropped.host[:200] if dropped.company else "")
