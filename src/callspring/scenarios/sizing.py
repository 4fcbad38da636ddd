"""How many numbers a pool needs."""

from __future__ import annotations


def pool_size(peak: int) -> int:
    """A quarter of the visits in the busiest hour, rounded up (N4). Raises `ValueError` below 1."""
    if peak < 1:
        raise ValueError("the busiest hour has at least one visit")
    return -(-peak // 4)
