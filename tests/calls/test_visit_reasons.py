"""The sentences about a credited visit say what the evidence says, whatever the grade."""

from __future__ import annotations

from uuid import UUID

import pytest

from callspring.calls.credit import Candidate, judge
from callspring.calls.crediting import _candidates_as_json
from callspring.calls.models import Credit
from callspring.calls.visit_reasons import about_visit


def visitor(number: int, *, idle: float = 0.0, holding: bool = True, clicked: float | None = None) -> Candidate:
    return Candidate(str(UUID(int=number)), number, holding, idle, clicked)


def told(*candidates: Candidate) -> str:
    """What is said of the credit that these candidates bring."""
    verdict = judge(candidates)
    best = verdict.best
    assert best is not None
    credit = Credit(
        visit=UUID(best.candidate.visit),
        visit_number=best.candidate.visit_number,
        probability=best.probability,
        grade=verdict.grade,
        candidates=_candidates_as_json(verdict),
    )
    return " ".join(about_visit(credit))


VIEWING = "Its visitor was on a page with the number when the call came."


@pytest.mark.parametrize(
    ("candidates", "said"),
    [
        (
            [visitor(1)],
            f"Visit 1 made this call (95 %). {VIEWING} It held the number, and nobody else had it in the hour before.",
        ),
        (
            [visitor(1, idle=120)],
            (
                "Visit 1 most likely made this call (87 %). "
                "Its visitor had been gone for 2 min 0 s when the call came. "
                "It held the number, and nobody else had it in the hour before."
            ),
        ),
        (
            [visitor(1, idle=300, holding=False)],
            (
                "Visit 1 most likely made this call (79 %). "
                "Its visitor had been gone for 5 min 0 s when the call came. "
                "It no longer held the number, but nobody else had it in the hour before."
            ),
        ),
        (
            [visitor(1, idle=1800, holding=False)],
            (
                "Visit 1 may have made this call (2 %). Its visitor had been gone for 30 min 0 s when the call came. "
                "It no longer held the number, but nobody else had it in the hour before."
            ),
        ),
        (
            [visitor(1, clicked=4), visitor(2)],
            (
                f"Visit 1 made this call (97 %). Its visitor pressed the phone link 4 s before the call. {VIEWING} "
                "1 other visitor had the number at that time or in the hour before."
            ),
        ),
        (
            [visitor(1), visitor(2), visitor(3)],
            (
                f"Several visitors may have made this call. Visit 1 is the likeliest, with 33 %. {VIEWING} "
                "2 other visitors had the number at that time or in the hour before."
            ),
        ),
        (
            [visitor(1), visitor(2, idle=600, holding=False)],
            (
                f"Visit 1 most likely made this call (89 %). {VIEWING} "
                "It alone held the number; 1 other visitor had it in the hour before."
            ),
        ),
        (
            [visitor(1, idle=20, holding=False, clicked=30), visitor(2)],
            (
                "Visit 1 made this call (93 %). Its visitor pressed the phone link 30 s before the call. "
                "Its visitor had been gone for 20 s when the call came. It no longer held the number; visit 2 did."
            ),
        ),
    ],
)
def test_what_is_said(candidates: list[Candidate], said: str) -> None:
    assert told(*candidates) == said


def test_a_credit_without_candidates_claims_nothing_about_others() -> None:
    credit = Credit(visit=UUID(int=7), visit_number=7, probability=0.5, grade="ambiguous", candidates=[])
    assert about_visit(credit) == ["Visit 7 may have made this call (50 %)."]
