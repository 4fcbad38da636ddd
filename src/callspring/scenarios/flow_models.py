"""What was published of call flows, and the sounds that they play."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.utils import timezone

from callspring.accounts.models import Company, User
from callspring.numbers.models import Number

if TYPE_CHECKING:
    from callspring.scenarios.models import Scenario


class FlowVersion(models.Model):
    """A call flow as it was published for a `scenario`, or for a `number`. Versions count from 1 and never change.

    `author` is None where nobody is known: it was there before versions were kept, or came by the API.
    """

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="+")
    scenario: models.ForeignKey[Scenario | None, Scenario | None] = models.ForeignKey(
        "scenarios.Scenario", on_delete=models.CASCADE, null=True, blank=True, related_name="flow_versions"
    )
    number = models.ForeignKey(Number, on_delete=models.CASCADE, null=True, blank=True, related_name="flow_versions")
    version = models.PositiveIntegerField()
    flow = models.JSONField()
    author = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(fields=["scenario", "version"], name="a_version_of_a_scenario_once"),
            models.UniqueConstraint(fields=["number", "version"], name="a_version_of_a_number_once"),
        ]

    def __str__(self) -> str:
        return f"version {self.version}"


class Sound(models.Model):
    """A recording that call flows play. Its file is named by its content (`name`, as `callspring.voice.sounds` has it).

    It is kept while any version of a flow plays it, for every version can be brought back, and some weeks longer.
    """

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=40)
    title = models.CharField(max_length=80)
    seconds = models.FloatField()
    author = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [models.UniqueConstraint(fields=["company", "name"], name="a_sound_is_kept_once")]

    def __str__(self) -> str:
        return self.title
