"""What a call costs with each carrier: CPU per question and per event, beside the bare handler's.

The requests are those that the tests send (`tests/voice/carriers.py`): in the carrier's documented shapes, signed as it
signs, each with another caller and another number. Every carrier that there is has two rows.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import httpx
import msgspec
from tests.doors import House, companies
from tests.voice.carriers import CARRIERS

from benchmarks import traffic
from benchmarks.doors import Load, Result, compare, free_port, serving
from callspring import config
from callspring.stores.snapshot.files import publish

REQUESTS, WARM_UP, ROUNDS = 3_000, 1_000, 3
# A signature, a document in the carrier's markup and a durable record: each costs more than a bare request.
GOAL = 0.06


@dataclass
class _Notebook:
    """Stands where a client would: writes down what is sent, and answers with nothing."""

    sent: list[bytes] = field(default_factory=list)

    async def post(self, path: str, content: bytes, headers: dict[str, str]) -> httpx.Response:
        return await self.request("POST", path, content, headers)

    async def request(self, method: str, path: str, content: bytes, headers: dict[str, str]) -> httpx.Response:
        assert method == "POST"
        self.sent.append(traffic.post(path, headers, content, host=self.host))
        return httpx.Response(200)

    host: str = ""


def run() -> Iterator[Result]:
    """Two results for each carrier, of which the first is its question's."""
    with tempfile.TemporaryDirectory() as var:
        settings = config.load({"CALLSPRING_VAR": var})
        traffic.publish_company(settings.snapshots)
        _connect_all(settings.snapshots)
        port, bare_port = free_port(), free_port()
        with serving("doors", port, var) as doors, serving("bare", bare_port, var) as bare:
            for name in CARRIERS:
                for what in ("question", "event"):
                    requests = asyncio.run(_requests(name, what, port))
                    ours = Load(doors, port, requests, var, WARM_UP)
                    theirs = Load(bare, bare_port, requests, var, WARM_UP)
                    yield compare(f"{name}: a call's {what}", GOAL, ours, theirs, ROUNDS)


def _connect_all(folder: Path) -> None:
    """The company of the benchmarks with a connection at every carrier, as the tests' company has them."""
    own = traffic.company()
    theirs = tuple(one for one in companies()[0].connections)
    publish(folder, msgspec.structs.replace(own, connections=(*own.connections, *theirs)))


async def _requests(name: str, what: str, port: int) -> list[bytes]:
    notes = _Notebook(host=f"127.0.0.1:{port}")
    house = cast(House, SimpleNamespace(client=notes, clock=SimpleNamespace(now=time.time())))
    for index in range(REQUESTS):
        ends: dict[str, Any] = {"dialled": traffic.e164(1 + index % 2000), "caller": f"+1773555{index:04d}"}
        carrier = CARRIERS[name](house, signed_as=f"http://{notes.host}", **ends)
        if what == "question":
            await carrier.ask()
        else:
            await carrier.event("completed", **{carrier.ends[1]: ends["caller"]})
    return notes.sent
