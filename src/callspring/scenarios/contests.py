"""Which swap targets are contested together. Pure.

Most are a contest of their own: a number, a class. But country, area and rest are one number in three elements, and two
scenarios must never fill them half and half; so the parts of a scenario are won together, and whatever shares an
element with them goes along.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from callspring.stores.snapshot.published import PublishedScenario


def contests(scenarios: Iterable[PublishedScenario]) -> dict[str, int]:
    """A bit for each swap target's value; targets of the same bit are won together."""
    leader: dict[str, str] = {}
    for scenario in scenarios:
        for target in scenario.targets:
            leader.setdefault(target.value, target.value)
        _join(leader, [target.value for target in scenario.targets if target.part])
    leaders = {value: _lead(leader, value) for value in leader}
    bits = {first: 1 << place for place, first in enumerate(dict.fromkeys(leaders.values()))}
    return {value: bits[first] for value, first in leaders.items()}


def _join(leader: dict[str, str], values: Sequence[str]) -> None:
    for value in values[1:]:
        leader[_lead(leader, value)] = _lead(leader, values[0])


def _lead(leader: dict[str, str], value: str) -> str:
    while leader[value] != value:
        value = leader[value]
    return value
