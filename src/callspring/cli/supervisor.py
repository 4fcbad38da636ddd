"""`callspring run`: one command that prepares everything, starts the processes and keeps them running."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from types import FrameType

import httpx

from callspring.back.database import migrate
from callspring.cli.lifeline import SUPERVISED
from callspring.config import Config

READY_SECONDS = 60.0
STOP_SECONDS = 10.0
# The shop goes first: the calls of its sandbox phone end then, and the doors must still be there to hear of it.
SHOP_SECONDS = 5.0
# A process that dies at once every time is tried again ever more slowly, so that its messages can be read.
SLOWEST_RESTART = 5.0


@dataclass(slots=True)
class Child:
    """One supervised process: `callspring NAME`."""

    name: str
    health: str
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    delay: float = 0.0
    due: float = field(default=0.0)

    def start(self) -> None:
        """Start the process in a group of its own, so that Ctrl-C reaches it through us and in order."""
        self.started = time.monotonic()
        command = [sys.executable, "-m", "callspring.cli", self.name]
        environment = {**os.environ, SUPERVISED: "1"}
        self.process = subprocess.Popen(  # noqa: S603 - our own interpreter and words
            command, start_new_session=True, stdin=subprocess.PIPE, env=environment
        )

    def look(self) -> None:
        """Restart the process when it has died: at once the first time, ever more slowly if it keeps dying."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.due:
                self.start()
        elif (code := self.process.poll()) is not None:
            lasted = now - self.started
            self.delay = 0.0 if lasted > 10 else min(SLOWEST_RESTART, max(0.2, self.delay * 2))
            self.due = now + self.delay
            self.process = None
            print(f"callspring: {self.name} ended with {code}; it is started again", file=sys.stderr, flush=True)

    def healthy(self) -> bool:
        """Does it answer over HTTP?"""
        try:
            return httpx.get(self.health, timeout=2).status_code == 200
        except httpx.TransportError:
            return False

    def stop(self) -> None:
        """Ask it to end."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def wait(self, until: float) -> None:
        """Wait for its end, and end it the hard way when it takes too long."""
        if self.process is None:
            return
        try:
            self.process.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Stop(Exception):
    """Somebody wants us to end."""


def run_all(config: Config) -> int:
    """Prepare, start, say where everything is, and supervise until Ctrl-C or SIGTERM."""
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)
    children = [
        Child("back", f"{config.console_url}/healthz"),
        Child("doors", f"{config.doors_url}/healthz"),
        Child("shop", f"{config.shop_url}/arrive"),
    ]
    _demand_free_ports(config)
    try:
        migrate(config)
        from callspring.demo.seed import seed

        seeded = seed()
        from callspring.scenarios.publishing import publish_all

        publish_all()
        for child in children:
            child.start()
        _wait_until_healthy(children)
        from callspring.cli.welcome import welcome

        print(welcome(config, seeded), flush=True)
        while True:
            for child in children:
                child.look()
            time.sleep(0.2)
    except Stop:
        print("\ncallspring: stopping", flush=True)
        return 0
    finally:
        end_all(children)


def _demand_free_ports(config: Config) -> None:
    """Say at once what would otherwise be three processes that die again and again."""
    for port in (config.port, config.doors_port, config.shop_port):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((config.host, port))
            except OSError as error:
                raise ValueError(
                    f"{config.host}:{port} cannot be listened on ({error.strerror}). Is Callspring running already? "
                    "Stop what listens there, or choose other ports: PORT=9000 make run"
                ) from error


def _wait_until_healthy(children: list[Child]) -> None:
    until = time.monotonic() + READY_SECONDS
    waiting = list(children)
    while waiting:
        for child in children:
            child.look()
        waiting = [child for child in waiting if not child.healthy()]
        if waiting and time.monotonic() > until:
            names = ", ".join(child.name for child in waiting)
            raise ValueError(f"{names} did not answer within {READY_SECONDS:.0f} s; see the messages above")
        time.sleep(0.1)


def end_all(children: list[Child]) -> None:
    """End the shop, and when it is gone the others; from then on this process is deaf to Ctrl-C and SIGTERM."""
    # A second signal, sent by an impatient hand or to the whole group, must not leave processes behind.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    shop = [child for child in children if child.name == "shop"]
    _stop_together(shop, SHOP_SECONDS)
    _stop_together([child for child in children if child not in shop], STOP_SECONDS)


def _stop_together(children: list[Child], seconds: float) -> None:
    for child in children:
        child.stop()
    until = time.monotonic() + seconds
    for child in children:
        child.wait(until)


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise Stop
