"""Writing what carriers said of recordings into the record, and having the sound fetched."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from callspring.calls.models import Recording
from callspring.ingest.visits import moment
from callspring.jobs.actions import enqueue
from callspring.records import RecordingSaid

PATIENCE = timedelta(minutes=2)  # a carrier's report comes within seconds of the recording's end


def record_recordings(records: Iterable[RecordingSaid]) -> list[Recording]:
    """Write recordings and have those that are ready fetched; doing it again changes nothing."""
    return [_record(record) for record in records]


def _record(record: RecordingSaid) -> Recording:
    """What a report says beats what was announced; what is stored stays."""
    about = _about(record)
    recording, new = Recording.objects.get_or_create(pk=record.id, defaults=about)
    if not new and record.certain:
        beaten = Recording.State.ABSENT if record.available else Recording.State.WAITING
        if Recording.objects.filter(pk=record.id, state=beaten).update(**about):
            recording.refresh_from_db()
    if record.available:
        _have_it_fetched(record)
    return recording


def _about(record: RecordingSaid) -> dict[str, Any]:
    return {
        "company_id": record.company,
        "connection_id": record.connection,
        "call": record.call,
        "kind": record.kind,
        "state": Recording.State.WAITING if record.available else Recording.State.ABSENT,
        "carrier_recording_id": record.recording,
        "url": record.url,
        "duration": record.duration,
        "recorded_at": moment(record.at),
    }


def _have_it_fetched(record: RecordingSaid) -> None:
    """At once when it is ready; when it was only announced, in case that the report gets lost."""
    key, payload = f"recording:{record.id}", {"recording": record.id}
    if record.certain:
        enqueue("calls.fetch_recording", payload, key=key)
    else:
        enqueue("calls.fetch_recording", payload, key=f"{key}:announced", run_at=timezone.now() + PATIENCE)
