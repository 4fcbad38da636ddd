"""A server on loopback that speaks S3, with one bucket (moto)."""

from __future__ import annotations

import logging

import httpx
from moto.server import ThreadedMotoServer

from callspring.config import S3Access


class S3Server:
    """Listens when it is made; `access` and `bucket` reach it."""

    bucket = "callspring-recordings"

    def __init__(self) -> None:
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self._server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        self._server.start()
        host, port = self._server.get_host_and_port()
        self.access = S3Access(f"http://{host}:{port}", "us-east-1", "key", "secret")
        httpx.put(f"{self.access.endpoint}/{self.bucket}", trust_env=False).raise_for_status()

    def stop(self) -> None:
        """Stop listening."""
        self._server.stop()
