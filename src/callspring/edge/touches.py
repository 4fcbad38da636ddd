"""How visitors arrive, read once and remembered: sites have few pages, and most visitors come to them from few places.

Only click ids are no two times the same. Networks hang theirs onto the end of the address, so such an address is
remembered with a stand-in for it.
"""

from __future__ import annotations

from functools import lru_cache

from callspring.visits.sources import classify
from callspring.visits.touch import Touch

REMEMBERED, LONGEST = 4096, 300
STAND_IN = "a-click-id"

_remembered = lru_cache(maxsize=REMEMBERED)(classify)


def read_touch(url: str, referrer: str, own_hosts: frozenset[str]) -> Touch:
    """What `classify` says of the same."""
    if len(url) + len(referrer) > LONGEST:
        return classify(url, referrer, own_hosts)
    start, _, last = url.rpartition("=")
    if not start.endswith("clid"):
        return _remembered(url, referrer, own_hosts)
    if _is_plain(last) and STAND_IN not in url:
        touch = _remembered(f"{start}={STAND_IN}", referrer, own_hosts)
        if len(touch.click_ids) == 1 and touch.click_ids[0][1] == STAND_IN:
            return touch.with_last_click_id(last)
    return classify(url, referrer, own_hosts)


def _is_plain(value: str) -> bool:
    """Whether it stands for itself in an address, and ends it."""
    return value.isascii() and value.replace("-", "").replace("_", "").isalnum()
