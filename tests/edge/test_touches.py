"""What is remembered of arrivals and of user agents is what would be found, and takes so much memory and no more."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from callspring.edge import touches, visit_path
from callspring.edge.touches import LONGEST, REMEMBERED, STAND_IN, read_touch
from callspring.visits.device import device
from callspring.visits.sources import classify
from tests.doors import CHROME

OWN = frozenset({"shop.example"})
REFERRERS = st.sampled_from(["", "https://www.google.com/", "https://l.facebook.com/", "https://shop.example/a", "x"])
NAMES = st.sampled_from(
    [
        "gclid",
        "fbclid",
        "GCLID",
        "fooclid",
        "clid",
        "utm_source",
        "utm_medium",
        "g%63lid",
        "msclkid",
        "",
        "a&gclid",
        "#b",
    ]
)
VALUES = st.sampled_from(["", "a", "Ab-9_z", "x" * 250, "é", "%41", "a+b", "a#b", "a&b", "-", STAND_IN, "facebook"])
PAIRS = st.lists(st.tuples(NAMES, VALUES | st.text(max_size=5)).map("=".join), max_size=34)
FULL = "&".join(f"p{n}=1" for n in range(30))


@given(st.sampled_from(["https://shop.example/", "https://shop.example", "x", ""]), PAIRS.map("&".join), REFERRERS)
@example("https://shop.example/", "gclid=abc", "")
@example("https://shop.example/", "utm_source=facebook&utm_medium=cpc&fbclid=IwAR0_x-1", "https://l.facebook.com/")
@example("https://shop.example/", "fbclid=1&gclid=2", "https://www.google.com/")
@example("https://shop.example/", "gclid=1&gclid=2", "")
@example("https://shop.example/", f"gclid={STAND_IN}&fooclid=2", "")
@example("https://shop.example/", f"gclid=1&{FULL}&gclid=2", "")
def test_an_arrival_is_read_as_if_nothing_was_remembered(page: str, query: str, referrer: str) -> None:
    url = f"{page}?{query}"
    assert [read_touch(url, referrer, OWN) for _ in range(2)] == [classify(url, referrer, OWN)] * 2


def test_click_ids_push_no_other_arrival_out() -> None:
    read_touch("https://shop.example/?gclid=first", "", OWN)
    before = touches._remembered.cache_info()
    for n in range(100):
        touch = read_touch(f"https://shop.example/?gclid=CjwKCAjw{n:032x}", "", OWN)
        assert touch.click_ids == (("gclid", f"CjwKCAjw{n:032x}"),)
    after = touches._remembered.cache_info()
    assert (after.misses, after.currsize) == (before.misses, before.currsize)


def test_the_memory_of_arrivals_is_bounded_in_number_and_length() -> None:
    for n in range(REMEMBERED + 100):
        read_touch(f"https://shop.example/{n}", "", OWN)
    assert touches._remembered.cache_info().currsize == REMEMBERED
    before = touches._remembered.cache_info()
    read_touch("https://shop.example/" + "a" * LONGEST, "", OWN)
    assert touches._remembered.cache_info() == before


def test_the_memory_of_user_agents_is_bounded_and_never_wrong() -> None:
    known = visit_path._persons_device
    for n in range(4200):
        known(b"bot %d" % n)
    assert known.cache_info().currsize == 4096
    assert [known(CHROME.encode()) for _ in range(2)] == [device(CHROME)] * 2
    assert [known(b"curl/8.5.0") for _ in range(2)] == [None, None]
