"""The ingester's loop: one thread in the back that reads every spool and never gives up."""

from __future__ import annotations

import logging
import threading
import time
from datetime import timedelta
from pathlib import Path

from django.db import connection, transaction

from callspring.calls.crediting import credit_call
from callspring.calls.models import Credit
from callspring.ingest.batch import write_batch
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
# K4: final when every live door's events up to the call's start + 5 s are in, 30 s at most.
EVIDENCE_SECONDS = 5.0
PATIENCE = timedelta(seconds=30)
LIVE_SECONDS = 60.0


class Ingester:
    """Moves all spools below a folder into the record until it is told to stop."""

    def __init__(self, spools: Path) -> None:
        self._spools = spools
        self._stop = threading.Event()
        self._swept = 0.0

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
        finalise_credits(now)
        if now - self._swept > SWEEP_SECONDS:
            self._swept = now
            self._sweep(now)
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


def finalise_credits(now: float) -> int:
    """Judge provisional credits for good whose evidence is complete; returns how many."""
    provisional = Credit.objects.filter(current=True, stage=Credit.Stage.PROVISIONAL).select_related("call")
    # Earliest call first: a repeat call takes the source of the first one (K3), which must be final by then.
    waiting = list(provisional.order_by("call__started_at", "call")[:500])
    if not waiting:
        return 0
    complete = _evidence_complete_until(now)
    count = 0
    for credit in waiting:
        call = credit.call
        asked = call.started_at.timestamp()
        if asked + EVIDENCE_SECONDS <= complete or credit.credited_at + PATIENCE <= moment(now):
            with transaction.atomic():
                credit_call(call, final=True)
            count += 1
    return count


def _evidence_complete_until(now: float) -> float:
    """Everything that live doors saw before this time is in the record. Doors tick every second, also when quiet."""
    live = [mark.reached for mark in Watermark.objects.all() if now - mark.reached < LIVE_SECONDS]
    return min(live, default=0.0)


def _position(spool: str) -> Position:
    mark = Watermark.objects.filter(spool=spool).first()
    return Position(mark.segment, mark.offset) if mark else Position()
