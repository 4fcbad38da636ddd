"""The system's Firefox, driven by WebDriver BiDi (https://w3c.github.io/webdriver-bidi/).

Playwright brings a Firefox of its own and drives no other; Debian's speaks BiDi over a WebSocket (RFC 6455) by itself.
"""

from __future__ import annotations

import base64
import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, cast

FIREFOX = os.environ.get("CALLSPRING_FIREFOX", "/usr/bin/firefox-esr")
PATIENCE = 60.0  # seconds until it listens, and for each answer
LISTENS = re.compile(r"BiDi listening on ws://127\.0\.0\.1:(\d+)")
PREFERENCES = {
    "app.update.enabled": False,
    "browser.sessionhistory.max_total_viewers": 8,  # pages that may come back alive; else it depends on the memory
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,#remote-settings-dummy/v1",
    "toolkit.telemetry.enabled": False,
}
Json = dict[str, Any]


@dataclass
class Socket:
    """A WebSocket's client side: texts only, each in one frame."""

    stream: socket.socket
    reader: IO[bytes] = field(init=False)

    @classmethod
    def connect(cls, port: int, path: str) -> Socket:
        stream = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        key = base64.b64encode(secrets.token_bytes(16)).decode()
        head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        stream.sendall(f"{head}Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode())
        made = cls(stream)
        made.reader = stream.makefile("rb")
        assert b" 101 " in made.reader.readline()
        while made.reader.readline() != b"\r\n":
            pass
        return made

    def send(self, text: str) -> None:
        body, mask = text.encode(), secrets.token_bytes(4)
        size = len(body)
        if size < 126:
            length = bytes([0x80 | size])
        elif size < 1 << 16:
            length = bytes([0x80 | 126]) + size.to_bytes(2, "big")
        else:
            length = bytes([0x80 | 127]) + size.to_bytes(8, "big")
        masked = bytes(byte ^ mask[at % 4] for at, byte in enumerate(body))
        self.stream.sendall(b"\x81" + length + mask + masked)

    def receive(self) -> str:
        """The next text; frames that continue one are joined, what is no text is left out."""
        text, is_last = b"", False
        while not is_last:
            first, length = self.reader.read(2)
            size = length & 127
            if size > 125:
                size = int.from_bytes(self.reader.read(2 if size == 126 else 8), "big")
            body = self.reader.read(size)
            if first & 15 in (0, 1):
                text, is_last = text + body, bool(first & 128)
        return text.decode()


class Firefox:
    """A running Firefox with a profile of its own."""

    def __init__(self) -> None:
        self.errors: list[str] = []
        self._start()

    def _start(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="callspring-firefox-"))
        (self._folder / "user.js").write_text(
            "".join(f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in PREFERENCES.items())
        )
        self._log = self._folder / "log"
        command = [FIREFOX, "--headless", "--no-remote", "--profile", str(self._folder), "--remote-debugging-port=0"]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=log, env={**os.environ, "HOME": str(self._folder)}
            )
        self._count = 0
        try:
            self._socket = Socket.connect(self._port(), "/session")
            self.call("session.new", {"capabilities": {}})
            self.call("session.subscribe", {"events": ["log.entryAdded"]})
        except BaseException:
            self.close()
            raise

    def _port(self) -> int:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            said = self._log.read_text(errors="replace")
            if found := LISTENS.search(said):
                return int(found[1])
            assert self._process.poll() is None, f"Firefox ended:\n{said}"
            time.sleep(0.05)
        raise TimeoutError("Firefox does not listen")

    def call(self, method: str, params: Json) -> Json:
        """One command and its result; what is logged meanwhile as an error is written down."""
        self._count += 1
        self._socket.send(json.dumps({"id": self._count, "method": method, "params": params}))
        while True:
            message = cast("Json", json.loads(self._socket.receive()))
            if message.get("method") == "log.entryAdded" and message["params"]["level"] == "error":
                self.errors.append(str(message["params"]["text"]))
            if message.get("id") == self._count:
                assert message["type"] == "success", message
                return cast("Json", message["result"])

    def page(self) -> FirefoxPage:
        """A new tab of a new person. On a machine that is busy with other browsers Firefox may never give one: another
        Firefox does.
        """
        try:
            return self._tab()
        except TimeoutError:
            self.close()
            self._start()
            return self._tab()

    def _tab(self) -> FirefoxPage:
        person = self.call("browser.createUserContext", {})["userContext"]
        made = self.call("browsingContext.create", {"type": "tab", "userContext": person})
        return FirefoxPage(self, made["context"], person)

    def close(self) -> None:
        """Ends the browser, and its profile with it."""
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)


@dataclass(frozen=True)
class FirefoxPage:
    """A tab, with the few methods of Playwright's page that the shared tests use."""

    browser: Firefox
    context: str
    person: str

    def goto(self, url: str) -> None:
        """Opens an address and waits until the page is loaded."""
        self.browser.call("browsingContext.navigate", {"context": self.context, "url": url, "wait": "complete"})

    def go_back(self) -> None:
        """Opens the address before this one, and waits until it is there."""
        left = self._url()
        self.browser.call("browsingContext.traverseHistory", {"context": self.context, "delta": -1})
        until = time.monotonic() + PATIENCE
        while self._url() == left:
            assert time.monotonic() < until, f"Firefox stays at {left}"

    def _url(self) -> str:
        [tree] = self.browser.call("browsingContext.getTree", {"root": self.context})["contexts"]
        return cast("str", tree["url"])

    def evaluate(self, code: str) -> Any:
        """What an expression, a function or a promise gives, by way of JSON."""
        body = f"(async () => {{ let it = (0, eval)({json.dumps(code)}); if (typeof it === 'function') it = it();"
        wrapped = body + " return JSON.stringify(await it) ?? 'null'; })()"
        params = {"expression": wrapped, "target": {"context": self.context}, "awaitPromise": True}
        result = self.browser.call("script.evaluate", params)
        assert result["type"] == "success", result["exceptionDetails"]["text"]
        return json.loads(result["result"]["value"])

    def close(self) -> None:
        """Closes the tab, and forgets the person."""
        self.browser.call("browser.removeUserContext", {"userContext": self.person})
