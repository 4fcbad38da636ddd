"""Runs the back: publish, ingest, serve; ends cleanly on SIGTERM."""

from __future__ import annotations

import logging
import signal
import threading
from types import FrameType

from callspring.config import Config

log = logging.getLogger(__name__)
THREADS = 8


def serve(config: Config) -> int:
    """Serve the console and the API until told to stop. Returns the process's exit code."""
    import django

    django.setup()

    import waitress

    from callspring.back.wsgi import application
    from callspring.ingest.run import Ingester
    from callspring.scenarios.publishing import publish_all

    publish_all()
    ingester = Ingester(config.spools)
    thread = threading.Thread(target=ingester.run, name="ingester", daemon=True)
    thread.start()
    server = waitress.create_server(application, host=config.host, port=config.port, threads=THREADS, ident=None)

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    try:
        server.run()
    finally:
        ingester.stop()
        thread.join(timeout=10)
        server.close()
    return 0
