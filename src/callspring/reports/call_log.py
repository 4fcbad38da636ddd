"""The calls that a set of filters lets through, and what they add up to. Always of one company."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Count, Exists, F, FilteredRelation, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from callspring.accounts.models import Company
from callspring.calls.models import Call, CallStatus, CreditShare, Flag
from callspring.calls.queries import calls

ABSENT = "~"  # as a value of a source column: the calls that have none
EVERY = "all"  # as a flag: whatever it is
IN_PROGRESS = (CallStatus.RINGING, CallStatus.ANSWERED)
ANSWERED = Q(answered_at__isnull=False)
MISSED = Q(answered_at__isnull=True) & ~Q(status__in=IN_PROGRESS)
QUALIFIED = {"yes": True, "no": False, "unset": None}
SOURCE_COLUMNS = ("source", "medium", "campaign", "channel")


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFilters:
    """Which calls. Several values of one filter mean any of them; "", () and None let all through.

    `since` is included, `until` is not (both aware). A source column may be `ABSENT`. `caller` is a run of digits,
    `outcome` is answered or missed, `turn` is first or repeat (see `first_time`), `seconds` is the least time talked.
    `flag` is "" for calls that count, test, spam, or `EVERY`. Scenario 0 is none: a number that no scenario used.
    `tag` are tags' names or `ABSENT`; `qualified` is yes, no, or unset where nobody has said.
    """

    since: datetime | None = None
    until: datetime | None = None
    source: tuple[str, ...] = ()
    medium: tuple[str, ...] = ()
    campaign: tuple[str, ...] = ()
    channel: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    grade: tuple[str, ...] = ()
    number: tuple[str, ...] = ()
    scenario: tuple[int, ...] = ()
    caller: str = ""
    outcome: str = ""
    turn: str = ""
    seconds: int | None = None
    flag: str = ""
    tag: tuple[str, ...] = ()
    qualified: str = ""


@dataclass(frozen=True, slots=True)
class Sums:
    """`calls` are those let through, `hidden` those that only the flag keeps out. In progress is neither answered nor
    missed yet, unless it was picked up."""

    calls: int
    answered: int
    missed: int
    first_time: int
    hidden: int

    @property
    def answered_share(self) -> float | None:
        """From 0 to 1; None without calls."""
        return self.answered / self.calls if self.calls else None


def log_calls(company: Company, filters: LogFilters) -> QuerySet[Call]:
    """The calls, newest first, with number, scenario, company and credit. `is_repeat`: the caller called before."""
    found = _first_time(calls(company), filters).select_related("number", "scenario", "company")
    found = found.prefetch_related("tags")
    return _flagged(_narrowed(found, filters), filters.flag)


def sums(company: Company, filters: LogFilters) -> Sums:
    """What all of them add up to, in one query."""
    flag = _flag(filters.flag)
    bare = Call.objects.filter(company=company).order_by()
    found = _narrowed(_first_time(bare, filters), replace(filters, flag=EVERY))
    counts = found.aggregate(
        everything=Count("pk"),
        calls=Count("pk", filter=flag),
        answered=Count("pk", filter=flag & ANSWERED),
        missed=Count("pk", filter=flag & MISSED),
        first_time=Count("pk", filter=flag & Q(is_repeat=False)),
    )
    hidden = counts["everything"] - counts["calls"]
    return Sums(counts["calls"], counts["answered"], counts["missed"], counts["first_time"], hidden)


def _first_time(found: QuerySet[Call], filters: LogFilters) -> QuerySet[Call]:
    """`is_repeat`: the same caller had called the company before, on any of its numbers. Withheld callers never had:
    nobody knows. Calls that count as nothing are nobody's first."""
    theirs = Call.objects.filter(company=OuterRef("company"), caller=OuterRef("caller"), flag=Flag.NONE)
    # As an expression, or SQLite looks through all earlier calls of the company in place of the caller's own.
    before = theirs.alias(at=Coalesce("started_at", "started_at")).filter(at__lt=OuterRef("started_at"))
    found = found.annotate(is_repeat=Exists(before.exclude(caller="").order_by()))
    return found.filter(is_repeat=filters.turn == "repeat") if filters.turn in ("first", "repeat") else found


def _narrowed(found: QuerySet[Call], filters: LogFilters) -> QuerySet[Call]:
    """Everything but the flag and first-time."""
    wanted = {
        "started_at__gte": filters.since,
        "started_at__lt": filters.until,
        "status__in": filters.status,
        "dialled__in": filters.number,
        "caller__contains": filters.caller,
        "duration__gte": filters.seconds,
    }
    found = found.filter(**{name: value for name, value in wanted.items() if value not in ((), "", None)})
    if filters.scenario:
        unused = Q(scenario__isnull=True) if 0 in filters.scenario else Q(pk__in=[])
        found = found.filter(Q(scenario__in=filters.scenario) | unused)
    if filters.tag:
        found = found.filter(_tagged(filters.tag))
    if filters.qualified in QUALIFIED:
        found = found.filter(qualified=QUALIFIED[filters.qualified])
    outcome = {"answered": ANSWERED, "missed": MISSED}.get(filters.outcome)
    return _credited(found.filter(outcome) if outcome else found, filters)


def _tagged(names: tuple[str, ...]) -> Q:
    """One of these tags, or none at all where that is among them."""
    ours = Call.tags.through.objects.filter(call=OuterRef("pk"))
    some = Q(Exists(ours.filter(tag__key__in=[name.casefold() for name in names])))
    return some | ~Q(Exists(ours)) if ABSENT in names else some


def _credited(found: QuerySet[Call], filters: LogFilters) -> QuerySet[Call]:
    """By the credit in force, of which a call has one or none."""
    found = found.alias(in_force=FilteredRelation("credits", condition=Q(credits__current=True)))
    asked = {column: values for column in SOURCE_COLUMNS if (values := getattr(filters, column))}
    if asked:
        alone = Q(*(_any_of(f"in_force__{column}", values) for column, values in asked.items()))
        # A call that counts for several touches is found by each of them (K6).
        share = Q(*(_any_of(column, values) for column, values in asked.items()))
        shares = CreditShare.objects.filter(share, credit__call=OuterRef("pk"), credit__current=True)
        found = found.filter(alone | Q(Exists(shares)))
    return found.filter(in_force__grade__in=filters.grade) if filters.grade else found


def _any_of(field: str, values: tuple[str, ...]) -> Q:
    chosen = Q(**{f"{field}__in": [value for value in values if value != ABSENT]})
    return chosen | Q(**{field: ""}) | Q(**{f"{field}__isnull": True}) if ABSENT in values else chosen


def _flag(flag: str) -> Q:
    return Q(pk=F("pk")) if flag == EVERY else Q(flag=flag)


def _flagged(found: QuerySet[Call], flag: str) -> QuerySet[Call]:
    return found if flag == EVERY else found.filter(flag=flag)
