"""What a voice process remembers between calls, bounded: whose turn it is, who talked with whom, who dials around.

None of it is needed: after a restart turns begin anew, callers reach whoever comes first, and nobody is suspicious.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from typing import Generic, TypeVar

from callspring.flows.screening import Attempt

MOST = 50_000
MOST_ATTEMPTS = 20  # of one caller

Key = TypeVar("Key")
Value = TypeVar("Value")


class Recent(Generic[Key, Value]):
    """A dictionary that forgets what was written longest ago."""

    def __init__(self, most: int = MOST) -> None:
        self._kept: OrderedDict[Key, Value] = OrderedDict()
        self._most = most

    def put(self, key: Key, value: Value) -> None:
        """Remember, as the newest."""
        self._kept[key] = value
        self._kept.move_to_end(key)
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)

    def get(self, key: Key, otherwise: Value) -> Value:
        """What was remembered, `otherwise` when it was forgotten."""
        return self._kept.get(key, otherwise)

    def take(self, key: Key) -> Value | None:
        """What was remembered, and forget it; None when it was forgotten already."""
        return self._kept.pop(key, None)


class Memory:
    """One voice process's memory."""

    def __init__(self) -> None:
        self._turns: Recent[int, int] = Recent()
        self._picked_up: Recent[str, str] = Recent()
        self._answered: Recent[tuple[int, str], str] = Recent()
        self._begun: Recent[str, tuple[int, str, Attempt]] = Recent()
        self._attempts: Recent[tuple[int, str], tuple[Attempt, ...]] = Recent()

    def turn(self, number: int) -> int:
        """The next turn of a number's round robins."""
        turn = self._turns.get(number, 0)
        self._turns.put(number, turn + 1)
        return turn

    def picked_up(self, call: str, destination: str) -> None:
        """A leg of the call was answered at `destination`."""
        self._picked_up.put(call, destination)

    def who_picked_up(self, call: str) -> str:
        """Where the call was answered, "" when that is not known."""
        return self._picked_up.get(call, "")

    def talked(self, company: int, caller: str, destination: str) -> None:
        """The caller talked with `destination`. Withheld callers are never the same person."""
        if caller and destination:
            self._answered.put((company, caller), destination)

    def answered_before(self, company: int, caller: str) -> str:
        """Who talked with this caller last, "" when that is not known."""
        return self._answered.get((company, caller), "") if caller else ""

    def called(self, company: int, caller: str, call: str, dialled: str, at: float) -> None:
        """The caller has called, at `at` (Unix seconds); how it went is told by `lasted`."""
        if caller:
            self._begun.put(call, (company, caller, Attempt(dialled, at)))

    def lasted(self, call: str, talked: float) -> None:
        """The call is over, after so many seconds of talk. The first report of it counts."""
        begun = self._begun.take(call)
        if begun is not None:
            company, caller, attempt = begun
            known = (*self._attempts.get((company, caller), ()), replace(attempt, talked=talked))
            self._attempts.put((company, caller), known[-MOST_ATTEMPTS:])

    def attempts(self, company: int, caller: str) -> tuple[Attempt, ...]:
        """The caller's last calls that are over, as far as this process knows them."""
        return self._attempts.get((company, caller), ()) if caller else ()
