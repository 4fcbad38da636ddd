"""What is written together: on a disk that ends in the middle of it, when it is a lot, when segments end meanwhile."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from callspring.stores.spool.frames import MAX_PAYLOAD, FrameTooLarge
from callspring.stores.spool.writer import SpoolFull, SpoolWriter
from tests.stores.disk import files_end_at
from tests.stores.test_spool import read_all, writing


def test_nothing_is_read_of_what_is_about_to_be_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else it would be in the record although somebody was told that it is not, and what takes its place would be lost:
    the reader goes on behind it."""
    seen: list[bytes] = []
    really = os.ftruncate

    def look_first(descriptor: int, size: int) -> None:
        seen.extend(read_all(tmp_path, position)[0])
        really(descriptor, size)

    async def turn(writer: SpoolWriter) -> None:
        loads = (writer.append_soon(b"%d" % n * 100_000) for n in range(8))
        assert {type(told) for told in await asyncio.gather(*loads, return_exceptions=True)} == {SpoolFull}
        with pytest.raises(SpoolFull):
            writer.append(*(b"%d" % n * 100_000 for n in range(8)))

    with writing(tmp_path, segment_bytes=16 << 20) as writer:
        writer.append(b"x" * 1_000_000)
        _, position = read_all(tmp_path)
        monkeypatch.setattr(os, "ftruncate", look_first)
        with files_end_at():
            asyncio.run(turn(writer))
        writer.append(b"behind")
    assert seen == []
    assert read_all(tmp_path, position)[0] == [b"behind"]


def test_more_in_a_turn_than_a_frame_holds(tmp_path: Path) -> None:
    records = [bytes([48 + n]) * 300_000 for n in range(8)]

    async def turn() -> None:
        with writing(tmp_path, segment_bytes=16 << 20) as writer:
            await asyncio.gather(*map(writer.append_soon, records))
            assert read_all(tmp_path)[0] == records
            writer.append(*records)
            with pytest.raises(FrameTooLarge):
                writer.append_soon(b"x" * (MAX_PAYLOAD + 1))

    asyncio.run(turn())
    assert read_all(tmp_path)[0] == records * 2


def test_segments_that_end_while_others_are_synced(tmp_path: Path) -> None:
    """Each append ends a segment here, so the one that is being synced is often no longer the newest."""

    async def call(writer: SpoolWriter) -> None:
        for _ in range(200):
            writer.append(b"one")
            writer.append(b"two")
            await writer.durable()

    async def calls() -> None:
        with writing(tmp_path, segment_bytes=1) as writer:
            await asyncio.gather(*(call(writer) for _ in range(5)))

    asyncio.run(calls())
