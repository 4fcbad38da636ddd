"""When owners are told that money runs out."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from callspring.billing.crossings import Level, Told, crossed, level_of

MOVES = st.lists(st.tuples(st.integers(-40, 60), st.integers(0, 60), st.booleans()), max_size=60)


def test_levels() -> None:
    assert [level_of(balance, 10) for balance in (11, 10, 1, 0, -1)] == [
        Level.FINE, Level.LOW, Level.LOW, Level.EMPTY, Level.EMPTY,
    ]  # fmt: skip


def test_a_threshold_of_nothing_warns_only_when_nothing_is_left() -> None:
    assert [level_of(balance, 0) for balance in (1, 0)] == [Level.FINE, Level.EMPTY]


def test_low_then_empty_are_two_mails() -> None:
    assert crossed(Level.FINE, 5, 10, rearm=False) == Told(Level.LOW, mail=True)
    assert crossed(Level.LOW, 0, 10, rearm=False) == Told(Level.EMPTY, mail=True)


def test_a_fall_through_both_lines_is_one_mail() -> None:
    assert crossed(Level.FINE, -1, 10, rearm=False) == Told(Level.EMPTY, mail=True)


def test_a_top_up_arms_it_again_without_a_mail() -> None:
    assert crossed(Level.EMPTY, 50, 10, rearm=True) == Told(Level.FINE, mail=False)
    assert crossed(Level.EMPTY, 5, 10, rearm=True) == Told(Level.LOW, mail=False)


@given(MOVES)
def test_between_two_top_ups_there_are_two_mails_at_most(moves: list[tuple[int, int, bool]]) -> None:
    """However the balance and the threshold, which follows spending, swing."""
    told, mails = Level.FINE, 0
    for balance, threshold, rearm in moves:
        step = crossed(told, balance, threshold, rearm=rearm)
        assert not (step.mail and rearm and step.level <= told)
        mails = 0 if rearm and not step.mail else mails + step.mail
        assert mails <= 2
        told = step.level


@given(MOVES)
def test_nobody_is_left_without_a_word_when_nothing_is_left(moves: list[tuple[int, int, bool]]) -> None:
    told = Level.FINE
    for balance, threshold, rearm in moves:
        step = crossed(told, balance, threshold, rearm=rearm)
        if balance <= 0:
            assert step.level is Level.EMPTY
            assert step.mail is (told is not Level.EMPTY)
        told = step.level
