"""The line of next-in-line: a pool's numbers by when each was last handed out. Pure, and known whatever the policy is.

A number's turn is a count that only grows: of hand-outs in this process, or of events on the server that doors share.
Numbers that were never handed out stand first, in the pool's order: what was handed out is all that must be known.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from heapq import heapify, heappop, heappush

MORE = 100  # turns remembered besides one for each number of the pool and as many that have left it


class Turns:
    """`given` has each number's turn; those below 0 are places of numbers that were never handed out.

    `count` is the latest turn there was: one more is the next.
    """

    __slots__ = ("_line", "count", "given")

    def __init__(self) -> None:
        self.given: dict[int, int] = {}
        self.count = 0
        self._line: list[tuple[int, int]] = []  # every free number by its turn, and some that are neither any more

    def take(self, number: int, turn: int) -> None:
        """The number was handed out, and this is its turn."""
        self.count = max(self.count, turn)
        self.given[number] = turn

    def after(self, at: float) -> int:
        """A turn for what was handed out at a time (Unix seconds), to be told from another door's: in milliseconds."""
        return max(self.count + 1, int(at * 1000))

    def put_back(self, number: int, turn: int, free: Container[int]) -> None:
        """The number had this turn."""
        self.take(number, turn)
        if number in free:
            self.offer(number)

    def offer(self, number: int) -> None:
        """The number is free."""
        heappush(self._line, (self.given[number], number))
        if len(self._line) > 2 * len(self.given) + MORE:  # where the server chooses nobody takes from the line
            self._line = [(turn, one) for turn, one in set(self._line) if self.given.get(one) == turn]
            heapify(self._line)

    def first(self, free: Container[int]) -> int:
        """The free number whose turn it is; there is one."""
        while True:
            turn, number = self._line[0]
            if number in free and self.given[number] == turn:
                return number
            heappop(self._line)

    def line_up(self, numbers: Mapping[int, None], free: Iterable[int]) -> None:
        """Take over the pool's numbers, and those that are free."""
        handed = {number: turn for number, turn in self.given.items() if turn > 0}
        if len(handed) > 2 * len(numbers) + MORE:
            handed = {number: turn for number, turn in handed.items() if number in numbers}
        places = {number: at - len(numbers) for at, number in enumerate(numbers)}
        self.given = places | handed
        self._line = [(self.given[number], number) for number in free]
        heapify(self._line)

    def replace(self, turns: Mapping[int, int]) -> None:
        """Take these turns for all there are; `line_up` follows."""
        self.given = dict(turns)
        self.count = max(turns.values(), default=self.count)

    def handed(self) -> Iterator[tuple[int, int]]:
        """Numbers that were ever handed out, each with its turn."""
        return ((number, turn) for number, turn in self.given.items() if turn > 0)
