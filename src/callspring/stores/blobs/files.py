"""Blobs as files below one folder."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from callspring.stores.blobs.port import NoSuchBlob, checked

# Of a process that died in the middle; what is still being written is younger.
STALE_SECONDS = 86_400.0


class FileBlobs:
    """The port's files adapter (`callspring.stores.blobs.port.BlobStore`). The folder is made at the first `put`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._drafts = folder / ".drafts"

    def put(self, key: str, chunks: Iterable[bytes]) -> int:
        """As the port says. Raises `OSError` when the disk takes no more; nothing has changed then."""
        path = self._path(key)
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._drafts.mkdir(exist_ok=True)
        self._sweep(time.time())
        draft = self._drafts / secrets.token_hex(8)
        try:
            size = _write(draft, chunks)
            path.parent.mkdir(parents=True, exist_ok=True)
            draft.replace(path)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
        for folder in path.parents[: len(path.relative_to(self._folder).parts)]:
            _sync(folder)
        return size

    def open(self, key: str) -> BinaryIO:
        """As the port says."""
        try:
            return self._path(key).open("rb")
        except FileNotFoundError:
            raise NoSuchBlob(key) from None

    def size(self, key: str) -> int:
        """As the port says."""
        try:
            return self._path(key).stat().st_size
        except FileNotFoundError:
            raise NoSuchBlob(key) from None

    def delete(self, key: str) -> None:
        """As the port says."""
        self._path(key).unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        """With an ending, so that `a` and `a/b` can both be stored."""
        return self._folder / f"{checked(key)}.blob"

    def _sweep(self, now: float) -> None:
        for draft in self._drafts.iterdir():
            try:
                if now - draft.stat().st_mtime > STALE_SECONDS:
                    draft.unlink()
            except FileNotFoundError:
                continue  # another writer has finished with it meanwhile


def _write(path: Path, chunks: Iterable[bytes]) -> int:
    size = 0
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        for chunk in chunks:
            size += file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    return size


def _sync(folder: Path) -> None:
    """Make a name in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
