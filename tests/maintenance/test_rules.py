"""The verdict on one scenario, as S2's page and C7 say it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callspring.maintenance.rules import Action, Figures, Funds, Reason, Verdict, has_fallen, maintain, step


def figures(shows: int = 412, exclusive: int = 412, numbers: int = 22, **more: Any) -> Figures:
    settled: dict[str, Any] = {"ending": numbers, "accuracy_left": 1.0, "certainty_left": 0.9, "certainty_target": 0.8}
    return Figures(shows, exclusive, numbers, **(settled | more))


def test_seventeen_numbers_at_84_percent_get_one_more() -> None:
    assert maintain(figures(412, 346, 17)) == Verdict(Action.BUY, Reason.TOO_LOW, 1, 0)


def test_of_22_numbers_at_100_percent_two_are_released() -> None:
    assert maintain(figures(numbers=22)) == Verdict(Action.RELEASE, Reason.MORE_THAN_NEEDED, 2)


@pytest.mark.parametrize(("exclusive", "action"), [(899, "buy"), (900, "nothing"), (999, "nothing"), (1000, "release")])
def test_from_90_to_100_percent_nothing_is_done(exclusive: int, action: str) -> None:
    assert maintain(figures(1000, exclusive)).action == action


@pytest.mark.parametrize(("numbers", "five_percent"), [(1, 1), (20, 1), (21, 2), (40, 2), (200, 10), (201, 11)])
def test_five_percent_is_rounded_up(numbers: int, five_percent: int) -> None:
    assert step(numbers) == five_percent


def test_fewer_than_200_shows_say_nothing() -> None:
    assert maintain(figures(199, 0)).reason is Reason.FEW_SHOWS
    assert maintain(figures(199, 199)).reason is Reason.FEW_SHOWS
    assert maintain(figures(200, 0)).action is Action.BUY


def test_only_numbers_whose_period_ends_are_released() -> None:
    assert maintain(figures(ending=1)).count == 1
    assert maintain(figures(ending=0)).reason is Reason.NONE_ENDS


def test_more_than_needed_means_that_the_rest_would_do_as_well() -> None:
    assert maintain(figures(accuracy_left=0.9994)).reason is Reason.NEEDED_FOR_ACCURACY
    assert maintain(figures(certainty_left=0.79)).reason is Reason.NEEDED_FOR_CERTAINTY
    assert maintain(figures(numbers=1)).reason is Reason.NEEDED_FOR_ACCURACY


def test_what_rests_comes_back_before_any_is_bought() -> None:
    verdict = maintain(figures(400, 100, 100, resting=3))
    assert (verdict.count, verdict.from_rest, verdict.to_buy) == (5, 3, 2)


@pytest.mark.parametrize("funds", [Funds.NO_MONEY, Funds.OVER_CAP, Funds.NO_CARRIER])
def test_without_money_nothing_is_bought(funds: Funds) -> None:
    assert maintain(figures(400, 100, 100, funds=funds)) == Verdict(Action.NOTHING, Reason(funds))
    rested = maintain(figures(400, 100, 100, funds=funds, resting=3))
    assert (rested.count, rested.from_rest, rested.to_buy) == (3, 3, 0)
    assert maintain(figures(400, 100, 100, funds=funds, resting=9)).count == 5


def test_while_numbers_are_on_order_it_waits() -> None:
    assert maintain(figures(400, 100, changing=True)).reason is Reason.UNDER_WAY


@pytest.mark.parametrize(
    ("exclusive", "lately", "lately_exclusive", "fell"),
    [
        (900, 200, 179, True),
        (900, 200, 180, False),
        (900, 199, 0, False),
        (899, 200, 100, False),
        (1000, 200, 200, False),
    ],
)
def test_a_bad_week_is_told_where_all_is_well_on_the_whole(
    exclusive: int, lately: int, lately_exclusive: int, fell: bool
) -> None:
    verdict = maintain(figures(1000, exclusive, lately_shows=lately, lately_exclusive=lately_exclusive))
    assert verdict == maintain(figures(1000, exclusive)), "it decides nothing"
    assert has_fallen(verdict.reason, lately, lately_exclusive) is fell


@given(
    st.builds(
        Figures,
        shows=st.integers(0, 500),
        exclusive=st.integers(0, 500),
        numbers=st.integers(0, 500),
        resting=st.integers(0, 50),
        ending=st.integers(0, 500),
        changing=st.booleans(),
        funds=st.sampled_from(Funds),
        accuracy_left=st.floats(0, 1),
        certainty_left=st.floats(0, 1),
        certainty_target=st.floats(0, 1),
    )
)
def test_it_never_does_more_than_it_may(some: Figures) -> None:
    verdict = maintain(some)
    assert (verdict.count > 0) == (verdict.action is not Action.NOTHING)
    assert verdict.count <= step(some.numbers)
    if verdict.action is Action.BUY:
        assert verdict.from_rest <= min(some.resting, verdict.count)
        assert some.funds is Funds.ENOUGH or not verdict.to_buy
    if verdict.action is Action.RELEASE:
        assert some.exclusive >= some.shows >= 200
        assert verdict.count < some.numbers
        assert verdict.count <= some.ending
