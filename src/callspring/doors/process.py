"""Runs the doors under uvicorn; one process, one event loop."""

from __future__ import annotations

import uvicorn

from callspring.config import Config
from callspring.doors.app import Doors


def serve(config: Config, name: str) -> int:
    """Serve edge and voice until told to stop. Returns the process's exit code."""
    server = uvicorn.Server(server_config(Doors(config, name), config.host, config.doors_port))
    server.run()
    return 0 if server.started else 1


def server_config(app: Doors, host: str, port: int) -> uvicorn.Config:
    """How uvicorn runs the doors; benchmarks run their bare handler the same way."""
    return uvicorn.Config(
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
