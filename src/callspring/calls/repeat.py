"""The repeat rule (K3): if A called B before, a new call from A to B takes the source of the first call.

A is a real number in E.164 (withheld callers and SIP addresses are never the same person), within one company, and
neither spam nor test calls count. The source of each pair's first call is kept apart from the calls and outlives them.
What that source is may change (late evidence, a person's correction, another attribution model): then the pair's later
calls are credited again in the background (`calls.judge_again`).
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import msgspec

from callspring.calls.models import Basis, Call, Credit, FirstCall, Flag, RepeatRule
from callspring.jobs.actions import enqueue
from callspring.visits.touch import Source

# A repeat call has no source of its own to give; nor has one that nobody could be credited with.
SOURCELESS = (Basis.NOBODY, Basis.REPEAT)
COLUMNS = ("source", "medium", "campaign", "keyword", "channel")


@dataclass(frozen=True, slots=True)
class Before:
    """The earlier call whose source a call takes."""

    call: UUID
    source: Source


def counts(call: Call) -> bool:
    """Whether its caller is somebody who can be known again, in a call that counts."""
    return call.caller.startswith("+") and not call.flag


def source_before(call: Call, rule: str, *, found: bool) -> Before | None:
    """The earlier call that sets this call's source. `found`: the call has a source by itself."""
    if not counts(call) or rule == RepeatRule.NONE or (rule == RepeatRule.LAST and found):
        return None
    return _newest(call) if rule == RepeatRule.LAST else _first(call)


def _first(call: Call) -> Before | None:
    known = FirstCall.objects.filter(company=call.company_id, caller=call.caller, dialled=call.dialled)
    first = known.exclude(call=call.pk).filter(started_at__lt=call.started_at).first()
    return Before(first.call, _source(first)) if first else None


def _newest(call: Call) -> Before | None:
    """The newest earlier call that had a source by itself; of calls that are kept no longer, the first."""
    credited = Credit.objects.filter(
        company=call.company_id,
        current=True,
        call__company=call.company_id,
        call__caller=call.caller,
        call__dialled=call.dialled,
        call__flag=Flag.NONE,
        call__started_at__lt=call.started_at,
    ).exclude(basis__in=SOURCELESS)
    newest = credited.order_by("-call__started_at").first()
    return Before(newest.call_id, _source(newest)) if newest else _first(call)


def _source(row: Credit | FirstCall) -> Source:
    return Source(row.source, row.medium, row.campaign, row.keyword, row.channel)


def remember_first(call: Call, own: Source | None) -> bool:
    """Keep the source of the call if it is its pair's first one; whether what is kept has changed.

    `own` is what the call counts for by itself, None where that is unknown: "unknown" would stick to a caller for good.
    The earliest call counts, by the time it was placed, whichever is recorded first.
    """
    if not counts(call):
        return False
    pair = {"company_id": call.company_id, "caller": call.caller, "dialled": call.dialled}
    known = FirstCall.objects.filter(**pair)
    if own is None:
        return bool(known.filter(call=call.pk).delete()[0])
    fields = {"call": call.pk, "started_at": call.started_at, **msgspec.structs.asdict(own)}
    before = known.values_list("call", "started_at", *COLUMNS).first()
    if before is None:
        # By the constraint: who comes second finds the row of who came first.
        FirstCall.objects.bulk_create([FirstCall(**pair, **fields)], ignore_conflicts=True)
    (known.filter(started_at__gt=call.started_at) | known.filter(call=call.pk)).update(**fields)
    after = known.values_list("call", "started_at", *COLUMNS).first()
    return before != after


def judge_later_ones_again(call: Call) -> None:
    """The pair's calls after this one are credited anew, in the background."""
    later = Call.objects.filter(
        company=call.company_id, caller=call.caller, dialled=call.dialled, started_at__gt=call.started_at
    )
    if later.exists():
        enqueue("calls.judge_again", {"company": call.company_id, "caller": call.caller, "dialled": call.dialled})
