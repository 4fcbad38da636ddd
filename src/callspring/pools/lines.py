"""The lines in which a pool's numbers stand, so that a choice looks at a few of them, however many there are. Pure.

Free numbers stand by the time of their last activity, the one idle longest first: in one line of all, and in one for
each home (the source whose earlier visitors are likeliest still to call a number). Held numbers stand in lines for
sharing: by their holders' source, those whose holders have all left first.
"""

from __future__ import annotations

from callspring.pools.holder import Holder

Line = dict[int, None]  # keeps order and removes in O(1)


class Lines:
    """Numbers and who holds them. `past` values belong to the chooser and are kept per number."""

    def __init__(self, numbers: range | list[int] | tuple[int, ...]) -> None:
        self.free: Line = dict.fromkeys(numbers)
        self.homes: dict[str, Line] = {}
        self.home_of: dict[int, str] = {}
        self.holding: dict[int, list[Holder]] = {}
        self.held: dict[bool, Line] = {True: {}, False: {}}  # by: have all holders left?
        self.shared: dict[tuple[str | None, bool], Line] = {}
        self.place_of: dict[int, tuple[str | None, bool]] = {}

    def hold(self, number: int, holder: Holder) -> None:
        """The holder now holds the number."""
        if number in self.free:
            del self.free[number]
            home = self.home_of.pop(number, None)
            if home is not None:
                line = self.homes[home]
                del line[number]
                if not line:
                    del self.homes[home]
            self.holding[number] = []
        self.holding[number].append(holder)
        self.place(number)

    def place(self, number: int) -> None:
        """The number goes to the end of the line it belongs to by what its holders do now."""
        holders = self.holding[number]
        first = holders[0].source
        source = first if len(holders) == 1 or all(one.source == first for one in holders) else None
        left = all(one.left is not None for one in holders)
        self._leave(number)
        self.place_of[number] = (source, left)
        self.shared.setdefault((source, left), {})[number] = None
        self.held[left][number] = None

    def drop(self, number: int, holder: Holder) -> bool:
        """The holder holds it no longer. True when nobody does: `release` it then."""
        holders = self.holding[number]
        holders.remove(holder)
        if holders:
            self.place(number)
        return not holders

    def release(self, number: int, home: str | None) -> None:
        """Nobody holds it: it goes to the end of the lines of free numbers."""
        self._leave(number)
        self.holding.pop(number, None)
        self.free[number] = None
        if home is not None:
            self.home_of[number] = home
            self.homes.setdefault(home, {})[number] = None

    def _leave(self, number: int) -> None:
        place = self.place_of.pop(number, None)
        if place is not None:
            line = self.shared[place]
            del line[number]
            if not line:
                del self.shared[place]
            del self.held[place[1]][number]
