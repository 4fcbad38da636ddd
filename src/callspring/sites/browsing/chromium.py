"""Runs Chromium for one page and asks it, over a pipe, what became of it.

Source: the DevTools protocol, chromedevtools.github.io/devtools-protocol; `--remote-debugging-pipe` reads messages from
file descriptor 3 and writes them to 4, each ended by a NUL.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from callspring.sites.fetching.wire import Deadline

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
LONGEST_MESSAGE = 16_000_000
LONGEST_COMPLAINT = 4096
QUIET = 2.5  # seconds after the page has loaded: scripts go on a little
# A process that already runs threads must not fork by itself; this small one puts the pipe where Chromium wants it.
_LAUNCH = (
    "import os, sys; r, w = map(int, sys.argv[1:3]); os.dup2(r, 3); os.dup2(w, 4); os.execv(sys.argv[3], sys.argv[3:])"
)
_FLAGS = (
    "--headless",
    "--remote-debugging-pipe",
    "--proxy-bypass-list=<-loopback>",  # loopback goes through the proxy as well
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # it looks up nothing itself
    # No datagrams, which know no proxy.
    "--disable-quic",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--disable-blink-features=WebTransport,DirectSockets",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-extensions",
    "--disable-gpu",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--deny-permission-prompts",
    "--mute-audio",
    "--no-first-run",
    "--no-default-browser-check",
    "--js-flags=--max-old-space-size=256",
    "--window-size=1280,2000",
)


class BrowserFailed(Exception):
    """Chromium could not be started, ended by itself, or said what makes no sense."""


class BrowserNotStarted(BrowserFailed):
    """It ended before it answered anything. The message is what it wrote to its standard error."""


@dataclass(slots=True)
class Visited:
    """A page after its scripts ran: its HTML, and what it asked for → status, or why it did not come."""

    html: str = ""
    asked: dict[str, str] = field(default_factory=dict)


def find(setting: str) -> str:
    """The path of a Chromium: as set, or found on the path; "" where there is none or `setting` is "none"."""
    if setting == "none":
        return ""
    return shutil.which(setting) or "" if setting else next(filter(None, map(shutil.which, NAMES)), "")


def has_sandbox() -> bool:
    """Chromium's sandbox needs somebody else than root; without it only pages that the operator listed are loaded."""
    return os.geteuid() != 0


def visit(program: str, url: str, proxy_port: int, deadline: Deadline) -> Visited:
    """Load a page in a fresh profile and see what becomes of it. Raises `BrowserFailed`, also past the deadline."""
    with tempfile.TemporaryDirectory(prefix="callspring-browser-", ignore_cleanup_errors=True) as folder:
        try:
            with _running(program, Path(folder), proxy_port) as pipes:
                talk = _Talk(pipes, deadline)
                _start(talk, pipes.complaints)
                return talk.visit(url)
        except (OSError, TimeoutError, ValueError, KeyError) as error:
            raise BrowserFailed(f"{type(error).__name__}: {error}") from error


def _start(talk: _Talk, complaints: int) -> None:
    """Its first answer. A browser without a sandbox, or without a library, ends instead and says why."""
    try:
        talk.ask("Browser.setDownloadBehavior", behavior="deny")
    except (OSError, ValueError) as error:
        if isinstance(error, TimeoutError):
            raise
        raise BrowserNotStarted(_complaint(complaints)) from error


def _complaint(complaints: int) -> str:
    """What was written there, as one line. It waits for the end, but for no longer than a second of silence."""
    got = b""
    while len(got) < LONGEST_COMPLAINT and select.select([complaints], [], [], 1.0)[0]:
        part = os.read(complaints, LONGEST_COMPLAINT)
        if not part:
            break
        got += part
    return " ".join(got.decode("utf-8", "replace").split())


@dataclass(frozen=True, slots=True)
class _Pipes:
    """Our ends: answers, questions, and Chromium's standard error."""

    answers: int
    questions: int
    complaints: int


@contextmanager
def _running(program: str, folder: Path, proxy_port: int) -> Iterator[_Pipes]:
    """The pipes' ends; afterwards everything that was started is gone."""
    theirs_in, ours_out = os.pipe()
    ours_in, theirs_out = os.pipe()
    complaints, theirs_error = os.pipe()
    # Nobody reads it while a page runs: what is too much has to be lost, and not to be waited for.
    os.set_blocking(theirs_error, False)
    flags = [*_FLAGS, f"--proxy-server=http://127.0.0.1:{proxy_port}", f"--user-data-dir={folder}"]
    if not has_sandbox():
        flags.append("--no-sandbox")
    process = subprocess.Popen(  # noqa: S603 - the operator's program; nothing of the page is in it
        [sys.executable, "-c", _LAUNCH, str(theirs_in), str(theirs_out), program, *flags],
        pass_fds=(theirs_in, theirs_out),
        env={"PATH": os.defpath, "HOME": str(folder), "TMPDIR": str(folder), "LANG": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=theirs_error,
        start_new_session=True,
    )
    for theirs in (theirs_in, theirs_out, theirs_error):
        os.close(theirs)
    try:
        yield _Pipes(ours_in, ours_out, complaints)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for ours in (ours_in, ours_out, complaints):
            os.close(ours)


class _Talk:
    """Messages to and from Chromium. Everything it says is about a page that may be hostile."""

    def __init__(self, pipes: _Pipes, deadline: Deadline) -> None:
        self._in, self._out = pipes.answers, pipes.questions
        self._deadline = deadline
        self._got = bytearray()
        self._number = 0
        self._session = ""
        self._loaded = False
        self._urls: dict[str, str] = {}
        self._visited = Visited()

    def visit(self, url: str) -> Visited:
        """Open the page, wait until it is quiet, read it."""
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = str(self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"])
        for name in ("Page.enable", "Network.enable", "DOM.enable"):
            self.ask(name)
        self.ask("Page.navigate", url=url)
        while not self._loaded:
            self._hear(self._deadline.left())
        quiet = Deadline(min(QUIET, self._deadline.left()))
        with contextlib.suppress(TimeoutError):
            while True:
                self._hear(quiet.left())
        root = self.ask("DOM.getDocument", depth=0)["root"]["nodeId"]
        self._visited.html = str(self.ask("DOM.getOuterHTML", nodeId=root)["outerHTML"])
        return self._visited

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Ask, and hear the answer."""
        number = self._send(method, parameters)
        while True:
            message = self._hear(self._deadline.left())
            if message.get("id") == number:
                if "error" in message:
                    raise ValueError(f"{method}: {message['error']}"[:300])
                return dict(message["result"])

    def _send(self, method: str, parameters: dict[str, Any]) -> int:
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._out, data) :]
        return self._number

    def _hear(self, seconds: float) -> dict[str, Any]:
        """The next message, noted down. Raises `TimeoutError`."""
        wait = Deadline(seconds)
        while (end := self._got.find(b"\0")) < 0:
            if not select.select([self._in], [], [], wait.left())[0]:
                raise TimeoutError
            part = os.read(self._in, 65536)
            self._got += part
            if not part or len(self._got) > LONGEST_MESSAGE:
                raise ValueError("it ended" if not part else "too long")
        message = json.loads(bytes(self._got[:end]))
        del self._got[: end + 1]
        self._note(str(message.get("method", "")), message.get("params") or {})
        return dict(message)

    def _note(self, event: str, about: dict[str, Any]) -> None:
        if event == "Page.loadEventFired":
            self._loaded = True
        elif event == "Page.javascriptDialogOpening":
            self._send("Page.handleJavaScriptDialog", {"accept": False})
        elif event == "Network.requestWillBeSent" and len(self._urls) < 1000:
            self._urls[str(about["requestId"])] = str(about["request"]["url"])[:2000]
        elif event == "Network.responseReceived":
            self._answered(about, str(about["response"]["status"]))
        elif event == "Network.loadingFailed":
            self._answered(about, str(about.get("blockedReason") or about.get("errorText") or "failed"))

    def _answered(self, about: dict[str, Any], how: str) -> None:
        url = self._urls.get(str(about["requestId"]), "")
        if url:
            self._visited.asked[url] = how[:80]
