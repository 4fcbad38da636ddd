"""Recordings are kept for as long as the company says; then the sound goes and the call stays."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from callspring.accounts.models import Company
from callspring.calls.models import Recording, RecordingSettings
from callspring.calls.sounds import blobs_of
from callspring.jobs.actions import enqueue

log = logging.getLogger(__name__)
AT_ONCE = 500


def keep_days(company: Company) -> int | None:
    """For how many days the company keeps recordings; None is for ever."""
    found = RecordingSettings.objects.filter(company=company).first()
    return found.keep_days if found else None


def set_keep_days(company: Company, days: int | None) -> None:
    """Keep recordings for so many days from when they were made, or for ever."""
    RecordingSettings.objects.update_or_create(company=company, defaults={"keep_days": days})


def delete_old(now: datetime) -> int:
    """Delete the sound of recordings whose time is over; how many went. What fails is tried again the next time."""
    gone = 0
    for own in RecordingSettings.objects.filter(keep_days__isnull=False):
        before = now - timedelta(days=own.keep_days or 0)
        old = Recording.objects.filter(company=own.company_id, state=Recording.State.STORED, recorded_at__lt=before)
        gone += sum(_delete(recording) for recording in old.order_by("recorded_at")[:AT_ONCE])
    return gone


def _delete(recording: Recording) -> bool:
    """First the sound, then the word that it is gone: a crash between the two is mended by doing it again."""
    try:
        blobs_of(recording).delete(recording.blob)
    except OSError as problem:
        log.warning("recording %s cannot be deleted: %s", recording.pk, problem)
        return False
    with transaction.atomic():
        stored = Recording.objects.filter(pk=recording.pk, state=Recording.State.STORED)
        gone = bool(stored.update(state=Recording.State.DELETED, deleted_at=timezone.now(), blob="", store=""))
        if gone and recording.deleted_at_carrier is None:  # it must not outlive its time there
            payload = {"recording": str(recording.pk)}
            enqueue("calls.delete_recording_at_carrier", payload, key=f"over-recording:{recording.pk}")
    return gone
