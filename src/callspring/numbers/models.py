"""The company's phone numbers and the carriers they came from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _

from callspring.accounts.models import Company

if TYPE_CHECKING:
    from callspring.scenarios.models import Rule, Scenario


class Connection(models.Model):
    """A company's account at a carrier. `secret` signs what the carrier sends to the voice door."""

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="connections")
    carrier = models.CharField(max_length=20)
    label = models.CharField(max_length=80)
    account = models.CharField(max_length=80, help_text=_("The account's name at the carrier"))
    secret = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "carrier", "account"], name="one_connection_per_account")
        ]

    def __str__(self) -> str:
        return self.label


class Number(models.Model):
    """A phone number. It is a *tracking number* while a scenario uses it; at most one scenario does."""

    class Kind(models.TextChoices):
        LOCAL = "local", _("Local")
        TOLL_FREE = "toll_free", _("Toll-free")

    class State(models.TextChoices):
        ACTIVE = "active", _("Active")
        RESTING = "resting", _("Resting")
        RELEASED = "released", _("Released")

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="numbers")
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="numbers")
    e164 = models.CharField(max_length=20)
    kind = models.CharField(max_length=12, choices=Kind)
    state = models.CharField(max_length=10, choices=State, default=State.ACTIVE)
    # Named by text: scenarios are built on numbers, not the other way round.
    scenario: models.ForeignKey[Scenario | None, Scenario | None] = models.ForeignKey(
        "scenarios.Scenario", on_delete=models.PROTECT, null=True, blank=True, related_name="numbers"
    )
    rule: models.ForeignKey[Rule | None, Rule | None] = models.ForeignKey(
        "scenarios.Rule", on_delete=models.PROTECT, null=True, blank=True, related_name="numbers"
    )
    bought_at = models.DateTimeField()
    paid_until = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["e164"], condition=~models.Q(state="released"), name="a_number_is_owned_once"
            )
        ]

    def __str__(self) -> str:
        return self.e164
