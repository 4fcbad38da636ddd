"""A proxy on loopback for one browser: every connection it makes is checked as `sites.fetching` checks a fetch.

The browser is told to send everything here, loopback included. What it wants to reach is read from the request, looked
up once, checked, and connected to at the address that was checked. TLS stays between the browser and the site.
"""

from __future__ import annotations

import contextlib
import re
import select
import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from callspring.sites.fetching import wire
from callspring.sites.fetching.address import Address, read
from callspring.sites.fetching.refusal import Refused

LONGEST_HEAD = 65536
MOST_BYTES = 60_000_000  # of all connections together
MOST_CONNECTIONS = 400
_CONNECT = re.compile(rb"CONNECT ([^ ]{1,300}):([0-9]{1,5}) HTTP/1\.[01]\r\n")
_PLAIN = re.compile(rb"([A-Z]{3,10}) (http://[^ ]{1,8000}) HTTP/1\.[01]\r\n")
# Ours to say, or meant for proxies: the doors believe X-Forwarded-* from this machine.
_DROPPED = re.compile(rb"(?:proxy-|x-forwarded-|forwarded:|connection:|keep-alive:|te:|upgrade:)", re.IGNORECASE)
_DOORS_PATHS = re.compile(r"/(?:cs/[\w-]+(?:/\w+)?\.js|v1/(?:visit|beacon))(?:\?.*)?", re.ASCII)
# What Chromium wants for itself, in a profile that lives for seconds.
_BROWSERS_OWN = frozenset(
    {"accounts.google.com", "clients2.google.com", "update.googleapis.com", "start.duckduckgo.com"}
)
_REFUSAL = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Filter:
    """Answers the browser until it is closed. `port` is where it listens.

    `origins` are those that the operator listed; of `doors_url`, which is ours, a page reaches only what it asks for.
    With `only_listed` it reaches nothing else.
    """

    def __init__(
        self,
        origins: Iterable[str],
        doors_url: str,
        deadline: wire.Deadline,
        *,
        only_listed: bool = False,
        resolve: wire.Resolve = wire.resolve,
        dial: wire.Dial = wire.dial,
    ) -> None:
        self._listed, self._doors_url = frozenset(origins), doors_url
        self._known = self._listed | {doors_url}
        self._deadline, self._only_listed = deadline, only_listed
        self._resolve, self._dial = resolve, dial
        self._left, self._connections = MOST_BYTES, 0
        self._lock = threading.Lock()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]

    @contextmanager
    def running(self) -> Iterator[Filter]:
        """Serve in threads."""
        threading.Thread(target=self._serve, name="filter", daemon=True).start()
        try:
            yield self
        finally:
            with contextlib.suppress(OSError):
                self._listening.shutdown(socket.SHUT_RDWR)
            self._listening.close()

    def _serve(self) -> None:
        while True:
            try:
                browser, _ = self._listening.accept()
            except OSError:
                return
            self._connections += 1
            if self._connections > MOST_CONNECTIONS:
                browser.close()
                continue
            threading.Thread(target=self._answer, args=(browser,), name="filter", daemon=True).start()

    def _answer(self, browser: socket.socket) -> None:
        with browser, contextlib.suppress(OSError):
            try:
                head, rest = self._head(browser)
                self._pass_on(browser, head, rest)
            except (Refused, ValueError):
                browser.sendall(_REFUSAL)

    def _head(self, browser: socket.socket) -> tuple[bytes, bytes]:
        """The request's head with its last empty line, and what came behind it."""
        got = b""
        while b"\r\n\r\n" not in got:
            browser.settimeout(self._deadline.left())
            more = browser.recv(LONGEST_HEAD)
            got += more
            if not more or len(got) > LONGEST_HEAD:
                raise ValueError(len(got))
        head, end, rest = got.partition(b"\r\n\r\n")
        return head + end, rest

    def _pass_on(self, browser: socket.socket, head: bytes, rest: bytes) -> None:
        tunnel = _CONNECT.match(head)
        if tunnel:
            with self._reach(self._tunnelled(tunnel[1].decode("ascii"), int(tunnel[2]))) as site:
                browser.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                site.sendall(rest)
                self._pump(browser, site, both=True)
            return
        plain = _PLAIN.match(head)
        if not plain:
            raise ValueError(head[:40])
        address = read(plain[2].decode("ascii"), self._known)
        with self._reach(address) as site:
            site.sendall(_rewritten(plain[1], address, head))
            self._send_body(browser, site, _length(head), rest)
            self._pump(browser, site, both=False)

    def _tunnelled(self, host: str, port: int) -> Address:
        """Web sockets are tunnelled without TLS too."""
        scheme = "http" if port == 80 or f"http://{host}:{port}" in self._listed else "https"
        address = read(f"{scheme}://{host}:{port}/", self._known)
        if scheme == "http" and address.origin == self._doors_url:
            raise ValueError(host)  # there a path could not be seen
        return address

    def _reach(self, address: Address) -> socket.socket:
        doors = address.origin == self._doors_url
        if address.host in _BROWSERS_OWN:
            raise ValueError(address.host)
        if doors and address.scheme == "http" and not _DOORS_PATHS.fullmatch(address.rest):
            raise ValueError(address.rest)
        listed = doors or address.origin in self._listed
        if self._only_listed and not listed:
            raise ValueError(address.origin)
        known = {(address.host, address.port)} if listed else set()
        return wire.CheckedBackend(self._resolve, self._dial, known, self._deadline).connect(address.host, address.port)

    def _send_body(self, browser: socket.socket, site: socket.socket, length: int, rest: bytes) -> None:
        """As much as was announced: nothing of a next request, which may be meant for another site."""
        site.sendall(rest[:length])
        left = length - len(rest)
        while left > 0:
            browser.settimeout(self._deadline.left())
            part = browser.recv(min(left, 65536))
            if not part:
                return
            self._take(len(part))
            site.sendall(part)
            left -= len(part)

    def _pump(self, browser: socket.socket, site: socket.socket, *, both: bool) -> None:
        """Bytes from the site to the browser, in a tunnel also back, until one of them ends."""
        other = {site: browser, browser: site}
        while True:
            ready, _, _ = select.select([site, browser] if both else [site], [], [], self._deadline.left())
            for one in ready:
                part = one.recv(65536)
                if not part:
                    return
                self._take(len(part))
                other[one].settimeout(self._deadline.left())
                other[one].sendall(part)

    def _take(self, count: int) -> None:
        with self._lock:
            self._left -= count
            if self._left < 0:
                raise ValueError("too much")


def _rewritten(method: bytes, address: Address, head: bytes) -> bytes:
    """The request as the site is to see it."""
    fields = [line for line in head.split(b"\r\n")[1:] if line and not _DROPPED.match(line)]
    first = b"%s %s HTTP/1.1" % (method, address.rest.encode("ascii"))
    return b"\r\n".join([first, *fields, b"Connection: close", b"", b""])


def _length(head: bytes) -> int:
    found = re.search(rb"\r\ncontent-length:[ \t]*([0-9]{1,9})[ \t]*\r\n", head, re.IGNORECASE)
    return int(found[1]) if found else 0
