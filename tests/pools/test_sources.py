"""Sources whose visitors call more often than others are found out, and those alike are left alike."""

from __future__ import annotations

import random

import pytest

from callspring.pools.holder import Holder
from callspring.pools.sources import MOST, PLACES, place_of
from callspring.pools.timing import Timing

SHARES = {"search": 0.06, "social": 0.01, "mail": 0.03, "print": 0.03}


def visit(source: str, *, open_page: bool, device: str = "mobile") -> Holder:
    """Two minutes on the page, until now or an hour ago."""
    return Holder("v", source, device, -120.0, None) if open_page else Holder("v", source, device, -3720.0, -3600.0)


def taught(shares: dict[str, float], visits: int = 3000) -> Timing:
    """A model that saw so many visits of each source, of which these shares called from the page."""
    timing, chance = Timing(), random.Random(1)
    for _ in range(visits):
        for source, share in shares.items():
            timing.visit_ended(visit(source, open_page=True), 120.0)
            if chance.random() < share:
                timing.learn_call([visit(source, open_page=True), visit("social", open_page=False)], [0.95, 0.04], 0.0)
    timing.refresh()
    return timing


def times(timing: Timing, source: str) -> float:
    return timing.times[place_of(source)]


def test_it_learns_which_sources_bring_calls() -> None:
    timing = taught(SHARES)
    assert times(timing, "search") / times(timing, "social") == pytest.approx(6, rel=0.35)
    assert times(timing, "mail") == pytest.approx(times(timing, "print"), rel=0.25)
    assert times(timing, "never seen") == times(timing, "") == 1


@pytest.mark.parametrize("open_page", [True, False])
def test_its_visitors_are_likelier_to_have_called_and_to_call_yet(open_page: bool) -> None:
    timing = taught(SHARES)
    search, social = visit("search", open_page=open_page), visit("social", open_page=open_page)
    unlike = times(timing, "search") / times(timing, "social")
    first, second = timing.rates([search, social], 0.0)
    assert first / second == pytest.approx(unlike) == pytest.approx(timing.rate(search, 0) / timing.rate(social, 0))
    assert timing.remaining(search, 0.0) / timing.remaining(social, 0.0) == pytest.approx(unlike)


def test_sources_alike_stay_alike() -> None:
    timing = taught(dict.fromkeys(SHARES, 0.1))
    assert all(0.85 < times(timing, source) < 1.15 for source in SHARES)


def test_three_calls_of_a_source_do_not_say_much() -> None:
    timing = taught({"mail": 0.03, "print": 0.03}, visits=1000)
    for _ in range(3):
        timing.visit_ended(visit("radio", open_page=True), 120.0)
        timing.learn_call([visit("radio", open_page=True)], [0.99], 0.0)
    timing.refresh()
    assert 1 < times(timing, "radio") < 2


def test_it_learns_from_nearly_certain_calls_alone() -> None:
    """What it believes of doubtful and of later calls must not come true by itself."""
    timing = taught(SHARES)
    before = list(timing.times)
    for _ in range(200):
        timing.learn_call([visit("social", open_page=False), visit("mail", open_page=True)], [0.7, 0.3], 0.0)
    timing.refresh()
    assert timing.times == before


def test_whatever_the_sources_are_called_there_are_so_many() -> None:
    timing = Timing()
    for number in range(3 * PLACES):
        holder = visit(f"\ud800 {number}", open_page=True)
        timing.visit_ended(holder, 1.0)
        timing.learn(holder, 0.0, 1.0)
    timing.refresh()
    assert len(timing.times) == PLACES + 1
    assert all(0 < found <= MOST for found in timing.times)
