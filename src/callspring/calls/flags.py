"""Flagged calls count as nothing. What took its source from one of them is judged again."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from callspring.calls.crediting import credit_call
from callspring.calls.models import Call, Credit, FirstCall, Flag

Pair = tuple[str, str]  # caller and dialled number, in E.164


def flag_calls(company: int, calls: QuerySet[Call], flag: Flag) -> list[Pair]:
    """Flag a company's calls, or take their flags away with `Flag.NONE`.

    A flagged call is at once nobody's first one (K3), and the timing model forgets it. Returns the pairs of caller and
    dialled number that are to be judged again (`judge_again`); withheld callers are no pair.
    """
    changed = list(calls.filter(company=company).exclude(flag=flag).values_list("pk", "caller", "dialled"))
    ids = [pk for pk, _, _ in changed]
    for some in (ids[at : at + 500] for at in range(0, len(ids), 500)):
        Call.objects.filter(pk__in=some).update(flag=flag)
        Credit.objects.filter(call__in=some, current=True).update(learnt=False)
        if flag != Flag.NONE:
            FirstCall.objects.filter(company=company, call__in=some).delete()
    return sorted({(caller, dialled) for _, caller, dialled in changed if caller})


def judge_again(company: int, pair: Pair, since: datetime | None = None) -> None:
    """Find anew which of a caller's calls to a number was the first. Then credit the caller's calls after `since` (all
    without it) in the order in which they were placed, whatever they dialled: each says who called for those after it.
    """
    counting = Call.objects.filter(company=company, caller=pair[0], flag=Flag.NONE).order_by("started_at", "pk")
    known = FirstCall.objects.filter(company=company, caller=pair[0], dialled=pair[1])
    # Together, so that no new call is judged while there is no first one.
    with transaction.atomic():
        # A first call that is kept no longer was the first all the same.
        known.filter(call__in=Call.objects.filter(company=company).values("pk")).delete()
        for call in counting.filter(dialled=pair[1]):
            _judge(call)
            if known.exists():
                break
    for call in counting if since is None else counting.filter(started_at__gt=since):
        _judge(call)


def _judge(call: Call) -> None:
    before = Credit.objects.filter(call=call, current=True).first()
    if before is not None:  # else the ingester will
        credit_call(call, final=before.stage == Credit.Stage.FINAL, follow=False)
