"""Runs the doors under uvicorn; one process, one event loop."""

from __future__ import annotations

import gc
import socket
from collections.abc import Awaitable, Callable

import uvicorn

from callspring.config import Config
from callspring.doors.app import Doors
from callspring.doorway.http import Receive, Scope, Send

App = Callable[[Scope, Receive, Send], Awaitable[None]]


def serve(config: Config, name: str) -> int:
    """Serve edge and voice until told to stop. Returns the process's exit code."""
    server = make_server(Doors(config, name), config.host, config.doors_port)
    server.run()
    return 0 if server.started else 1


def make_server(app: App, host: str, port: int) -> uvicorn.Server:
    """How uvicorn runs the doors; benchmarks run their bare handler the same way."""
    return _Server(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            loop="uvloop",
            http="httptools",
            interface="asgi3",
            ws="none",
            lifespan="on",
            log_level="warning",
            access_log=False,
            # Forwarded headers are ours to believe or not (callspring.visits.client_ip).
            proxy_headers=False,
            server_header=False,
            date_header=True,
            timeout_graceful_shutdown=5,
        )
    )


class _Server(uvicorn.Server):
    """What was loaded up to here stays for good: looking through it for garbage costs a tenth of each page load."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        gc.collect()
        gc.freeze()
        gc.set_threshold(20_000, 20, 50)
