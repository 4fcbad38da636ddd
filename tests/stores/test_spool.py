"""The spool's two ends: what was appended is read once and whole, over crashes, rotations and a full disk."""

from __future__ import annotations

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
from callspring.stores.spool.writer import SpoolBusy, SpoolWriter

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
