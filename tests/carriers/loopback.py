"""A server on loopback that somebody else answers for."""

from __future__ import annotations

from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.carriers.twilio_account import Answer

# Method, path, query, body and headers of a request.
Answering = Callable[[str, str, dict[str, str], bytes, dict[str, str]], Answer]


def serving(answering: Answering) -> type[BaseHTTPRequestHandler]:
    """What hands each request of a server to `answering`."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 65_536  # headers and body in one packet: two would wait for each other

        def do_GET(self) -> None:
            split, length = urlsplit(self.path), int(self.headers.get("Content-Length") or 0)
            said, headers = self.rfile.read(length), dict(self.headers)
            answer = answering(self.command, split.path, dict(parse_qsl(split.query)), said, headers)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)
            self.wfile.flush()

        do_POST = do_PATCH = do_DELETE = do_GET  # noqa: N815 - the server's names

        def log_message(self, *_: Any) -> None:
            return

    return Handler
