"""Maintenance of one scenario: figures from the record, the verdict (`rules`), and what it says, done.

One run a day and scenario: the row of the day is written in the same transaction as what is done, and the constraint on
it lets no second run through, whoever else is at it.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from callspring.billing.actions import NotEnoughFunds
from callspring.billing.cap import OverCap
from callspring.maintenance import notices, queries
from callspring.maintenance.hours import pool_sizes
from callspring.maintenance.models import Decision, Maintenance
from callspring.maintenance.rules import LATELY, Action, Figures, Funds, Reason, Verdict, maintain, step
from callspring.numbers.actions import CannotOrder
from callspring.numbers.models import Number, NumberOrder
from callspring.numbers.renting import rent_of
from callspring.numbers.resting import resting
from callspring.scenarios.membership import Resize, look_at_size, resize, shrink
from callspring.scenarios.models import Rule, Scenario
from callspring.scenarios.sizing import accuracy, certainty

log = logging.getLogger(__name__)

ENDS_SOON = timedelta(hours=24)
APART = timedelta(hours=20)  # between two runs, whatever the clocks do at midnight
LEAST_CALLS = 30  # credited ones, before what is measured corrects what is forecast


@dataclass(frozen=True, slots=True)
class _Look:
    """A scenario as one run sees it."""

    scenario: Scenario
    rule: Rule
    kept: Maintenance
    now: datetime
    figures: Figures
    ending: Sequence[Number]
    certainty: float | None


def look_at_sizes(now: datetime) -> None:
    """Note since when each pool has had as many numbers as it has, whoever changed that."""
    found = Scenario.objects.filter(rules__dynamic=True, rules__retired=False, deleted_at=None).select_related(
        "maintenance"
    )
    sizes = pool_sizes(found.values_list("pk", flat=True))
    for scenario in found:
        size, kept = sizes.get(scenario.pk, 0), getattr(scenario, "maintenance", None)
        if kept is None:
            new = Maintenance(scenario=scenario, size=size, sized_at=scenario.created_at)
            Maintenance.objects.bulk_create([new], ignore_conflicts=True)
        elif kept.size != size:
            Maintenance.objects.filter(pk=kept.pk, size=kept.size).update(size=size, sized_at=now)


def due(now: datetime) -> QuerySet[Scenario]:
    """The scenarios that are to be looked after; none whose site is removed, where what it was right for is past."""
    on = Scenario.objects.filter(
        maintenance__enabled=True, enabled=True, deleted_at=None, rules__dynamic=True, rules__retired=False
    ).filter(site__removed_at=None)
    lately = Decision.objects.filter(at__gt=now - APART)
    return on.exclude(pk__in=lately.values("scenario")).select_related("company__account", "maintenance")


def run_all(now: datetime) -> list[Decision]:
    """One run of each scenario that has had none today; what fails holds up no other and is tried again."""
    done = []
    for scenario in due(now).order_by("pk"):
        try:
            decision = run(scenario, now)
        except Exception:  # whatever it is, other people's pools do not wait for it
            log.exception("scenario %s cannot be maintained", scenario.pk)
            continue
        if decision is not None:
            done.append(decision)
    return done


def run(scenario: Scenario, now: datetime) -> Decision | None:
    """Look after one scenario; None where today's run has been."""
    day = now.astimezone(ZoneInfo(scenario.company.zone)).date()
    if Decision.objects.filter(scenario=scenario, day=day).exists():
        return None  # the constraint decides; this saves the work
    look = _look(scenario, now)
    change, problem = Resize(), ""
    if maintain(look.figures).action is Action.BUY:
        change, problem = _growth(look)
    if problem:
        look = replace(look, figures=replace(look.figures, funds=Funds.NO_CARRIER))
    try:
        with transaction.atomic():
            decision = _begin(look, day, problem)
            _act(look, change, decision)
            decision.save()
            notices.tell(decision)
            notices.tell_of_the_last_days(decision)
    except IntegrityError:
        if Decision.objects.filter(scenario=scenario, day=day).exists():
            return None  # another run was first, and all that we did is undone
        raise
    return decision


def _look(scenario: Scenario, now: datetime) -> _Look:
    rule, kept = scenario.rules.get(dynamic=True), queries.maintenance(scenario)
    numbers = list(queries.pool(scenario).select_related("connection").order_by("paid_until", "pk"))
    ending = [number for number in numbers if number.paid_until <= now + ENDS_SOON]
    counted = queries.measured(scenario, kept.sized_at)
    lately = queries.measured(scenario, max(kept.sized_at, now - LATELY))
    ordered = NumberOrder.objects.filter(rule=rule, state=NumberOrder.State.REQUESTED)
    calls, mean = queries.certainty([scenario.pk], now - queries.WINDOW).get(scenario.pk, (0, None))
    figures = Figures(
        shows=counted.shows,
        exclusive=counted.exclusive,
        numbers=len(numbers),
        resting=resting(scenario.company, scenario.pk).filter(giving_back_since=None).count(),
        ending=len(ending),
        changing=ordered.exists(),
        certainty_target=kept.certainty_target,
        lately_shows=lately.shows,
        lately_exclusive=lately.exclusive,
    )
    figures = _forecast(scenario, figures, now, mean if calls >= LEAST_CALLS else None)
    return _Look(scenario, rule, kept, now, figures, ending, mean)


def _forecast(scenario: Scenario, figures: Figures, now: datetime, certain: float | None) -> Figures:
    """What is left after a release. Where calls enough were credited, certainty is the measured one, changed as much as
    the forecast changes."""
    traffic, left = queries.traffic(scenario, now - queries.WINDOW), figures.numbers - step(figures.numbers)
    if traffic is None or left < 1:
        return figures
    calls = queries.calls(scenario)
    then = certainty(traffic, left, calls)
    if certain is not None:
        then = min(1.0, certain * then / max(certainty(traffic, figures.numbers, calls), 1e-9))
    return replace(figures, accuracy_left=accuracy(traffic, left), certainty_left=then)


def _growth(look: _Look) -> tuple[Resize, str]:
    """What the pool would get, the carrier asked; and why it cannot, for people."""
    count = maintain(look.figures).count
    try:
        change = look_at_size(look.scenario, look.rule, look.figures.numbers + count, use_free=False)
    except CannotOrder as problem:
        rested = resting(look.scenario.company, look.scenario.pk).filter(giving_back_since=None).order_by("pk")
        return Resize(back=list(rested[:count])), str(problem)
    if change.missing and not change.buy:
        return change, _("No numbers like those of the pool are for sale now.")
    return change, ""


def _begin(look: _Look, day: date, problem: str) -> Decision:
    """The row of the day: whoever comes second fails here (or waits for the first, and then fails)."""
    figures, account = look.figures, look.scenario.company.account
    asked = figures.shows and figures.exclusive == figures.shows
    return Decision.objects.create(
        company=look.scenario.company,
        scenario=look.scenario,
        day=day,
        at=look.now,
        action=Action.NOTHING,
        reason=Reason.IN_RANGE,
        since=look.kept.sized_at,
        shows=figures.shows,
        exclusive=figures.exclusive,
        lately_shows=figures.lately_shows,
        lately_exclusive=figures.lately_exclusive,
        numbers=figures.numbers,
        resting=figures.resting,
        ending=figures.ending,
        certainty=look.certainty,
        certainty_target=figures.certainty_target,
        accuracy_left=figures.accuracy_left if asked else None,
        certainty_left=figures.certainty_left if asked else None,
        currency=account.currency,
        problem=problem[:300],
    )


def _act(look: _Look, change: Resize, decision: Decision) -> None:
    """Do what the verdict says; where money is wanting, what it then says."""
    verdict = maintain(look.figures)
    if verdict.action is Action.BUY:
        verdict = _grow(look, verdict, change, decision)
    elif verdict.action is Action.RELEASE:
        gone = shrink(look.scenario, look.ending[: verdict.count])
        decision.e164s = [number.e164 for number in gone]
        verdict = replace(verdict, count=len(gone))
    decision.action, decision.reason = verdict.action, verdict.reason
    decision.count, decision.from_rest = verdict.count, verdict.from_rest
    if verdict.action is not Action.NOTHING:
        _note_size(look)


def _grow(look: _Look, verdict: Verdict, change: Resize, decision: Decision) -> Verdict:
    account = look.scenario.company.account
    offered = [one.e164 for one in change.buy]
    carrier = change.connection.carrier if change.connection else ""
    rent = sum(rent_of(e164, carrier, account.currency) for e164 in offered)
    try:
        with transaction.atomic():
            decision.batch = resize(look.scenario, look.rule, change)
    except NotEnoughFunds as refusal:
        funds = Funds.OVER_CAP if isinstance(refusal, OverCap) else Funds.NO_MONEY
        decision.rent, decision.funds = refusal.needed, refusal.balance
        return _grow_from_rest(look, replace(look.figures, funds=funds), change, decision)
    decision.rent = rent
    decision.e164s = [*(number.e164 for number in change.back), *offered]
    return replace(verdict, count=len(decision.e164s), from_rest=len(change.back))


def _grow_from_rest(look: _Look, figures: Figures, change: Resize, decision: Decision) -> Verdict:
    """Nothing can be paid: what rests may come back all the same."""
    verdict = maintain(figures)
    if verdict.action is Action.BUY:
        resize(look.scenario, look.rule, Resize(back=change.back))
        decision.e164s = [number.e164 for number in change.back]
        decision.problem = str(Decision.Reason(figures.funds.value).label)
    return verdict


def _note_size(look: _Look) -> None:
    """The size has changed now; numbers on order change it once more when they come (`look_at_sizes`)."""
    size = queries.pool(look.scenario).count()
    if size != look.kept.size:
        Maintenance.objects.filter(scenario=look.scenario).update(size=size, sized_at=look.now)


__all__ = ["due", "look_at_sizes", "run", "run_all"]
