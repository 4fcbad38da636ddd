"""Which numbers a scenario has: taken out (they rest), put back, and a pool made larger or smaller.

`grow` and `shrink` are what maintenance uses: resting numbers of the scenario come back before any is bought. The doors
and the carriers learn of each change.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from callspring.carriers.api import Available, CarrierProblem
from callspring.flows.flow import read
from callspring.numbers import resting, shopping
from callspring.numbers.actions import CannotOrder, ordering_connection
from callspring.numbers.models import Connection, Number, NumberOrder
from callspring.numbers.queries import free_numbers
from callspring.numbers.quotes import quote
from callspring.scenarios.jobs import order_numbers
from callspring.scenarios.models import Rule, Scenario
from callspring.scenarios.publishing import publish_on_commit
from callspring.scenarios.replacing import forget
from callspring.scenarios.routing import tell_carriers


class LastNumber(ValueError):
    """A scenario that is on would be left without a number; the message says what to do."""


class NotAsShown(ValueError):
    """The pool or the prices have changed since somebody looked; the message says to look once more."""


@dataclass(frozen=True, slots=True)
class Resize:
    """What brings a rule to another number of numbers. `missing`: so many could not be found for sale.

    `out` rest, `back` come back from their rest, `free` are the company's own, and `buy` are to be bought through
    `connection`.
    """

    out: Sequence[Number] = ()
    back: Sequence[Number] = ()
    free: Sequence[Number] = ()
    buy: Sequence[Available] = ()
    connection: Connection | None = None
    missing: int = 0


@dataclass(frozen=True, slots=True)
class Grown:
    """What became of it: numbers that came back, and the batch of those that are on order (None: none)."""

    back: Sequence[Number]
    ordered: Sequence[str]
    batch: UUID | None


@transaction.atomic
def take_out(scenario: Scenario, numbers: Iterable[Number], after_rest: str = "") -> list[Number]:
    """Let these numbers of the scenario rest; returns those that went. Raises `LastNumber`.

    `after_rest` (`Number.AfterRest`) overrides what the company has set.
    """
    leaving = {number.pk for number in numbers}
    here = list(scenario.numbers.select_for_update(of=("self",)).select_related("scenario", "company"))
    going = [number for number in here if number.pk in leaving]
    if scenario.enabled and going and len(going) == len(here):
        said = _("“%(name)s” would be left without a number. Turn it off first, or leave one in.")
        raise LastNumber(said % {"name": scenario.name})
    gone = resting.rest(going, timezone.now(), after_rest)
    forget(gone)
    publish_on_commit(scenario.company_id, scenario.site_id, None)
    return gone


@transaction.atomic
def put_in(scenario: Scenario, rule: Rule, numbers: Iterable[Number]) -> list[Number]:
    """Put resting or free numbers of the company into the scenario; returns those that went."""
    targets = set(scenario.targets.values_list("value", flat=True))
    own = [one for one in numbers if one.company_id == scenario.company_id and one.e164 not in targets]
    came = resting.take_back(own, scenario.pk, rule.pk)
    publish_on_commit(scenario.company_id, scenario.site_id, None)
    tell_carriers(scenario.company_id)
    return came


def rule_for(scenario: Scenario, number: Number) -> Rule | None:
    """Under which rule of the scenario a number comes back: the one that it had, else the pool, else the first."""
    rules = list(scenario.rules.all())
    had = next((rule for rule in rules if rule.pk == number.last_rule_id), None)
    return had or next((rule for rule in rules if rule.dynamic), None) or next(iter(rules), None)


def look_at_size(scenario: Scenario, rule: Rule, size: int, *, use_free: bool, rather: Collection[str] = ()) -> Resize:
    """What it takes to bring a rule to `size` numbers; nothing is changed. Raises `CannotOrder`.

    Numbers on order count as there. With `use_free` the company's free numbers are taken before any is bought; of what
    is for sale, those of `rather` (E.164) come first.
    """
    # The overflow number is given to nobody, so it counts for nothing here.
    here = list(rule.numbers.filter(scenario=scenario).exclude(pk=scenario.overflow_number_id or 0))
    coming = NumberOrder.objects.filter(rule=rule, state=NumberOrder.State.REQUESTED).count()
    if size <= len(here) + coming:
        return Resize(out=resting.surplus(here, len(here) + coming - size))
    more = size - len(here) - coming
    back = list(resting.resting(scenario.company, scenario.pk).filter(giving_back_since=None).order_by("pk")[:more])
    free = list(_free(scenario)[: more - len(back)]) if use_free else []
    short = more - len(back) - len(free)
    if not short:
        return Resize(back=back, free=free)
    connection, found = _for_sale(scenario, here, short, rather)
    return Resize(back=back, free=free, buy=found, connection=connection, missing=short - len(found))


def approved(scenario: Scenario, change: Resize, shown: Sequence[str]) -> Resize:
    """The change as it may be done by somebody who saw the price of `shown`: no more numbers, and none that costs more.

    Numbers that were sold meanwhile have others of their sort in their place. Raises `NotAsShown`.
    """
    carrier = change.connection.carrier if change.connection else ""
    some = change.buy[: len(shown)]
    if bool(shown) != bool(change.buy):
        raise NotAsShown(_("Meanwhile the pool, or what is for sale, has changed. Look at it once more."))
    try:
        seen = quote(scenario.company, carrier, shown[: len(some)])
        now = quote(scenario.company, carrier, [one.e164 for one in some])
    except ValueError:
        raise NotAsShown(_("These are no numbers. Look at it once more.")) from None
    if (now.total, now.month) > (seen.total, seen.month):
        raise NotAsShown(_("Meanwhile the numbers for sale cost more. Look at it once more."))
    return replace(change, buy=some, missing=change.missing + len(change.buy) - len(some))


@transaction.atomic
def resize(scenario: Scenario, rule: Rule, change: Resize) -> UUID | None:
    """Do it; the batch of what is on order.

    Raises `NotEnoughFunds` (`OverCap` among them) and `LastNumber`: then nothing is done.
    """
    if change.out:
        take_out(scenario, change.out)
    if change.back or change.free:
        put_in(scenario, rule, [*change.back, *change.free])
    if not change.buy or change.connection is None:
        return None
    flow = read(scenario.flow)
    return order_numbers(change.connection, [one.e164 for one in change.buy], flow, rule.pk)


def grow(scenario: Scenario, rule: Rule, count: int) -> Grown:
    """Give a pool `count` more numbers: its resting ones first, then new ones like those that it has.

    Raises `CannotOrder`, and `NotEnoughFunds` (`OverCap` among them); what came back stays.
    """
    resting_ones = resting.resting(scenario.company, scenario.pk).filter(giving_back_since=None)
    back = put_in(scenario, rule, list(resting_ones.order_by("pk")[:count]))
    short = count - len(back)
    if short <= 0:
        return Grown(back, (), None)
    connection, found = _for_sale(scenario, list(rule.numbers.all()), short)
    change = Resize(buy=found, connection=connection)
    return Grown(back, [one.e164 for one in found], resize(scenario, rule, change))


def shrink(scenario: Scenario, numbers: Sequence[Number], after_rest: str = Number.AfterRest.GIVE_BACK) -> list[Number]:
    """Let these numbers of a pool rest and then be given back; returns those that went. Raises `LastNumber`."""
    return take_out(scenario, numbers, after_rest)


@transaction.atomic
def end_rests(now: datetime) -> list[Number]:
    """Free those whose rest is over, and tell the doors; returns those that are to be given back."""
    free, leaving = resting.end_rests(now)
    for company in sorted({number.company_id for number in free}):
        publish_on_commit(company, None)
    return leaving


def _free(scenario: Scenario) -> list[Number]:
    targets = scenario.targets.values("value")
    return list(free_numbers(scenario.company).exclude(e164__in=targets))


def _for_sale(
    scenario: Scenario, like: Sequence[Number], count: int, rather: Collection[str] = ()
) -> tuple[Connection, list[Available]]:
    """Numbers of the same sort as those that are there, else as the company's newest, else as its own number."""
    model = like[-1] if like else Number.objects.filter(company=scenario.company).order_by("-pk").first()
    same = shopping.selling_connections(scenario.company).filter(pk=model.connection_id).first() if model else None
    connection = same or ordering_connection(scenario.company)
    e164 = model.e164 if model else scenario.target
    if not e164:
        raise CannotOrder(_("Buy a first number under Numbers; more of its sort can then be added here."))
    try:
        return connection, shopping.alike(connection, e164, count, rather)
    except CarrierProblem as problem:
        raise CannotOrder(str(problem)) from None
