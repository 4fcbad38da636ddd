"""The record of calls: what carriers told us, what became of each call, and whom it is credited to."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from callspring.accounts.models import Company
from callspring.calls.credit_models import (
    AttributionModel,
    Correction,
    CreditSettings,
    CreditShare,
    Lesson,
    RepeatRule,
    SettingsChange,
    TimingModel,
)
from callspring.calls.lead_models import CallChange, Tag
from callspring.calls.recording_models import Recording, RecordingSettings
from callspring.numbers.models import Connection, Number
from callspring.scenarios.models import Scenario
from callspring.visits.models import SourceFields

__all__ = [
    "AttributionModel", "Basis", "Call", "CallChange", "CallEvent", "CallStatus", "Correction", "Credit",
    "CreditSettings", "CreditShare", "FirstCall", "Flag", "Grade", "Lesson", "Recording", "RecordingSettings",
    "RepeatRule", "SettingsChange", "Tag", "TimingModel",
]  # fmt: skip


class CallStatus(models.TextChoices):
    """Where a call stands, seen from the business."""

    RINGING = "ringing", _("Ringing")
    ANSWERED = "answered", _("In progress")
    COMPLETED = "completed", _("Answered")
    BUSY = "busy", _("Busy")
    NO_ANSWER = "no-answer", _("Missed")
    CANCELED = "canceled", _("Caller hung up")
    FAILED = "failed", _("Failed")


class Flag(models.TextChoices):
    """Calls that count as nothing: no report, no first call of a repeat caller, and apart in the inbox."""

    NONE = "", _("Counts")
    TEST = "test", _("Test call")
    SPAM = "spam", _("Spam")


class Call(models.Model):
    """One call. Its state is a pure function of its `CallEvent`s (`callspring.calls.state`).

    `flag` is set by people, or at once where the caller is of the company's own staff, or found to be spam: then
    `flag_reasons` say why (`callspring.flows.screening.Reason`). `flag_settled`: a person has said, and no rule says
    otherwise. `caller` is E.164 or "" when withheld; `attestation` is how far its network vouches for it. `duration` is
    the time talked with the business, in seconds. `tags`, `note`, `value` in `currency` and `qualified` (None: nobody
    has said) are what people know of the lead (`callspring.calls.leads`).
    """

    id = models.UUIDField(primary_key=True, editable=False)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="calls")
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="+")
    carrier_call_id = models.CharField(max_length=100)
    caller = models.CharField(max_length=40, blank=True)
    dialled = models.CharField(max_length=40)
    number = models.ForeignKey(Number, on_delete=models.PROTECT, null=True, related_name="calls")
    scenario = models.ForeignKey(Scenario, on_delete=models.PROTECT, null=True, related_name="calls")
    status = models.CharField(max_length=10, choices=CallStatus, default=CallStatus.RINGING)
    started_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    duration = models.PositiveIntegerField(null=True)
    destination = models.CharField(max_length=200, blank=True)
    cause = models.CharField(max_length=80, blank=True)
    flag = models.CharField(max_length=8, choices=Flag, default=Flag.NONE, blank=True)
    caller_name = models.CharField(max_length=80, blank=True, help_text=_("What the network says the caller is called"))
    attestation = models.CharField(max_length=8, blank=True)
    flag_reasons = models.JSONField(default=list, blank=True)
    flag_settled = models.BooleanField(default=False)
    tags = models.ManyToManyField(Tag, related_name="calls", blank=True)
    note = models.TextField(blank=True)
    value = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    qualified = models.BooleanField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["company", "started_at"], name="call_by_time"),
            models.Index(fields=["company", "caller", "dialled", "started_at"], name="call_by_pair"),
            models.Index(fields=["company", "caller", "started_at"], name="call_by_caller"),
            models.Index(fields=["number", "started_at"], name="call_by_number"),
            models.Index(fields=["status", "started_at"], name="call_by_status"),
        ]

    def __str__(self) -> str:
        return f"{self.caller or 'withheld'} → {self.dialled}"


class CallEvent(models.Model):
    """One thing a carrier said about a call, as it came. Its id is derived from what it says, so twice is once."""

    id = models.UUIDField(primary_key=True, editable=False)
    call = models.UUIDField()
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="+")
    leg = models.CharField(max_length=10)
    leg_id = models.CharField(max_length=100)
    destination = models.CharField(max_length=200, blank=True, help_text=_("Who the business's leg rings, if known"))
    status = models.CharField(max_length=12)
    sequence = models.IntegerField(default=0)
    at = models.DateTimeField(help_text=_("The carrier's time where it gives one, else when it reached us"))
    received_at = models.DateTimeField()
    duration = models.PositiveIntegerField(null=True)
    cause = models.CharField(max_length=80, blank=True)
    raw = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["call"], name="call_event_by_call")]

    def __str__(self) -> str:
        return f"{self.leg} {self.status}"


class Grade(models.TextChoices):
    """How sure a credit is."""

    CERTAIN = "certain", _("Certain")
    LIKELY = "likely", _("Likely")
    AMBIGUOUS = "ambiguous", _("Ambiguous")
    UNKNOWN = "unknown", _("Unknown")


class Basis(models.TextChoices):
    """What a credit's source rests on."""

    STATIC = "static", _("The number's own source")
    HOLDER = "holder", _("The visitor who held the number")
    REPEAT = "repeat", _("The caller's first call to this number")
    NOBODY = "nobody", _("Nobody held the number")
    PERSON = "person", _("A person’s word")


class Credit(SourceFields):
    """What one call is credited to, and why. Append-only: a later credit of the same call has a higher `version`.

    `visit` is the most probable visit, with its `probability` (null when unknown); the source columns are the most
    probable source, with its `source_probability`, which the repeat rule (K3) may take from an earlier call instead.
    Where a `model` of several touches is in force, they are the heaviest of its shares (`CreditShare`).

    `candidates` is a list of objects with `visit`, `visit_number`, `probability` (0 to 1), `evidence` (list of {kind,
    seconds?}) and `facts` for the timing model (seconds before the call). `sources` are all sources with their
    probabilities, `stranger` is what is left for somebody who had saved the number. `correction` is the person's word
    that it rests on. `learnt`: the timing model has taken it in.
    """

    class Stage(models.TextChoices):
        PROVISIONAL = "provisional", _("Provisional")
        FINAL = "final", _("Final")

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="credits")
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="+")
    version = models.PositiveIntegerField()
    current = models.BooleanField(default=True)
    stage = models.CharField(max_length=12, choices=Stage)
    basis = models.CharField(max_length=10, choices=Basis)
    grade = models.CharField(max_length=10, choices=Grade)
    probability = models.FloatField(null=True)
    visit = models.UUIDField(null=True)
    visit_number = models.BigIntegerField(null=True)
    page_view = models.UUIDField(null=True)
    first_call = models.UUIDField(null=True)
    candidates = models.JSONField(default=list)
    source_probability = models.FloatField(null=True)
    sources = models.JSONField(default=list)
    stranger = models.FloatField(null=True)
    model = models.CharField(max_length=16, choices=AttributionModel, default=AttributionModel.FIRST)
    correction = models.ForeignKey(Correction, on_delete=models.SET_NULL, null=True, related_name="+")
    learnt = models.BooleanField(default=False)
    credited_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["call", "version"], name="one_credit_per_version"),
            models.UniqueConstraint(fields=["call"], condition=models.Q(current=True), name="one_current_credit"),
        ]
        indexes = [
            models.Index(fields=["visit"], name="credit_by_visit"),
            models.Index(
                fields=["credited_at"],
                name="credit_awaiting_final",
                condition=models.Q(current=True, stage="provisional"),
            ),
            models.Index(
                fields=["id"],
                name="credit_to_learn",
                condition=models.Q(current=True, stage="final", learnt=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.grade} {self.source}"


class FirstCall(SourceFields):
    """The source of a caller's first call to a number (K3). Kept apart from the calls, so it outlives them.

    `shares` is empty where that is all; a call that counts for several sources has a list of objects with the columns
    of each and its `weight` in millionths, heaviest first.
    """

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="+")
    caller = models.CharField(max_length=40)
    dialled = models.CharField(max_length=40)
    call = models.UUIDField()
    started_at = models.DateTimeField()
    shares = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "caller", "dialled"], name="one_first_call_per_pair")]

    def __str__(self) -> str:
        return f"{self.caller} → {self.dialled}"
