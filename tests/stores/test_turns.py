"""The line of next-in-line."""

from __future__ import annotations

from callspring.stores.leases.turns import MORE, Turns

NUMBERS = dict.fromkeys((3, 1, 2))


def test_numbers_stand_by_when_they_were_last_handed_out() -> None:
    turns = Turns()
    turns.line_up(NUMBERS, NUMBERS)
    assert turns.first(NUMBERS) == 3, "in the pool's order while none was handed out"
    turns.take(3, 10)
    turns.take(1, 11)
    turns.offer(1)
    turns.offer(3)
    assert turns.first(NUMBERS) == 2
    assert turns.first({1: None, 3: None}) == 3


def test_the_line_does_not_grow_where_nobody_takes_from_it() -> None:
    """On a server a script chooses, and doors only follow."""
    turns = Turns()
    turns.line_up(NUMBERS, NUMBERS)
    for turn in range(1, 20 * MORE):
        number = 1 + turn % 3
        turns.take(number, turn)
        turns.offer(number)
    assert len(turns._line) <= 2 * len(NUMBERS) + MORE
    assert turns.first(NUMBERS) == 1 + (20 * MORE - 3) % 3
