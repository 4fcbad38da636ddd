"""What `callspring run` does about trouble. That it runs and restarts is shown in tests/journeys and tests/system."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from callspring.cli.supervisor import Child, end_all
from tests.system.processes import environment, free_ports

TELLS_OF_ITS_END = """
import signal, sys, time
def asked(*_):
    tell("asked")
    time.sleep(0.3)
    tell("gone")
    sys.exit()
def tell(what):
    with open(sys.argv[1], "a") as log:
        print(sys.argv[2], what, file=log)
signal.signal(signal.SIGTERM, asked)
print(flush=True)
time.sleep(60)
"""
RUN = [sys.executable, "-m", "callspring.cli", "run"]


def test_a_taken_port_is_named_before_anything_starts(tmp_path: Path) -> None:
    port = free_ports()
    with socket.create_server(("127.0.0.1", port + 1)):
        done = subprocess.run(
            RUN, check=False, env=environment(tmp_path, port), capture_output=True, text=True, timeout=90
        )
    assert done.returncode == 2
    assert f"127.0.0.1:{port + 1} cannot be listened on" in done.stderr
    assert "PORT=9000 make run" in done.stderr
    assert not list(tmp_path.iterdir())


def test_the_shop_is_gone_before_the_doors_are_asked_to_go(tmp_path: Path) -> None:
    log = tmp_path / "log"
    children = [_telling(name, log) for name in ("back", "doors", "shop")]
    with _signals_kept():
        end_all(children)
    told = log.read_text().splitlines()
    assert told[:2] == ["shop asked", "shop gone"]
    assert set(told[2:4]) == {"back asked", "doors asked"}
    assert set(told[4:]) == {"back gone", "doors gone"}


def _telling(name: str, log: Path) -> Child:
    command = [sys.executable, "-c", TELLS_OF_ITS_END, str(log), name]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout
    process.stdout.readline()
    process.stdout.close()
    return Child(name, "", process)


@contextlib.contextmanager
def _signals_kept() -> Iterator[None]:
    kept = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for one, handler in kept.items():
            signal.signal(one, handler)


@pytest.mark.system
@pytest.mark.parametrize("signals", [[signal.SIGTERM, signal.SIGTERM], [signal.SIGINT], [signal.SIGKILL]])
def test_nothing_is_left_behind_however_it_ends(tmp_path: Path, signals: list[signal.Signals]) -> None:
    port = free_ports()
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(RUN, env=environment(tmp_path / "var", port), stdout=log, stderr=log)
    with _not_outliving(process):
        until = time.monotonic() + 180
        while "Ctrl-C stops everything" not in (tmp_path / "log").read_text():
            assert time.monotonic() < until, (tmp_path / "log").read_text()
            time.sleep(0.1)
        for one in signals:
            os.kill(process.pid, one)
            time.sleep(0.05)
        process.wait(90)
    until = time.monotonic() + 15
    while any(_is_taken(port + offset) for offset in range(3)):
        assert time.monotonic() < until, "a process still listens"
        time.sleep(0.1)


@contextlib.contextmanager
def _not_outliving(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """What was started goes, also where the test fails."""
    try:
        yield
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
