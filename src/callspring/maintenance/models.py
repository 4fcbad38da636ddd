"""What is known of each pool by the hour, how it is maintained, and what was decided about it."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from callspring.accounts.models import Company
from callspring.maintenance.rules import Action as ActionName
from callspring.maintenance.rules import Reason as ReasonName
from callspring.maintenance.rules import has_fallen
from callspring.scenarios.models import Scenario

CERTAINTY_TARGET = 0.8


class PoolHour(models.Model):
    """What a pool did in one hour (`callspring.scenarios.pool_hours.HourTally`): a projection of the shows.

    It can be worked out anew from the record at any time (`callspring.maintenance.hours`). `numbers` is how many
    numbers the pool had at that time, 0 where that is not known. `quarters` are its four `Part`s, for zones in which
    a day begins in the middle of an hour.
    """

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="+")
    scenario = models.ForeignKey(Scenario, on_delete=models.CASCADE, related_name="hours")
    hour = models.DateTimeField()
    shows = models.PositiveIntegerField(default=0)
    exclusive = models.PositiveIntegerField(default=0)
    overflows = models.PositiveIntegerField(default=0)
    timed = models.PositiveIntegerField(default=0)
    visit_seconds = models.FloatField(default=0)
    held_seconds = models.FloatField(default=0)
    held_most = models.PositiveIntegerField(default=0)
    quarters = models.JSONField(default=list)
    numbers = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["hour"]
        constraints = [models.UniqueConstraint(fields=["scenario", "hour"], name="one_row_per_pool_and_hour")]

    def __str__(self) -> str:
        return f"{self.exclusive} of {self.shows} at {self.hour}"


class StaleHour(models.Model):
    """An hour of a pool whose figures have to be worked out (anew). `mark` is another one each time that shows change.

    No foreign keys: doors may report of scenarios that are gone.
    """

    company = models.BigIntegerField()
    scenario = models.BigIntegerField()
    hour = models.DateTimeField()
    mark = models.UUIDField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scenario", "hour"], name="an_hour_is_stale_once")]

    def __str__(self) -> str:
        return f"{self.scenario} {self.hour}"


class Maintenance(models.Model):
    """How a scenario's pool is looked after. It is done by itself while `enabled`.

    `certainty_target` (0 to 1): no number is released where call certainty would fall below it. `size` is how many
    numbers the pool has, `sized_at` since when: no show from before that is measured. `told_at` is when the owners were
    last told that the last days were bad.
    """

    scenario = models.OneToOneField(Scenario, on_delete=models.CASCADE, related_name="maintenance")
    enabled = models.BooleanField(default=False)
    certainty_target = models.FloatField(default=CERTAINTY_TARGET)
    size = models.PositiveIntegerField(default=0)
    sized_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.scenario_id}: {'on' if self.enabled else 'off'}"


class Decision(models.Model):
    """What maintenance decided about a scenario on one day, with the figures it rested on. There is one a day at most.

    `certainty` is the one measured (None: no calls). The forecasts are for `numbers` less what a release would take
    (None where that was not asked). `lately_shows` and `lately_exclusive` are those of the last 7 days, as far as the
    size is that old. `count` numbers were added or released, `from_rest` of them came back from rest and
    `batch` is the order of the others. `e164s` names all of them. `rent` is what the bought ones cost for 7 days, in
    minor units of `currency`; where money was the reason, `rent` is what was needed and `funds` what there was.
    """

    class Action(models.TextChoices):
        BUY = ActionName.BUY.value, _("Numbers added")
        RELEASE = ActionName.RELEASE.value, _("Numbers released")
        NOTHING = ActionName.NOTHING.value, _("Nothing done")

    class Reason(models.TextChoices):
        TOO_LOW = ReasonName.TOO_LOW.value, _("Accuracy is below 90 %")
        MORE_THAN_NEEDED = ReasonName.MORE_THAN_NEEDED.value, _("More numbers than needed")
        NO_NUMBERS = ReasonName.NO_NUMBERS.value, _("The pool has no numbers")
        UNDER_WAY = ReasonName.UNDER_WAY.value, _("Numbers are still on order")
        FEW_SHOWS = ReasonName.FEW_SHOWS.value, _("Too few shows since the size last changed")
        IN_RANGE = ReasonName.IN_RANGE.value, _("Accuracy is as it should be")
        NO_MONEY = ReasonName.NO_MONEY.value, _("The balance is too low")
        OVER_CAP = ReasonName.OVER_CAP.value, _("The monthly spending cap is reached")
        NO_CARRIER = ReasonName.NO_CARRIER.value, _("No numbers can be bought")
        NEEDED_FOR_ACCURACY = ReasonName.NEEDED_FOR_ACCURACY.value, _("With fewer, accuracy would fall")
        NEEDED_FOR_CERTAINTY = ReasonName.NEEDED_FOR_CERTAINTY.value, _("With fewer, call certainty would fall too low")
        NONE_ENDS = ReasonName.NONE_ENDS.value, _("No number’s paid period ends within 24 hours")

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="+")
    scenario = models.ForeignKey(Scenario, on_delete=models.CASCADE, related_name="decisions")
    day = models.DateField()
    at = models.DateTimeField()
    action = models.CharField(max_length=8, choices=Action)
    reason = models.CharField(max_length=20, choices=Reason)
    since = models.DateTimeField()
    shows = models.PositiveIntegerField()
    exclusive = models.PositiveIntegerField()
    lately_shows = models.PositiveIntegerField(default=0)
    lately_exclusive = models.PositiveIntegerField(default=0)
    numbers = models.PositiveIntegerField()
    resting = models.PositiveIntegerField(default=0)
    ending = models.PositiveIntegerField(default=0)
    certainty = models.FloatField(null=True)
    certainty_target = models.FloatField()
    accuracy_left = models.FloatField(null=True)
    certainty_left = models.FloatField(null=True)
    count = models.PositiveIntegerField(default=0)
    from_rest = models.PositiveIntegerField(default=0)
    e164s = models.JSONField(default=list)
    batch = models.UUIDField(null=True)
    rent = models.BigIntegerField(default=0)
    funds = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3)
    problem = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-day", "-id"]
        constraints = [models.UniqueConstraint(fields=["scenario", "day"], name="one_maintenance_run_a_day")]
        indexes = [models.Index(fields=["company", "-day"], name="decision_by_company")]

    def __str__(self) -> str:
        return f"{self.day}: {self.action} {self.count}"

    @property
    def has_fallen(self) -> bool:
        """Whether accuracy is as it should be only because it was better before the last 7 days."""
        return has_fallen(self.reason, self.lately_shows, self.lately_exclusive)

    @property
    def lately_accuracy(self) -> float | None:
        """Of the last 7 days, from 0 to 1; None of no shows."""
        return self.lately_exclusive / self.lately_shows if self.lately_shows else None


class Replay(models.Model):
    """A scenario's own visits and calls, played again against pools of other sizes and with other policies.

    `percent` is how far it has come. `result` is what `callspring.maintenance.replaying` writes; `problem` is why there
    is none, for people.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="+")
    scenario = models.ForeignKey(Scenario, on_delete=models.CASCADE, related_name="replays")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    percent = models.PositiveSmallIntegerField(default=0)
    result: models.JSONField[dict[str, Any]] = models.JSONField(default=dict)
    problem = models.CharField(max_length=300, blank=True)
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["scenario"],
                condition=models.Q(state__in=["waiting", "running"]),
                name="one_replay_of_a_scenario_at_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.scenario_id}: {self.state}"
