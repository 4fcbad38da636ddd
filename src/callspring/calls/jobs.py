"""Recordings move from the carrier to us: fetched, checked, and only then deleted there.

Whoever learns of a recording enqueues `calls.fetch_recording` with `{"recording": id}`. What is done about credits in
the background stands in `credit_jobs.py`.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NoReturn

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from callspring.calls.models import Recording
from callspring.calls.retention import delete_old
from callspring.calls.sounds import Counted, TooLong, blobs_at, is_there, place_now, reads_as
from callspring.carriers.api import Denied, Refused, Sound, Unreachable
from callspring.jobs.actions import enqueue
from callspring.jobs.registry import GiveUp, Later, every, job
from callspring.numbers import carrier as at_carrier

log = logging.getLogger(__name__)

# With an hour between tries that is a month, for which carriers keep recordings at least.
TRIES = 720
PATIENCE = timedelta(days=30)
GIVEN_UP = PATIENCE + timedelta(days=1)  # by then the last try is over
# What a carrier has announced may not be found for a while.
NOT_THERE_YET = timedelta(minutes=10)
MISSING = (Recording.State.WAITING, Recording.State.LOST, Recording.State.FAILED)
CARE, CARE_EVERY = "calls.care_for_recordings", 3_600.0  # seconds
TOO_LONG = gettext_noop("It is longer than {} MB, the most that is fetched here.")
NO_API = gettext_noop("Recordings cannot be fetched from this carrier.")
NEVER_CAME = gettext_noop("It could not be fetched from the carrier for a month.")
_AUDIO = re.compile(r"audio/[a-z0-9.+-]{1,50}")


@dataclass(frozen=True, slots=True)
class Copy:
    """A recording of ours that was read back."""

    place: str
    blob: str
    content_type: str
    size: int
    digest: str


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
            copy = _copied(recording, sound)
    except Refused as refusal:
        _gone(recording, refusal)
        return
    except TooLong as long:
        megabytes = f"{long.most // 1_000_000:,}"
        _failed(recording, TOO_LONG.format(megabytes), f"longer than {long.most} bytes; it stays at the carrier")
    _stored(recording, copy)


@job("calls.delete_recording_at_carrier", tries=TRIES)
def delete_at_carrier(payload: dict[str, Any]) -> None:
    """Delete at the carrier what is stored here, or what its company keeps no longer.

    Without a copy of ours nothing else is deleted.
    """
    recording = _recording(payload)
    if recording.deleted_at_carrier:
        return
    is_kept = recording.state == Recording.State.STORED and is_there(recording)
    if not is_kept and recording.state != Recording.State.DELETED:
        raise GiveUp("we have no copy of this recording")
    try:
        with _asking(recording):
            at_carrier.delete_recording(recording.connection, _name(recording))
    except Refused as refusal:
        raise GiveUp(str(refusal)) from None
    Recording.objects.filter(pk=recording.pk).update(deleted_at_carrier=timezone.now())


@job(CARE)
def _care_for_recordings(_payload: dict[str, Any]) -> None:
    """Delete what is older than its company keeps, and say of what never came that it will not."""
    delete_old(timezone.now())
    late = Recording.objects.filter(state=Recording.State.WAITING, recorded_at__lt=timezone.now() - GIVEN_UP)
    late.update(state=Recording.State.FAILED, problem=NEVER_CAME)


every(CARE_EVERY, CARE)


@transaction.atomic
def fetch_again(recording: Recording) -> bool:
    """Look for a recording once more that could not be fetched or was lost; False for any other."""
    missing = Recording.objects.filter(pk=recording.pk, state__in=(Recording.State.FAILED, Recording.State.LOST))
    found = bool(missing.update(state=Recording.State.WAITING, problem=""))
    if found:
        enqueue("calls.fetch_recording", {"recording": str(recording.pk)})
    return found


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
        _failed(recording, NO_API, str(none))
    except Denied as denied:
        if timezone.now() - recording.recorded_at > PATIENCE:
            _failed(recording, str(denied), str(denied))
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


def _failed(recording: Recording, said: str, reason: str) -> NoReturn:
    """Nothing more will come by itself; people are told, and can try again. One that is stored already stays so."""
    missing = Recording.objects.filter(pk=recording.pk, state__in=MISSING)
    missing.update(state=Recording.State.FAILED, problem=said[:300])
    raise GiveUp(reason)


def _copied(recording: Recording, sound: Sound) -> Copy:
    """Store it, and read it back: what lies there must be what came. Raises `NotSound`, `TooLong`, `OSError`."""
    place, key, content_type = place_now(), _key(recording), _audio(sound.content_type)
    blobs, chunks = blobs_at(place), Counted(sound.chunks, settings.CONFIG.largest_recording)
    blobs.put(key, chunks)
    if not chunks.size or not reads_as(blobs, key, chunks.digest):
        raise NotSound(f"{chunks.size} bytes came and something else is stored")
    return Copy(place, key, content_type, chunks.size, chunks.digest)


def _key(recording: Recording) -> str:
    return f"recordings/{recording.company_id}/{recording.pk}"


@transaction.atomic
def _stored(recording: Recording, copy: Copy) -> None:
    """Say that we have it, and with the same commit that the carrier need not keep it."""
    missing = Recording.objects.filter(pk=recording.pk, state__in=MISSING)
    missing.update(
        state=Recording.State.STORED,
        blob=copy.blob,
        store=copy.place,
        content_type=copy.content_type,
        size=copy.size,
        digest=copy.digest,
        problem="",
    )
    payload = {"recording": str(recording.pk)}
    enqueue("calls.delete_recording_at_carrier", payload, key=f"delete-recording:{recording.pk}")
