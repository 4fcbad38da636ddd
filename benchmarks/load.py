"""A closed-loop load on core 1: connections that send prepared requests one after the other.

    python -m benchmarks.load PORT CONNECTIONS REQUESTS_FILE

The file holds frames of 4 bytes length and a whole HTTP request. Prints seconds and answers as JSON; an answer other
than 2xx ends the run with an error.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import uvloop


class Client(asyncio.Protocol):
    """One keep-alive connection."""

    def __init__(self, requests: Iterator[bytes], done: asyncio.Future[None], count: list[int]) -> None:
        self._requests = requests
        self._done = done
        self._count = count
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own class is no subclass
        self._send()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, separator, body = self._buffer.partition(b"\r\n\r\n")
        if not separator:
            return
        if not head.startswith(b"HTTP/1.1 2"):
            self._done.set_exception(SystemExit(f"an answer that is no success: {self._buffer[:300]!r}"))
            self._transport.close()
            return
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
        if len(body) >= length:
            self._buffer = b""
            self._count[0] += 1
            self._send()

    def connection_lost(self, _exc: Exception | None) -> None:
        if not self._done.done():
            self._done.set_result(None)

    def _send(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self._transport.close()
        else:
            self._transport.write(request)


def read_requests(path: Path) -> list[bytes]:
    """The prepared requests."""
    data, requests, position = path.read_bytes(), [], 0
    while position < len(data):
        length = int.from_bytes(data[position : position + 4], "big")
        requests.append(data[position + 4 : position + 4 + length])
        position += 4 + length
    return requests


def write_requests(path: Path, requests: list[bytes]) -> None:
    """Prepare requests for `read_requests`."""
    path.write_bytes(b"".join(len(request).to_bytes(4, "big") + request for request in requests))


async def run(port: int, connections: int, requests: list[bytes]) -> dict[str, float]:
    """Send everything once; how long it took and how many answers came."""
    loop = asyncio.get_running_loop()
    queue, count = iter(requests), [0]
    finished = [loop.create_future() for _ in range(connections)]
    start = time.perf_counter()
    for done in finished:
        await loop.create_connection(lambda done=done: Client(queue, done, count), "127.0.0.1", port)  # type: ignore[misc]
    await asyncio.gather(*finished)
    return {"seconds": time.perf_counter() - start, "answers": count[0]}


def main() -> None:
    """See the module's docstring."""
    os.sched_setaffinity(0, {(os.cpu_count() or 1) - 1})
    requests = read_requests(Path(sys.argv[3]))
    print(json.dumps(uvloop.run(run(int(sys.argv[1]), int(sys.argv[2]), requests))))


if __name__ == "__main__":
    main()
