"""The spool and the disk below it: a full one, one that is slow to keep what was written, one that cannot."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from callspring.stores.spool.files import segment_path, segments
from callspring.stores.spool.frames import frame
from callspring.stores.spool.writer import SpoolFull, SpoolWriter
from tests.stores.disk import LIMIT, files_end_at
from tests.stores.test_spool import read_all, writing


def test_a_full_disk_keeps_nothing_of_the_record(tmp_path: Path) -> None:
    record = b"x" * 400_000
    with writing(tmp_path, segment_bytes=16 << 20) as writer:
        with files_end_at():
            for _ in range(3):
                writer.append(record)
            size = segment_path(tmp_path, 1).stat().st_size
            for _ in range(2):
                with pytest.raises(SpoolFull):
                    writer.append(record)
                assert segment_path(tmp_path, 1).stat().st_size == size
            with pytest.raises(SpoolFull):
                writer.append(b"small", record)
            writer.append(b"still fits")
        writer.append(b"room again")
    assert read_all(tmp_path)[0] == [record] * 3 + [b"still fits", b"room again"]


def test_what_is_appended_in_one_turn_is_written_at_once_and_before_anybody_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    really = os.write

    def note(descriptor: int, data: bytes) -> int:
        sizes.append(len(data))
        return really(descriptor, data)

    async def load(writer: SpoolWriter, record: bytes) -> None:
        await writer.append_soon(record)
        assert record in read_all(tmp_path)[0]

    async def turns() -> None:
        with writing(tmp_path) as writer:
            monkeypatch.setattr(os, "write", note)
            for turn in range(3):
                await asyncio.gather(*(load(writer, b"turn %d, record %d" % (turn, n)) for n in range(20)))

    asyncio.run(turns())
    assert read_all(tmp_path)[0] == [b"turn %d, record %d" % (turn, n) for turn in range(3) for n in range(20)]
    assert len(sizes) == 3


def test_what_is_to_be_written_soon_stays_before_what_is_written_now(tmp_path: Path) -> None:
    async def turn() -> None:
        with writing(tmp_path) as writer:
            first = writer.append_soon(b"first")
            writer.append(b"second")
            await writer.append_soon(b"third")
            await first
            writer.append_soon(b"fourth")
            writer.append_soon(b"fifth")

    asyncio.run(turn())
    assert read_all(tmp_path)[0] == [b"first", b"second", b"third", b"fourth", b"fifth"]


def test_a_full_disk_keeps_nothing_of_the_turn_and_tells_everybody(tmp_path: Path) -> None:
    async def load(writer: SpoolWriter) -> None:
        await writer.append_soon(b"y" * 200_000)

    async def turns() -> None:
        with writing(tmp_path, segment_bytes=16 << 20) as writer:
            writer.append(b"x" * 900_000)
            with files_end_at():
                told = await asyncio.gather(*(load(writer) for _ in range(4)), return_exceptions=True)
                assert [type(error) for error in told] == [SpoolFull] * 4
                await writer.append_soon(b"fits")
                refused = writer.append_soon(b"y" * 700_000)
                writer.append(b"fits too")
                with pytest.raises(SpoolFull):
                    await refused
            await writer.append_soon(b"room again")

    asyncio.run(turns())
    assert read_all(tmp_path)[0] == [b"x" * 900_000, b"fits", b"fits too", b"room again"]


def test_who_gives_up_waiting_takes_nobody_along(tmp_path: Path) -> None:
    async def load(writer: SpoolWriter, record: bytes) -> bytes:
        await writer.append_soon(record)
        return record

    async def turn() -> None:
        with writing(tmp_path) as writer:
            impatient, *patient = [asyncio.create_task(load(writer, record)) for record in (b"one", b"two", b"three")]
            asyncio.get_running_loop().call_soon(impatient.cancel)
            assert await asyncio.gather(*patient) == [b"two", b"three"]
            with pytest.raises(asyncio.CancelledError):
                await impatient

    asyncio.run(turn())
    assert read_all(tmp_path)[0] == [b"one", b"two", b"three"]


def test_a_disk_full_to_the_last_byte(tmp_path: Path) -> None:
    with writing(tmp_path, segment_bytes=16 << 20) as writer:
        framing = len(frame(b""))
        for size in (700_000, LIMIT - 700_000 - 2 * framing):
            writer.append(b"x" * size)
        with files_end_at(), pytest.raises(SpoolFull):
            writer.append(b"y")
        assert segment_path(tmp_path, 1).stat().st_size == LIMIT


def test_durable_returns_once_everything_is_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    really = os.fdatasync

    def note(descriptor: int) -> None:
        size = os.fstat(descriptor).st_size  # before: what is in the file now is what the call makes durable
        really(descriptor)
        synced.append(size)

    monkeypatch.setattr(os, "fdatasync", note)

    async def call(writer: SpoolWriter, number: int) -> None:
        writer.append(b"call %04d" % number)
        size = segment_path(tmp_path, 1).stat().st_size
        await writer.durable()
        assert max(synced) >= size

    async def calls() -> None:
        with writing(tmp_path) as writer:
            for first in range(0, 200, 10):
                await asyncio.gather(*(call(writer, first + n) for n in range(10)))

    asyncio.run(asyncio.wait_for(calls(), timeout=20))
    assert len(read_all(tmp_path)[0]) == 200


def test_durable_covers_a_segment_that_was_just_finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: set[int] = set()
    really = os.fdatasync

    def note(descriptor: int) -> None:
        really(descriptor)
        synced.add(os.fstat(descriptor).st_ino)

    monkeypatch.setattr(os, "fdatasync", note)

    async def calls() -> None:
        with writing(tmp_path, segment_bytes=40) as writer:
            for n in range(9):
                writer.append(b"record %015d" % n)
            await writer.durable()
            assert {segment_path(tmp_path, s).stat().st_ino for s in segments(tmp_path)} <= synced

    asyncio.run(calls())


def test_a_disk_that_cannot_keep_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    async def call() -> None:
        with writing(tmp_path) as writer:
            writer.append(b"call")
            with monkeypatch.context() as patch:
                patch.setattr(os, "fdatasync", fail)
                with pytest.raises(SpoolFull, match="durable"):
                    await writer.durable()
            await writer.durable()

    asyncio.run(call())


def test_who_waits_while_the_writer_closes_is_answered(tmp_path: Path) -> None:
    async def call() -> None:
        writer = SpoolWriter(tmp_path)
        writer.append(b"the last call")
        waiting = [asyncio.ensure_future(writer.durable()) for _ in range(3)]
        await asyncio.sleep(0)
        writer.close()
        await asyncio.wait_for(asyncio.gather(*waiting), timeout=5)

    for _ in range(20):
        asyncio.run(call())
