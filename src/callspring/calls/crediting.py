"""The call is credited: candidates from the record → `credit.judge` (pure) → the record.

Provisional at once; final when everything the doors saw up to the call's start + 5 s is in (K4); again if late
evidence comes. Each judgement that differs is a new version; none is overwritten.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from django.db import transaction

from callspring.calls.credit import Candidate, Verdict, judge
from callspring.calls.models import Basis, Call, Credit, FirstCall, Grade
from callspring.scenarios.marker import marker
from callspring.scenarios.models import Rule
from callspring.visits.models import PageView, Show, Visit, VisitEvent
from callspring.visits.touch import Source

LOOK_BACK = timedelta(hours=1)
MOST_CANDIDATES = 50
# A page counts as open while its last sign of life is no older than a beat and some patience.
BEAT_PATIENCE = timedelta(seconds=45)
CLICK_WINDOW = timedelta(seconds=60)
# The click and the call are seen by different clocks: the visitor's door and the carrier.
CLOCK_SLACK = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Finding:
    """What one look at the evidence says about a call."""

    basis: Basis
    grade: str
    source: Source
    verdict: Verdict
    first_call: UUID | None = None


@transaction.atomic
def credit_call(call: Call, *, final: bool) -> Credit:
    """Judge a call by what the record holds now and store it, unless the credit in force already says the same.

    A flagged call (a test, spam) stands for itself alone: it is no repeat call, and nobody's first one.
    """
    # People may have flagged it since it was loaded; until this is done they wait, and so does who judges it too.
    call.flag = Call.objects.select_for_update(no_key=True).values_list("flag", flat=True).get(pk=call.pk)
    finding = _find(call) if call.flag else _repeat_rule(call, _find(call))
    stage = Credit.Stage.FINAL if final else Credit.Stage.PROVISIONAL
    current = Credit.objects.filter(call=call, current=True).first()
    credit = _credit(call, finding, stage, version=current.version + 1 if current else 1)
    if current is not None:
        if current.stage == Credit.Stage.FINAL:
            credit.stage = Credit.Stage.FINAL
        if _same(current, credit):
            return current
        Credit.objects.filter(pk=current.pk).update(current=False)
    credit.save()
    if credit.stage == Credit.Stage.FINAL:
        _remember_first_call(call, finding)
    return credit


def _find(call: Call) -> Finding:
    rule = _rule(call)
    if rule is None:
        return Finding(Basis.NOBODY, Grade.UNKNOWN, Source(), Verdict((), Grade.UNKNOWN))
    if not rule.dynamic:
        source = marker(rule.strategy, rule.name, rule.value, rule.scenario.name)
        return Finding(Basis.STATIC, Grade.CERTAIN, source, Verdict((), Grade.CERTAIN))
    candidates = _candidates(call)
    verdict = judge([candidate for candidate, _ in candidates])
    best = verdict.best
    if best is None:
        return Finding(Basis.NOBODY, verdict.grade, Source(), verdict)
    stored = next(visit.stored_source for candidate, visit in candidates if candidate == best.candidate)
    return Finding(Basis.HOLDER, verdict.grade, Source(**stored), verdict)


def _rule(call: Call) -> Rule | None:
    """The rule by which the number was shown when it was called; the number may have moved to another one since."""
    if call.number is None or call.scenario is None:
        return None
    rule = call.number.rule
    return rule if rule is not None and rule.scenario_id == call.scenario_id else call.scenario.rules.first()


def _candidates(call: Call) -> list[tuple[Candidate, Visit]]:
    """The latest show of each visitor who held the dialled number within the last hour."""
    start = call.started_at
    shows = Show.objects.filter(
        number=call.number_id or 0, dynamic=True, granted_at__lte=start + CLOCK_SLACK, until__gte=start - LOOK_BACK
    ).order_by("-granted_at")[:MOST_CANDIDATES]
    latest: dict[UUID, Show] = {}
    for show in shows:
        latest.setdefault(show.visitor, show)
    visits = Visit.objects.in_bulk([show.visit for show in latest.values()])
    clicks = _clicks(call, visits)
    idles = _idles(start, visits)
    replaced = _replaced(start, latest.values())
    for visit, since in replaced.items():
        idles[visit] = max(since, idles.get(visit, since))
    return [
        (_candidate(visits[show.visit], show, start, idles[show.visit], clicks), visits[show.visit])
        for show in latest.values()
        if show.visit in visits
    ]


def _replaced(start: datetime, shows: Collection[Show]) -> dict[UUID, float]:
    """Visits that were shown another number instead before the call came: since when (seconds)."""
    since: dict[UUID, float] = {}
    others = Show.objects.filter(visit__in=[show.visit for show in shows], dynamic=True, granted_at__lte=start)
    for other in others.order_by("-granted_at"):
        for show in shows:
            same_pool = (other.visit, other.scenario_id) == (show.visit, show.scenario_id)
            if same_pool and other.number != show.number and other.granted_at > show.granted_at:
                since[other.visit] = max(1.0, (start - other.granted_at).total_seconds())
    return since


def _candidate(visit: Visit, show: Show, start: datetime, idle: float, clicks: Mapping[UUID, float]) -> Candidate:
    return Candidate(
        visit=str(visit.pk),
        visit_number=visit.number,
        holding=show.until >= start,
        idle=idle,
        clicked=clicks.get(visit.pk),
    )


def _clicks(call: Call, visits: Iterable[UUID]) -> dict[UUID, float]:
    """Seconds from each visit's last press on a `tel:` link with the dialled number to the call."""
    start = call.started_at
    events = VisitEvent.objects.filter(
        visit__in=list(visits),
        kind=VisitEvent.Kind.TEL_CLICK,
        at__gte=start - CLICK_WINDOW,
        at__lte=start + CLOCK_SLACK,
    ).order_by("at")
    dialled = call.dialled.lstrip("+")
    return {
        event.visit: max(0.0, (start - event.at).total_seconds())
        for event in events
        if "".join(filter(str.isdecimal, event.name)) == dialled
    }


def _idles(start: datetime, visits: Mapping[UUID, Visit]) -> dict[UUID, float]:
    """How long each visit had shown no sign of life when the call came (seconds); 0 while a page was open."""
    idles: dict[UUID, float] = {}
    for page in PageView.objects.filter(visit__in=list(visits), started_at__lte=start + CLOCK_SLACK):
        idle = _idle(start, page.last_active_at, page.left_at)
        idles[page.visit] = min(idle, idles.get(page.visit, idle))
    return {pk: idles[pk] if pk in idles else _idle(start, v.last_active_at, None) for pk, v in visits.items()}


def _idle(start: datetime, last_active: datetime, left: datetime | None) -> float:
    if (left is None or left >= start) and last_active + BEAT_PATIENCE >= start:
        return 0.0
    return max(1.0, (start - min(left or last_active, start)).total_seconds())


def _repeat_rule(call: Call, finding: Finding) -> Finding:
    """K3: a caller who called this number before brings the first call's source; the visit found now stays."""
    if not call.caller:
        return finding
    first = (
        FirstCall.objects.filter(company=call.company_id, caller=call.caller, dialled=call.dialled)
        .exclude(call=call.pk)
        .filter(started_at__lt=call.started_at)
        .first()
    )
    if first is None:
        return finding
    source = Source(first.source, first.medium, first.campaign, first.keyword, first.channel)
    grade = finding.grade if finding.basis != Basis.NOBODY else Grade.CERTAIN
    return Finding(Basis.REPEAT, grade, source, finding.verdict, first.call)


def _remember_first_call(call: Call, finding: Finding) -> None:
    """The first call whose source is known counts, by the time it was placed, whichever is recorded first."""
    if call.flag or not call.caller or finding.basis in (Basis.NOBODY, Basis.REPEAT):
        return
    pair = {"company_id": call.company_id, "caller": call.caller, "dialled": call.dialled}
    fields: dict[str, Any] = {
        "call": call.pk,
        "started_at": call.started_at,
        **msgspec.structs.asdict(finding.source),
    }
    FirstCall.objects.bulk_create([FirstCall(**pair, **fields)], ignore_conflicts=True)
    known = FirstCall.objects.filter(**pair)
    (known.filter(started_at__gt=call.started_at) | known.filter(call=call.pk)).update(**fields)


def _credit(call: Call, finding: Finding, stage: str, version: int) -> Credit:
    best = finding.verdict.best
    visit = UUID(best.candidate.visit) if best else None
    return Credit(
        call=call,
        company_id=call.company_id,
        version=version,
        stage=stage,
        basis=finding.basis,
        grade=finding.grade,
        probability=best.probability if best else None,
        visit=visit,
        visit_number=best.candidate.visit_number if best else None,
        page_view=_page_being_viewed(visit, call.started_at),
        first_call=finding.first_call,
        candidates=_candidates_as_json(finding.verdict),
        **msgspec.structs.asdict(finding.source),
    )


def _page_being_viewed(visit: UUID | None, start: datetime) -> UUID | None:
    if visit is None:
        return None
    seen = PageView.objects.filter(visit=visit, started_at__lte=start + CLOCK_SLACK).order_by("-started_at", "-id")
    return seen.values_list("pk", flat=True).first()


def _candidates_as_json(verdict: Verdict) -> list[dict[str, Any]]:
    return [
        {
            "visit": judged.candidate.visit,
            "visit_number": judged.candidate.visit_number,
            "probability": round(judged.probability, 4),
            "evidence": [
                {"kind": e.kind} if e.seconds is None else {"kind": e.kind, "seconds": e.seconds}
                for e in judged.evidence
            ],
        }
        for judged in verdict.judged
    ]


def _same(old: Credit, new: Credit) -> bool:
    names = ("stage", "basis", "grade", "visit", "page_view", "first_call", "source", "medium", "campaign", "keyword",
             "channel", "candidates")  # fmt: skip
    return all(getattr(old, name) == getattr(new, name) for name in names)
