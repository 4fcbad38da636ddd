"""Does a new judgement of a call say anything that the one in force does not?"""

from __future__ import annotations

from typing import Any

from callspring.calls.attribution import Share
from callspring.calls.models import Credit

# The timing model learns with every call; a credit that moves by less than this for it alone is the same credit.
SAME = 0.02
NAMED = 0.01  # candidates less likely come and go
COLUMNS = (
    "stage", "basis", "grade", "visit", "page_view", "first_call", "source", "medium", "campaign", "keyword", "channel",
    "model", "correction_id",
)  # fmt: skip


def is_news(old: Credit, new: Credit, shares: tuple[Share, ...]) -> bool:
    """Whether the new one is worth a version."""
    if any(getattr(old, name) != getattr(new, name) for name in COLUMNS):
        return True
    if _shares(old) != [(share.source.source, share.weight) for share in shares if len(shares) > 1]:
        return True
    return not (_close(old.probability, new.probability) and _alike(_named(old), _named(new)))


def _shares(credit: Credit) -> list[tuple[str, int]]:
    return list(credit.shares.order_by("pk").values_list("source", "weight"))


def _named(credit: Credit) -> dict[str, tuple[float, list[Any]]]:
    """By visit its probability and its evidence."""
    return {one["visit"]: (one["probability"], one["evidence"]) for one in credit.candidates}


def _alike(old: dict[str, tuple[float, list[Any]]], new: dict[str, tuple[float, list[Any]]]) -> bool:
    for visit in old.keys() | new.keys():
        was, now = old.get(visit, (0.0, [])), new.get(visit, (0.0, []))
        if not _close(was[0], now[0]):
            return False
        if was[1] != now[1] and max(was[0], now[0]) >= NAMED:
            return False
    return True


def _close(old: float | None, new: float | None) -> bool:
    if old is None or new is None:
        return old == new
    return abs(old - new) < SAME
