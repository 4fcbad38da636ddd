"""The ingester's loop: one thread in the back that reads every spool and never gives up."""

from __future__ import annotations

import logging
import threading
import time
from pathlib import Path

from django.db import connection

from callspring.ingest.batch import write_batch
from callspring.ingest.credits import Finaliser, credit_the_uncredited
from callspring.ingest.early import forget_the_old
from callspring.ingest.models import Watermark
from callspring.ingest.visits import moment
from callspring.stores.spool.reader import Position, read, remove_before
from callspring.visits.continuity import IDLE_SECONDS

log = logging.getLogger(__name__)

POLL_SECONDS = 0.1
RETRY_SECONDS = 1.0
SWEEP_SECONDS = 60.0
# A door that starts again rebuilds leases and live visits from its spool, so segments outlive the longest of them.
KEEP_SECONDS = IDLE_SECONDS + 300


class Ingester:
    """Moves all spools below a folder into the record until it is told to stop."""

    def __init__(self, spools: Path) -> None:
        self._spools = spools
        self._stop = threading.Event()
        self._swept = 0.0
        self._credits = Finaliser()

    def run(self) -> None:
        """Work until `stop()`. A database that is away is tried again every second; nothing is lost meanwhile."""
        while not self._stop.is_set():
            try:
                busy = self.step(time.time())
            except Exception:  # whatever it is, the spools wait and the next try may succeed; ending would lose calls
                log.exception("the record cannot be written; the spools wait")
                connection.close()
                self._stop.wait(RETRY_SECONDS)
                continue
            if not busy:
                self._stop.wait(POLL_SECONDS)
        connection.close()

    def stop(self) -> None:
        """End after the batch under way."""
        self._stop.set()

    def step(self, now: float) -> bool:
        """One batch of each spool, then credits that have become final. True when there may be more to do at once."""
        busy = False
        for folder in sorted(path for path in self._spools.glob("*") if path.is_dir()):
            busy |= self._ingest(folder, now)
        self._credits.finalise(now)
        if now - self._swept > SWEEP_SECONDS:
            self._swept = now
            self._sweep(now)
            credit_the_uncredited()
            forget_the_old(moment(now))
        return busy

    def _ingest(self, folder: Path, now: float) -> bool:
        start = _position(folder.name)
        batch = read(folder, start)
        if not batch.payloads and batch.end == start:
            return False
        write_batch(folder.name, batch, now)
        return True

    def _sweep(self, now: float) -> None:
        for mark in Watermark.objects.all():
            folder = self._spools / mark.spool
            if folder.is_dir():
                remove_before(folder, Position(mark.segment, mark.offset), now - KEEP_SECONDS)


def _position(spool: str) -> Position:
    mark = Watermark.objects.filter(spool=spool).first()
    return Position(mark.segment, mark.offset) if mark else Position()
