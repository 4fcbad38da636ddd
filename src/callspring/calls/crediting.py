"""The call is credited: candidates from the record → `credit.judge` (pure) → the record.

Provisional at once; final when everything the doors saw up to the call's start + 5 s is in (K4); again if late
evidence comes. Each judgement that differs is a new version; none is overwritten.

Three questions, one after the other: whose call was it (`_find`; a person's word goes before ours), for which source
does that count (`attributed`, K6), and did the caller call before (`_repeat_rule`, K3)?
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from django.db import transaction

from callspring.calls import repeat, timing
from callspring.calls.attribution import Model, Share
from callspring.calls.callers import says_another
from callspring.calls.candidates import CLOCK_SLACK, find
from callspring.calls.candidates_json import as_json, sources_json
from callspring.calls.changes import is_news
from callspring.calls.credit import Verdict, judge
from callspring.calls.models import (
    Basis,
    Call,
    Correction,
    Credit,
    CreditSettings,
    CreditShare,
    Grade,
    RepeatRule,
)
from callspring.calls.touches import shares_of
from callspring.scenarios.marker import marker
from callspring.scenarios.models import Rule
from callspring.visits.models import PageView, Visit
from callspring.visits.touch import Source

UNKNOWN = Source()
# Somebody who left longer ago was viewing no page when they called.
PAGE_LOOK_BACK = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one look at the evidence says about a call.

    `shares` are in millionths, heaviest first; `source` is the heaviest. `visit` and `source` have their probabilities
    beside them, None where nobody can be named. `candidates`, `sources` and `stranger` are as credits store them.
    """

    basis: Basis
    grade: str
    candidates: list[dict[str, Any]] = field(default_factory=list)
    sources: list[dict[str, Any]] = field(default_factory=list)
    stranger: float | None = None
    source: Source = UNKNOWN
    source_probability: float | None = None
    shares: tuple[Share, ...] = ()
    visit: Visit | None = None
    probability: float | None = None
    first_call: UUID | None = None
    correction: Correction | None = None


def settings_of(company: int) -> CreditSettings:
    """How the company's calls are credited."""
    return CreditSettings.objects.filter(company=company).first() or CreditSettings(company_id=company)


@transaction.atomic
def credit_call(call: Call, *, final: bool, follow: bool = True) -> Credit:
    """Judge a call by what the record holds now and store it, unless the credit in force already says the same.

    A flagged call (a test, spam) stands for itself alone: it is no repeat call, and nobody's first one. Where the
    source that the caller's later calls take has changed, or who the caller is, they are judged again in the
    background, unless `follow` is false.
    """
    lock(call)
    rules = settings_of(call.company_id)
    return store(call, _find(call, Model(rules.model)), rules, final=final, follow=follow)


def lock(call: Call) -> None:
    """Nobody else credits or flags it until the transaction ends; it may have been flagged since it was loaded."""
    call.flag = Call.objects.select_for_update(no_key=True).values_list("flag", flat=True).get(pk=call.pk)


def store(call: Call, own: Finding, rules: CreditSettings, *, final: bool, follow: bool) -> Credit:
    """Write down what was found, after the repeat rule. The call is locked."""
    finding = _repeat_rule(call, own, rules)
    current = Credit.objects.filter(call=call, current=True).first()
    was_final = current is not None and current.stage == Credit.Stage.FINAL
    stage = Credit.Stage.FINAL if final or was_final else Credit.Stage.PROVISIONAL
    credit = _credit(call, finding, rules, stage)
    changed = current is None or is_news(current, credit, finding.shares)
    if current is not None and changed:
        credit.version = current.version + 1
        Credit.objects.filter(pk=current.pk).update(current=False)
    if changed:
        credit.save()
        _store_shares(credit, finding.shares)
    source_is_another = credit.stage == Credit.Stage.FINAL and _tell_the_source(call, own, rules, changed=changed)
    caller_is_another = changed and says_another(current, credit)
    if follow and repeat.counts(call) and (source_is_another or caller_is_another):
        repeat.judge_later_ones_again(call, judged=not source_is_another)
    return credit if changed or current is None else current


def _tell_the_source(call: Call, own: Finding, rules: CreditSettings, *, changed: bool) -> bool:
    """Whether later calls may take another source by the repeat rule now."""
    is_first = repeat.remember_first(call, None if own.basis in repeat.SOURCELESS else own.source, own.shares)
    return is_first or (changed and rules.repeat_rule == RepeatRule.LAST)


def _find(call: Call, model: Model) -> Finding:
    """Whose call it was and what that counts for, by the call alone."""
    rule = rule_of(call)
    if rule is None:
        return Finding(basis=Basis.NOBODY, grade=Grade.UNKNOWN)
    if not rule.dynamic:
        return static(rule)
    start = call.started_at.timestamp()
    model_of_site = timing.of_site(timing.site_of(call))
    found = find(call, model_of_site, model)
    verdict = judge(found.candidates, start, model_of_site, knows_number=found.knows_number, tail=found.tail)
    return attributed(call, verdict, model)


def static(rule: Rule) -> Finding:
    """A call to a number that stands for one source."""
    source = marker(rule.strategy, rule.name, rule.value, rule.scenario.name)
    return Finding(basis=Basis.STATIC, grade=Grade.CERTAIN, source=source, source_probability=1.0)


def rule_of(call: Call) -> Rule | None:
    """The rule by which the number was shown when it was called; the number may have moved to another one since."""
    if call.number is None or call.scenario is None:
        return None
    known = (call.number.rule, call.number.last_rule)  # the last one is of a number that rests
    shown = (rule for rule in known if rule is not None and rule.scenario_id == call.scenario_id)
    if (rule := next(shown, None)) is not None:
        return rule
    rules = list(call.scenario.rules.all()[:2])
    return rules[0] if len(rules) == 1 else None  # of several none is more likely: better unknown than wrong


def attributed(call: Call, verdict: Verdict, model: Model) -> Finding:
    """What a call to a pool's number counts for: a person's word first, else the most probable source.

    The visit that shares of several touches are taken from is the likeliest one of that source.
    """
    correction = Correction.objects.filter(company=call.company_id, call=call.pk, undone_at=None).first()
    if correction is not None:
        return replace(corrected(call, correction, model), **_stored(call, verdict))
    best, source = verdict.best, verdict.source
    if best is None or source is None:
        return Finding(basis=Basis.NOBODY, grade=verdict.grade, **_stored(call, verdict))
    stands_for = next((one for one in verdict.judged if one.candidate.source == source[0]), best)
    visits = Visit.objects.filter(company=call.company_id).in_bulk(
        {UUID(best.candidate.visit), UUID(stands_for.candidate.visit)}
    )
    visit = visits.get(UUID(best.candidate.visit))
    stood = visits.get(UUID(stands_for.candidate.visit))
    shares = shares_of(stood, call.started_at, model) if stood else (Share(source[0], 1_000_000),)
    return Finding(
        basis=Basis.HOLDER,
        grade=verdict.grade,
        source=shares[0].source,
        source_probability=source[1],
        shares=shares,
        visit=visit,
        probability=best.probability,
        **_stored(call, verdict),
    )


def _stored(call: Call, verdict: Verdict) -> dict[str, Any]:
    return {
        "candidates": as_json(verdict, call.started_at.timestamp()),
        "sources": sources_json(verdict.sources),
        "stranger": verdict.stranger if verdict.judged else None,
    }


def corrected(call: Call, correction: Correction, model: Model) -> Finding:
    """What a call counts for by a person's word."""
    visit = Visit.objects.filter(company=call.company_id, pk=correction.visit).first() if correction.visit else None
    if visit is None:
        return Finding(basis=Basis.NOBODY, grade=Grade.UNKNOWN, correction=correction)
    shares = shares_of(visit, call.started_at, model)
    return Finding(
        basis=Basis.PERSON,
        grade=Grade.CERTAIN,
        source=shares[0].source,
        source_probability=1.0,
        shares=shares,
        visit=visit,
        probability=1.0,
        correction=correction,
    )


def _repeat_rule(call: Call, own: Finding, rules: CreditSettings) -> Finding:
    """K3: a caller who called this number before brings that call's source or sources; the visit found now stays."""
    before = repeat.source_before(call, rules.repeat_rule, found=own.basis != Basis.NOBODY)
    if before is None:
        return own
    grade = own.grade if own.visit else Grade.CERTAIN
    return replace(
        own,
        basis=Basis.REPEAT,
        grade=grade,
        source=before.source,
        source_probability=1.0,
        shares=before.shares,
        first_call=before.call,
    )


def _credit(call: Call, finding: Finding, rules: CreditSettings, stage: str) -> Credit:
    visit = finding.visit
    return Credit(
        call=call,
        company_id=call.company_id,
        version=1,
        stage=stage,
        basis=finding.basis,
        grade=finding.grade,
        probability=finding.probability,
        visit=visit.pk if visit else None,
        visit_number=visit.number if visit else None,
        page_view=_page_being_viewed(visit, call.started_at) if visit else None,
        first_call=finding.first_call,
        candidates=finding.candidates,
        source_probability=finding.source_probability,
        sources=finding.sources,
        stranger=finding.stranger,
        model=rules.model,
        correction=finding.correction,
        **msgspec.structs.asdict(finding.source),
    )


def _store_shares(credit: Credit, shares: tuple[Share, ...]) -> None:
    """One share alone is what the credit's own columns say."""
    if len(shares) > 1:
        CreditShare.objects.bulk_create(
            CreditShare(
                credit=credit,
                company_id=credit.company_id,
                weight=share.weight,
                **msgspec.structs.asdict(share.source),
            )
            for share in shares
        )


def _page_being_viewed(visit: Visit, start: datetime) -> UUID | None:
    """The page that the visitor was on, or had been on last, when they called."""
    seen = PageView.objects.filter(
        visit=visit.pk, started_at__lte=start + CLOCK_SLACK, last_active_at__gte=start - PAGE_LOOK_BACK
    )
    return seen.order_by("-started_at", "-id").values_list("pk", flat=True).first()
