"""Threads and their messages: everything that passed between the company and one caller, in one place."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from callspring.accounts.models import Company, User
from callspring.calls.models import Flag
from callspring.inbox.missed_models import AlertSent, MissedCallAlert
from callspring.numbers.models import Number

__all__ = ["AlertSent", "Message", "MissedCallAlert", "ReadMark", "Thread"]


class Thread(models.Model):
    """One caller's thread.

    `contact` is E.164. Callers who withhold their number are never the same person: each such call has a thread of its
    own, with `contact` "" and `call` set (for a text without a sender: to its message's id). `flag` puts the thread
    apart and is inherited by the caller's later calls. `last_at` is when anything last happened, `last_inbound_at`
    when the caller last did something.
    """

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="threads")
    contact = models.CharField(max_length=40, blank=True)
    call = models.UUIDField(null=True, editable=False)
    name = models.CharField(max_length=80, blank=True)
    assigned_to = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    flag = models.CharField(max_length=8, choices=Flag, default=Flag.NONE, blank=True)
    last_at = models.DateTimeField()
    last_inbound_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["company", "contact"], condition=~models.Q(contact=""), name="one_thread_per_caller"
            ),
            models.UniqueConstraint(fields=["call"], name="one_thread_per_withheld_call"),
        ]
        indexes = [
            models.Index(fields=["company", "flag", "last_at"], name="thread_by_time"),
            # The unique one leaves out withheld callers, so SQLite does not look into it for a caller's thread.
            models.Index(fields=["company", "contact"], name="thread_by_contact"),
        ]

    def __str__(self) -> str:
        return self.name or self.contact or "withheld"


class Message(models.Model):
    """One thing in a thread. What came from outside has a derived id, so that ingesting it twice writes it once.

    `number` is the company's number it went through. `data` holds a form's fields (`{"fields": {…}}`; `body` has them
    in their order), the media of a text (`{"media": [address, …]}`), or, where a reply could not go out through the
    number the caller used, that one (`{"instead_of": E.164}`). `state`, `error` and `sending_since` (our request to the
    carrier began) belong to texts that we send. `mailed_at` is when copies were handed to mail, or found to be wanted
    by nobody.
    """

    class Kind(models.TextChoices):
        CALL = "call", _("Call")
        VOICEMAIL = "voicemail", _("Voicemail")
        TEXT_IN = "text_in", _("Text received")
        TEXT_OUT = "text_out", _("Text sent")
        FORM = "form", _("Form message")
        NOTE = "note", _("Note")

    class State(models.TextChoices):
        NONE = "", ""
        QUEUED = "queued", _("Being sent")
        SENT = "sent", _("Sent")
        DELIVERED = "delivered", _("Delivered")
        FAILED = "failed", _("Not delivered")

    id = models.UUIDField(primary_key=True, editable=False)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="+")
    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="messages")
    kind = models.CharField(max_length=10, choices=Kind)
    at = models.DateTimeField()
    body = models.TextField(blank=True)
    call = models.UUIDField(null=True)
    recording = models.UUIDField(null=True)
    visit = models.UUIDField(null=True)
    number = models.ForeignKey(Number, on_delete=models.PROTECT, null=True, related_name="+")
    author = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    data = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.NONE, blank=True)
    error = models.CharField(max_length=200, blank=True)
    sending_since = models.DateTimeField(null=True)
    carrier_text_id = models.CharField(max_length=100, blank=True)
    mailed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["thread", "at"], name="message_by_thread"),
            models.Index(fields=["call"], name="message_by_call"),
            models.Index(fields=["company", "kind", "at"], name="message_by_company"),
            models.Index(
                fields=["carrier_text_id"], name="message_by_carrier_text", condition=~models.Q(carrier_text_id="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d %H:%M}"


class ReadMark(models.Model):
    """How far a person has read a thread. A thread is unread while its caller did something after `read_at`."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="read_marks")
    read_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "thread"], name="one_read_mark_per_person")]

    def __str__(self) -> str:
        return f"{self.user} · {self.thread}"
