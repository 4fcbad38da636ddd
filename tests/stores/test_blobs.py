"""Blobs in files: the contract, and what is special to files."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from callspring.stores.blobs.files import STALE_SECONDS, FileBlobs
from callspring.stores.blobs.port import BlobStore
from tests.stores.blob_contract import KEY, BlobContract, test_a_key_stays_below_the_folder
from tests.stores.disk import LIMIT, files_end_at

__all__ = ["test_a_key_stays_below_the_folder"]


class TestFiles(BlobContract):
    def setup_method(self) -> None:
        self._place = tempfile.TemporaryDirectory()
        self.folder = Path(self._place.name) / "blobs"
        self.store = self.make()

    def teardown_method(self) -> None:
        self._place.cleanup()

    def make(self) -> BlobStore:
        return FileBlobs(self.folder)

    def files(self) -> list[Path]:
        return [path for path in self.folder.rglob("*") if path.is_file()]

    def test_only_its_owner_may_read_it(self) -> None:
        self.store.put(KEY, [b"x"])
        (file,) = self.files()
        assert file.stat().st_mode & 0o077 == 0
        assert self.folder.stat().st_mode & 0o077 == 0

    def test_a_full_disk_leaves_what_was(self) -> None:
        self.store.put(KEY, [b"whole"])
        with files_end_at(), pytest.raises(OSError, match="too large"):
            self.store.put(KEY, (b"x" * 65_536 for _ in range(1 + LIMIT // 65_536)))
        assert self.read() == b"whole"
        assert len(self.files()) == 1

    def test_what_a_dead_process_left_is_removed_and_what_is_being_written_is_not(self) -> None:
        def dies() -> Iterator[bytes]:
            yield b"half"
            left = self.folder / ".drafts" / "left"
            left.write_bytes(b"half")
            young = self.folder / ".drafts" / "young"
            young.write_bytes(b"half")
            old = time.time() - STALE_SECONDS - 1
            os.utime(left, (old, old))

        self.store.put(KEY, dies())
        self.store.put(KEY, [b"next"])
        assert sorted(path.name for path in (self.folder / ".drafts").iterdir()) == ["young"]
