"""Whom a call is credited to, how sure, and why."""

from __future__ import annotations

from math import isclose
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callspring.calls.credit import KEPT, Candidate, Evidence, Verdict, grade_of, judge
from callspring.pools.timing import Timing
from tests.calls.candidates import CANDIDATES, GOOGLE, MAIL, NOW, any_candidate, candidate

TIMING = Timing()


def judged(*candidates: Candidate, **more: bool) -> Verdict:
    return judge(candidates, NOW, TIMING, **more)


def chance(verdict: Verdict, visit: str) -> float:
    return next(one.probability for one in verdict.judged if one.candidate.visit == visit)


@given(CANDIDATES)
def test_sources_and_strangers_make_up_the_whole(candidates: list[Candidate]) -> None:
    verdict = judged(*candidates)
    assert isclose(sum(share for _, share in verdict.sources) + verdict.stranger, 1.0, abs_tol=1e-9)
    chances = [one.probability for one in verdict.judged]
    assert chances == sorted(chances, reverse=True)
    assert len(chances) == min(len(candidates), KEPT)
    for source, share in verdict.sources:
        of_source = sum(one.probability for one in verdict.judged if one.candidate.source == source)
        assert of_source <= share + 1e-9


@given(CANDIDATES, st.integers())
def test_the_order_of_candidates_does_not_matter(candidates: list[Candidate], seed: int) -> None:
    shuffled = list(candidates)
    Random(seed).shuffle(shuffled)
    assert judged(*shuffled) == judged(*candidates)


@given(CANDIDATES)
def test_the_grade_says_what_the_probabilities_say(candidates: list[Candidate]) -> None:
    verdict = judged(*candidates)
    if verdict.grade == "unknown":
        assert verdict.best is None
        assert verdict.source is None
        assert not candidates or verdict.sources[0][1] <= verdict.stranger
    else:
        assert verdict.best is not None
        assert verdict.grade == grade_of(verdict.best.probability)


@given(CANDIDATES, any_candidate())
def test_another_candidate_makes_nobody_surer(candidates: list[Candidate], another: Candidate) -> None:
    before = {one.candidate.visit: one.probability for one in judged(*candidates).judged}
    for one in judged(*candidates, another).judged:
        assert one.probability <= before.get(one.candidate.visit, 1.0) + 1e-12


@given(st.floats(600, 5e6))
def test_who_views_the_page_beats_who_left(idle: float) -> None:
    verdict = judged(candidate("gone", idle=idle), candidate("here"))
    assert verdict.judged[0].candidate.visit == "here"


@pytest.mark.parametrize("surer", [{"tapped": NOW - 5}, {"caller": 0.9}, {"area": "city"}])
def test_evidence_for_somebody_makes_them_likelier(surer: dict[str, Any]) -> None:
    plain = judged(candidate("a"), candidate("b"))
    told = judged(candidate("a", **surer), candidate("b"))
    assert chance(told, "a") > chance(plain, "a")
    assert chance(told, "b") < chance(plain, "b")


@pytest.mark.parametrize("unlikelier", [{"other_caller": 0.9}, {"area": "other_country"}, {"area": "other_region"}])
def test_evidence_against_somebody_makes_them_unlikelier(unlikelier: dict[str, Any]) -> None:
    assert chance(judged(candidate("a", **unlikelier), candidate("b")), "a") < 0.5


def test_a_press_on_the_link_counts_less_where_there_is_no_telephone() -> None:
    phone = judged(candidate("a", tapped=NOW - 5), candidate("b", idle=30))
    desk = judged(candidate("a", tapped=NOW - 5, device="desktop"), candidate("b", idle=30))
    assert chance(desk, "a") < chance(phone, "a")


def test_the_campaign_may_be_certain_when_the_visitor_is_not() -> None:
    verdict = judged(candidate("a"), candidate("b"), candidate("c", idle=86_400, source=MAIL))
    assert verdict.grade == "ambiguous"
    assert verdict.source is not None
    source, share = verdict.source
    assert (source, grade_of(share)) == (GOOGLE, "certain")


def test_the_most_probable_source_need_not_be_the_most_probable_visits() -> None:
    """Two from the newsletter against one from the search, who is a little likelier than either."""
    verdict = judged(
        candidate("search", area="country"), candidate("mail1", source=MAIL), candidate("mail2", source=MAIL)
    )
    assert verdict.best is not None
    assert verdict.best.candidate.visit == "search"
    assert verdict.source is not None
    assert verdict.source[0] == MAIL


def test_nobody_held_the_number() -> None:
    verdict = judged()
    assert (verdict.judged, verdict.grade, verdict.best, verdict.source) == ((), "unknown", None, None)


def test_who_left_weeks_ago_is_likelier_somebody_who_saved_the_number() -> None:
    verdict = judged(candidate(idle=30 * 86_400))
    assert (verdict.grade, verdict.best, len(verdict.judged)) == ("unknown", None, 1)
    assert verdict.stranger > 0.9


def test_a_caller_who_knows_the_number_may_have_saved_it() -> None:
    here = candidate(idle=3000)
    assert judged(here, knows_number=True).stranger > judged(here).stranger


def test_a_lone_visitor_who_views_the_number_is_certain() -> None:
    verdict = judged(candidate(exclusive=True))
    assert verdict.grade == "certain"
    assert verdict.best is not None
    assert verdict.best.evidence == (Evidence("exclusive"), Evidence("viewing"))


def test_all_that_is_known_of_a_candidate_is_said() -> None:
    one = candidate(idle=61.4, tapped=NOW - 4.4, caller=0.9, area="region", exclusive=True)
    said = [(each.kind, each.seconds) for each in judged(one).judged[0].evidence]
    assert said == [
        ("tel_click", 4),
        ("caller_known", None),
        ("exclusive", None),
        ("left", 61),
        ("same_region", None),
    ]
    abroad = judged(candidate(area="other_country")).judged[0].evidence
    assert Evidence("other_country") in abroad
