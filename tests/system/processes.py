"""The two processes under the supervisor's own restart logic, with somebody who kills them.

`callspring.cli.supervisor.Child` starts, watches and restarts; a thread here looks every few milliseconds, as
`callspring run` does from its loop.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from callspring.cli.supervisor import Child

logging.getLogger("httpx").setLevel(logging.WARNING)
LOOK_SECONDS = 0.05
READY_SECONDS = 60.0
STOP_SECONDS = 30.0
# uvicorn ends as asked and then by the signal that asked, so that its parent can tell.
CLEAN_ENDS = {0, -signal.SIGTERM}
BASE_PORTS = range(21000, 29000, 10)


class System:
    """Doors and back. `deaths` has the exit codes of each process that ended, in order; `ends`, after `stop()`, how
    the last of each did."""

    def __init__(self, port: int) -> None:
        self.doors_url = f"http://127.0.0.1:{port + 1}"
        self._children = {
            "back": Child("back", f"http://127.0.0.1:{port}/healthz"),
            "doors": Child("doors", f"{self.doors_url}/healthz"),
        }
        self.deaths: dict[str, list[int]] = {name: [] for name in self._children}
        self.ends: dict[str, int] = {}
        self._lock = threading.RLock()
        self._ending = threading.Event()
        self._supervisor = threading.Thread(target=self._supervise, name="supervisor", daemon=True)

    def start(self) -> None:
        """Start both and wait until they answer."""
        for child in self._children.values():
            child.start()
        self._supervisor.start()
        self.wait_until_healthy()

    def wait_until_healthy(self, *names: str, seconds: float = READY_SECONDS) -> None:
        """Fails when one of the processes (all, when none is named) does not answer in time."""
        until = time.monotonic() + seconds
        for name in names or self._children:
            while not self._children[name].healthy():
                assert time.monotonic() < until, f"{name} did not answer within {seconds:g} s; deaths: {self.deaths}"
                time.sleep(0.05)

    def kill(self, name: str) -> int:
        """`kill -9`, whatever it is doing now; waits for it to be there first. Returns the pid."""
        until = time.monotonic() + READY_SECONDS
        while time.monotonic() < until:
            with self._lock:
                process = self._children[name].process
                if process is not None and process.poll() is None:
                    os.kill(process.pid, signal.SIGKILL)
                    process.wait()
                    return process.pid
            time.sleep(0.01)
        raise AssertionError(f"{name} was not started again; deaths: {self.deaths}")

    def end(self, name: str) -> None:
        """Ask it to end, as an update does, and wait for that; it is started again."""
        with self._lock:
            process = self._children[name].process
            assert process is not None, f"{name} is not there; deaths: {self.deaths}"
            process.terminate()
            process.wait(STOP_SECONDS)

    @contextmanager
    def without(self, name: str) -> Iterator[None]:
        """Killed, and not started again before the block ends."""
        with self._lock:
            process = self._children[name].process
            if process is not None:
                process.kill()
                process.wait()
            yield

    def stop(self) -> None:
        """End both as `callspring run` does."""
        self._ending.set()
        if self._supervisor.ident is not None:
            self._supervisor.join()
        for child in self._children.values():
            child.stop()
        for name, child in self._children.items():
            process = child.process
            child.wait(time.monotonic() + STOP_SECONDS)
            if process is not None:
                self.ends[name] = process.returncode

    def _supervise(self) -> None:
        while not self._ending.wait(LOOK_SECONDS):
            with self._lock:
                for name, child in self._children.items():
                    before = child.process
                    child.look()
                    if before is not None and child.process is None:
                        self.deaths[name].append(before.returncode)


@contextmanager
def running(port: int) -> Iterator[System]:
    """The system while it runs; the environment (`CALLSPRING_VAR`, `PORT`, …) is this process's."""
    system = System(port)
    try:
        system.start()
        yield system
    finally:
        system.stop()
    assert set(system.ends.values()) <= CLEAN_ENDS, f"a process did not end cleanly: {system.ends}"


@contextmanager
def loading(
    system: System, world: Path, log: Path, *, seconds: float, seed: int, visits: float = 100.0, calls: float = 5.0
) -> Iterator[subprocess.Popen[bytes]]:
    """The load process while it runs, with so many visits and calls a second. Whoever leaves before it has ended by
    itself ends it."""
    command = [sys.executable, "-m", "tests.system.load", "--doors", system.doors_url, "--world", str(world)]
    command += ["--log", str(log), "--seconds", str(seconds), "--seed", str(seed)]
    command += ["--visits", str(visits), "--calls", str(calls)]
    process = subprocess.Popen(command)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def ended_well(load: subprocess.Popen[bytes], seconds: float = 90.0) -> None:
    """Ask the load to end: calls end, everybody returns once more."""
    load.terminate()
    assert load.wait(seconds) == 0, "the load process failed"


def free_ports() -> int:
    """The first of three neighbouring ports on loopback that nobody listens on. No other test process gets them: the
    ninth behind them is kept for as long as this process runs."""
    for base in BASE_PORTS:
        reservation = _bound(base + 9)
        if reservation is None:
            continue
        if all(map(_is_free, range(base, base + 3))):
            _RESERVATIONS.append(reservation)
            return base
        reservation.close()
    raise AssertionError("no three free ports in a row")


_RESERVATIONS: list[socket.socket] = []


def _bound(port: int) -> socket.socket | None:
    """A socket that keeps everybody else off the port; none where somebody has it."""
    reservation = socket.socket()
    try:
        reservation.bind(("127.0.0.1", port))
    except OSError:
        reservation.close()
        return None
    return reservation


def _is_free(port: int) -> bool:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def environment(var: Path, port: int, database_url: str = "") -> Mapping[str, str]:
    """The settings of one installation, and nothing of the one around it."""
    foreign = [name for name in os.environ if name.startswith("CALLSPRING_")]
    kept = {name: value for name, value in os.environ.items() if name not in foreign}
    return {**kept, "CALLSPRING_VAR": str(var), "PORT": str(port), "CALLSPRING_DATABASE_URL": database_url}
