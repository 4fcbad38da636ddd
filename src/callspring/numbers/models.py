"""The company's phone numbers and the carriers they came from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _

from callspring.accounts.models import Company
from callspring.numbers.e164 import country_of

if TYPE_CHECKING:
    from callspring.scenarios.models import Rule, Scenario


class Connection(models.Model):
    """A company's account at a carrier. `secret` signs what the carrier sends to the voice door.

    `tested_at` is when the carrier last accepted the secret; `problem` is what it said since, "" while all is well. A
    disconnected one has no secret and no numbers; it stays for the calls that came through it. `at_work_until`: there
    is somebody who carries out what waits for it (`callspring.numbers.tasks`).
    """

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="connections")
    carrier = models.CharField(max_length=20)
    label = models.CharField(max_length=80)
    account = models.CharField(max_length=80, help_text=_("The account's name at the carrier"))
    secret = models.CharField(max_length=4000)
    created_at = models.DateTimeField(auto_now_add=True)
    tested_at = models.DateTimeField(null=True, blank=True)
    disconnected_at = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=300, blank=True)
    at_work_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "carrier", "account"], name="one_connection_per_account")
        ]

    def __str__(self) -> str:
        return self.label


class Number(models.Model):
    """A phone number. It is a *tracking number* while a scenario uses it; at most one scenario does.

    `pointed_at` is when we last told the carrier to send its calls here (None: we did not), `fallback` (E.164) the
    destination that it rings while we are silent, and `fallback_told` the address that it asks then. `webhooks_before`
    is how the carrier had it configured before that (`callspring.carriers.api.Owned.before`); None where nothing was.

    `flow` is what happens to its calls while no scenario uses it: a call flow (`callspring.flows.flow`) as JSON; None
    for a number that is not in service.

    One that left a scenario rests until `rests_until`, and then `after_rest` comes (`callspring.numbers.resting`);
    `last_scenario` and `last_rule` are those that it left. `giving_back_since` is when the carrier was first asked to
    take it back and may have done so: no scenario gets it any more.
    """

    class Kind(models.TextChoices):
        LOCAL = "local", _("Local")
        TOLL_FREE = "toll_free", _("Toll-free")

    class State(models.TextChoices):
        ACTIVE = "active", _("Active")
        RESTING = "resting", _("Resting")
        RELEASED = "released", _("Released")

    class AfterRest(models.TextChoices):
        FREE = "free", _("It is free for another scenario")
        GIVE_BACK = "give_back", _("It is given back to its carrier")

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
    carrier_number_id = models.CharField(max_length=80, blank=True, help_text=_("The carrier's own name for it"))
    can_text = models.BooleanField(default=True)
    webhooks_before = models.JSONField(null=True, blank=True)
    pointed_at = models.DateTimeField(null=True, blank=True)
    fallback = models.CharField(max_length=20, blank=True)
    fallback_told = models.TextField(blank=True, default="")
    flow = models.JSONField(null=True, blank=True)
    rests_until = models.DateTimeField(null=True, blank=True)
    after_rest = models.CharField(max_length=10, choices=AfterRest, default=AfterRest.FREE)
    last_scenario: models.ForeignKey[Scenario | None, Scenario | None] = models.ForeignKey(
        "scenarios.Scenario", on_delete=models.SET_NULL, null=True, blank=True, related_name="past_numbers"
    )
    last_rule: models.ForeignKey[Rule | None, Rule | None] = models.ForeignKey(
        "scenarios.Rule", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    giving_back_since = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["e164"], condition=~models.Q(state="released"), name="a_number_is_owned_once"
            )
        ]

    def __str__(self) -> str:
        return self.e164

    @property
    def carrier(self) -> str:
        """Where it comes from; with country and kind it decides the rent."""
        return self.connection.carrier

    @property
    def country(self) -> str:
        """Two capital letters, "" for a number of no country."""
        return country_of(self.e164)

    @property
    def is_leaving(self) -> bool:
        """Whether the carrier was asked to take it back and has not said yet that it did."""
        return self.giving_back_since is not None and self.state != Number.State.RELEASED


class RestPolicy(models.Model):
    """How long a company's numbers rest, and what then becomes of them. Without a row it is as the defaults say."""

    company = models.OneToOneField(Company, on_delete=models.CASCADE, related_name="rest_policy")
    days = models.PositiveSmallIntegerField(default=14)
    after_rest = models.CharField(max_length=10, choices=Number.AfterRest, default=Number.AfterRest.FREE)

    def __str__(self) -> str:
        return f"{self.days} days, then {self.after_rest}"


class NumberOrder(models.Model):
    """A number asked of a carrier. It is written before the carrier is asked, so that none is bought unnoticed.

    While it is `requested`, its rent is set aside; `asked_at` is when the carrier was asked. `reason` says for people
    why it failed. `batch` names what was ordered together; `flow` is the one that the number gets (`Number.flow`).
    A failed one is `replaced` once another number was ordered in its place, and `left` once somebody said that it need
    not be had. `rule` is that of the scenario that the number is for: it goes there as it arrives, unless the scenario
    is no more. A rule may be taken out meanwhile; `scenario` stays.
    """

    class State(models.TextChoices):
        REQUESTED = "requested", _("Requested")
        OBTAINED = "obtained", _("Obtained")
        FAILED = "failed", _("Failed")
        REPLACED = "replaced", _("Another one was ordered instead")
        LEFT = "left", _("Failed, and left at that")

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="number_orders")
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="orders")
    e164 = models.CharField(max_length=20)
    fallback = models.CharField(max_length=20, blank=True)
    batch = models.UUIDField(null=True, blank=True, db_index=True)
    flow = models.JSONField(null=True, blank=True)
    rule: models.ForeignKey[Rule | None, Rule | None] = models.ForeignKey(
        "scenarios.Rule", on_delete=models.SET_NULL, null=True, blank=True, related_name="orders"
    )
    scenario: models.ForeignKey[Scenario | None, Scenario | None] = models.ForeignKey(
        "scenarios.Scenario", on_delete=models.SET_NULL, null=True, blank=True, related_name="orders"
    )
    state = models.CharField(max_length=10, choices=State, default=State.REQUESTED)
    reason = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    asked_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "e164"], condition=models.Q(state="requested"), name="one_open_order_per_number"
            )
        ]

    def __str__(self) -> str:
        return f"{self.e164} {self.state}"


class NumberTask(models.Model):
    """What somebody wants done with a number at its carrier, and what came of it; of each number the last is kept.

    `flow` is the call flow that a number gets which has none. `problem` says for people why it failed. `taken_until`:
    somebody is at it.
    """

    class Verb(models.TextChoices):
        BRING = "bring", _("Bring here")
        PUT_BACK = "put_back", _("Put back")
        LEAVE = "leave", _("Put back, for the connection ends")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="number_tasks")
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="tasks")
    e164 = models.CharField(max_length=20)
    verb = models.CharField(max_length=10, choices=Verb)
    flow = models.JSONField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    problem = models.CharField(max_length=500, blank=True)
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    taken_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["connection", "e164"], name="one_task_per_number")]

    def __str__(self) -> str:
        return f"{self.verb} {self.e164} {self.state}"


class PortIn(models.Model):
    """A number that is on its way here from another telephone company, as people follow it.

    `connection` is where it will arrive, `flow` what then happens to its calls. `wanted_on` is the day agreed upon.
    Once the carrier's account has the number it is brought here (`callspring.scenarios.porting`).
    """

    class State(models.TextChoices):
        PREPARING = "preparing", _("Being prepared")
        REQUESTED = "requested", _("Asked of the carrier")
        AGREED = "agreed", _("The day is agreed")
        REFUSED = "refused", _("Refused")
        ARRIVED = "arrived", _("Arrived")
        CALLED_OFF = "called_off", _("Called off")

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="port_ins")
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="port_ins")
    e164 = models.CharField(max_length=20)
    losing_carrier = models.CharField(max_length=80)
    state = models.CharField(max_length=10, choices=State, default=State.PREPARING)
    wanted_on = models.DateField(null=True, blank=True)
    notes = models.TextField(max_length=2000, blank=True)
    flow = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)
    arrived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["company", "e164"],
                condition=~models.Q(state__in=["refused", "arrived", "called_off"]),
                name="one_open_port_in_per_number",
            )
        ]

    def __str__(self) -> str:
        return f"{self.e164} {self.state}"
