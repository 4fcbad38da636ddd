"""Who is told of missed calls, and when they were last told of a caller."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from callspring.accounts.models import Company, User
from callspring.flows.steps import WEEKDAYS
from callspring.numbers.models import Number


def all_days() -> list[Any]:
    """Every day of the week."""
    return list(WEEKDAYS)


class MissedCallAlert(models.Model):
    """One of a company's people is told of missed calls: by e-mail, and by text where `text_to` (E.164) is not "".

    `number` is the only one whose calls are meant, None for all. They are told on `days` from `start` to `end` by the
    company's clock (`HH:MM`; an end at or before the start is on the next day); what is missed in between is told when
    the next time begins. Of one caller they hear at most once in `rest_minutes`.
    """

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="missed_call_alerts")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    number = models.ForeignKey(Number, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    by_mail = models.BooleanField(default=True)
    text_to = models.CharField(max_length=16, blank=True)
    days = models.JSONField(default=all_days)
    start = models.CharField(max_length=5, default="00:00")
    end = models.CharField(max_length=5, default="24:00")
    rest_minutes = models.PositiveIntegerField(default=30, help_text=_("Minutes between two alerts about one caller"))
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["company"], name="missed_alert_by_company")]

    def __str__(self) -> str:
        return f"{self.user} · {self.number or 'all numbers'}"


class AlertSent(models.Model):
    """When somebody was last told of a caller: E.164, or a call's id where the number was withheld."""

    alert = models.ForeignKey(MissedCallAlert, on_delete=models.CASCADE, related_name="+")
    caller = models.CharField(max_length=40)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["alert", "caller"], name="one_last_alert_per_caller")]

    def __str__(self) -> str:
        return f"{self.caller} {self.at:%Y-%m-%d %H:%M}"
