"""Sixty days of maintenance on daily-rhythm traffic: it settles, does not swing, and a flood of forged shows ends."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import pytest

from callspring.maintenance.rules import Action, Reason
from tests.maintenance.sixty_days import Night, told

story = cache(told)


def turns(nights: list[Night]) -> int:
    """How often growing turned into shrinking or the other way round."""
    acted = [night.action for night in nights if night.action is not Action.NOTHING]
    return sum(one is not other for one, other in pairwise(acted))


def settled(nights: list[Night]) -> bool:
    """Whether what decides was always where it should be. Single days may fall below: one busy hour does that."""
    return all(0.9 <= night.measured <= 1 for night in nights)


def test_a_pool_that_is_too_small_grows_until_it_is_right() -> None:
    nights = story(0)
    assert nights[0].numbers == 8
    assert nights[0].accuracy < 0.8
    assert turns(nights) == 0
    assert len({night.numbers for night in nights[20:]}) == 1
    assert settled(nights[4:])
    assert nights[-1].certainty >= 0.8
    assert nights[-1].numbers < 16


def test_a_pool_that_is_too_large_shrinks_until_it_is_right() -> None:
    nights = story(1)
    assert nights[0].numbers == 200
    assert turns(nights) == 0
    assert nights[-1].numbers < 30
    assert len({night.numbers for night in nights[-8:]}) == 1
    assert settled(nights)
    assert nights[-1].certainty >= 0.8
    assert nights[-1].cost < nights[0].cost / 5
    assert sum(night.reason is Reason.FEW_SHOWS for night in nights) < 10


def test_a_flood_of_forged_shows_adds_one_step_a_day_and_no_more() -> None:
    nights = story(2)
    before, during, after = nights[29], nights[30:40], nights[40:]
    assert min(night.accuracy for night in during) < 0.2
    assert max(night.numbers for night in nights) <= before.numbers + 12
    assert all(night.count <= 2 for night in during)
    assert turns(nights) == 0
    assert after[-1].accuracy > 0.99


def test_when_twice_as_many_come_after_a_good_month_it_grows_from_the_next_day_on() -> None:
    nights = story(4)
    before, during, after = nights[29], nights[30:45], nights[45:]
    assert settled(nights[4:30])
    assert during[0].action is Action.BUY
    assert settled(after)
    assert len({night.numbers for night in after}) == 1
    assert before.numbers * 1.5 < after[-1].numbers < before.numbers * 2
    assert turns(nights) == 0


def test_when_half_as_many_come_one_shared_show_keeps_what_there_is() -> None:
    """Exactly 100 % is meant so; nothing is bought or released back and forth for it."""
    nights = story(5)
    assert settled(nights)
    assert {night.action for night in nights[30:]} == {Action.NOTHING}
    assert nights[-1].numbers == nights[29].numbers
    assert turns(nights) == 0


def test_a_bad_week_behind_a_good_year_is_told_until_a_person_adds_numbers() -> None:
    nights = story(6)
    before, worse, after = nights[:10], nights[10:20], nights[20:]
    assert not any(night.fell for night in before)
    assert all(night.fell and night.action is Action.NOTHING and night.measured >= 0.9 for night in worse)
    assert max(night.lately for night in worse) < 0.9
    assert not any(night.fell for night in after)
    assert after[0].numbers == worse[-1].numbers + 8
    assert settled(after[5:])
    assert {night.action for night in after[5:]} == {Action.NOTHING}


@pytest.mark.soak
def test_the_spending_cap_ends_a_flood_sooner() -> None:
    nights = story(3)
    assert max(night.numbers for night in nights) <= 16
    assert any(night.reason is Reason.OVER_CAP for night in nights[30:40])
