"""The repeat rule (K3): if A called B before, a new call from A to B takes the source of the first call, and
where that counts for several sources, all of them with the same shares.

A is a real number in E.164 (withheld callers and SIP addresses are never the same person), within one company, and
neither spam nor test calls count. The source of each pair's first call is kept apart from the calls and outlives them.
What that source is, and whose call it was, may change (late evidence, a person's correction, another attribution
model): then the caller's later calls are credited again in the background (`calls.judge_again`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec

from callspring.calls.attribution import Share
from callspring.calls.models import Basis, Call, Credit, CreditShare, FirstCall, Flag, RepeatRule
from callspring.jobs.actions import enqueue
from callspring.visits.touch import Source

# A repeat call has no source of its own to give; nor has one that nobody could be credited with.
SOURCELESS = (Basis.NOBODY, Basis.REPEAT)
COLUMNS = ("source", "medium", "campaign", "keyword", "channel")


@dataclass(frozen=True, slots=True)
class Before:
    """The earlier call whose source a call takes; `shares`, heaviest first, where it counts for several."""

    call: UUID
    source: Source
    shares: tuple[Share, ...] = ()


def is_person(caller: str) -> bool:
    """Whether this caller can be known again: by a real number, which withheld callers and SIP addresses have not."""
    return caller.startswith("+")


def counts(call: Call) -> bool:
    """Whether its caller is somebody who can be known again, in a call that counts."""
    return is_person(call.caller) and not call.flag


def source_before(call: Call, rule: str, *, found: bool) -> Before | None:
    """The earlier call that sets this call's source. `found`: the call has a source by itself."""
    if not counts(call) or rule == RepeatRule.NONE or (rule == RepeatRule.LAST and found):
        return None
    return _newest(call) if rule == RepeatRule.LAST else _first(call)


def _first(call: Call) -> Before | None:
    known = FirstCall.objects.filter(company=call.company_id, caller=call.caller, dialled=call.dialled)
    first = known.exclude(call=call.pk).filter(started_at__lt=call.started_at).first()
    return Before(first.call, _source(first), shares_kept(first)) if first else None


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
    if newest is None:
        return _first(call)
    shares = (Share(_source(one), one.weight) for one in newest.shares.order_by("-weight", "pk"))
    return Before(newest.call_id, _source(newest), tuple(shares))


def _source(row: Credit | CreditShare | FirstCall) -> Source:
    return Source(row.source, row.medium, row.campaign, row.keyword, row.channel)


def shares_kept(first: FirstCall) -> tuple[Share, ...]:
    """What each source had of a first call; none where it counts for one alone."""
    return tuple(Share(Source(**{name: one[name] for name in COLUMNS}), one["weight"]) for one in first.shares)


def _to_keep(shares: Sequence[Share]) -> list[dict[str, Any]]:
    if len(shares) < 2:
        return []
    return [{**msgspec.structs.asdict(share.source), "weight": share.weight} for share in shares]


def remember_first(call: Call, own: Source | None, shares: Sequence[Share] = ()) -> bool:
    """Keep the source of the call if it is its pair's first one; whether what is kept has changed.

    `own` is what the call counts for by itself, None where that is unknown: "unknown" would stick to a caller for good.
    `shares` are those of all sources, where it counts for several.
    The earliest call counts, by the time it was placed, whichever is recorded first.
    """
    if not counts(call):
        return False
    pair = {"company_id": call.company_id, "caller": call.caller, "dialled": call.dialled}
    known = FirstCall.objects.filter(**pair)
    if own is None:
        return bool(known.filter(call=call.pk).delete()[0])
    fields = {"call": call.pk, "started_at": call.started_at, **msgspec.structs.asdict(own), "shares": _to_keep(shares)}
    before = known.values_list(*fields).first()
    if before is None:
        # By the constraint: who comes second finds the row of who came first.
        FirstCall.objects.bulk_create([FirstCall(**pair, **fields)], ignore_conflicts=True)
    (known.filter(started_at__gt=call.started_at) | known.filter(call=call.pk)).update(**fields)
    after = known.values_list(*fields).first()
    return before != after


def judge_later_ones_again(call: Call, *, judged: bool = False) -> None:
    """The caller's calls after this one, whatever they dialled, are credited anew, in the background: what is known of
    this call goes into whose they were, too. With `judged` only where some are credited already: a backlog is credited
    in the order in which it was placed, and each call by those before it.
    """
    later = Call.objects.filter(company=call.company_id, caller=call.caller, started_at__gt=call.started_at)
    if (later.filter(credits__current=True) if judged else later).exists():
        since = call.started_at.isoformat()
        pair = {"caller": call.caller, "dialled": call.dialled}
        enqueue("calls.judge_again", {"company": call.company_id, **pair, "since": since})
