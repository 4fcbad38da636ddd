"""Numbers that left a scenario rest: still ours, paid, and routed as their last scenario said, for whoever kept them.

1. `rest`: out of the scenario, with its call flow as the number's own.
2. `take_back`: into the same scenario again. Maintenance and a pool that grows do that before they buy.
3. `end_rests`: when the time is over the number is free, or is to be given back.

The doors learn of it when the company is published (`callspring.scenarios.publishing`), which is the caller's part; see
`callspring.scenarios.membership` for the same with that done.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from callspring.accounts.models import Company
from callspring.numbers.models import Number, RestPolicy
from callspring.numbers.queries import bought_here

DAYS = range(91)  # how many one may choose; 0: it is free at once
State, AfterRest = Number.State, Number.AfterRest


def policy(company: Company) -> RestPolicy:
    """What the company chose, else the defaults (not saved)."""
    return RestPolicy.objects.filter(company=company).first() or RestPolicy(company=company)


def set_policy(company: Company, days: int, after_rest: str) -> None:
    """From now on numbers rest so long; those that rest already keep what they were told. Raises `ValueError`."""
    if days not in DAYS:
        raise ValueError(_("Let numbers rest between %(low)d and %(high)d days.") % {"low": DAYS[0], "high": DAYS[-1]})
    if after_rest not in AfterRest.values:
        raise ValueError(_("Choose one of the two."))
    RestPolicy.objects.update_or_create(company=company, defaults={"days": days, "after_rest": after_rest})


@transaction.atomic
def rest(numbers: Iterable[Number], now: datetime, after_rest: str = "") -> list[Number]:
    """Take numbers out of their scenarios; returns those that went, as they are now.

    `after_rest` (`Number.AfterRest`) overrides the company's setting. Numbers that a company brought along from its own
    carrier account are never given back by themselves. One that is in no scenario, or moved meanwhile, stays as it is.
    """
    gone = []
    for number in numbers:
        scenario = number.scenario
        if scenario is None:
            continue
        chosen = policy(number.company)
        ours = Number.objects.filter(pk=number.pk, scenario=scenario, state=State.ACTIVE)
        if ours.update(
            scenario=None,
            rule=None,
            state=State.RESTING,
            flow=scenario.flow,
            last_scenario=scenario,
            last_rule=F("rule"),
            rests_until=now + timedelta(days=chosen.days),
            after_rest=after_rest or chosen.after_rest,
        ):
            number.refresh_from_db()
            gone.append(number)
    return gone


def resting(company: Company, scenario_id: int | None = None) -> QuerySet[Number]:
    """The company's resting numbers (of one scenario), those that rest longest first."""
    found = Number.objects.filter(company=company, state=State.RESTING, rests_until__isnull=False)
    if scenario_id is not None:
        found = found.filter(last_scenario=scenario_id)
    return found.select_related("last_scenario", "last_rule", "connection").order_by("rests_until", "pk")


@transaction.atomic
def take_back(numbers: Iterable[Number], scenario_id: int, rule_id: int) -> list[Number]:
    """Put resting or free numbers into a scenario, under one of its rules; returns those that went.

    What another scenario got meanwhile, or is being given back, stays where it is. They keep ringing as they did: the
    scenario's own call flow counts from now on.
    """
    taken = []
    for number in numbers:
        idle = Number.objects.filter(pk=number.pk, scenario=None, giving_back_since=None)
        idle = idle.filter(state__in=(State.ACTIVE, State.RESTING))
        if idle.update(scenario=scenario_id, rule=rule_id, state=State.ACTIVE, rests_until=None):
            number.refresh_from_db()
            taken.append(number)
    return taken


def end_rests(now: datetime) -> tuple[list[Number], list[Number]]:
    """Those whose time is over: the numbers that are free now, and those that are to be given back (still resting)."""
    free: list[Number] = []
    leaving: list[Number] = []
    over = Number.objects.filter(state=State.RESTING, rests_until__lte=now, giving_back_since=None)
    for number in over.annotate(bought=bought_here()).select_related("connection").order_by("pk"):
        if number.after_rest == AfterRest.GIVE_BACK and number.bought:
            leaving.append(number)
        elif Number.objects.filter(pk=number.pk, state=State.RESTING, rests_until__lte=now).update(
            state=State.ACTIVE, rests_until=None
        ):
            free.append(number)
    return free, leaving


def surplus(numbers: Sequence[Number], count: int) -> list[Number]:
    """Which `count` of a pool's numbers are given up: those whose paid period ends first cost least to lose."""
    return sorted(numbers, key=lambda number: (number.paid_until, number.pk))[: max(0, count)]
