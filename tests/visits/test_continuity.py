from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callspring.visits.continuity import IDLE_SECONDS, starts_new_visit
from callspring.visits.sources import classify
from callspring.visits.touch import Opening, Touch

NOW = 1_770_000_000.0
HOME = "https://plumber.example/"


def arrive(query: str = "", referrer: str = "") -> Touch:
    return classify(f"{HOME}?{query}" if query else HOME, referrer, {"plumber.example"})


def begins(before: Touch, after: Touch, idle: float = 60, reload: bool = False) -> bool:
    return starts_new_visit(NOW - idle, NOW, before.opening, after, reload=reload)


def test_the_first_page_begins_a_visit() -> None:
    assert starts_new_visit(None, NOW, None, arrive())


def test_thirty_idle_minutes_end_a_visit() -> None:
    assert not begins(arrive(), arrive(), idle=IDLE_SECONDS - 0.001)
    assert begins(arrive(), arrive(), idle=IDLE_SECONDS)
    assert begins(arrive(), arrive(), idle=IDLE_SECONDS, reload=True)


def test_a_visit_that_nothing_is_known_of_is_not_gone_on_with() -> None:
    assert starts_new_visit(NOW - 1, NOW, None, arrive())


def test_a_clock_that_went_back_ends_nothing() -> None:
    assert not begins(arrive(), arrive(), idle=-120)


ARRIVALS = [
    arrive("gclid=a"),
    arrive("gclid=b"),
    arrive("utm_source=x&utm_medium=email"),
    arrive("utm_source=x&utm_medium=email&utm_content=2"),
    arrive(referrer="https://www.google.com/"),
    arrive(referrer="https://blog.example/"),
]


@pytest.mark.parametrize("before", [arrive(), *ARRIVALS])
@pytest.mark.parametrize("after", ARRIVALS)
def test_another_arrival_begins_a_visit_and_the_same_one_does_not(before: Touch, after: Touch) -> None:
    assert begins(before, after) == (before != after)


@pytest.mark.parametrize("before", ARRIVALS)
def test_going_on_within_the_site_or_coming_back_directly_does_not(before: Touch) -> None:
    assert not begins(before, arrive(referrer=HOME))
    assert not begins(before, arrive())


def test_parameters_in_another_order_are_the_same() -> None:
    before = arrive("utm_source=x&utm_medium=email&gclid=1&fbclid=2")
    assert not begins(before, arrive("fbclid=2&gclid=1&utm_medium=email&utm_source=x"))
    assert not begins(before, arrive("gclid=1"))  # a part of what it began with, kept by the site's own link


def test_one_new_click_id_beside_an_old_one_is_new() -> None:
    assert begins(arrive("gclid=1"), arrive("gclid=1&fbclid=2"))


def test_a_reload_is_no_arrival() -> None:
    # Two tabs: the visit under way began in the second, the first is loaded again.
    first, second = arrive("utm_source=a"), arrive("utm_source=b")
    assert begins(second, first)
    assert not begins(second, first, reload=True)


def test_an_own_referrer_under_a_tagged_link_is_not_remembered() -> None:
    assert arrive("utm_source=a", referrer=HOME).opening.referrer == 0


@given(st.text(max_size=50), st.text(max_size=50))
def test_what_a_visit_began_with_fits_a_cookie_and_begins_no_other(query: str, referrer: str) -> None:
    touch = arrive("utm_source=a&gclid=b&" + query, "https://" + referrer)
    kept = msgspec.json.encode(touch.opening)
    assert len(kept) < 30 * 11 + 40
    opening = msgspec.json.decode(kept, type=Opening)
    assert opening == touch.opening
    assert not starts_new_visit(NOW - 1, NOW, opening, touch)
