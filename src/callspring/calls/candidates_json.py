"""Candidates as a credit stores them, and back. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from callspring.calls.credit import Evidence, Judged, Verdict
from callspring.pools.holder import Holder, device_class
from callspring.visits.touch import Source

LEAST_KEPT = 0.0005  # a candidate less likely is not worth a line; its source counts all the same
MOST_SOURCES = 20


def as_json(verdict: Verdict, now: float) -> list[dict[str, Any]]:
    """The candidates of a call placed at `now`, likeliest first."""
    worth = [judged for judged in verdict.judged if judged.probability >= LEAST_KEPT] or verdict.judged[:1]
    return [
        {
            "visit": judged.candidate.visit,
            "visit_number": judged.candidate.visit_number,
            "probability": min(round(judged.probability, 4), 0.9999),
            "weighed": min(round(judged.weighed, 4), 0.9999),
            "evidence": [_evidence(each) for each in judged.evidence],
            "facts": _facts(judged, now),
        }
        for judged in worth
    ]


def sources_json(sources: Sequence[tuple[Source, float]]) -> list[dict[str, Any]]:
    """The sources with their probabilities, likeliest first."""
    worth = [pair for pair in sources[:MOST_SOURCES] if pair[1] >= LEAST_KEPT] or sources[:1]
    return [{**msgspec.structs.asdict(source), "probability": round(chance, 4)} for source, chance in worth]


def sources_of(stored: Sequence[Mapping[str, Any]]) -> list[tuple[Source, float]]:
    """What `sources_json` gave."""
    return [
        (Source(**{name: one[name] for name in Source.__struct_fields__}), float(one["probability"])) for one in stored
    ]


def holder_of(stored: Mapping[str, Any], now: float) -> Holder | None:
    """A stored candidate as the timing model wants it; None for one that was stored without facts."""
    facts = stored.get("facts")
    if not facts:
        return None
    left, tapped = facts["left"], facts["tapped"]
    return Holder(
        str(stored["visit"]),
        facts.get("came_by", ""),
        device_class(facts["device"]),
        now - facts["start"],
        None if left is None else now - left,
        None if tapped is None else now - tapped,
        facts["called"],
        now - facts["called_ago"],
        tuple((now - ago, seconds) for ago, seconds in facts.get("earlier", ())),
    )


def _facts(judged: Judged, now: float) -> dict[str, Any]:
    """Seconds before the call, rounded to tenths."""
    one = judged.candidate
    return {
        "came_by": one.came_by,
        "device": one.device,
        "start": round(now - one.start, 1),
        "left": None if one.left is None else round(now - one.left, 1),
        "tapped": None if one.tapped is None else round(now - one.tapped, 1),
        "called": round(one.called, 4),
        "called_ago": round(now - one.called_at, 1) if one.called else 0.0,
        "earlier": [[round(now - left, 1), round(seconds, 1)] for left, seconds in one.earlier],
    }


def _evidence(one: Evidence) -> dict[str, Any]:
    return {"kind": one.kind} if one.seconds is None else {"kind": one.kind, "seconds": one.seconds}
