"""What a call teaches can be taken back, whatever was learnt since; and three calls do not upset the model."""

from __future__ import annotations

from math import isclose
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from callspring.calls.candidates_json import as_json, holder_of
from callspring.calls.credit import Candidate, judge
from callspring.calls.sums import added, difference, parted, sums_of
from callspring.pools.timing import Timing
from tests.calls.candidates import CANDIDATES, NOW, candidate


def taught(timing: Timing, candidates: list[Candidate], at: float = NOW) -> dict[str, float]:
    """Learn from one call, and what that added."""
    before = sums_of(timing)
    stored = as_json(judge(candidates, NOW, timing), NOW)
    holders = [holder for one in stored if (holder := holder_of(one, at)) is not None]
    assert len(holders) == len(stored)
    timing.learn_call(holders, [one["probability"] for one in stored], at)
    timing.refresh()
    return parted(difference(before, sums_of(timing)))[0]


def close(one: Any, other: Any) -> bool:
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(close(one[name], other[name]) for name in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(close, one, other))
    return isclose(one, other, abs_tol=1e-6) if isinstance(one, int | float) else one == other


@settings(deadline=None)  # how fast this machine is proves nothing
@given(st.lists(CANDIDATES, max_size=4), CANDIDATES, st.lists(CANDIDATES, max_size=4))
def test_what_a_call_taught_is_taken_back_whole(
    before: list[list[Candidate]], call: list[Candidate], after: list[list[Candidate]]
) -> None:
    timing = Timing()
    kept = [taught(timing, each) for each in before]
    lesson = taught(timing, call, NOW + 1)
    kept += [taught(timing, each) for each in after]
    without = Timing.from_dict(added(sums_of(timing), lesson, -1))
    without.doubts.forget(NOW + 1)
    expected = sums_of(Timing())
    for delta in kept:
        expected = added(expected, delta)
    assert all(case.time != NOW + 1 for case in without.doubts.cases)
    left, right = sums_of(without), dict(expected)
    for state in (left, right):
        state.pop("delays")
    assert close(left, right)


def test_a_state_of_another_shape_is_left_alone() -> None:
    assert added({"a": [1.0]}, {"b": 2.0, "a/7": 2.0, "a/0": 2.0, "a/0/x": 1.0}) == {"a": [3.0]}


def test_three_calls_bend_the_curve_and_do_not_break_it() -> None:
    """All of them called two days after leaving."""
    timing = Timing()
    prior = timing.delays.median()
    for number in range(3):
        taught(timing, [candidate(str(number), idle=2 * 86_400, caller=1.0)], NOW + number)
    assert prior <= timing.delays.median() < 10 * prior
    assert timing.still(60.0) > 0.5
    here = judge([candidate()], NOW, timing)
    assert here.grade == "certain"


def test_a_hundred_calls_teach_how_soon_people_call() -> None:
    timing = Timing()
    for number in range(100):
        holder = holder_of(as_json(judge([candidate(str(number), idle=40_000)], NOW, timing), NOW)[0], NOW)
        assert holder is not None
        timing.learn(holder, NOW, 1.0)
    timing.refresh()
    assert timing.delays.median() > 3 * Timing().delays.median()
