"""Reading a spool behind its writer."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from callspring.stores.spool.files import segment_path, segments
from callspring.stores.spool.frames import HEADER, MAX_PAYLOAD, frames

READ_BYTES = 4 << 20
# In a full read without a whole frame, one can only begin in the last so many bytes; the rest is damage.
_LONGEST_FRAME = HEADER.size + MAX_PAYLOAD


@dataclass(frozen=True, slots=True)
class Position:
    """Before `offset` bytes of segment number `segment` everything has been read."""

    segment: int = 0
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Batch:
    """Records read at once, each with a position, and the positions before and behind all of them.

    A record's position is where to read on when it and all before it are done: behind its frame, and as long as the
    frame has more records (lines), before it.
    """

    start: Position
    payloads: list[tuple[bytes, Position]]
    end: Position


def read(folder: Path, start: Position) -> Batch:
    """Read what lies behind `start`, about 4 MB at most. An empty batch may still move the position on.

    Raises nothing on damage: frames whose CRC is wrong are skipped.
    """
    existing = segments(folder)
    if not existing:
        return Batch(start, [], start)
    start = _in_existing(folder, existing, start)
    # Asked before the last read: a writer finishes a segment before it begins the next.
    newer = next((s for s in existing if s > start.segment), None)
    batch = _read_segment(folder, start)
    return Batch(start, [], Position(newer, 0)) if batch.end == start and newer is not None else batch


def _in_existing(folder: Path, existing: list[int], start: Position) -> Position:
    """Where to read on. A position behind all there is belongs to a spool that was lost: this one is read whole."""
    if start.segment not in existing:
        return Position(next((s for s in existing if s > start.segment), existing[0]), 0)
    try:
        size = segment_path(folder, start.segment).stat().st_size
    except FileNotFoundError:
        return start
    return start if start.offset <= size else Position(start.segment, 0)


def _read_segment(folder: Path, start: Position) -> Batch:
    try:
        with segment_path(folder, start.segment).open("rb") as file:
            file.seek(start.offset)
            buffer = file.read(READ_BYTES)
    except FileNotFoundError:
        return Batch(start, [], start)
    payloads = _records(buffer, start)
    if payloads:
        return Batch(start, payloads, payloads[-1][1])
    damage = READ_BYTES - _LONGEST_FRAME if len(buffer) == READ_BYTES else 0
    return Batch(start, [], Position(start.segment, start.offset + damage))


def _records(buffer: bytes, start: Position) -> list[tuple[bytes, Position]]:
    payloads: list[tuple[bytes, Position]] = []
    before = start
    for payload, end in frames(buffer):
        behind = Position(start.segment, start.offset + end)
        *others, last = payload.splitlines() or [payload]
        payloads += [(line, before) for line in others]
        payloads.append((last, behind))
        before = behind
    return payloads


def remove_before(folder: Path, position: Position, older_than: float) -> None:
    """Remove segments that lie wholly before `position` and were last written before `older_than` (Unix seconds)."""
    for segment in segments(folder):
        path = segment_path(folder, segment)
        if segment < position.segment and path.stat().st_mtime < older_than:
            path.unlink()
