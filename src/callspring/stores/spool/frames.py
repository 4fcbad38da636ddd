"""The frame around each record: magic, length, CRC-32, payload. Pure.

A frame that was torn by a crash is recognised by its CRC; the magic lets a reader find the next whole frame behind
damage instead of giving up on the rest of a file.
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct
from zlib import crc32

# Neither byte occurs in UTF-8, and payloads are JSON: nothing that a browser sends can look like a frame.
MAGIC = b"\xff\xfe"
HEADER = Struct("<2sII")
MAX_PAYLOAD = 1 << 20


class FrameTooLarge(ValueError):
    """A record of more than `MAX_PAYLOAD` bytes: whoever made it forgot to bound what came from outside."""


def frame(payload: bytes) -> bytes:
    """Wrap one record. Raises `FrameTooLarge`."""
    if len(payload) > MAX_PAYLOAD:
        raise FrameTooLarge(f"a spool record of {len(payload)} bytes; at most {MAX_PAYLOAD} are allowed")
    return HEADER.pack(MAGIC, len(payload), crc32(payload)) + payload


def frames(buffer: bytes) -> Iterator[tuple[bytes, int]]:
    """Yield `(payload, end)` for each whole frame; `end` is where the next one may begin.

    Damage between whole frames is skipped. What follows the last whole frame is left alone: it may still be being
    written.
    """
    position = 0
    while True:
        found = _frame_at(buffer, position)
        if found is None:
            position = buffer.find(MAGIC, position + 1)
            if position < 0:
                return
            continue
        yield found
        position = found[1]


def _frame_at(buffer: bytes, position: int) -> tuple[bytes, int] | None:
    start = position + HEADER.size
    if start > len(buffer):
        return None
    magic, length, crc = HEADER.unpack_from(buffer, position)
    end = start + length
    if magic != MAGIC or length > MAX_PAYLOAD or end > len(buffer):
        return None
    payload = buffer[start:end]
    return (payload, end) if crc32(payload) == crc else None
