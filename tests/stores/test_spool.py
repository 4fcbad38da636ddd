"""The spool's two ends: what was appended is read once and whole, over crashes, rotations and a full disk."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from callspring.stores.spool.files import segment_path, segments
from callspring.stores.spool.frames import frame
from callspring.stores.spool.reader import READ_BYTES, Position, read, remove_before
from callspring.stores.spool.writer import SpoolBusy, SpoolFull, SpoolWriter
from tests.stores.disk import LIMIT, files_end_at

START = Position()
KILLED = """
import os, sys
from pathlib import Path
from callspring.stores.spool.writer import SpoolWriter
writer = SpoolWriter(Path(sys.argv[1]))
for n in range(int(sys.argv[2])):
    writer.append(b"record %d" % n)
print("written", flush=True)
os.kill(os.getpid(), 9)
"""


@contextmanager
def writing(folder: Path, segment_bytes: int = 1 << 20) -> Iterator[SpoolWriter]:
    writer = SpoolWriter(folder, segment_bytes=segment_bytes)
    try:
        yield writer
    finally:
        writer.close()


def read_all(folder: Path, position: Position = START) -> tuple[list[bytes], Position]:
    """Read on until there is nothing more, as the ingester does."""
    payloads: list[bytes] = []
    while True:
        batch = read(folder, position)
        payloads += [payload for payload, _ in batch.payloads]
        if batch.end == position:
            return payloads, position
        position = batch.end


def test_what_was_appended_is_read_in_order(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        writer.append(b"one")
        writer.append(b"two", b"three")
        assert read_all(tmp_path)[0] == [b"one", b"two", b"three"]


def test_each_record_comes_with_the_position_behind_it(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        for record in (b"one", b"two", b"three"):
            writer.append(record)
    batch = read(tmp_path, Position())
    for done, (_, behind) in enumerate(batch.payloads, start=1):
        assert read_all(tmp_path, behind)[0] == [b"one", b"two", b"three"][done:]


def test_records_of_one_frame_come_out_one_by_one_and_are_done_together(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        writer.append(b"before")
        writer.append(b"one\ntwo\nthree\n")
        writer.append(b"after")
    batch = read(tmp_path, START)
    assert [payload for payload, _ in batch.payloads] == [b"before", b"one", b"two", b"three", b"after"]
    behind = [read_all(tmp_path, position)[0] for _, position in batch.payloads]
    together = [b"one", b"two", b"three", b"after"]
    assert behind == [together, together, together, [b"after"], []]


def test_a_frame_without_a_record_is_read_past(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        writer.append(b"")
        writer.append(b"after")
    assert read_all(tmp_path)[0] == [b"", b"after"]


def test_nothing_is_read_from_a_spool_that_is_not_there(tmp_path: Path) -> None:
    assert read(tmp_path / "never", Position(3, 4)).end == Position(3, 4)


def test_a_killed_writer_loses_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-c", KILLED, str(tmp_path), "200"]
    done = subprocess.run(command, capture_output=True, timeout=30, check=False)
    assert (done.returncode, done.stdout) == (-9, b"written\n")
    with writing(tmp_path) as writer:
        writer.append(b"after")
    assert read_all(tmp_path)[0] == [b"record %d" % n for n in range(200)] + [b"after"]


@pytest.mark.parametrize("torn", [b"\xff", b"\xff\xfe\x09", frame(b"a record that was cut")[:-1], b"\x00" * 5000])
def test_a_torn_tail_is_cut_at_start(tmp_path: Path, torn: bytes) -> None:
    with writing(tmp_path) as writer:
        writer.append(b"whole")
    path = segment_path(tmp_path, 1)
    size = path.stat().st_size
    with path.open("ab") as file:
        file.write(torn)
    with writing(tmp_path) as writer:
        assert path.stat().st_size == size
        writer.append(b"next")
    assert read_all(tmp_path)[0] == [b"whole", b"next"]


def test_a_reader_waits_for_a_record_that_is_half_written(tmp_path: Path) -> None:
    path = segment_path(tmp_path, 1)
    framed = frame(b"first") + frame(b"second")
    for end in range(len(framed) + 1):
        path.write_bytes(framed[:end])
        payloads, position = read_all(tmp_path)
        path.write_bytes(framed)
        assert payloads + read_all(tmp_path, position)[0] == [b"first", b"second"]


def test_segments_follow_one_another(tmp_path: Path) -> None:
    records = [b"record %04d" % n for n in range(100)]
    with writing(tmp_path, segment_bytes=100) as writer:
        for record in records:
            writer.append(record)
        assert len(segments(tmp_path)) > 10
        assert read_all(tmp_path)[0] == records


def test_a_reader_behind_a_writer_sees_everything_once(tmp_path: Path) -> None:
    records = [b"record %05d" % n for n in range(3000)]

    def write() -> None:
        with writing(tmp_path, segment_bytes=500) as writer:
            for record in records:
                writer.append(record)

    thread = threading.Thread(target=write)
    thread.start()
    seen: list[bytes] = []
    position = Position()
    while thread.is_alive():
        more, position = read_all(tmp_path, position)
        seen += more
    thread.join()
    assert seen + read_all(tmp_path, position)[0] == records


def test_damage_longer_than_one_read_hides_nothing_behind_it(tmp_path: Path) -> None:
    """A power cut can leave a long run of zeros; what was written behind it must come out."""
    with segment_path(tmp_path, 1).open("wb") as file:
        file.write(frame(b"before") + bytes(2 * READ_BYTES + 77) + frame(b"behind" * 20_000))
    segment_path(tmp_path, 2).write_bytes(frame(b"newer"))
    assert read_all(tmp_path)[0] == [b"before", b"behind" * 20_000, b"newer"]


def test_a_spool_has_one_writer(tmp_path: Path) -> None:
    with writing(tmp_path), pytest.raises(SpoolBusy, match="spool of its own"):
        SpoolWriter(tmp_path)
    with writing(tmp_path) as successor:
        successor.append(b"free again")


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


def test_only_old_segments_behind_the_reader_are_removed(tmp_path: Path) -> None:
    for segment, written in ((1, 100), (2, 200), (3, 300), (4, 100)):
        segment_path(tmp_path, segment).write_bytes(frame(b"x"))
        os.utime(segment_path(tmp_path, segment), (written, written))
    remove_before(tmp_path, Position(3, 0), older_than=150)
    assert segments(tmp_path) == [2, 3, 4]
    remove_before(tmp_path, Position(3, 11), older_than=999)
    assert segments(tmp_path) == [3, 4]


@pytest.mark.parametrize("position", [Position(7, 0), Position(7, 500), Position(1, 500)])
def test_a_spool_that_was_lost_and_begun_anew_is_read_from_its_start(tmp_path: Path, position: Position) -> None:
    """The volume is gone, the watermark in the database is not."""
    with writing(tmp_path) as writer:
        writer.append(b"one", b"two")
        assert read_all(tmp_path, position)[0] == [b"one", b"two"]


def test_a_reader_goes_on_behind_segments_that_were_removed(tmp_path: Path) -> None:
    with writing(tmp_path, segment_bytes=40) as writer:
        for n in range(6):
            writer.append(b"record %015d" % n)
    _, position = read_all(tmp_path)
    remove_before(tmp_path, position, older_than=9e18)
    with writing(tmp_path) as writer:
        writer.append(b"later")
    assert read_all(tmp_path, position)[0] == [b"later"]
