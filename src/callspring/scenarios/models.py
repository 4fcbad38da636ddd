"""Scenarios: titled sets of rules for substituting numbers (design.md, *Words*)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _

from callspring.accounts.models import Company
from callspring.scenarios.flow_models import FlowVersion, Sound
from callspring.scenarios.import_models import ImportedNumber, ImportedScenario, SettingsImport
from callspring.sites.models import Site

if TYPE_CHECKING:
    from callspring.numbers.models import Number

__all__ = [
    "FlowVersion",
    "ImportedNumber",
    "ImportedScenario",
    "ReplacedNumber",
    "Rule",
    "Scenario",
    "ScenarioAlias",
    "SettingsImport",
    "Sound",
    "SwapTarget",
    "Term",
    "WantedNumber",
]


class Scenario(models.Model):
    """What is replaced, by which rules, and where the calls go. It swaps and credits only while `enabled`.

    What it replaces are its `targets`; how its numbers are displayed there, `mask` and `prefix` say
    (`callspring.scenarios.tagging`). `flow` is a published call flow (`callspring.flows.flow`) as JSON.
    `position` is the order people drag scenarios into; it breaks ties between scenarios of equal precedence.
    `overflow_number` is one of the pool's numbers that is given to nobody and shown to all who come while the others
    are held. Where there is none any more, numbers are shared.
    One with `deleted_at` is gone for people and off; its row stays, for its calls keep its name and it can come back.
    """

    class Overflow(models.TextChoices):
        SHARE = "share", _("Share a number with a visitor from the same source")
        NUMBER = "number", _("Show the overflow number")
        LEAVE = "leave", _("Leave the page's own number")

    class Policy(models.TextChoices):
        """How a number of the pool is chosen (P2, N5)."""

        CALLSPRING = "callspring", _("The number that earlier visitors are least likely still to call")
        NEXT_IN_LINE = "next_in_line", _("The next number in line")

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="scenarios")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, null=True, blank=True, related_name="scenarios")
    name = models.CharField(max_length=120)
    mask = models.CharField(max_length=40, blank=True)
    prefix = models.CharField(max_length=20, blank=True)
    enabled = models.BooleanField(default=False)
    position = models.PositiveIntegerField(default=0)
    flow = models.JSONField()
    hold_seconds = models.PositiveIntegerField(default=150)
    overflow = models.CharField(max_length=8, choices=Overflow, default=Overflow.SHARE)
    overflow_number: models.ForeignKey[Number | None, Number | None] = models.ForeignKey(
        "numbers.Number", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    policy = models.CharField(max_length=16, choices=Policy, default=Policy.CALLSPRING)
    peak_hourly_visits = models.PositiveIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name

    @property
    def target(self) -> str:
        """The first number that it replaces (E.164); "" where it replaces none. Prefetch `targets` for many."""
        return next((one.value for one in self.targets.all() if one.kind == SwapTarget.Kind.NUMBER), "")


class SwapTarget(models.Model):
    """What a scenario replaces on pages: a number (E.164), or the content of what a CSS selector finds.

    Such content becomes the whole number, or the `part` of it that is named.
    """

    class Kind(models.TextChoices):
        NUMBER = "number", _("A phone number")
        SELECTOR = "selector", _("A class or id on the page")

    class Part(models.TextChoices):
        WHOLE = "", _("The whole number")
        COUNTRY = "country", _("The country code")
        AREA = "area", _("The area code")
        REST = "rest", _("The rest")

    scenario = models.ForeignKey(Scenario, on_delete=models.CASCADE, related_name="targets")
    position = models.PositiveSmallIntegerField(default=0)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.NUMBER)
    value = models.CharField(max_length=200)
    part = models.CharField(max_length=8, choices=Part, default=Part.WHOLE, blank=True)

    class Meta:
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["scenario", "value"], name="a_scenario_names_a_target_once")]

    def __str__(self) -> str:
        return self.value


class ScenarioAlias(models.Model):
    """Another name for a scenario that pages may call it by: the id it had where it was imported from (W7)."""

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="scenario_aliases")
    alias = models.CharField(max_length=40)
    scenario = models.ForeignKey(Scenario, on_delete=models.CASCADE, related_name="aliases")

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["company", "alias"], name="an_alias_means_one_scenario")]

    def __str__(self) -> str:
        return self.alias


class Term(models.Model):
    """A term of activation (C4): whom the scenario is not for. A visitor whom any of its terms names gets no number.

    A place is `US`, `US/Illinois` or `US/Illinois/Chicago`; `US//Chicago` is every Chicago of the country.
    """

    class Kind(models.TextChoices):
        CHANNEL = "channel", _("Channel")
        SOURCE = "source", _("Source")
        MEDIUM = "medium", _("Medium")
        CAMPAIGN = "campaign", _("Campaign")
        PLACE = "place", _("Country, region or city")
        LANDING_PAGE = "landing_page", _("Landing page")

    scenario = models.ForeignKey(Scenario, on_delete=models.CASCADE, related_name="terms")
    position = models.PositiveSmallIntegerField(default=0)
    kind = models.CharField(max_length=16, choices=Kind)
    value = models.CharField(max_length=300)

    class Meta:
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["scenario", "kind", "value"], name="a_term_is_said_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"


class RulesInUse(models.Manager["Rule"]):
    """Rules that are not retired."""

    def get_queryset(self) -> models.QuerySet[Rule]:
        """See `Rule`."""
        return super().get_queryset().filter(retired=False)


class Rule(models.Model):
    """A condition on how the visitor arrived, and whether its numbers are static or come from the pool.

    The first rule of a scenario whose condition is met speaks for it. At most one is dynamic (C2).

    One that was taken out is `retired`: it stays while numbers remember it (their `last_rule`), for calls to these are
    credited as it said. Neither `Rule.objects` nor `scenario.rules` has retired ones; joins do, as `rules__retired`.
    """

    class Strategy(models.TextChoices):
        URL_PARAMETER = "url_parameter", _("URL parameter")
        LANDING_PAGE = "landing_page", _("Landing page on my domain")
        REFERRAL = "referral", _("Referral from other websites")
        WEB_SEARCH = "web_search", _("Web search")
        DIRECT = "direct", _("Direct website visit")
        CHANNEL = "channel", _("Channel")
        SOURCE = "source", _("Source")
        MEDIUM = "medium", _("Medium")
        CAMPAIGN = "campaign", _("Campaign")
        ALWAYS = "always", _("Always swap")

    scenario = models.ForeignKey(Scenario, on_delete=models.CASCADE, related_name="rules")
    position = models.PositiveSmallIntegerField(default=0)
    strategy = models.CharField(max_length=16, choices=Strategy)
    name = models.CharField(max_length=100, blank=True, help_text=_("The URL parameter's name"))
    value = models.CharField(
        max_length=300,
        blank=True,
        help_text=_("The parameter's value, the landing page's path, the referring host, or the name that is compared"),
    )
    dynamic = models.BooleanField(default=False, help_text=_("Numbers come from the pool, one per visitor"))
    retired = models.BooleanField(default=False)

    objects = RulesInUse()
    every: models.Manager[Rule] = models.Manager()

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["scenario"], condition=models.Q(dynamic=True), name="a_scenario_has_one_pool_at_most"
            )
        ]

    def __str__(self) -> str:
        return f"{self.strategy} {self.name} {self.value}".strip()


class WantedNumber(models.Model):
    """A number that a scenario is to have and that is not bought: saving buys nothing (C5).

    It goes when somebody approves the price and it is ordered (`callspring.scenarios.purchases`).
    """

    scenario = models.ForeignKey(Scenario, on_delete=models.CASCADE, related_name="wanted")
    rule = models.ForeignKey(Rule, on_delete=models.CASCADE, related_name="wanted")
    connection = models.ForeignKey("numbers.Connection", on_delete=models.CASCADE, related_name="+")
    e164 = models.CharField(max_length=20)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["scenario", "e164"], name="a_scenario_wants_a_number_once")]

    def __str__(self) -> str:
        return self.e164


class ReplacedNumber(models.Model):
    """A number that somebody took out of a scenario while others are to be bought in its place.

    It serves, and is the scenario's, until they are here (`callspring.scenarios.replacing`).
    """

    scenario = models.ForeignKey(Scenario, on_delete=models.CASCADE, related_name="replaced")
    number: models.OneToOneField[Number, Number] = models.OneToOneField(
        "numbers.Number", on_delete=models.CASCADE, related_name="replaced"
    )

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.number_id}"
