"""Visit numbers: an integer per company, from blocks that each door process reserves; gaps allowed, never reused.

A block is reserved in a small file per company under a lock, so several door processes of one machine share it and no
database is asked.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

BLOCK = 1000


class VisitNumbers:
    """Hands out one door process's visit numbers."""

    def __init__(self, folder: Path, block: int = BLOCK) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._block = block
        self._ranges: dict[int, tuple[int, int]] = {}

    def next(self, company: int) -> int:
        """The next free number of a company. Raises `OSError` when no block can be reserved."""
        number, end = self._ranges.get(company, (0, 0))
        if number == end:
            number = self._reserve(company)
            end = number + self._block
        self._ranges[company] = (number + 1, end)
        return number

    def close(self) -> None:
        """Give back the rest of each block that is still the newest one, so that a restart leaves no gap."""
        for company, (number, end) in self._ranges.items():
            self._exchange(company, partial(_give_back, number, end))
        self._ranges.clear()

    def _reserve(self, company: int) -> int:
        return self._exchange(company, lambda free: free + self._block)

    def _exchange(self, company: int, change: Callable[[int], int]) -> int:
        """Durably replace the first free number by `change` of it; returns what it was."""
        descriptor = os.open(self._folder / str(company), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            free = int(os.pread(descriptor, 32, 0) or b"1")
            os.pwrite(descriptor, b"%020d" % change(free), 0)
            os.fdatasync(descriptor)
        finally:
            os.close(descriptor)
        return free


def _give_back(number: int, end: int, free: int) -> int:
    return number if free == end else free
