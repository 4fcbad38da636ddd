"""Runs the back: publish, ingest, do jobs, serve; ends cleanly on SIGTERM."""

from __future__ import annotations

import logging
import signal
import threading
import time
from types import FrameType

from callspring.config import Config

log = logging.getLogger(__name__)
THREADS = 8
STOP_SECONDS = 8.0  # for the batch and the jobs under way; the supervisor waits ten in all


def serve(config: Config) -> int:
    """Serve the console and the API until told to stop. Returns the process's exit code."""
    import django

    django.setup()

    import waitress

    from callspring.back.wsgi import application
    from callspring.calls.timing import publish_missing
    from callspring.ingest.run import Ingester
    from callspring.jobs.run import Runner
    from callspring.scenarios.publishing import publish_all

    publish_all()
    publish_missing()
    ingester, runner = Ingester(config.spools), Runner()
    # Daemons: a job that takes long does not keep the process from ending; it is done again.
    threads = [
        threading.Thread(target=ingester.run, name="ingester", daemon=True),
        threading.Thread(target=runner.run, name="jobs", daemon=True),
    ]
    for thread in threads:
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
        runner.stop()
        until = time.monotonic() + STOP_SECONDS
        for thread in threads:
            thread.join(timeout=max(0.0, until - time.monotonic()))
        server.close()
    return 0
