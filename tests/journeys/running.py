"""`callspring run`, as `make run` starts it, in an empty state folder on free ports."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.system.processes import environment

START_SECONDS = 180.0


@dataclass(frozen=True, slots=True)
class Running:
    """The running product: its addresses, as it printed them, and what it takes to talk to it."""

    console: str
    doors: str
    shop: str
    sign_in: str
    api_key: str
    environment: Mapping[str, str]

    def api(self, path: str, **parameters: str) -> Any:
        """`GET /api/v1/PATH` as a program with the printed key gets it."""
        headers = {"authorization": f"Bearer {self.api_key}"}
        answer = httpx.get(f"{self.console}/api/v1/{path}", params=parameters, headers=headers, timeout=30)
        answer.raise_for_status()
        return answer.json()

    def command(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run `callspring WORDS` to its end."""
        command = [sys.executable, "-m", "callspring.cli", *words]
        return subprocess.run(
            command, check=False, env={**self.environment, **more}, capture_output=True, text=True, timeout=180
        )


@contextmanager
def run(var: Path, port: int, **settings: str) -> Iterator[Running]:
    """Start everything, wait for the welcome, stop it with the Ctrl-C that a person would press."""
    there = {**environment(var, port), **settings}
    command = [sys.executable, "-m", "callspring.cli", "run"]
    with (var.parent / "run.log").open("w") as log:
        process = subprocess.Popen(command, env=there, stdout=log, stderr=subprocess.STDOUT)
        try:
            yield _welcome(process, Path(log.name), there)
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait(60) == 0, "Ctrl-C did not end it cleanly"


def _welcome(process: subprocess.Popen[bytes], log: Path, there: Mapping[str, str]) -> Running:
    until = time.monotonic() + START_SECONDS
    while "Ctrl-C stops everything" not in (text := log.read_text()):
        assert process.poll() is None, f"it ended by itself:\n{text}"
        assert time.monotonic() < until, f"no welcome within {START_SECONDS:.0f} s:\n{text}"
        time.sleep(0.1)
    sign_in = _find(r"Console +(\S+)", text)
    port = int(there["PORT"])
    return Running(
        console=f"http://127.0.0.1:{port}",
        doors=f"http://127.0.0.1:{port + 1}",
        shop=_find(r"Demo shop +(\S+)/arrive", text),
        sign_in=sign_in,
        api_key=_find(r"key: (cs_\S+)", text),
        environment=there,
    )


def _find(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    assert found, f"the welcome does not say {pattern}:\n{text}"
    return found[1]


def eventually(what: str, check: Callable[[], Any], seconds: float = 30.0) -> Any:
    """The first true answer of `check`; fails with `what` when none comes in time."""
    until = time.monotonic() + seconds
    while not (found := check()):
        assert time.monotonic() < until, f"not within {seconds:g} s: {what}"
        time.sleep(0.1)
    return found
