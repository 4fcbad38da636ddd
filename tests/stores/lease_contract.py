"""What every lease store must do, told once (issue 6's Valkey store subclasses the same).

`LeaseContract` has the examples; what no order of them may break is in `lease_machine.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import pytest

from callspring.stores.leases.port import UNCONFIRMED_SECONDS, Asker, Choice, LeaseStore, Pool

Result = TypeVar("Result")
NOW = 1_780_000_000.0
HOLD = 150
POOL = Pool(3, (11, 12, 13), HOLD, "share")
LINE = Pool(3, (11, 12, 13), HOLD, "share", "next_in_line")
VISITORS = ("ann", "ben", "cid", "dot", "eve")
NUMBERS = (11, 12, 13, 14)
REASONS = {
    "held", "own_last", "unmarked", "same_source", "least_loss", "next_in_line", "shared_source", "shared", "left",
    "overflow_number",
}  # fmt: skip


def ask(visitor: str, visit: str = "", source: str = "google", own: int = 0) -> Asker:
    return Asker(visitor, visit or f"{visitor}'s visit", source, own)


class StoreUser:
    """Speaks to one empty store of its own. A subclass gives `make`."""

    def make(self) -> LeaseStore:
        """A store without leases."""
        raise NotImplementedError

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Wait for one operation; a store with a connection overrides it to stay on one loop."""
        return asyncio.run(work)


class LeaseContract(StoreUser):
    """The examples. pytest makes an instance, and so a store, for each."""

    def setup_method(self) -> None:
        self.store = self.make()

    def lease(self, asker: Asker, now: float = NOW, pool: Pool = POOL) -> Choice:
        return self.run(self.store.lease(pool, asker, now))

    def shown(self, asker: Asker, now: float = NOW, pool: Pool = POOL) -> Choice:
        """A lease whose number the snippet put on the page at once."""
        choice = self.lease(asker, now, pool)
        self.run(self.store.confirm(pool.id, asker.visitor, choice.number, now))
        return choice

    def holders(self, number: int, now: float) -> list[str]:
        return sorted(self.run(self.store.holders(POOL.id, number, now)))

    def test_numbers_are_handed_out_next_in_line(self) -> None:
        given = [self.shown(ask(name), pool=LINE) for name in VISITORS[:3]]
        assert [choice.number for choice in given] == [11, 12, 13]
        assert {(choice.reason, choice.fresh, choice.overflow) for choice in given} == {("next_in_line", True, False)}
        late = NOW + HOLD + 1
        assert [self.lease(ask(name), late, LINE).number for name in ("dot", "eve")] == [11, 12]

    def test_the_number_given_last_is_at_the_end_of_the_line(self) -> None:
        self.shown(ask("ann"), pool=LINE)
        self.run(self.store.release(POOL.id, "ann"))
        assert [self.lease(ask(name), pool=LINE).number for name in ("ben", "cid", "dot")] == [12, 13, 11]

    def test_a_number_that_nobody_will_call_comes_first(self) -> None:
        given = [self.shown(ask(name)) for name in VISITORS[:2]]
        assert [(choice.number, choice.reason) for choice in given] == [(11, "unmarked"), (12, "unmarked")]
        assert self.lease(ask("cid"), NOW + HOLD) == Choice(13, "unmarked", fresh=True)

    def test_else_one_of_the_same_source_comes_before_one_of_another(self) -> None:
        for at, (name, source) in enumerate({"ann": "google", "ben": "mail", "cid": "radio"}.items()):
            self.shown(ask(name, source=source), NOW + at)
        late = NOW + HOLD + 10
        assert self.lease(ask("dot", source="mail"), late) == Choice(12, "same_source", fresh=True)
        assert self.lease(ask("eve", source="blog"), late) == Choice(11, "least_loss", fresh=True)

    def test_a_lease_that_was_never_seen_spoils_no_number(self) -> None:
        self.lease(ask("ann", source="google"))
        assert self.lease(ask("ben", source="mail"), NOW + 20, Pool(3, (11,), HOLD, "share")).reason == "unmarked"

    def test_a_policy_is_followed_from_when_it_is_chosen(self) -> None:
        self.shown(ask("ann"))
        assert self.lease(ask("ben"), NOW + HOLD, LINE) == Choice(12, "next_in_line", fresh=True)
        assert self.lease(ask("cid"), NOW + HOLD, POOL) == Choice(13, "unmarked", fresh=True)

    def test_an_unconfirmed_lease_ends_after_15_seconds(self) -> None:
        self.lease(ask("ann"))
        assert self.holders(11, NOW + UNCONFIRMED_SECONDS - 0.1) == ["ann"]
        assert self.holders(11, NOW + UNCONFIRMED_SECONDS) == []

    def test_a_show_is_held_from_the_last_activity(self) -> None:
        self.shown(ask("ann"))
        self.run(self.store.renew(POOL.id, "ann", 11, NOW + 100))
        assert self.holders(11, NOW + 100 + HOLD - 0.1) == ["ann"]
        assert self.holders(11, NOW + 100 + HOLD) == []

    def test_a_show_is_held_from_when_the_page_was_left(self) -> None:
        self.shown(ask("ann"))
        assert self.run(self.store.leave(POOL.id, "ann", 11, NOW + 100))
        assert self.holders(11, NOW + 100 + HOLD - 0.1) == ["ann"]
        assert self.holders(11, NOW + 100 + HOLD) == []
        assert not self.run(self.store.leave(POOL.id, "ann", 12, NOW + 101)), "that is not theirs"
        assert self.run(self.store.renew(POOL.id, "ann", 11, NOW + 200)), "another page of theirs is open"
        assert self.holders(11, NOW + 200 + HOLD - 0.1) == ["ann"]

    def test_activity_without_a_swapped_place_holds_nothing(self) -> None:
        self.lease(ask("ann"))
        self.run(self.store.renew(POOL.id, "ann", 11, NOW + 10))
        assert self.holders(11, NOW + UNCONFIRMED_SECONDS) == []

    def test_another_view_lengthens_a_lease_that_is_not_confirmed(self) -> None:
        self.lease(ask("ann"))
        assert self.run(self.store.renew(POOL.id, "ann", 11, NOW + 14, viewed=True))
        assert self.holders(11, NOW + 14 + UNCONFIRMED_SECONDS - 0.1) == ["ann"]
        assert self.run(self.store.renew(POOL.id, "ann", 11, NOW + 40, viewed=True)), "nobody has taken it"
        assert self.holders(11, NOW + 40) == [], "but it had ended"

    def test_to_peek_takes_nothing(self) -> None:
        assert [self.run(self.store.peek(POOL, NOW)) for _ in range(2)] == [11, 11]
        self.shown(ask("ann"))
        assert self.run(self.store.peek(POOL, NOW)) == 12
        assert self.lease(ask("ben")).number == 12
        assert self.run(self.store.peek(Pool(9, (), HOLD, "share"), NOW)) == 0

    def test_who_comes_back_within_the_hold_keeps_the_number(self) -> None:
        self.shown(ask("ann"))
        again = self.lease(ask("ann"), NOW + HOLD - 1)
        assert again == Choice(11, "held", fresh=False)
        assert self.holders(11, NOW + 2 * HOLD - 2) == ["ann"]

    def test_a_new_visit_within_the_hold_is_a_new_show_of_the_same_number(self) -> None:
        self.shown(ask("ann", "first"))
        assert self.lease(ask("ann", "second"), NOW + 5) == Choice(11, "held", fresh=True)
        assert self.lease(ask("ann", "second"), NOW + 6) == Choice(11, "held", fresh=False)

    def test_who_comes_back_later_gets_their_own_number_if_it_is_free(self) -> None:
        self.shown(ask("ann"))
        late = NOW + 10 * HOLD
        assert self.lease(ask("ann", "later", own=11), late) == Choice(11, "own_last", fresh=True)

    def test_who_comes_back_too_late_gets_another(self) -> None:
        self.shown(ask("ann"))
        late = NOW + HOLD
        for name in ("ben", "cid", "dot"):
            self.shown(ask(name), late)
        assert self.holders(11, late) == ["dot"]
        self.run(self.store.release(POOL.id, "ben"))
        assert self.lease(ask("ann", own=11), late).number == 12

    def test_a_late_sign_of_life_does_not_take_a_number_back(self) -> None:
        self.shown(ask("ann"))
        late = NOW + HOLD
        for name in ("ben", "cid", "dot"):
            self.shown(ask(name), late)
        assert not self.run(self.store.renew(POOL.id, "ann", 11, late + 1))
        assert not self.run(self.store.confirm(POOL.id, "ann", 11, late + 1))
        assert self.holders(11, late + 1) == ["dot"]
        assert self.run(self.store.renew(POOL.id, "dot", 11, late + 1))

    def test_a_lease_that_ended_and_that_nobody_took_goes_on(self) -> None:
        self.lease(ask("ann"))
        self.shown(ask("ben"))
        late = NOW + 10 * HOLD
        assert self.run(self.store.renew(POOL.id, "ann", 11, late))
        assert self.holders(11, late) == [], "it was never on a page"
        assert self.run(self.store.confirm(POOL.id, "ann", 11, late))
        assert self.run(self.store.renew(POOL.id, "ben", 12, late))
        assert (self.holders(11, late), self.holders(12, late)) == (["ann"], ["ben"])

    def test_a_number_whose_lease_goes_on_is_not_given_to_others(self) -> None:
        two, late = Pool(POOL.id, (11, 12), HOLD, "share"), NOW + HOLD
        for name in ("ann", "ben"):
            self.shown(ask(name), pool=two)
        self.run(self.store.peek(two, late))  # the store has noticed that both holds are over
        assert self.run(self.store.renew(POOL.id, "ann", 11, late))
        given = [self.shown(ask(name), late, two) for name in ("cid", "dot")]
        assert [choice.overflow for choice in given] == [False, True]
        assert given[0].number == 12

    @pytest.mark.parametrize("seconds", [0, 40, 100, 149])
    def test_a_number_is_free_when_the_hold_that_went_on_is_over(self, seconds: int) -> None:
        one = Pool(POOL.id, (11,), HOLD, "leave")
        self.shown(ask("ann"), NOW, one)
        self.run(self.store.renew(POOL.id, "ann", 11, NOW + seconds))
        for at in (16, HOLD - 1, HOLD + seconds - 1):
            assert self.lease(ask("ben"), NOW + at, one).reason == "left"
        assert self.lease(ask("cid"), NOW + HOLD + seconds, one).number == 11

    def test_a_page_with_an_earlier_number_does_not_hold_the_later_one(self) -> None:
        self.shown(ask("ann"))
        late = NOW + HOLD
        for name in ("ben", "cid", "dot"):
            self.shown(ask(name), late)
        self.run(self.store.release(POOL.id, "ben"))
        assert self.lease(ask("ann", own=11), late).number == 12
        assert not self.run(self.store.confirm(POOL.id, "ann", 11, late + 1))
        assert self.holders(12, late + UNCONFIRMED_SECONDS) == [], "the other tab's places are not this number's"
        assert self.run(self.store.confirm(POOL.id, "ann", 12, late + 1))
        assert not self.run(self.store.renew(POOL.id, "ann", 11, late + HOLD))
        assert self.holders(12, late + 1 + HOLD) == []

    def test_who_never_had_a_lease_has_none(self) -> None:
        assert not self.run(self.store.renew(POOL.id, "ann", 11, NOW))
        assert not self.run(self.store.confirm(99, "ann", 11, NOW))

    def test_a_released_number_is_free_at_once(self) -> None:
        self.shown(ask("ann"))
        self.run(self.store.release(POOL.id, "ann"))
        self.run(self.store.release(POOL.id, "nobody"))
        self.run(self.store.release(99, "ann"))
        assert self.holders(11, NOW) == []

    def test_pools_are_apart(self) -> None:
        other = Pool(4, (21,), HOLD, "share")
        assert self.shown(ask("ann")).number == 11
        assert self.shown(ask("ann"), pool=other).number == 21
        self.run(self.store.release(POOL.id, "ann"))
        assert self.run(self.store.holders(other.id, 21, NOW)) == ["ann"]

    def test_sharing_prefers_the_same_source(self) -> None:
        sources = {"ann": "google", "ben": "mail", "cid": "google"}
        for at, (name, source) in enumerate(sources.items()):
            self.shown(ask(name, source=source), NOW + at)
        dot = self.lease(ask("dot", source="google"), NOW + 9)
        assert dot == Choice(dot.number, "shared_source", fresh=True, overflow=True)
        assert dot.number in (11, 13)
        assert self.lease(ask("eve", source="mail"), NOW + 9) == Choice(12, "shared_source", fresh=True, overflow=True)
        assert self.lease(ask("fay", source="radio"), NOW + 9).reason == "shared"

    def test_next_in_line_shares_the_longest_idle(self) -> None:
        for at, (name, source) in enumerate({"ann": "google", "ben": "mail", "cid": "google"}.items()):
            self.shown(ask(name, source=source), NOW + at, LINE)
        assert self.lease(ask("dot", source="google"), NOW + 9, LINE) == Choice(
            11, "shared_source", fresh=True, overflow=True
        )

    def test_a_holder_of_the_past_does_not_count_when_sharing(self) -> None:
        """Number 11 was a radio listener's; now only somebody from Google holds it."""
        one = Pool(POOL.id, (11, 12), HOLD, "share")
        self.shown(ask("ann", source="google"), NOW, one)
        self.shown(ask("ben", source="mail"), NOW, one)
        assert self.lease(ask("cid", source="google"), NOW, one).number == 11
        assert self.lease(ask("dot", source="mail"), NOW, one).number == 12
        self.lease(ask("fay", source="radio"), NOW, Pool(POOL.id, (11,), HOLD, "share"))
        self.run(self.store.renew(POOL.id, "ann", 11, NOW + 16))
        self.run(self.store.renew(POOL.id, "ben", 12, NOW + 17))
        late = NOW + UNCONFIRMED_SECONDS + 5
        assert self.holders(11, late) == ["ann"]
        assert self.lease(ask("eve", source="google"), late, one) == Choice(
            11, "shared_source", fresh=True, overflow=True
        )

    def test_a_shared_number_is_said_to_be_shared_as_long_as_it_is(self) -> None:
        one = Pool(POOL.id, (11,), HOLD, "share")
        self.shown(ask("ann"), NOW, one)
        self.shown(ask("ben"), NOW, one)
        assert self.lease(ask("ann"), NOW + 1, one).overflow
        self.run(self.store.release(POOL.id, "ben"))
        assert not self.lease(ask("ann"), NOW + 2, one).overflow

    def test_without_sharing_the_page_keeps_its_number(self) -> None:
        one = Pool(POOL.id, (11,), HOLD, "leave")
        self.shown(ask("ann"), NOW, one)
        assert self.lease(ask("ben"), NOW, one) == Choice(0, "left", fresh=True, overflow=True)
        assert self.holders(11, NOW) == ["ann"]

    def test_the_overflow_number_is_shown_to_all_who_come_late_and_leased_to_none(self) -> None:
        one = Pool(POOL.id, (11,), HOLD, "number", overflow_number=19)
        assert self.run(self.store.peek(one, NOW)) == 11
        self.shown(ask("ann"), NOW, one)
        late = Choice(19, "overflow_number", fresh=True, overflow=True)
        assert [self.lease(ask(name), NOW, one) for name in ("ben", "cid", "ben")] == [late, late, late]
        assert self.run(self.store.peek(one, NOW)) == 19
        assert self.holders(11, NOW) == ["ann"]
        assert self.holders(19, NOW) == []
        assert self.lease(ask("ben", own=19), NOW + HOLD, one).number == 11
        assert self.lease(ask("dot"), NOW + HOLD, Pool(POOL.id, (), HOLD, "share", overflow_number=19)) == late

    def test_an_empty_pool_leaves_the_pages_number(self) -> None:
        assert self.lease(ask("ann"), NOW, Pool(POOL.id, (), HOLD, "share")).number == 0

    def test_a_number_that_left_the_pool_is_given_to_nobody(self) -> None:
        self.shown(ask("ann"))
        smaller = Pool(POOL.id, (12, 13), HOLD, "share")
        assert self.lease(ask("ann", own=11), NOW + 1, smaller).number == 12
        assert self.lease(ask("ben", own=11), NOW + 1, smaller).number == 13

    def test_a_number_that_comes_back_is_still_held(self) -> None:
        self.shown(ask("ann"))
        self.lease(ask("ben"), NOW, Pool(POOL.id, (12,), HOLD, "share"))
        assert self.lease(ask("cid"), NOW, Pool(POOL.id, (11, 13), HOLD, "share")).number == 13

    def test_two_in_the_same_instant_never_share(self) -> None:
        async def rush() -> list[Choice]:
            askers = [ask(f"visitor {n}") for n in range(50)]
            return await asyncio.gather(*(self.store.lease(big, asker, NOW) for asker in askers))

        big = Pool(POOL.id, tuple(range(100, 150)), HOLD, "share")
        assert len({choice.number for choice in self.run(rush())}) == 50

    def test_a_clock_that_steps_back_ends_no_lease(self) -> None:
        self.shown(ask("ann"), NOW)
        self.run(self.store.renew(POOL.id, "ann", 11, NOW - 3600))
        self.run(self.store.confirm(POOL.id, "ann", 11, NOW - 3600))
        assert self.lease(ask("ann"), NOW - 3600) == Choice(11, "held", fresh=False)
        assert self.holders(11, NOW + HOLD - 1) == ["ann"]
