"""What was imported from another product: the file, what was made of it, and what is still to come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _

from callspring.accounts.models import Company, User

if TYPE_CHECKING:
    from callspring.scenarios.models import Rule, Scenario


class SettingsImport(models.Model):
    """Somebody's file of per-number settings. As a draft it holds the file's `text`, which goes once it is `made`.

    `choices` is what the person decided: product, site, and what counts where the file says nothing.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Being looked at")
        MADE = "made", _("Imported")
        UNDONE = "undone", _("Undone")

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    name = models.CharField(max_length=120)
    product = models.CharField(max_length=24)
    text = models.TextField(blank=True)
    choices = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    created_at = models.DateTimeField(auto_now_add=True)
    made_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["company", "state"], name="import_by_company")]

    def __str__(self) -> str:
        return f"{self.name} {self.state}"


class ImportedScenario(models.Model):
    """A scenario that an import made. `fingerprint` says what it was then, so that it is known whether it changed."""

    settings_import = models.ForeignKey(SettingsImport, on_delete=models.CASCADE, related_name="scenarios")
    scenario: models.OneToOneField[Scenario, Scenario] = models.OneToOneField(
        "scenarios.Scenario", on_delete=models.CASCADE, related_name="imported"
    )
    fingerprint = models.CharField(max_length=64)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.scenario_id}"


class ImportedNumber(models.Model):
    """A number (E.164) that an import gave to a scenario. `placed_at`: it went in; None while it is still to come.

    It is never bought: it is the business's own and has to be brought or ported here.
    """

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="+")
    scenario: models.ForeignKey[Scenario, Scenario] = models.ForeignKey(
        "scenarios.Scenario", on_delete=models.CASCADE, related_name="imported_numbers"
    )
    rule: models.ForeignKey[Rule | None, Rule | None] = models.ForeignKey(
        "scenarios.Rule", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    e164 = models.CharField(max_length=20)
    placed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["scenario", "e164"], name="a_number_is_imported_once")]
        indexes = [models.Index(fields=["company", "e164"], name="imported_number")]

    def __str__(self) -> str:
        return self.e164
