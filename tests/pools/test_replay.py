"""Replays small enough to work out by hand."""

from __future__ import annotations

import pytest

from callspring.pools.policies import NAMES
from callspring.pools.replay import Calibration, CallRow, Figures, VisitRow, replay


def visit(visitor: str, start: float, end: float, source: str = "ads", tapped: float | None = None) -> VisitRow:
    return VisitRow(visitor, start, end, source, "mobile", tapped)


def play(visits: list[VisitRow], calls: list[tuple[str, float]], numbers: int, policy: str) -> Figures:
    return replay(visits, [CallRow(*call) for call in calls], numbers=numbers, policy=policy)


@pytest.mark.parametrize("policy", NAMES)
def test_one_visitor_one_number(policy: str) -> None:
    figures = play([visit("a", 0, 60)], [("a", 30), ("a", 4000)], 1, policy)
    assert (figures.calls, figures.right_visitor, figures.right_source, figures.overflow) == (2, 2, 2, 0)


@pytest.mark.parametrize("policy", NAMES)
def test_holds_of_two_on_one_number_overlap(policy: str) -> None:
    figures = play([visit("a", 0, 60), visit("b", 209, 260)], [("b", 250)], 1, policy)
    assert (figures.overflow, figures.shared_shows) == (1, 2)
    figures = play([visit("a", 0, 60), visit("b", 210, 260)], [("b", 250)], 1, policy)
    assert (figures.overflow, figures.shared_shows) == (0, 0)
    assert figures.as_dict()["exclusive_share"] == 1.0


@pytest.mark.parametrize("policy", NAMES)
def test_who_comes_back_within_the_hold_keeps_the_number(policy: str) -> None:
    visits = [visit("a", 0, 60), visit("b", 100, 400), visit("a", 150, 300, "mail")]
    figures = play(visits, [("a", 290)], 2, policy)
    assert (figures.overflow, figures.shared_shows) == (0, 0)
    assert figures.right_source == 1, "the latest visit begun by then is the truth"


def test_the_truth_is_the_latest_visit_begun_by_then() -> None:
    visits = [visit("a", 0, 60), visit("b", 300, 400, "mail"), visit("a", 1000, 1100, "mail")]
    figures = play(visits, [("a", 1000)], 1, "least-recently-used")
    assert (figures.right_source, figures.right_visitor) == (1, 1)
    figures = play(visits, [("a", 999)], 1, "least-recently-used")
    assert (figures.right_source, figures.right_visitor) == (0, 0), "b was the last on the number when a called"


def test_least_recently_used_credits_whoever_is_viewing_or_left_last() -> None:
    visits = [visit("a", 0, 60), visit("b", 300, 400, "mail")]
    figures = play(visits, [("b", 350), ("a", 700), ("b", 800)], 1, "least-recently-used")
    assert (figures.calls, figures.right_visitor) == (3, 2)


def test_next_in_line_and_least_recently_used_differ() -> None:
    """a's number is given first and free last: next in line gives it to c, least recently used gives b's."""
    visits = [visit("a", 0, 500), visit("b", 1, 2), visit("c", 700, 710, "mail")]
    calls = [("b", 720.0)]
    assert play(visits, calls, 2, "next-in-line").right_visitor == 1
    assert play(visits, calls, 2, "least-recently-used").right_visitor == 0


def test_a_tap_tells_two_viewers_apart() -> None:
    visits = [visit("a", 0, 300, "ads", 97.0), visit("b", 50, 300, "mail", None)]
    assert play(visits, [("a", 100)], 1, "callspring").right_visitor == 1
    assert play(visits, [("a", 100)], 1, "least-recently-used").right_visitor == 0


def test_a_tap_to_come_is_not_known() -> None:
    calls = [("b", 100.0)]
    now = play([visit("a", 0, 300), visit("b", 50, 300)], calls, 1, "callspring")
    later = play([visit("a", 0, 300, "ads", 101.0), visit("b", 50, 300)], calls, 1, "callspring")
    assert now.as_dict() == later.as_dict()


def test_calls_of_people_without_a_visit_are_left_out() -> None:
    figures = play([visit("a", 100, 160)], [("a", 50), ("nobody", 120)], 1, "callspring")
    assert (figures.calls, figures.unknown_callers) == (0, 2)
    assert figures.as_dict()["right_source"] is None


def test_what_comes_later_changes_nothing_that_was() -> None:
    visits = [visit(f"v{n}", 40.0 * n, 40.0 * n + 100, f"s{n % 5}") for n in range(300)]
    calls = [(f"v{n}", 40.0 * n + 50 * (n % 70)) for n in range(0, 300, 3)]
    calls.sort(key=lambda call: call[1])
    early = [call for call in calls if call[1] < 4000]
    part = play([one for one in visits if one.start < 4000], early, 5, "callspring")
    longer = play(visits, early, 5, "callspring")
    assert (part.right_source, part.right_visitor) == (longer.right_source, longer.right_visitor)
    assert part.calibration is not None
    assert longer.calibration is not None
    assert part.calibration.bins == longer.calibration.bins


def test_only_ours_states_probabilities() -> None:
    visits, calls = [visit("a", 0, 60)], [("a", 30.0)]
    assert play(visits, calls, 1, "next-in-line").as_dict()["calibration_error"] is None
    assert play(visits, calls, 1, "callspring").as_dict()["calibration_error"] is not None


def test_calibration_error_is_the_distance_in_each_bin_by_its_calls() -> None:
    calibration = Calibration()
    for probability, right in ((0.85, True), (0.85, False), (0.25, False), (1.0, True)):
        calibration.add(probability, right)
    assert calibration.error() == pytest.approx((2 * 0.35 + 0.25 + 0) / 4)
