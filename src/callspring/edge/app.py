"""The edge on the wire: `/cs/KEY.js`, `/v1/visit`, `/v1/beacon`."""

from __future__ import annotations

import time
from collections.abc import Awaitable
from hashlib import blake2b
from pathlib import Path

from callspring.doorway.http import Disconnected, Headers, Receive, Scope, Send, read_body, send_answer
from callspring.edge.arrival import Arrival, Dropped
from callspring.edge.beacon_path import take_beacon
from callspring.edge.door import EdgeDoor
from callspring.edge.protocol import MAX_BODY
from callspring.edge.visit_path import load_page
from callspring.visits.drops import Drop

# As few headers as do, the server looks through each. Nobody keeps an answer to a POST (RFC 9110, section 9.3.3).
CORS: Headers = ((b"access-control-allow-origin", b"*"),)
NOT_FOUND: Headers = ((b"cache-control", b"no-store"), *CORS)
EXPOSE: Headers = ((b"access-control-expose-headers", b"x-callspring-reason"),)
JSON: Headers = ((b"content-type", b"application/json"), *CORS)
PREFLIGHT: Headers = (
    (b"access-control-allow-methods", b"POST"),
    (b"access-control-allow-headers", b"content-type"),
    (b"access-control-max-age", b"86400"),
    *CORS,
)


class Edge:
    """Routes the edge's requests; holds the snippet in memory."""

    def __init__(self, door: EdgeDoor, snippet: Path) -> None:
        self._door = door
        self._snippet = snippet.read_bytes()
        etag = blake2b(self._snippet, digest_size=8).hexdigest().encode()
        self._etag = b'"' + etag + b'"'
        self._snippet_headers: Headers = (
            (b"content-type", b"text/javascript; charset=utf-8"),
            (b"cache-control", b"public, max-age=300"),
            (b"etag", self._etag),
            (b"access-control-allow-origin", b"*"),
            (b"cross-origin-resource-policy", b"cross-origin"),
        )

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Answer one request to a path of the edge."""
        path, method = scope["path"], scope["method"]
        if method == "POST" and path == "/v1/visit":
            return self._visit(scope, receive, send)
        if method == "POST" and path == "/v1/beacon":
            return self._beacon(receive, send)
        if method == "OPTIONS" and path.startswith("/v1/"):
            return send_answer(send, 204, PREFLIGHT)
        if method in ("GET", "HEAD") and path.startswith("/cs/") and path.endswith(".js"):
            return self._send_snippet(scope, send)
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
            headers = (*JSON, *EXPOSE, (b"x-callspring-reason", reason))
            await send_answer(send, 200, headers, b'{"swaps":[],"reason":"' + reason + b'"}')
            return
        await send_answer(send, 200, JSON, answer)

    async def _beacon(self, receive: Receive, send: Send) -> None:
        try:
            body = await read_body(receive, MAX_BODY)
            answer = await take_beacon(self._door, body, time.time())
        except Disconnected:
            return
        except Dropped as dropped:
            self._count(dropped)
            status = 507 if dropped.reason is Drop.DISK_FULL else 400
            await send_answer(send, status, (*CORS, *EXPOSE, (b"x-callspring-reason", dropped.reason.encode())))
            return
        await send_answer(send, 200 if answer else 204, JSON if answer else CORS, answer)

    async def _send_snippet(self, scope: Scope, send: Send) -> None:
        if (b"if-none-match", self._etag) in scope["headers"]:
            await send_answer(send, 304, self._snippet_headers)
            return
        body = self._snippet if scope["method"] == "GET" else b""
        await send_answer(send, 200, self._snippet_headers, body)

    def _count(self, dropped: Dropped) -> None:
        self._door.drops.count(dropped.reason, dropped.company, dropped.host[:200] if dropped.company else "")
