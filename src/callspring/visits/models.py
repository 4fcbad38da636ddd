"""The record of what visitors did: visitors, visits, page views, shows.

Rows here are written by the ingester from spools, in any order between doors, so no foreign key points into them
(design.md, *Storage*); ids are UUIDs minted at the door.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from callspring.accounts.models import Company
from callspring.sites.models import Site

if TYPE_CHECKING:
    from callspring.scenarios.models import Scenario


class SourceFields(models.Model):
    """Where somebody came from, in the five columns that reports group by."""

    source = models.CharField(max_length=200, blank=True)
    medium = models.CharField(max_length=200, blank=True)
    campaign = models.CharField(max_length=200, blank=True)
    keyword = models.CharField(max_length=200, blank=True)
    channel = models.CharField(max_length=24, blank=True)

    class Meta:
        abstract = True


class Visit(SourceFields):
    """One visit. The five source columns say how this visit arrived; `stored_source` is what the visitor's cookie
    held (the first stored source decides the number, W5) and is what a call is credited to."""

    id = models.UUIDField(primary_key=True, editable=False)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="visits")
    site = models.ForeignKey(Site, on_delete=models.DO_NOTHING, db_constraint=False, related_name="visits")
    number = models.BigIntegerField()
    visitor = models.UUIDField()
    is_first = models.BooleanField()
    started_at = models.DateTimeField()
    last_active_at = models.DateTimeField()
    landing_url = models.CharField(max_length=2000)
    referrer = models.CharField(max_length=2000, blank=True)
    stored_source = models.JSONField(default=dict)
    click_ids = models.JSONField(default=dict)
    ip = models.GenericIPAddressField(null=True)
    country = models.CharField(max_length=2, blank=True)
    region = models.CharField(max_length=80, blank=True)
    city = models.CharField(max_length=80, blank=True)
    os = models.CharField(max_length=40, blank=True)
    browser = models.CharField(max_length=40, blank=True)
    device = models.CharField(max_length=10, blank=True)
    zone = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "number"], name="a_visit_number_is_used_once")]
        indexes = [
            models.Index(fields=["company", "started_at"], name="visit_by_time"),
            models.Index(fields=["visitor", "started_at"], name="visit_by_visitor"),
        ]

    def __str__(self) -> str:
        return f"visit {self.number}"


class PageView(models.Model):
    """One page shown to a visitor. `left_at` is null while nobody knows that it was left."""

    id = models.UUIDField(primary_key=True, editable=False)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="+")
    visit = models.UUIDField()
    url = models.CharField(max_length=2000)
    title = models.CharField(max_length=300, blank=True)
    started_at = models.DateTimeField()
    last_active_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["visit", "started_at"], name="page_view_by_visit")]

    def __str__(self) -> str:
        return self.url


class VisitEvent(models.Model):
    """Something a visitor did on a page: pressed a `tel:` link, or what the site's own code reports."""

    class Kind(models.TextChoices):
        TEL_CLICK = "tel_click"
        CUSTOM = "custom"

    id = models.UUIDField(primary_key=True, editable=False)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="+")
    visit = models.UUIDField()
    page_view = models.UUIDField()
    kind = models.CharField(max_length=10, choices=Kind)
    name = models.CharField(max_length=100, blank=True)
    data = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["visit", "at"], name="visit_event_by_visit")]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}".strip()


class Show(models.Model):
    """A lease and what became of it: which number a visitor was given, why, and from when to when they held it.

    It is a lease until `shown_at` (the snippet confirmed a swapped place, P4) and a show from then on. The visitor
    holds the number from `granted_at` to `until` = last activity + the scenario's hold time; a lease that was never
    confirmed ends 15 s after it was granted. `dynamic` is false for static numbers, which nobody holds alone.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="+")
    # Named by text: scenarios are built on visits' sources, not the other way round.
    scenario: models.ForeignKey[Scenario, Scenario] = models.ForeignKey(
        "scenarios.Scenario", on_delete=models.DO_NOTHING, db_constraint=False, related_name="shows"
    )
    number = models.BigIntegerField(help_text="id of the Number")
    visit = models.UUIDField()
    visitor = models.UUIDField()
    dynamic = models.BooleanField()
    overflow = models.BooleanField(default=False)
    reason = models.CharField(max_length=24)
    hold_seconds = models.PositiveIntegerField()
    granted_at = models.DateTimeField()
    shown_at = models.DateTimeField(null=True)
    last_active_at = models.DateTimeField()
    until = models.DateTimeField()
    places = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["number", "until"], name="show_by_number"),
            models.Index(fields=["visit"], name="show_by_visit"),
            models.Index(fields=["scenario", "granted_at"], name="show_by_scenario"),
        ]

    def __str__(self) -> str:
        return f"number {self.number} for visit {self.visit}"


class DropCount(models.Model):
    """How many requests a door dropped, by reason, hour and host, so that the site's owner can see why.

    `company` is the company's id, 0 where the request named none that exists. `last_at` is when the newest was dropped.
    """

    company = models.BigIntegerField()
    reason = models.CharField(max_length=24)
    host = models.CharField(max_length=200, blank=True)
    hour = models.DateTimeField()
    count = models.BigIntegerField(default=0)
    last_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "reason", "host", "hour"], name="one_drop_count")]

    def __str__(self) -> str:
        return f"{self.reason} {self.count}"


class AnonymousCount(models.Model):
    """How many arrivals without consent a site had, by hour and source. Nothing else is known of them (W10)."""

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="anonymous_counts")
    site = models.ForeignKey(Site, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    hour = models.DateTimeField()
    source = models.CharField(max_length=200, blank=True)
    medium = models.CharField(max_length=200, blank=True)
    channel = models.CharField(max_length=24, blank=True)
    count = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["company", "site", "hour", "source", "medium", "channel"], name="one_anonymous_count"
            )
        ]
        indexes = [models.Index(fields=["company", "hour"], name="anonymous_count_by_time")]

    def __str__(self) -> str:
        return f"{self.count} from {self.source or self.channel}"
