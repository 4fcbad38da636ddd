"""Counting what was dropped, in a flood too."""

from __future__ import annotations

from callspring.doorway.drop_counter import MOST_KINDS, DropCounter
from callspring.records import Dropped


def test_drops_are_counted_by_company_reason_and_host() -> None:
    drops = DropCounter()
    for _ in range(3):
        drops.count("bot", 1, "shop.example")
    drops.count("bot", 2, "shop.example")
    drops.count("bad_request")
    assert drops.take(7.0) == [
        Dropped(7.0, "bot", 3, 1, "shop.example"),
        Dropped(7.0, "bot", 1, 2, "shop.example"),
        Dropped(7.0, "bad_request", 1),
    ]
    assert drops.take(8.0) == []


def test_a_flood_of_invented_hosts_stays_small_and_is_counted_whole() -> None:
    drops = DropCounter()
    for number in range(MOST_KINDS + 1000):
        drops.count("unknown_host", 1, f"{number}.example")
    taken = drops.take(1.0)
    assert len(taken) == MOST_KINDS + 1
    assert sum(dropped.count for dropped in taken) == MOST_KINDS + 1000
    assert taken[-1] == Dropped(1.0, "unknown_host", 1000, 1)


def test_what_could_not_be_written_is_counted_again() -> None:
    drops = DropCounter()
    drops.count("disk_full", 1, "shop.example")
    taken = drops.take(1.0)
    drops.count("disk_full", 1, "shop.example")
    drops.put_back(taken)
    assert drops.take(2.0) == [Dropped(2.0, "disk_full", 2, 1, "shop.example")]
