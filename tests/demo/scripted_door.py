"""A voice door that says what a test wrote down. The sandbox carrier's own adapter checks what it hears."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

from callspring.carriers.contract import (
    CallSignal,
    CarrierRequest,
    Dial,
    Endpoint,
    HangUp,
    Instruction,
    Leg,
    Prompt,
    Signal,
    TakeVoicemail,
)
from callspring.carriers.sandbox.adapter import Sandbox
from callspring.carriers.sandbox.inventory import Inventory
from callspring.demo.door import Timing
from callspring.demo.exchange import Exchange

SECRET = "the connection's secret"
NUMBER, FALLBACK, CALLER, BUSINESS = "+13125550142", "+18005550198", "+17735550177", "+18005550199"
QUICK = Timing(answer_within=2.5, first_try=1.0, event_delays=(0.02, 0.05), longest=5.0)

Answer = Instruction | int | None  # an instruction, a bare status, or silence


@dataclass
class ScriptedDoor:
    """Answers the questions with `script`, one after the other, and `HangUp` when it has run out."""

    script: list[Answer]
    event_script: list[int] = field(default_factory=list)
    port: int = 0
    heard: list[tuple[Endpoint, CallSignal]] = field(default_factory=list)
    reports: list[Signal] = field(default_factory=list)
    questions: list[bytes] = field(default_factory=list)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def statuses(self, leg: Leg) -> list[str]:
        """What was said of a leg's life, in the order in which it arrived."""
        return [s.status.value for endpoint, s in self.heard if endpoint is Endpoint.EVENTS and s.leg is leg]

    def last(self, leg: Leg) -> CallSignal:
        return [s for endpoint, s in self.heard if endpoint is Endpoint.EVENTS and s.leg is leg][-1]

    def dial(self, ring_seconds: int = 5) -> Dial:
        base = f"{self.origin}/voice/sandbox/1"
        return Dial((BUSINESS,), ring_seconds, CALLER, f"{base}/next?at=c2lnbmVk.~-_", f"{base}/events")

    def record(self, greeting: str = "Speak.", max_seconds: int = 5) -> TakeVoicemail:
        base = f"{self.origin}/voice/sandbox/1"
        return TakeVoicemail((Prompt(greeting),), max_seconds, f"{base}/next?at=2.abc", f"{base}/recording")

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await _head(reader):
            request = await self._request(head, reader)
            reply = self._answer(request)
            if reply is None:
                await asyncio.sleep(5)
                break
            writer.write(reply)
            await writer.drain()
        writer.close()

    async def _request(self, head: bytes, reader: asyncio.StreamReader) -> CarrierRequest:
        first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
        method, target, _ = first.split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        return CarrierRequest(method, self.origin + target, headers, body)

    def _answer(self, request: CarrierRequest) -> bytes | None:
        carrier = Sandbox()
        carrier.verify(request, SECRET, time.time())
        endpoint = Endpoint(urlsplit(request.url).path.rpartition("/")[2])
        if endpoint not in (Endpoint.CALL, Endpoint.NEXT, Endpoint.WHISPER):
            status = self.event_script.pop(0) if self.event_script else 200
            if status == 200:
                self._hear(endpoint, carrier.read(request, endpoint))
            return _http(status, carrier.acknowledge().body)
        self._hear(endpoint, carrier.read(request, endpoint))
        self.questions.append(request.body)
        answer: Answer = self.script.pop(0) if self.script else HangUp()
        if answer is None or isinstance(answer, int):
            return answer if answer is None else _http(answer, b"{}")
        return _http(200, carrier.render(answer).body)

    def _hear(self, endpoint: Endpoint, signal: Signal) -> None:
        if isinstance(signal, CallSignal):
            self.heard.append((endpoint, signal))
        else:
            self.reports.append(signal)


async def _head(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, asyncio.CancelledError):  # they hung up, or the test is over
        return b""


def _http(status: int, body: bytes) -> bytes:
    head = f"HTTP/1.1 {status} x\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


@asynccontextmanager
async def open_door(*script: Answer) -> AsyncIterator[ScriptedDoor]:
    """The door on a free port of the loopback."""
    door = ScriptedDoor(list(script))
    server = await asyncio.start_server(door.serve, "127.0.0.1", 0)
    door.port = server.sockets[0].getsockname()[1]
    try:
        yield door
    finally:
        server.close()


@asynccontextmanager
async def open_exchange(folder: Path, origin: str) -> AsyncIterator[Exchange]:
    """An exchange in which `NUMBER` is sold to a connection whose voice door is at `origin`."""
    exchange = Exchange(sell(folder, origin), direct={BUSINESS}, timing=QUICK)
    try:
        yield exchange
    finally:
        await exchange.close()


def sell(folder: Path, origin: str) -> Path:
    """Books in which `NUMBER` is sold; their path."""
    books = folder / "exchange.json"
    inventory = Inventory(books)
    inventory.open_account("shop", secret=SECRET, voice_url=f"{origin}/voice/sandbox/1")
    if inventory.lookup(NUMBER) is None:
        inventory.buy("shop", NUMBER, FALLBACK)
    return books


@contextmanager
def door_in_a_thread(script: Callable[[ScriptedDoor], list[Answer]]) -> Iterator[ScriptedDoor]:
    """The door with a loop of its own, for what runs a loop itself. `script` is given the open door."""
    ready: Future[tuple[ScriptedDoor, asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def live() -> None:
        async with open_door() as door:
            door.script = script(door)
            done = asyncio.Event()
            ready.set_result((door, asyncio.get_running_loop(), done))
            await done.wait()

    thread = Thread(target=lambda: asyncio.run(live()))
    thread.start()
    door, loop, done = ready.result(timeout=5)
    try:
        yield door
    finally:
        loop.call_soon_threadsafe(done.set)
        thread.join(timeout=5)
