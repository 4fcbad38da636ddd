"""What the deep test's browser can reach, asked for byte by byte."""

from __future__ import annotations

import socket
import time

import pytest

from callspring.sites.browsing.filter import Filter
from callspring.sites.fetching.wire import Deadline
from tests.sites.internet import PUBLIC, Internet, Server, page

DOORS = "http://127.0.0.1:9001"
REFUSED = [
    "CONNECT 127.0.0.1:443",
    "CONNECT localhost:443",
    "CONNECT [::1]:443",
    "CONNECT 169.254.169.254:80",
    "CONNECT shop.example:22",
    "CONNECT shop.example:99999",
    "CONNECT 2130706433:443",
    "CONNECT inside.example:443",
    "CONNECT 127.0.0.1:9001",  # the doors, but in a tunnel nobody sees which path
    "GET http://127.0.0.1:6379/",
    "GET http://inside.example/",
    "GET http://10.0.0.1/",
    "GET http://0x7f.1/",
    "GET http://user:x@shop.example/",
    f"GET {DOORS}/",
    f"POST {DOORS}/twilio/voice",
    f"GET {DOORS}/healthz",
    "GET /",
    "GET https://shop.example/",
    "GET file:///etc/passwd",
    "\x00\x01\x02",
]


def say(passage: Filter, request: bytes) -> bytes:
    """Everything that comes back."""
    with socket.create_connection(("127.0.0.1", passage.port), 5) as browser:
        browser.sendall(request)
        got = b""
        while part := browser.recv(65536):
            got += part
        return got


def internet(server: Server | None = None) -> Internet:
    return Internet(
        {"shop.example": [[PUBLIC]], "inside.example": [["10.0.0.1"]], "two.example": [[PUBLIC], ["::1"]]}, server
    )


def passage(net: Internet, *origins: str, seconds: float = 5.0, only_listed: bool = False) -> Filter:
    deadline = Deadline(seconds)
    return Filter(origins, DOORS, deadline, only_listed=only_listed, resolve=net.resolve, dial=net.dial)


@pytest.mark.parametrize("first", REFUSED)
def test_what_is_refused(first: str) -> None:
    net = internet()
    with passage(net).running() as through:
        assert say(through, f"{first} HTTP/1.1\r\nHost: shop.example\r\n\r\n".encode()).startswith(b"HTTP/1.1 403")
    assert net.dialled == []


def test_a_head_without_end_and_one_that_never_comes() -> None:
    with passage(internet(), seconds=1.0).running() as through:
        assert say(through, b"GET http://shop.example/ HTTP/1.1\r\nX: " + b"x" * 70_000).startswith(b"HTTP/1.1 403")
        began = time.monotonic()
        assert say(through, b"GET ") == b""
        assert time.monotonic() - began < 10


def test_a_public_page_comes_without_what_proxies_say() -> None:
    said = "Host: shop.example\r\nX-Forwarded-For: 1.2.3.4\r\nProxy-Authorization: x\r\n"
    head = f"GET http://shop.example/a?b HTTP/1.1\r\n{said}"
    with Server(page("<p>hello</p>")) as server:
        net = internet(server)
        with passage(net).running() as through:
            again = "GET http://inside.example/ HTTP/1.1\r\nHost: inside.example\r\n\r\n"  # not for this server
            assert b"<p>hello</p>" in say(through, (head + "\r\n" + again).encode())
    assert server.asked == ["GET /a?b HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n"]
    assert net.dialled == [PUBLIC]


def test_each_connection_is_looked_up_once_and_checked_anew() -> None:
    with Server(page()) as server:
        net = internet(server)
        with passage(net).running() as through:
            request = b"GET http://two.example/ HTTP/1.1\r\n\r\n"
            assert say(through, request).startswith(b"HTTP/1.1 200")
            assert say(through, request).startswith(b"HTTP/1.1 403")
    assert net.dialled == [PUBLIC]


def test_a_tunnel_to_a_public_site() -> None:
    with Server(page("<p>in a tunnel</p>")) as server, passage(internet(server)).running() as through:
        answer = say(through, b"CONNECT shop.example:443 HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK")
    assert answer.endswith(b"<p>in a tunnel</p>")


def test_without_a_sandbox_only_listed_origins_are_reached() -> None:
    with Server(page("<p>listed</p>")) as server:
        net = internet(server)
        with passage(net, server.origin, only_listed=True).running() as through:
            assert b"<p>listed</p>" in say(through, f"GET {server.origin}/ HTTP/1.1\r\n\r\n".encode())
            for first in ("GET http://shop.example/", "CONNECT shop.example:443"):
                assert say(through, f"{first} HTTP/1.1\r\n\r\n".encode()).startswith(b"HTTP/1.1 403")
    assert net.dialled == ["127.0.0.1"]


def test_of_the_doors_only_what_pages_ask_for() -> None:
    with Server(page("script")) as doors:
        deadline = Deadline(5)
        net = internet()
        with Filter((), doors.origin, deadline, resolve=net.resolve, dial=net.dial).running() as through:
            for path in ("/cs/ck_1.js", "/cs/ck_1.js?v=2", "/cs/ck_1/0f.js", "/v1/visit", "/v1/beacon"):
                assert say(through, f"GET {doors.origin}{path} HTTP/1.1\r\n\r\n".encode())[9:12] == b"200", path
            for path in ("/v2/x", "/cs/../x", "/cs/%2e%2e/x.js", "/v1/visit/../x", "//v1/visit"):
                assert say(through, f"GET {doors.origin}{path} HTTP/1.1\r\n\r\n".encode())[9:12] == b"403", path
