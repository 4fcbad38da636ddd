"""A small internet on loopback: names, addresses and servers, so that the guard is tried on real connections.

Nothing of the guard is replaced but the look-up and the last step of connecting: what it dials at the public address is
answered by a loopback server that stands for it. What it dials elsewhere goes where it says, and is written down.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import TracebackType

from callspring.sites.fetching.address import typed
from callspring.sites.fetching.fetcher import Fetched, Fetcher

PUBLIC = "93.184.216.34"
Talk = Callable[[socket.socket], None]


class Server:
    """Answers each connection with `talk`, which has read the request; `asked` are the requests."""

    def __init__(self, talk: Talk) -> None:
        self.asked: list[str] = []
        self._talk = talk
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self.origin = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._serve, daemon=True).start()

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
        self._listening.close()

    def _serve(self) -> None:
        while True:
            try:
                connected, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connected,), daemon=True).start()

    def _answer(self, connected: socket.socket) -> None:
        with connected:
            connected.settimeout(5)
            try:
                request = connected.recv(65536).decode("latin-1")
                if request:
                    self.asked.append(request)
                    self._talk(connected)
            except OSError:  # the other side has heard enough
                return


class Internet:
    """Names with their answers, one look-up after the other, the last one for good; `server` stands for `PUBLIC`."""

    def __init__(self, names: Mapping[str, Sequence[Sequence[str]]], server: Server | None = None) -> None:
        self._names = {name: list(answers) for name, answers in names.items()}
        self._server = server
        self.looked_up: list[str] = []
        self.dialled: list[str] = []

    def resolve(self, host: str, port: int) -> Sequence[str]:
        assert port
        self.looked_up.append(host)
        answers = self._names.get(host)
        if not answers:
            raise socket.gaierror("no such name")
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def dial(self, address: str, port: int, seconds: float) -> socket.socket:
        self.dialled.append(address)
        if address == PUBLIC and self._server:
            return socket.create_connection(("127.0.0.1", self._server.port), seconds)
        return socket.create_connection((address, port), seconds)

    def fetcher(self, origins: Iterable[str] = (), seconds: float = 5.0) -> Fetcher:
        return Fetcher(origins, "Callspring/test", resolve=self.resolve, dial=self.dial, seconds=seconds)

    def fetch(self, text: str, origins: Iterable[str] = (), seconds: float = 5.0) -> Fetched:
        """As a person would: type the address, press the button."""
        fetcher = self.fetcher(origins, seconds)
        return fetcher.fetch(typed(text, fetcher.origins))


def says(*parts: bytes) -> Talk:
    """Sends these."""

    def talk(connected: socket.socket) -> None:
        for part in parts:
            connected.sendall(part)

    return talk


def page(html: str = "<p>Hello</p>", *headers: str) -> Talk:
    """A page with these headers besides the usual ones."""
    body = html.encode()
    lines = ["HTTP/1.1 200 OK", "Content-Type: text/html; charset=utf-8", f"Content-Length: {len(body)}", *headers]
    return says("\r\n".join([*lines, "", ""]).encode(), body)


def redirect(to: str, status: int = 302) -> Talk:
    """Sends everybody on."""
    return says(f"HTTP/1.1 {status} Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n".encode())
