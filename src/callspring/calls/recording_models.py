"""Recordings of calls, and how long a company keeps them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from callspring.accounts.models import Company
from callspring.numbers.models import Connection


class Recording(models.Model):
    """Sound of a call: a voicemail, or the call itself. Its id is derived from the carrier's name for it.

    `call` is no foreign key: the recording may be reported before the call is in the record. `blob` is the key under
    which we store the sound, "" until it is fetched, and `store` the place it lies in ("" is the state folder,
    `callspring.stores.blobs.places`). `duration` is in seconds, `size` in bytes, `digest` is its SHA-256. `problem`
    says why one that failed is not here. `deleted_at` is when it was deleted here because it was too old.
    """

    class Kind(models.TextChoices):
        VOICEMAIL = "voicemail", _("Voicemail")
        CALL = "call", _("Call")

    class State(models.TextChoices):
        WAITING = "waiting", _("Being fetched from the carrier")
        STORED = "stored", _("Stored")
        ABSENT = "absent", _("Nothing was recorded")
        LOST = "lost", _("The carrier does not have it any more")
        FAILED = "failed", _("Could not be fetched")
        DELETED = "deleted", _("Deleted after its time")

    id = models.UUIDField(primary_key=True, editable=False)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="+")
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="+")
    call = models.UUIDField()
    kind = models.CharField(max_length=10, choices=Kind)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    carrier_recording_id = models.CharField(max_length=100)
    url = models.CharField(max_length=500, blank=True)
    duration = models.PositiveIntegerField(null=True)
    recorded_at = models.DateTimeField()
    blob = models.CharField(max_length=100, blank=True)
    store = models.CharField(max_length=300, blank=True)
    size = models.BigIntegerField(null=True)
    digest = models.CharField(max_length=64, blank=True)
    content_type = models.CharField(max_length=60, blank=True)
    problem = models.CharField(max_length=300, blank=True)
    deleted_at_carrier = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["call"], name="recording_by_call"),
            models.Index(fields=["company", "state", "recorded_at"], name="recording_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.duration or 0} s"


class RecordingSettings(models.Model):
    """How many days a company keeps its recordings; None is for ever, as without a row."""

    company = models.OneToOneField(Company, on_delete=models.CASCADE, related_name="+", primary_key=True)
    keep_days = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "recording settings"

    def __str__(self) -> str:
        return f"{self.company}: {self.keep_days or 'for ever'}"
