"""The doors against a bare handler, and the voice door against its peer: whole requests over loopback, server on one
core, load on another.

Both servers run side by side and are warmed up with the first requests of the load: what happens once per process or
once per new user agent (tables loaded, answers remembered) is no part of the steady state that is measured. Then they
take turns, `ROUNDS` times; the round with the median ratio counts. CPU time judges, because other programs on
the same cores add little to it; wall time is printed beside it.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks import traffic
from benchmarks.load import write_requests
from callspring import config

VISITS = 30_000
CALLS = 16_000
SAMPLE_CALLS = 2_000  # the peer is slow, and its rate does not depend on how many they are
WARM_UP = 5_000
CONNECTIONS = 64
ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Measured:
    """Requests per second of wall time, and CPU microseconds of the server per request."""

    rate: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Result:
    """One comparison. `ratio` is our rate by CPU time over the bare handler's; `goal` the least it may be."""

    name: str
    ours: Measured
    bare: Measured
    goal: float

    @property
    def ratio(self) -> float:
        """By CPU time, which does not depend on what else the machine does."""
        return self.bare.cpu / self.ours.cpu

    @property
    def wall_ratio(self) -> float:
        """By wall time: what a saturating load gets."""
        return self.ours.rate / self.bare.rate

    def __str__(self) -> str:
        verdict = "" if self.ratio >= self.goal else "   MISSED"
        ours, bare = self.ours, self.bare
        return (
            f"{self.name:34} {self.ratio:6.2f} {self.goal:6.2f}   {self.wall_ratio:7.2f}   "
            f"{ours.cpu:8.1f} / {bare.cpu:<8.1f}     {ours.rate:10,.0f} / {bare.rate:<10,.0f}{verdict}"
        )


def run() -> Iterator[Result]:
    """Edge, voice with the sandbox carrier, voice with Twilio; each beside the bare handler in the same run."""
    with tempfile.TemporaryDirectory() as var:
        os.environ["CALLSPRING_VAR"] = var
        settings = config.load()
        traffic.publish_company(settings.snapshots)
        port, bare_port = free_port(), free_port()
        cases = (
            ("edge: a whole page load", 0.4, traffic.visits(VISITS, settings.secret)),
            ("voice: sandbox carrier, durable", 0.12, traffic.sandbox_calls(CALLS, port)),
            ("voice: Twilio, durable", 0.12, traffic.twilio_calls(CALLS, port)),
        )
        with serving("doors", port, var) as doors, serving("bare", bare_port, var) as bare:
            for name, goal, requests in cases:
                yield compare(name, goal, Load(doors, port, requests, var), Load(bare, bare_port, requests, var))
            yield _against_the_sample(doors, port, var)


def _against_the_sample(doors: psutil.Process, port: int, var: str) -> Result:
    """Each answers what was signed for its own address."""
    peer_port = free_port()
    with serving("sample", peer_port, var) as peer:
        ours = Load(doors, port, traffic.twilio_calls(CALLS, port), var)
        theirs = Load(peer, peer_port, traffic.twilio_calls(SAMPLE_CALLS, peer_port), var)
        return compare("voice: Twilio, against its sample", 8.0, ours, theirs)


class Load:
    """Requests that are sent to one running server, as often as asked."""

    def __init__(
        self, server: psutil.Process, port: int, requests: list[bytes], folder: str, warm_up: int = WARM_UP
    ) -> None:
        self._server = server
        self._port = str(port)
        self._file = Path(folder) / f"requests-{port}"
        write_requests(self._file, requests[: min(warm_up, len(requests) // 2)])
        self.send()
        write_requests(self._file, requests)

    def send(self) -> Measured:
        """Send all requests once."""
        before = _cpu(self._server)
        command = [sys.executable, "-m", "benchmarks.load", self._port, str(CONNECTIONS), str(self._file)]
        result = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        spent = _cpu(self._server) - before
        return Measured(result["answers"] / result["seconds"], spent / result["answers"] * 1e6)


def compare(name: str, goal: float, ours: Load, bare: Load, rounds: int = ROUNDS) -> Result:
    """In turns, as often as `rounds` says; the round with the median ratio."""
    sent = (Result(name, ours.send(), bare.send(), goal) for _ in range(rounds))
    return sorted(sent, key=lambda result: result.ratio)[rounds // 2]


@contextlib.contextmanager
def serving(server: str, port: int, var: str) -> Iterator[psutil.Process]:
    """A server process (`doors`, `bare` or `sample`) that answers at `port`."""
    environment = {**os.environ, "CALLSPRING_VAR": var, "CALLSPRING_DOORS_URL": f"http://127.0.0.1:{port}"}
    words = ["benchmarks.sample", str(port), var] if server == "sample" else ["benchmarks.server", server, str(port)]
    process = subprocess.Popen([sys.executable, "-m", *words], env=environment)
    try:
        _wait_for(port)
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(port: int) -> None:
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
            return
        time.sleep(0.05)
    raise SystemExit("the server did not start")


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def free_port() -> int:
    """One that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
