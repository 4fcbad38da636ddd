"""Calls by source where a call may count for several (K6). In millionths of a call, so that nothing is lost."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from callspring.calls.attribution import WHOLE
from callspring.calls.models import Call, CreditShare

Key = tuple[str, str, str]  # source, medium, channel
ANSWERED = Q(answered_at__isnull=False)


def calls_by_source(calls: QuerySet[Call]) -> dict[Key, tuple[int, int]]:
    """Calls and answered calls in millionths. `calls` are joined with their credits in force, as `credits`.

    Calls without a credit come as nulls; they belong to the unknown source.
    """
    shared = CreditShare.objects.filter(credit__call=OuterRef("pk"), credit__current=True)
    alone = calls.exclude(Exists(shared)).values_list("credits__source", "credits__medium", "credits__channel")
    counted = alone.annotate(n=Count("id"), taken=Count("id", filter=ANSWERED)).order_by()
    rows = [(*row[:3], row[3] * WHOLE, row[4] * WHOLE) for row in counted]
    return _summed([*rows, *_shared(calls)])


def _shared(calls: QuerySet[Call]) -> Iterable[tuple[Any, ...]]:
    of_calls = CreditShare.objects.filter(credit__current=True, credit__call__in=calls.order_by().values("pk"))
    taken = Sum("weight", filter=Q(credit__call__answered_at__isnull=False), default=0)
    return of_calls.values_list("source", "medium", "channel").annotate(n=Sum("weight"), taken=taken).order_by()


def _summed(rows: Iterable[tuple[Any, ...]]) -> dict[Key, tuple[int, int]]:
    made: dict[Key, tuple[int, int]] = {}
    for source, medium, channel, calls, answered in rows:
        key = (source or "", medium or "", channel or "")
        before = made.get(key, (0, 0))
        made[key] = (before[0] + calls, before[1] + answered)
    return made


def whole(millionths: int) -> float:
    """Calls; an int where they are whole."""
    return millionths // WHOLE if millionths % WHOLE == 0 else millionths / WHOLE
