"""Whom is a call credited to, how sure is that, and why? Pure.

Candidates are the recent holders of the dialled number. Each gets a weight from the evidence, a share is left for
"somebody who had saved the number", and the weights become probabilities.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, fsum

CERTAIN = 0.9
LIKELY = 0.65

# Odds, to be replaced by the learnt model of when people call (design.md, "The model of when people call").
VIEWING = 1.0  # the page with the number is open when the call comes
LEFT = 0.5  # just after leaving; fades with LEFT_SECONDS
LEFT_SECONDS = 300.0
CLICKED = 30.0  # times as likely when they pressed the tel: link within CLICK_SECONDS before
CLICK_SECONDS = 60.0
STRANGER = 0.05  # somebody else who has the number


@dataclass(frozen=True, slots=True)
class Candidate:
    """A visitor who held, or lately held, the dialled number. Times are seconds before the call's start.

    `idle` is the time since the last activity known, 0 while the page is open; `clicked` since they pressed a `tel:`
    link with this number, None if they did not.
    """

    visit: str
    visit_number: int
    holding: bool
    idle: float
    clicked: float | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason: `exclusive` (nobody else held the number), `viewing`, `left` and `tel_click` (seconds before)."""

    kind: str
    seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """A candidate with its probability (0 to 1) and the evidence, strongest first."""

    candidate: Candidate
    probability: float
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """All candidates, likeliest first, and the grade: `certain`, `likely`, `ambiguous`, or `unknown` without any."""

    judged: tuple[Judged, ...]
    grade: str

    @property
    def best(self) -> Judged | None:
        """The candidate the call is credited to."""
        return self.judged[0] if self.judged else None


def judge(candidates: Sequence[Candidate]) -> Verdict:
    """Weigh the candidates against each other. The order they come in does not matter."""
    weights = [_weight(candidate) for candidate in candidates]
    total = fsum([*weights, STRANGER])  # the same to the last bit in any order
    alone = sum(candidate.holding for candidate in candidates) == 1
    judged = sorted(
        (
            Judged(candidate, weight / total, _evidence(candidate, alone))
            for candidate, weight in zip(candidates, weights, strict=True)
        ),
        key=lambda item: (-item.probability, item.candidate.idle, item.candidate.visit),
    )
    return Verdict(tuple(judged), _grade(judged))


def _weight(candidate: Candidate) -> float:
    weight = VIEWING if candidate.idle <= 0 else LEFT * exp(-candidate.idle / LEFT_SECONDS)
    clicked = candidate.clicked is not None and candidate.clicked <= CLICK_SECONDS
    return weight * CLICKED if clicked else weight


def _grade(judged: Sequence[Judged]) -> str:
    if not judged:
        return "unknown"
    probability = judged[0].probability
    if probability >= CERTAIN:
        return "certain"
    return "likely" if probability >= LIKELY else "ambiguous"


def _evidence(candidate: Candidate, alone: bool) -> tuple[Evidence, ...]:
    found = []
    if candidate.clicked is not None and candidate.clicked <= CLICK_SECONDS:
        found.append(Evidence("tel_click", round(candidate.clicked)))
    if candidate.holding and alone:
        found.append(Evidence("exclusive"))
    found.append(Evidence("viewing") if candidate.idle <= 0 else Evidence("left", round(candidate.idle)))
    return tuple(found)
