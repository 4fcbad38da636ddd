"""Candidates for tests, and hypothesis strategies that make them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from callspring.calls.credit import AREAS, Candidate
from callspring.visits.touch import Source

NOW = 1_900_000_000.0
GOOGLE, MAIL, RADIO = Source("google", "cpc"), Source("newsletter", "email", channel="email"), Source("radio")


def candidate(visit: str = "a", *, idle: float = 0.0, **changes: Any) -> Candidate:
    """A visitor who came two minutes before they were last seen, which is `idle` seconds before the call (0: now)."""
    settled: dict[str, Any] = {
        "visit_number": 1,
        "visitor": visit,
        "source": GOOGLE,
        "device": "mobile",
        "start": NOW - idle - 120,
        "left": NOW - idle if idle else None,
    }
    return Candidate(visit=visit, **(settled | changes))


@st.composite
def any_candidate(draw: st.DrawFn) -> Candidate:
    """Any sort of candidate."""
    idle = draw(st.one_of(st.just(0.0), st.floats(0, 5e6)))
    tapped = draw(st.none() | st.floats(0, 120))
    return candidate(
        draw(st.uuids().map(str)),
        idle=idle,
        source=draw(st.sampled_from([GOOGLE, MAIL, RADIO])),
        device=draw(st.sampled_from(["mobile", "desktop", "tablet", ""])),
        start=NOW - idle - draw(st.floats(0, 10_000)),
        tapped=None if tapped is None else NOW - tapped,
        called=draw(st.sampled_from([0.0, 0.4, 1.0])),
        called_at=NOW - idle,
        exclusive=draw(st.booleans()),
        caller=draw(st.sampled_from([0.0, 0.0, 0.7])),
        other_caller=draw(st.sampled_from([0.0, 0.0, 0.9])),
        area=draw(st.sampled_from(sorted(AREAS))),
    )


CANDIDATES = st.lists(any_candidate(), max_size=30, unique_by=lambda one: one.visit)
