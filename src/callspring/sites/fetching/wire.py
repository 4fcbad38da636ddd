"""Connections that are made to an address that was checked, and that end when the time is up.

httpcore asks this backend for a connection to a host. The host is looked up once, every address of it is checked, and
the connection goes to one of those very addresses: there is no second look-up that could answer otherwise. TLS is
httpcore's, which asks for and verifies the certificate of the host's name.
"""

from __future__ import annotations

import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

import httpcore

from callspring.sites.fetching.public import is_ip, is_public
from callspring.sites.fetching.refusal import Reason, Refused

# Host and port → IP addresses, in the order to try. Raises `OSError` when there are none.
Resolve = Callable[[str, int], Sequence[str]]
# IP address, port and seconds → a connected socket. Raises `OSError`.
Dial = Callable[[str, int, float], socket.socket]
MOST_ADDRESSES = 4  # tried one after the other


def resolve(host: str, port: int) -> list[str]:
    """Ask the system."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def dial(address: str, port: int, seconds: float) -> socket.socket:
    """Connect to an IP address; nothing is looked up."""
    return socket.create_connection((address, port), seconds)


class Deadline:
    """A moment by which everything has to be over."""

    def __init__(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds left; raises `TimeoutError` when there are none."""
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


class CheckedBackend(httpcore.NetworkBackend):
    """Connects for one fetch. `listed` are hosts with ports that the operator listed: their addresses may be any."""

    def __init__(self, resolve: Resolve, dial: Dial, listed: Collection[tuple[str, int]], deadline: Deadline) -> None:
        self._resolve, self._dial, self._listed, self._deadline = resolve, dial, listed, deadline

    def connect(self, host: str, port: int) -> socket.socket:
        """A connection to a checked address of `host`. Raises `Refused`, and `TimeoutError` past the deadline."""
        addresses = self._look_up(host, port)
        if (host, port) not in self._listed:
            private = [each for each in addresses if not is_public(each)]
            if private:
                raise Refused(Reason.NOT_PUBLIC, host if host in private else f"{host} ({private[0]})")
        return self._connect(host, port, addresses)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - the deadline is the limit
        local_address: str | None = None,  # noqa: ARG002
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        """As httpcore wants it."""
        return _Stream(self.connect(host.strip("[]"), port), self._deadline)

    def connect_unix_socket(self, *_: object, **__: object) -> httpcore.NetworkStream:
        """Never."""
        raise Refused(Reason.SCHEME, "unix:")

    def _look_up(self, host: str, port: int) -> Sequence[str]:
        """In a thread of its own, because the system's look-up knows no time limit."""
        if is_ip(host):
            return [host]
        answers: queue.SimpleQueue[Sequence[str] | Exception] = queue.SimpleQueue()

        def ask() -> None:
            try:
                answers.put(self._resolve(host, port))
            except (OSError, UnicodeError) as error:
                answers.put(error)

        threading.Thread(target=ask, name="look-up", daemon=True).start()
        try:
            found = answers.get(timeout=self._deadline.left())
        except queue.Empty:
            raise TimeoutError from None
        if isinstance(found, Exception) or not found:
            raise Refused(Reason.NOT_FOUND, host)
        return found

    def _connect(self, host: str, port: int, addresses: Sequence[str]) -> socket.socket:
        for address in addresses[:MOST_ADDRESSES]:
            try:
                connected = self._dial(address, port, min(self._deadline.left(), 4.0))
            except OSError:
                self._deadline.left()
                continue
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return connected
        raise Refused(Reason.NO_CONNECTION, host)


class _Stream(httpcore.NetworkStream):
    """A socket on which nothing lasts beyond the deadline, however slowly the other side drips."""

    def __init__(self, connected: socket.socket, deadline: Deadline) -> None:
        self._socket, self._deadline = connected, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        self._socket.settimeout(self._deadline.left())
        return self._socket.recv(max_bytes)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        self._socket.settimeout(self._deadline.left())
        self._socket.sendall(buffer)

    def close(self) -> None:
        self._socket.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        self._socket.settimeout(self._deadline.left())
        try:
            return _Stream(ssl_context.wrap_socket(self._socket, server_hostname=server_hostname), self._deadline)
        except BaseException:
            self.close()
            raise

    def get_extra_info(self, info: str) -> Any:
        return self._socket if info == "socket" else None
