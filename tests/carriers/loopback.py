"""A server on loopback that somebody else answers for."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any


@dataclass(frozen=True)
class Answer:
    """An answer as it goes out; `seconds` late, and with `drop` the connection is cut instead."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    seconds: float = 0.0
    drop: bool = False


def in_json(body: dict[str, Any], status: int = 200) -> Answer:
    """An answer that says `body`."""
    return Answer(status, json.dumps(body).encode())


@dataclass(frozen=True)
class Asked:
    """A request as it came, with the status of its answer; `path` as the account of the carrier knows it."""

    method: str
    path: str
    query: dict[str, str]
    body: dict[str, Any]
    status: int


# Method, target (path and query as they came), headers by their names in small letters, and body of a request.
Answering = Callable[[str, str, dict[str, str], bytes], Answer]


def serving(answering: Answering) -> type[BaseHTTPRequestHandler]:
    """What hands each request of a server to `answering`."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 65_536  # headers and body in one packet: two would wait for each other

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = answering(self.command, self.path, headers, body)
            time.sleep(answer.seconds)
            if answer.drop:
                self.close_connection = True
                return
            self.send_response(answer.status)
            for name, value in ({"Content-Length": str(len(answer.body))} | answer.headers).items():
                self.send_header(name, value)
            with suppress(ConnectionError):  # whoever asked may have had enough
                self.end_headers()
                self.wfile.write(answer.body)
                self.wfile.flush()

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815

        def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002

    return Handler
