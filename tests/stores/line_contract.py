"""What next-in-line promises on every lease store (N5): one line, whichever door is asked or was started again."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import pytest

from callspring.stores.leases.port import LeaseStore, Pool
from tests.stores.lease_contract import HOLD, LINE, NOW, POOL, StoreUser, ask


class LineContract(StoreUser):
    """The examples, and a long day of them. A subclass also gives `restart`."""

    def setup_method(self) -> None:
        self.store = self.make()

    def restart(self, pool: Pool) -> LeaseStore:
        """A door goes, and another one that knows only what is kept comes in its place."""
        raise NotImplementedError

    def again(self, pool: Pool = LINE) -> None:
        self.store = self.restart(pool)

    def comes(self, visitor: str, now: float = NOW, pool: Pool = LINE) -> int:
        """Who comes and sees the number; which one."""
        number = self.run(self.store.lease(pool, ask(visitor), now)).number
        self.run(self.store.confirm(pool.id, visitor, number, now))
        return number

    def goes(self, visitor: str, number: int, now: float) -> None:
        assert self.run(self.store.leave(LINE.id, visitor, number, now))

    @pytest.mark.parametrize("restarts", [False, True])
    def test_the_line_is_by_when_numbers_were_handed_out_however_holds_end(self, restarts: bool) -> None:
        assert [self.comes(name, NOW + at) for at, name in enumerate(("ann", "ben", "cid"))] == [11, 12, 13]
        for name, number, seconds in (("ben", 12, 10), ("cid", 13, 20), ("ann", 11, 100)):
            self.goes(name, number, NOW + seconds)
        if restarts:
            self.again()
        assert [self.run(self.store.peek(LINE, NOW + 400)) for _ in range(2)] == [11, 11]
        assert [self.comes(name, NOW + 400) for name in ("dot", "eve", "fay")] == [11, 12, 13]

    def test_who_comes_back_does_not_change_the_line(self) -> None:
        for name in ("ann", "ben", "cid"):
            self.comes(name)
        assert self.comes("ann", NOW + 60) == 11, "held, and not handed out anew"
        self.again()
        assert [self.comes(name, NOW + 400) for name in ("dot", "eve", "fay")] == [11, 12, 13]

    def test_a_number_whose_visitor_is_forgotten_keeps_its_turn(self) -> None:
        for name in ("ann", "ben"):
            self.comes(name)
        for name in ("ben", "ann"):
            self.run(self.store.release(LINE.id, name))
        self.again()
        assert [self.comes(name) for name in ("cid", "dot", "eve")] == [13, 11, 12]

    def test_turns_are_known_when_the_policy_is_chosen(self) -> None:
        for at, name in enumerate(("ann", "ben", "cid")):
            self.comes(name, NOW + at, POOL)
        for name, number, seconds in (("ben", 12, 10), ("cid", 13, 20), ("ann", 11, 100)):
            self.goes(name, number, NOW + seconds)
        self.run(self.store.peek(POOL, NOW + 400))
        self.again(POOL)
        assert [self.comes(name, NOW + 400) for name in ("dot", "eve", "fay")] == [11, 12, 13]

    def test_a_new_number_comes_first_and_one_that_comes_back_has_its_turn(self) -> None:
        for name in ("ann", "ben", "cid"):
            self.comes(name)
        other = Pool(LINE.id, (11, 13, 14, 9), HOLD, "share", LINE.policy)
        assert self.comes("dot", NOW + 400, other) == 14, "handed out to nobody so far"
        self.again(other)
        all_five = Pool(LINE.id, (9, 11, 12, 13, 14), HOLD, "share", LINE.policy)
        assert [self.comes(name, NOW + 400, all_five) for name in ("eve", "fay", "gil", "hal")] == [9, 11, 12, 13]
        assert self.comes("ida", NOW + 800, all_five) == 14

    @pytest.mark.parametrize("seed", range(3))
    def test_the_line_goes_round_all_day(self, seed: int) -> None:
        chance, day = random.Random(seed), Day()
        for turn in range(60):
            day.now += chance.choice([0, 1, 20, 70, 160])
            self.something_else(chance, day)
            expected = day.first()
            visitor = f"visitor {turn}"
            choice = self.run(self.store.lease(day.pool, ask(visitor), day.now))
            assert (choice.number, choice.reason) == ((expected, "next_in_line") if expected else (0, "left"))
            if expected:
                day.handed_out(expected, visitor)
                self.run(self.store.confirm(LINE.id, visitor, expected, day.now))

    def something_else(self, chance: random.Random, day: Day) -> None:
        what = chance.randrange(6)
        if what == 0:
            numbers = tuple(chance.sample(range(8, 15), chance.choice([2, 4, 6])))
            day.pool = Pool(LINE.id, numbers, HOLD, "leave", LINE.policy)
        elif what == 1 and set(day.ends) <= set(day.pool.numbers):
            self.again(day.pool)
        elif what in (2, 3):
            for number, ends in day.ends.items():
                if day.now < ends and chance.random() < 0.5:
                    self.goes(day.visitors[number], number, day.now)
                    day.ends[number] = day.now + HOLD


@dataclass
class Day:
    """What is promised: by number, who had it last, until when it is held, and how many were handed out before it."""

    now: float = NOW
    pool: Pool = field(default_factory=lambda: Pool(LINE.id, LINE.numbers, HOLD, "leave", LINE.policy))
    visitors: dict[int, str] = field(default_factory=dict)
    ends: dict[int, float] = field(default_factory=dict)
    handed: list[int] = field(default_factory=list)

    def first(self) -> int:
        """The free number that was handed out longest ago, of those that never were the pool's first; 0: all held."""
        free = [number for number in self.pool.numbers if self.ends.get(number, 0) <= self.now]
        return min(free, key=lambda number: self.handed.index(number) if number in self.handed else -1, default=0)

    def handed_out(self, number: int, visitor: str) -> None:
        """To a new visitor."""
        if number in self.handed:
            self.handed.remove(number)
        self.handed.append(number)
        self.visitors[number], self.ends[number] = visitor, self.now + HOLD
