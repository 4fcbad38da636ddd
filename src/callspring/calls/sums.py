"""The sums that a timing model consists of: what one call adds to them, and taking that back. Pure.

A model's stored state is numbers in lists and objects. What a call teaches is the difference it makes, by path, so that
taking it back needs no knowledge of how it was learnt.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from callspring.pools.timing import Timing

Sums = dict[str, Any]
LEAST = 1e-12
FIXED = ("version",)
LATE = ("delays/evidence/", "delays/more/")


def sums_of(timing: Timing) -> Sums:
    """All sums of a model, as it would be stored."""
    return timing.to_dict()


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, float]:
    """What has to be added to `before` to make it `after`, by path (`delays/steps/3`)."""
    was = dict(_leaves(before))
    changes = {path: value - was.get(path, 0.0) for path, value in _leaves(after)}
    return {path: change for path, change in changes.items() if abs(change) > LEAST}


def parted(delta: Mapping[str, float]) -> tuple[dict[str, float], dict[str, float]]:
    """What a call has taught itself, and what only came to be counted by it: what an older call says, whose case the
    model let go."""
    late = {path: change for path, change in delta.items() if path.startswith(LATE)}
    return {path: change for path, change in delta.items() if path not in late}, late


def added(state: Mapping[str, Any], delta: Mapping[str, float], times: float = 1.0) -> Sums:
    """The state with the delta added so many times; -1 takes it back. Paths that it does not have are left out."""
    found = deepcopy(dict(state))
    for path, change in delta.items():
        _add(found, path.split("/"), change * times)
    return found


def _add(state: Any, path: list[str], change: float) -> None:
    for step in path[:-1]:
        state = _inner(state, step)
    if isinstance(state, list) and int(path[-1]) < len(state):
        state[int(path[-1])] += change
    elif isinstance(state, dict) and path[-1] in state:
        state[path[-1]] += change


def _inner(state: Any, step: str) -> Any:
    if isinstance(state, dict):
        return state.get(step)
    return state[int(step)] if isinstance(state, list) and int(step) < len(state) else None


def _leaves(state: Any, path: str = "") -> Iterator[tuple[str, float]]:
    if isinstance(state, Mapping):
        for name, inner in state.items():
            if path or name not in FIXED:
                yield from _leaves(inner, f"{path}/{name}" if path else name)
    elif isinstance(state, list):
        for place, inner in enumerate(state):
            yield from _leaves(inner, f"{path}/{place}")
    elif isinstance(state, int | float):
        yield path, float(state)
