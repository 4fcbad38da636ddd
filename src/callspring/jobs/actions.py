"""Asking for work to be done later."""

from __future__ import annotations

import json
import threading
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from callspring.jobs.models import Job
from callspring.jobs.registry import find

MOST_PAYLOAD = 1_000_000  # characters of JSON
MOST_KEY = 200
# Set when work was committed by this process, so that its own runner need not wait for the next look.
news = threading.Event()


def enqueue(kind: str, payload: dict[str, Any], *, key: str | None = None, run_at: datetime | None = None) -> None:
    """Have the handler of `kind` called with `payload` (what JSON can hold), at once or from `run_at` (aware) on.

    The job belongs to the transaction under way: it exists if and only if that commits. The same `key` twice is one
    job, the first one, for as long as that is kept (a week after it was done). Raises `LookupError` for a kind that
    has no handler, `ValueError` and `TypeError` for a payload or key that cannot be stored.
    """
    if find(kind) is None:
        raise LookupError(f"no handler for jobs of kind {kind!r}: is its module imported by its AppConfig.ready()?")
    if len(json.dumps(payload)) > MOST_PAYLOAD:
        raise ValueError(f"the payload of a {kind} job is longer than {MOST_PAYLOAD} characters")
    if key is not None and not 0 < len(key) <= MOST_KEY:
        raise ValueError(f"a job's key has 1 to {MOST_KEY} characters, not {len(key)}")
    job = Job(kind=kind, payload=payload, key=key, run_at=run_at or timezone.now())
    # By the constraint, not by a look beforehand: two who ask at once must not both find nothing.
    Job.objects.bulk_create([job], ignore_conflicts=key is not None)
    transaction.on_commit(news.set)
