"""The little of HTTP that the demo shop needs, on raw ASGI."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
MOST_BODY = 16_384  # bytes; the longest thing a visitor sends is a message to a plumber


class TooLarge(Exception):
    """The body is longer than anything a visitor of the shop sends."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `query` has each name's first value, `host` has no port, `port` is our socket's."""

    method: str
    path: str
    query: Mapping[str, str]
    host: str
    port: int
    content_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Response:
    """One answer."""

    body: bytes = b""
    status: int = 200
    content_type: str = "text/html; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)


def as_json(value: object, status: int = 200) -> Response:
    """A JSON answer that no cache keeps."""
    return Response(json.dumps(value).encode(), status, "application/json", {"cache-control": "no-store"})


def redirect(to: str, headers: Mapping[str, str] | None = None) -> Response:
    """303: go and look there."""
    return Response(status=303, headers={"location": to, **(headers or {})})


async def read(scope: Scope, receive: Receive) -> Request:
    """The whole request. Raises `TooLarge`."""
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    body = b""
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > MOST_BODY:
            raise TooLarge
    pairs = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True, max_num_fields=None)
    return Request(
        method=scope["method"],
        path=scope["path"],
        query=dict(reversed(pairs)),
        host=headers.get("host", "").rpartition(":")[0] or headers.get("host", ""),
        port=(scope.get("server") or ("", 80))[1],
        content_type=headers.get("content-type", "").partition(";")[0].strip().lower(),
        body=body,
    )


async def send_response(send: Send, response: Response, *, head: bool) -> None:
    """Put an answer on the wire; without its body when only the head was asked for."""
    headers = {
        "content-type": response.content_type,
        "content-length": str(len(response.body)),
        "x-content-type-options": "nosniff",
        **response.headers,
    }
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": response.status, "headers": raw})
    await send({"type": "http.response.body", "body": b"" if head else response.body})
