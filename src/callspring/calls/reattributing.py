"""A call that is credited already, put down to sources by other settings. Who called stays as it was judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from callspring.calls.attribution import Model
from callspring.calls.candidates import source_of
from callspring.calls.candidates_json import sources_json, sources_of
from callspring.calls.credit import by_source
from callspring.calls.crediting import Finding, corrected, rule_of, static
from callspring.calls.models import Basis, Call, Credit, Grade
from callspring.calls.touches import shares_of
from callspring.visits.models import Visit
from callspring.visits.touch import Source


def own_finding(call: Call, credit: Credit, model: Model) -> Finding | None:
    """What the call counts for by itself, before the repeat rule, by an attribution model.

    None where its visit is kept no longer: then what it counts for stays.
    """
    stored = {"candidates": credit.candidates, "sources": credit.sources, "stranger": credit.stranger}
    if credit.correction is not None:
        return replace(corrected(call, credit.correction, model), **stored)
    if credit.visit is not None:
        return _by_visit(call, credit, model)
    if credit.basis == Basis.STATIC:
        return Finding(basis=Basis.STATIC, grade=Grade.CERTAIN, source=columns_of(credit), source_probability=1.0)
    rule = rule_of(call)
    if credit.basis == Basis.REPEAT and not credit.candidates and rule is not None and not rule.dynamic:
        return static(rule)
    return Finding(basis=Basis.NOBODY, grade=Grade.UNKNOWN, **stored)


def columns_of(credit: Credit) -> Source:
    """The source columns of a credit."""
    return Source(credit.source, credit.medium, credit.campaign, credit.keyword, credit.channel)


def _by_visit(call: Call, credit: Credit, model: Model) -> Finding | None:
    chances = {UUID(one["visit"]): float(one["probability"]) for one in credit.candidates}
    if credit.visit is not None:
        chances.setdefault(credit.visit, credit.probability or 0.0)
    visits = Visit.objects.filter(company=call.company_id).in_bulk(list(chances))
    visit = visits.get(credit.visit) if credit.visit else None
    if visit is None:
        return None
    known = [(visits[pk], chance) for pk, chance in chances.items() if pk in visits]
    by = _sources(credit, known, model)
    stands_for = max(known, key=lambda pair: (source_of(pair[0], model) == by[0][0], pair[1], pair[0].pk == visit.pk))
    shares = shares_of(stands_for[0], call.started_at, model)
    return Finding(
        basis=Basis.HOLDER,
        grade=credit.grade,
        source=shares[0].source,
        source_probability=by[0][1],
        shares=shares,
        visit=visit,
        probability=credit.probability,
        candidates=credit.candidates,
        sources=sources_json(by),
        stranger=credit.stranger,
    )


def _sources(credit: Credit, known: Sequence[tuple[Visit, float]], model: Model) -> Sequence[tuple[Source, float]]:
    """By the same model as they were judged: then also candidates count that were not worth a line."""
    if credit.model == model and credit.sources:
        return sources_of(credit.sources)
    return by_source((source_of(visit, model), chance) for visit, chance in known)
