"""When the owners are told that money runs out: once each time a line is crossed, and again only after money came in.

Pure: no clock, no tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Level(IntEnum):
    """How much is left, the more the lower."""

    FINE = 0
    LOW = 1
    EMPTY = 2


@dataclass(frozen=True, slots=True)
class Told:
    """What the owners know now, and whether they are to be told it by mail."""

    level: Level
    mail: bool


def level_of(balance: int, threshold: int) -> Level:
    """`balance` and `threshold` in minor units; a threshold of 0 never warns before nothing is left."""
    if balance <= 0:
        return Level.EMPTY
    return Level.LOW if balance <= threshold else Level.FINE


def crossed(told: Level, balance: int, threshold: int, *, rearm: bool) -> Told:
    """What follows from a new balance. `rearm`: money came in, or the owner set another threshold.

    Without that the level only gets worse: a threshold that follows spending moves by itself, and would otherwise cross
    a resting balance again and again.
    """
    now = level_of(balance, threshold)
    if now > told:
        return Told(now, mail=True)
    return Told(now if rearm else told, mail=False)
