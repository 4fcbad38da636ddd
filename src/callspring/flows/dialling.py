"""Who is rung, in which order, and whose turn it is. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from callspring.carriers.contract import MOST_AT_ONCE
from callspring.flows.steps import Destination, Dial

NOBODY_FIRST = -1
Group = tuple[str, ...]


def who_is_first(dial: Dial, turn: int, answered_before: str) -> int:
    """Which destination (its place in `dial.to`) is rung before the others; `NOBODY_FIRST` when all ring at once.

    `turn` counts the calls of a round robin. `answered_before`: who talked with this caller last, "" when nobody did.
    """
    if dial.sticky:
        for place, one in enumerate(dial.to):
            if one.to == answered_before:
                return place
    if dial.order == "all" or not dial.to:
        return NOBODY_FIRST
    return round_robin(dial.to)[turn % len(round_robin(dial.to))] if dial.order == "round_robin" else 0


def groups(dial: Dial, first: int, at_once: int = MOST_AT_ONCE) -> tuple[Group, ...]:
    """Who is rung together, group after group. A `first` that the dial no longer has means nobody in particular.

    `at_once` is how many destinations the carrier can ring at the same time; larger groups are rung in pieces.
    """
    return tuple(piece for group in _groups(dial, first) for piece in _pieces(group, at_once))


def _pieces(group: Group, size: int) -> Iterator[Group]:
    for start in range(0, max(1, len(group)), size):
        yield group[start : start + size]


def _groups(dial: Dial, first: int) -> tuple[Group, ...]:
    everybody = tuple(one.to for one in dial.to)
    known = 0 <= first < len(everybody)
    if dial.order == "all":
        if not known or len(everybody) == 1:
            return (everybody,)
        return ((everybody[first],), everybody[:first] + everybody[first + 1 :])
    if not known:
        return tuple((one,) for one in everybody)
    rest = everybody[:first] + everybody[first + 1 :]
    if dial.order == "round_robin":
        rest = everybody[first + 1 :] + everybody[:first]
    return tuple((one,) for one in (everybody[first], *rest))


@lru_cache(maxsize=2_000)
def round_robin(to: tuple[Destination, ...]) -> tuple[int, ...]:
    """Whose turn it is, call by call, for one whole round; as evenly mixed as the weights allow.

    Each turn everybody gains their weight; whoever has most rings first and pays the sum of all weights.
    """
    weights = [max(1, one.weight) for one in to]
    gained, total, found = [0] * len(to), sum(weights), []
    for _ in range(total):
        gained = [have + weight for have, weight in zip(gained, weights, strict=True)]
        place = gained.index(max(gained))
        gained[place] -= total
        found.append(place)
    return tuple(found)
