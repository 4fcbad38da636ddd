"""An ASGI app on a free port, for tests that come over the network."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import uvicorn


@contextmanager
def serve(app: Any) -> Iterator[str]:
    """Run the app in a thread; its origin."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        free.listen()  # who comes before the server has started waits
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
        thread = Thread(target=lambda: asyncio.run(server.serve(sockets=[free])))
        thread.start()
        try:
            yield f"http://127.0.0.1:{free.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(timeout=10)
