"""What stands around a credit: shares of several touches, people's corrections, what is learnt, and how to credit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from callspring.accounts.models import Company
from callspring.calls.attribution import Model
from callspring.sites.models import Site
from callspring.visits.models import SourceFields

if TYPE_CHECKING:
    from callspring.calls.models import Credit


class AttributionModel(models.TextChoices):
    """Which of a visitor's touches a call counts for (`callspring.calls.attribution`)."""

    FIRST = Model.FIRST.value, _("First touch")
    LAST = Model.LAST.value, _("Last touch")
    LAST_NON_DIRECT = Model.LAST_NON_DIRECT.value, _("Last touch that was not direct")
    LINEAR = Model.LINEAR.value, _("Linear")
    POSITION = Model.POSITION.value, _("Position-based")
    TIME_DECAY = Model.TIME_DECAY.value, _("Time decay")


class RepeatRule(models.TextChoices):
    """What a call counts for whose caller has called the same number before (K3)."""

    FIRST = "first", _("The first call’s source")
    LAST = "last", _("The newest source known")
    NONE = "none", _("Each call for itself")


class CreditShare(SourceFields):
    """What one source has of a call that counts for several. `weight` is in millionths; a credit's make up a million.

    A credit that counts for one source alone has none: its own columns say which.
    """

    credit: models.ForeignKey[Credit, Credit] = models.ForeignKey(
        "calls.Credit", on_delete=models.CASCADE, related_name="shares"
    )
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="+")
    weight = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.weight / 10_000:.1f} % {self.source}"


class Correction(models.Model):
    """A person's word on whose call it was: the visit credited, another one, or nobody's who could be seen.

    `stated` is the probability that the machine had given to `judged_visit` by then, for the calibration. `call` is no
    foreign key: what was learnt outlives the call's retention. At most one of a call is in force (not undone).
    """

    class Says(models.TextChoices):
        CONFIRMED = "confirmed", _("It was this visit")
        OTHER = "other", _("It was another visit")
        NOBODY = "nobody", _("It was none of these visits")

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="+")
    call = models.UUIDField()
    says = models.CharField(max_length=10, choices=Says)
    visit = models.UUIDField(null=True)
    visit_number = models.BigIntegerField(null=True)
    judged_visit = models.UUIDField(null=True)
    stated = models.FloatField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["call"], condition=models.Q(undone_at=None), name="one_correction_in_force")
        ]
        indexes = [models.Index(fields=["company", "at"], name="correction_by_time")]

    def __str__(self) -> str:
        return f"{self.says} {self.visit_number or ''}".strip()


class TimingModel(models.Model):
    """When people of one site call, as learnt (`callspring.pools.timing`). `state` is {} before anything is learnt.

    `version` rises with every change; who changes it names the one it read. Visits that began before `exposed_until`
    have been counted.
    """

    site = models.OneToOneField(Site, on_delete=models.CASCADE, related_name="timing")
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="+")
    version = models.PositiveIntegerField(default=0)
    state = models.JSONField(default=dict)
    exposed_until = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"timing of {self.site} v{self.version}"


class Lesson(models.Model):
    """What one call has taught its site's timing model, so that it can be taken back: what it added, by path.

    The model keeps the latest doubtful calls apart, by the time they were `placed`. Holds nothing personal, and
    outlives the call as the model does.
    """

    call = models.UUIDField(primary_key=True, editable=False)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="+")
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="+")
    credit = models.BigIntegerField(help_text=_("The credit it was learnt from"))
    placed = models.FloatField(help_text=_("Unix seconds"))
    delta = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["site", "placed"], name="lesson_by_time")]

    def __str__(self) -> str:
        return f"lesson of {self.call}"


class CreditSettings(models.Model):
    """How a company's calls are credited; without a row by the defaults."""

    company = models.OneToOneField(Company, on_delete=models.CASCADE, related_name="+")
    model = models.CharField(max_length=16, choices=AttributionModel, default=AttributionModel.FIRST)
    repeat_rule = models.CharField(max_length=8, choices=RepeatRule, default=RepeatRule.FIRST)

    def __str__(self) -> str:
        return f"{self.model}, {self.repeat_rule}"


class SettingsChange(models.Model):
    """A change of how calls are credited: worked out beside the old, then applied to all calls, or dropped.

    `done` of `total` calls are through in this step, up to (`cursor_at`, `cursor_call`). `table` compares old and new
    by source. `undoes` is the change that this one takes back.
    """

    class State(models.TextChoices):
        PREVIEWING = "previewing", _("Being worked out")
        READY = "ready", _("Ready to apply")
        APPLYING = "applying", _("Being applied")
        APPLIED = "applied", _("Applied")
        DROPPED = "dropped", _("Dropped")

    OPEN = (State.PREVIEWING, State.READY, State.APPLYING)

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="+")
    model = models.CharField(max_length=16, choices=AttributionModel)
    repeat_rule = models.CharField(max_length=8, choices=RepeatRule)
    model_before = models.CharField(max_length=16, choices=AttributionModel)
    repeat_rule_before = models.CharField(max_length=8, choices=RepeatRule)
    state = models.CharField(max_length=10, choices=State, default=State.PREVIEWING)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    cursor_at = models.DateTimeField(null=True)
    cursor_call = models.UUIDField(null=True)
    table = models.JSONField(default=list)
    undoes = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    applied_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["company"],
                condition=models.Q(state__in=("previewing", "ready", "applying")),
                name="one_open_change_of_credit",
            )
        ]

    def __str__(self) -> str:
        return f"{self.model_before} → {self.model}"
