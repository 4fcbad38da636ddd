"""Recordings move from the carrier to us: fetched, checked, and only then deleted there.

Whoever learns of a recording enqueues `calls.fetch_recording` with `{"recording": id}`. What is done about credits in
the background stands in `credit_jobs.py`.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from callspring.calls.models import Recording
from callspring.carriers.api import Denied, Refused, Unreachable
from callspring.jobs.actions import enqueue
from callspring.jobs.registry import GiveUp, Later, job
from callspring.numbers import carrier as at_carrier
from callspring.stores.blobs.files import FileBlobs

log = logging.getLogger(__name__)

LARGEST = 50_000_000  # bytes
# With an hour between tries that is a month, for which carriers keep recordings at least.
TRIES = 720
PATIENCE = timedelta(days=30)
# What a carrier has announced may not be found for a while.
NOT_THERE_YET = timedelta(minutes=10)
MISSING = (Recording.State.WAITING, Recording.State.LOST)
_AUDIO = re.compile(r"audio/[a-z0-9.+-]{1,50}")


class NotSound(Exception):
    """What the carrier sent is no recording, or not the whole of one."""


@job("calls.fetch_recording", tries=TRIES)
def fetch_recording(payload: dict[str, Any]) -> None:
    """Store the sound of the recording `payload["recording"]`; one that we have, or that never was, stays as it is.

    One that was lost is looked for again: whoever asks has heard of it anew.
    """
    recording = _recording(payload)
    if recording.state not in MISSING:
        return
    try:
        with _asking(recording), at_carrier.fetch_recording(recording.connection, _name(recording)) as sound:
            blob, content_type = _key(recording), _audio(sound.content_type)
            written = _blobs().put(blob, _bounded(sound.chunks))
    except Refused as refusal:
        _gone(recording, refusal)
        return
    if not written or _blobs().size(blob) != written:
        raise NotSound(f"{written} bytes came and {_blobs().size(blob)} are stored")
    _stored(recording, blob, content_type)


@job("calls.delete_recording_at_carrier", tries=TRIES)
def delete_at_carrier(payload: dict[str, Any]) -> None:
    """Delete at the carrier what is stored here. Without a copy of ours nothing is deleted."""
    recording = _recording(payload)
    if recording.deleted_at_carrier:
        return
    if recording.state != Recording.State.STORED or not _blobs().size(recording.blob):
        raise GiveUp("we have no copy of this recording")
    try:
        with _asking(recording):
            at_carrier.delete_recording(recording.connection, _name(recording))
    except Refused as refusal:
        raise GiveUp(str(refusal)) from None
    Recording.objects.filter(pk=recording.pk).update(deleted_at_carrier=timezone.now())


def _recording(payload: dict[str, Any]) -> Recording:
    found = Recording.objects.select_related("connection").filter(pk=payload["recording"]).first()
    if found is None:
        raise GiveUp("this recording is not in the record any more")
    return found


def _name(recording: Recording) -> str:
    return recording.carrier_recording_id


@contextmanager
def _asking(recording: Recording) -> Iterator[None]:
    """When the carrier is asked again. Credentials that it does not know may be mended by people, within a month."""
    try:
        yield
    except at_carrier.NoApi as none:
        raise GiveUp(str(none)) from None
    except Denied as denied:
        if timezone.now() - recording.recorded_at > PATIENCE:
            raise GiveUp(str(denied)) from None
        raise Later(3600, str(denied)) from None
    except Unreachable as away:
        if away.retry_after is None:
            raise
        raise Later(min(away.retry_after, 3600), str(away)) from None


def _gone(recording: Recording, refusal: Refused) -> None:
    """The carrier will never give it to us; of one that is new that is not believed at once."""
    if timezone.now() - recording.recorded_at < NOT_THERE_YET:
        raise Later(60, str(refusal)) from None
    log.warning("recording %s is lost: %s", recording.pk, refusal)
    Recording.objects.filter(pk=recording.pk, state=Recording.State.WAITING).update(state=Recording.State.LOST)


def _audio(content_type: str) -> str:
    """The media type without parameters. Raises `NotSound`."""
    name = content_type.partition(";")[0].strip().lower()
    if not _AUDIO.fullmatch(name):
        raise NotSound(f"the carrier calls it {name[:60]!r}")
    return name


def _bounded(chunks: Iterable[bytes]) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > LARGEST:
            raise GiveUp(f"longer than {LARGEST} bytes; it stays at the carrier")
        yield chunk


def _key(recording: Recording) -> str:
    return f"recordings/{recording.company_id}/{recording.pk}"


def _blobs() -> FileBlobs:
    return FileBlobs(settings.CONFIG.blobs)


@transaction.atomic
def _stored(recording: Recording, blob: str, content_type: str) -> None:
    """Say that we have it, and with the same commit that the carrier need not keep it."""
    missing = Recording.objects.filter(pk=recording.pk, state__in=MISSING)
    missing.update(state=Recording.State.STORED, blob=blob, content_type=content_type)
    payload = {"recording": str(recording.pk)}
    enqueue("calls.delete_recording_at_carrier", payload, key=f"delete-recording:{recording.pk}")
