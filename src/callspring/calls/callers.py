"""Who a caller is, and which visitors have called before: by the candidates of earlier calls.

Of an earlier call not only the likeliest candidate counts, but each with its probability. Else whoever won a tie by the
last digit would be known as the caller from then on.

The calls of one caller are one person's, so they agree: what they say is one probability for each visitor (`placed`).
A judgement has taken in what the calls before it said already, so it is not multiplied by that again; and it counts as
it was weighed, before caution (`pools.posterior`), or each call would be more in doubt than the one before. Withheld
callers and SIP addresses are never the same person: each of their calls stands for itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import fsum
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Q, QuerySet

from callspring.calls.changes import SAME
from callspring.calls.credit import KNOWN_CALLER, OTHER_CALLER
from callspring.calls.models import Call, Credit, Flag
from callspring.calls.repeat import is_person
from callspring.visits.models import Visit

EARLIER_CALLS = 20  # the newest of the same caller, and of all others to the same number
MOST_CREDITED = 40  # the newest that are credited to one of the visits, whatever was dialled
LEAST_CHANCE = 0.01  # who is less likely to have placed a call is not known by it

Chances = Mapping[UUID, float]  # by visit or by visitor, of one call


class Placed(NamedTuple):
    """That a visitor has placed a call: the probability, and when they last may have, in Unix seconds."""

    chance: float
    at: float


@dataclass(frozen=True, slots=True)
class Past:
    """What earlier calls say of a visitor; the fields are those of `Candidate`."""

    called: float = 0.0
    called_at: float = 0.0
    caller: float = 0.0
    caller_at: float = 0.0
    other_caller: float = 0.0


@dataclass(frozen=True, slots=True)
class Made:
    """An earlier call: when it was placed, in Unix seconds, and whose it was, by visit."""

    call: UUID
    caller: str
    at: float
    chances: Chances


def placed(calls: Iterable[tuple[float, Chances]]) -> dict[UUID, Placed]:
    """By visitor the probability that at least one of these calls of one person was theirs. Oldest first: when each was
    placed, and its candidates' probabilities, as they were judged by what the calls before it said.

    A call that is somebody else's takes a visitor's chance of those before away as far as it was put down to that
    somebody for having placed those; as far as it speaks for itself, the person may be two visitors (a telephone and a
    computer, say), and both stay known.
    """
    known: dict[UUID, float] = {}
    last: dict[UUID, float] = {}
    for at, chances in calls:
        fresh = {who: chance / (1 + KNOWN_CALLER * known.get(who, 0.0)) for who, chance in chances.items()}
        apart = max(0.0, 1 - fsum(chances.values()) + fsum(fresh.values()))
        before, known = known, {who: chance * apart for who, chance in known.items()}
        for who, chance in chances.items():
            earlier = before.get(who, 0.0) * max(0.0, apart - fresh[who])
            known[who] = min(1.0, earlier + chance)
            if who not in last or _may_be(chance, known[who]):
                last[who] = at
    return {who: Placed(chance, last[who]) for who, chance in known.items()}


def _may_be(chance: float, of_all: float) -> bool:
    """Whether one more call is to be taken for the visitor's last."""
    return chance >= of_all / 2


def who_is(call: Call) -> dict[UUID, Placed]:
    """By visitor the probability that they placed one of this caller's earlier calls to the company."""
    if not is_person(call.caller):
        return {}
    made = _made(_before(call).filter(call__caller=call.caller), EARLIER_CALLS)
    visits = Visit.objects.filter(company=call.company_id, pk__in={visit for one in made for visit in one.chances})
    return placed(_by_visitor(made, dict(visits.values_list("pk", "visitor"))))


def pasts(call: Call, visits: Mapping[UUID, UUID], known: Mapping[UUID, Placed], since: datetime) -> dict[UUID, Past]:
    """What all earlier calls say of the visitors of these visits (visit → visitor). `known`: who this caller is.
    `since`: when the first of the visits was given the number.

    Looked at are the newest calls to the same number, and those credited to one of the visits.
    """
    before = _before(call)
    if is_person(call.caller):
        before = before.exclude(call__caller=call.caller)
    made = _made(before.filter(visit__in=list(visits)), MOST_CREDITED)
    made += _made(before.filter(call__number=call.number_id, call__started_at__gte=since), EARLIER_CALLS)
    others: dict[UUID, list[tuple[str, Placed]]] = {}
    for caller, calls in _by_caller(made).items():
        for who, one in placed(_by_visitor(calls, visits)).items():
            others.setdefault(who, []).append((caller, one))
    found = {who: _past(call, known.get(who), others.get(who, [])) for who in set(visits.values())}
    return {who: past for who, past in found.items() if past.called}


def knows_number(call: Call) -> bool:
    """Whether the caller has called this number before."""
    if not is_person(call.caller):
        return False
    before = Call.objects.filter(company=call.company_id, caller=call.caller, dialled=call.dialled, flag=Flag.NONE)
    return before.filter(started_at__lt=call.started_at).exists()


def says_another(old: Credit | None, new: Credit) -> bool:
    """Whether a new credit of a call says something else of who the caller is than the one before it."""
    was, now = (
        _chances(one.candidates, one.visit, one.probability, one.correction_id) if one else {} for one in (old, new)
    )
    return any(abs(was.get(visit, 0.0) - now.get(visit, 0.0)) >= SAME for visit in was.keys() | now.keys())


def _before(call: Call) -> QuerySet[Credit]:
    """The credits in force of the calls before this one that somebody may have placed from a visit."""
    return Credit.objects.filter(
        Q(stranger__isnull=False) | Q(visit__isnull=False),
        company=call.company_id,
        current=True,
        call__company=call.company_id,
        call__flag=Flag.NONE,
        call__started_at__lt=call.started_at,
    )


def _made(found: QuerySet[Credit], most: int) -> list[Made]:
    """The newest of them."""
    rows: Iterable[tuple[Any, ...]] = found.order_by("-call__started_at", "-call").values_list(
        "call", "call__caller", "call__started_at", "candidates", "visit", "probability", "correction"
    )[:most]
    return [
        Made(call, caller, at.timestamp(), _chances(candidates, visit, probability, word))
        for call, caller, at, candidates, visit, probability, word in rows
    ]


def _chances(
    candidates: Iterable[Mapping[str, Any]], visit: UUID | None, probability: float | None, word: int | None
) -> Chances:
    """A person's word goes before all candidates."""
    found = {} if visit is None else {visit: probability or 0.0}
    if word is None:
        found |= {UUID(one["visit"]): one.get("weighed", one["probability"]) for one in candidates}
    return {pk: chance for pk, chance in found.items() if chance >= LEAST_CHANCE}


def _by_caller(made: Iterable[Made]) -> dict[str, list[Made]]:
    """Each call once, by who placed it."""
    found: dict[str, list[Made]] = {}
    for one in {one.call: one for one in made}.values():
        found.setdefault(one.caller if is_person(one.caller) else str(one.call), []).append(one)
    return found


def _by_visitor(made: Iterable[Made], visitors: Mapping[UUID, UUID]) -> list[tuple[float, Chances]]:
    """Oldest first. Visits of which nothing is known are left out."""
    ordered = sorted(made, key=lambda one: (one.at, one.call))
    return [
        (one.at, {visitors[visit]: chance for visit, chance in one.chances.items() if visit in visitors})
        for one in ordered
    ]


def _either(some: Placed, others: Placed) -> Placed:
    """Calls of different people."""
    chance = 1 - (1 - some.chance) * (1 - others.chance)
    likely = [one.at for one in (some, others) if _may_be(one.chance, max(some.chance, others.chance))]
    return Placed(chance, max(likely))


def _past(call: Call, known: Placed | None, others: Iterable[tuple[str, Placed]]) -> Past:
    """Whoever called from another number since this caller's last call is less likely to be this caller; what they did
    before is in `known`."""
    called, other, since = known or Placed(0.0, 0.0), 0.0, 0.0
    for caller, one in others:
        called = _either(called, one)
        if is_person(call.caller) and is_person(caller):
            other = max(other, one.chance)
            since = max(since, one.chance) if known is None or one.at >= known.at else since
    if known is None:
        return Past(called.chance, called.at, other_caller=other)
    return Past(called.chance, called.at, known.chance * (1 - OTHER_CALLER * since), known.at, other)
