"""When a call's credit is judged: provisionally with each of its events, for good once the evidence is in (K4).

A call whose credit cannot be judged, which is a fault of ours, holds up no other: it is logged and tried again later.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from uuid import UUID

from django.db import DatabaseError, transaction

from callspring.calls.crediting import credit_call
from callspring.calls.models import Call, Credit
from callspring.ingest.models import Watermark
from callspring.ingest.visits import moment

log = logging.getLogger(__name__)

# K4: final when every live door's events up to the call's start + 5 s are in, 30 s at most.
EVIDENCE_SECONDS = 5.0
PATIENCE = timedelta(seconds=30)
LIVE_SECONDS = 60.0
RETRY_SECONDS = 300.0
AT_ONCE = 500


def credit(call: Call, *, final: bool) -> bool:
    """Judge one call; False when that failed. Raises `DatabaseError`: then nothing can be judged now."""
    try:
        with transaction.atomic():
            credit_call(call, final=final)
    except DatabaseError:
        raise
    except Exception:
        log.exception("call %s cannot be credited", call.pk)
        return False
    return True


def credit_the_uncredited() -> None:
    """Calls that could not be judged at all when they came in."""
    for call in Call.objects.filter(credits__isnull=True).order_by("started_at")[:AT_ONCE]:
        credit(call, final=False)


class Finaliser:
    """Judges calls for good. Remembers for a while which ones could not be judged."""

    def __init__(self) -> None:
        self._failed: dict[UUID, float] = {}

    def finalise(self, now: float) -> int:
        """Judge the calls whose evidence is complete; returns how many.

        The earliest call comes first: a repeat call takes the source of the first one (K3), which must be final then.
        """
        self._failed = {call: at for call, at in self._failed.items() if now - at < RETRY_SECONDS}
        provisional = Credit.objects.filter(current=True, stage=Credit.Stage.PROVISIONAL).select_related("call")
        ready = provisional.exclude(call__in=list(self._failed)).order_by("call__started_at", "call")
        waiting = list(ready[:AT_ONCE])
        complete = _evidence_complete_until(now) if waiting else 0.0
        return sum(self._judge(one.call, now) for one in waiting if _is_complete(one, complete, now))

    def _judge(self, call: Call, now: float) -> bool:
        done = credit(call, final=True)
        if not done:
            self._failed[call.pk] = now
        return done


def _is_complete(one: Credit, complete: float, now: float) -> bool:
    started = one.call.started_at.timestamp()
    return started + EVIDENCE_SECONDS <= complete or one.credited_at + PATIENCE <= moment(now)


def _evidence_complete_until(now: float) -> float:
    """Everything that live doors saw before this time is in the record. Doors tick every second, also when quiet."""
    live = [mark.reached for mark in Watermark.objects.all() if now - mark.reached < LIVE_SECONDS]
    return min(live, default=0.0)
