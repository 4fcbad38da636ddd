"""Whom a call is credited to, how sure, and why."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callspring.calls.credit import CLICK_SECONDS, Candidate, Evidence, judge

SECONDS = st.one_of(st.just(0.0), st.floats(0, 4000))
CANDIDATE = st.builds(
    Candidate,
    visit=st.uuids().map(str),
    visit_number=st.integers(1, 10**6),
    holding=st.booleans(),
    idle=SECONDS,
    clicked=st.none() | st.floats(0, 120),
)
CANDIDATES = st.lists(CANDIDATE, max_size=8, unique_by=lambda candidate: candidate.visit)


def candidate(visit: str = "a", *, holding: bool = True, idle: float = 0.0, clicked: float | None = None) -> Candidate:
    return Candidate(visit, 1, holding, idle, clicked)


@given(CANDIDATES)
def test_probabilities_leave_room_for_a_stranger(candidates: list[Candidate]) -> None:
    verdict = judge(candidates)
    chances = [judged.probability for judged in verdict.judged]
    assert sum(chances) < 1
    assert all(0 <= chance < 1 for chance in chances)
    assert chances == sorted(chances, reverse=True)
    assert {judged.candidate.visit for judged in verdict.judged} == {c.visit for c in candidates}


@given(CANDIDATES, st.randoms(use_true_random=False))
def test_the_order_of_candidates_does_not_matter(candidates: list[Candidate], random: object) -> None:
    shuffled = list(candidates)
    random.shuffle(shuffled)  # type: ignore[attr-defined] # a random.Random
    assert judge(shuffled) == judge(candidates)


@given(CANDIDATES)
def test_the_grade_says_what_the_best_probability_says(candidates: list[Candidate]) -> None:
    verdict = judge(candidates)
    assert (verdict.best is None) == (not candidates)
    chance = verdict.best.probability if verdict.best else -1.0
    grades = [(0.9, "certain"), (0.65, "likely"), (0.0, "ambiguous")]
    assert verdict.grade == next((grade for least, grade in grades if chance >= least), "unknown")


@given(CANDIDATES, CANDIDATE)
def test_another_candidate_makes_nobody_surer(candidates: list[Candidate], another: Candidate) -> None:
    before = {judged.candidate: judged.probability for judged in judge(candidates).judged}
    for judged in judge([*candidates, another]).judged:
        assert judged.probability <= before.get(judged.candidate, 1.0)


@given(st.floats(0.001, 4000), st.booleans())
def test_who_views_the_page_beats_who_left(idle: float, holding: bool) -> None:
    viewing, left = candidate("a"), candidate("b", holding=holding, idle=idle)
    assert judge([left, viewing]).judged[0].candidate == viewing


@given(st.floats(1, 3000), st.floats(1, 1000))
def test_who_left_lately_beats_who_left_before(idle: float, more: float) -> None:
    lately, before = candidate("b", idle=idle), candidate("a", idle=idle + more)
    assert judge([before, lately]).judged[0].candidate == lately


@given(st.floats(0, CLICK_SECONDS), st.floats(0, CLICK_SECONDS))
def test_who_pressed_the_number_beats_who_views_it(clicked: float, idle: float) -> None:
    clicker, viewer = candidate("b", idle=idle, clicked=clicked), candidate("a")
    assert judge([viewer, clicker]).judged[0].candidate == clicker


@given(SECONDS, st.floats(CLICK_SECONDS, 1000, exclude_min=True))
def test_an_old_click_proves_nothing(idle: float, clicked: float) -> None:
    (one,) = judge([candidate(idle=idle, clicked=clicked)]).judged
    (other,) = judge([candidate(idle=idle)]).judged
    assert (one.probability, one.evidence) == (other.probability, other.evidence)


def test_nobody_held_the_number() -> None:
    verdict = judge([])
    assert (verdict.judged, verdict.grade, verdict.best) == ((), "unknown", None)


def test_a_lone_visitor_who_views_the_number_is_certain() -> None:
    verdict = judge([candidate()])
    assert verdict.grade == "certain"
    assert verdict.best is not None
    assert verdict.best.evidence == (Evidence("exclusive"), Evidence("viewing"))


def test_two_who_view_it_are_ambiguous_until_one_presses_it() -> None:
    assert judge([candidate("a"), candidate("b")]).grade == "ambiguous"
    verdict = judge([candidate("a"), candidate("b", clicked=4.4)])
    assert verdict.grade == "certain"
    assert verdict.judged[0].evidence == (Evidence("tel_click", 4), Evidence("viewing"))


@pytest.mark.parametrize(
    ("candidates", "exclusive"),
    [
        ([candidate("a"), candidate("b", holding=False, idle=400)], ["a"]),
        ([candidate("a"), candidate("b", idle=100)], []),
        ([candidate("a", holding=False, idle=200)], []),
    ],
)
def test_only_who_holds_it_alone_is_exclusive(candidates: list[Candidate], exclusive: list[str]) -> None:
    found = [j.candidate.visit for j in judge(candidates).judged if Evidence("exclusive") in j.evidence]
    assert found == exclusive


def test_who_left_is_said_with_the_seconds() -> None:
    (judged,) = judge([candidate(idle=61.4)]).judged
    assert judged.evidence == (Evidence("exclusive"), Evidence("left", 61))
