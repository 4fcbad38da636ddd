"""Scenarios: titled sets of rules for substituting numbers (design.md, *Words*)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from callspring.accounts.models import Company
from callspring.sites.models import Site


class Scenario(models.Model):
    """What is replaced, by which rules, and where the calls go. It swaps and credits only while `enabled`.

    `target` is the swap target in E.164. `flow` is a published call flow (`callspring.flows.flow`) as JSON.
    `position` is the order people drag scenarios into; it breaks ties between scenarios of equal precedence.
    """

    class Overflow(models.TextChoices):
        SHARE = "share", _("Share a number with a visitor from the same source")
        NUMBER = "number", _("Show the overflow number")
        LEAVE = "leave", _("Leave the page's own number")

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="scenarios")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, null=True, blank=True, related_name="scenarios")
    name = models.CharField(max_length=120)
    target = models.CharField(max_length=20, blank=True)
    enabled = models.BooleanField(default=False)
    position = models.PositiveIntegerField(default=0)
    flow = models.JSONField()
    hold_seconds = models.PositiveIntegerField(default=150)
    overflow = models.CharField(max_length=8, choices=Overflow, default=Overflow.SHARE)
    peak_hourly_visits = models.PositiveIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name


class Rule(models.Model):
    """A condition on how the visitor arrived, and whether its numbers are static or come from the pool."""

    class Strategy(models.TextChoices):
        URL_PARAMETER = "url_parameter", _("URL parameter")
        LANDING_PAGE = "landing_page", _("Landing page on my domain")
        REFERRAL = "referral", _("Referral from other websites")
        WEB_SEARCH = "web_search", _("Web search")
        DIRECT = "direct", _("Direct website visit")
        ALWAYS = "always", _("Always swap")

    scenario = models.ForeignKey(Scenario, on_delete=models.CASCADE, related_name="rules")
    position = models.PositiveSmallIntegerField(default=0)
    strategy = models.CharField(max_length=16, choices=Strategy)
    name = models.CharField(max_length=100, blank=True, help_text=_("The URL parameter's name"))
    value = models.CharField(
        max_length=300, blank=True, help_text=_("The parameter's value, the landing page's path, or the referring host")
    )
    dynamic = models.BooleanField(default=False, help_text=_("Numbers come from the pool, one per visitor"))

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return f"{self.strategy} {self.name} {self.value}".strip()
