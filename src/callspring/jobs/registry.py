"""Which kinds of jobs there are, and what a handler says when it cannot do its work now or ever.

Each app keeps its handlers in its module `jobs.py`, which its `AppConfig.ready()` imports. A handler may run more than
once for the same job (its process may die after the work and before that is written down), so what it does twice must
come to the same as once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

Handler = Callable[[dict[str, Any]], None]
MOST_KIND = 60  # characters of a kind: the column's width


@dataclass(frozen=True, slots=True)
class Registered:
    """A kind of job: its handler, and how often a job is begun at most before it has failed."""

    kind: str
    handler: Handler
    tries: int


class Later(Exception):
    """Raised by a handler: not now, try again in `seconds`. Does not count as a try."""

    def __init__(self, seconds: float, reason: str) -> None:
        super().__init__(reason)
        self.seconds, self.reason = seconds, reason


class GiveUp(Exception):
    """Raised by a handler: trying again would change nothing. The job has failed, for `reason`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


_kinds: dict[str, Registered] = {}
_schedules: dict[str, float] = {}


def job(kind: str, *, tries: int = 10) -> Callable[[Handler], Handler]:
    """Make the decorated function the handler of `kind` ("app.verb"); it is given the job's payload.

    An exception other than `Later` and `GiveUp` is a failed try: the job is tried again, ever more slowly, `tries`
    times in all. Raises `ValueError` where the kind has a handler already.
    """
    if not 0 < len(kind) <= MOST_KIND or tries < 1:
        raise ValueError(f"a kind has 1 to {MOST_KIND} characters and is tried once at least: {kind!r}, {tries}")

    def register(handler: Handler) -> Handler:
        if kind in _kinds and _name(_kinds[kind].handler) != _name(handler):
            raise ValueError(f"{kind} is handled by {_name(_kinds[kind].handler)} already")
        _kinds[kind] = Registered(kind, handler, tries)
        return handler

    return register


def every(seconds: float, kind: str) -> None:
    """Run `kind` with an empty payload about `seconds` after its last run ended; never twice at the same time.

    A run that fails is logged and tried again with back-off, at the latest after `seconds`.
    """
    if seconds <= 0:
        raise ValueError(f"{kind} cannot run every {seconds} s")
    _schedules[kind] = float(seconds)


def find(kind: str) -> Registered | None:
    """The kind, None when nothing here handles it."""
    return _kinds.get(kind)


def schedules() -> Mapping[str, float]:
    """Kinds that run by themselves, and every how many seconds."""
    return MappingProxyType(_schedules)


def _name(handler: Handler) -> str:
    return f"{handler.__module__}.{handler.__qualname__}"
