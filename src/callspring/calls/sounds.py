"""The sound of recordings: where it lies, and whether what lies there is what was fetched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256

from django.conf import settings

from callspring.calls.models import Recording
from callspring.stores.blobs.places import store_at
from callspring.stores.blobs.port import BlobStore, NoSuchBlob

PIECE = 1_048_576  # bytes


class Counted:
    """Passes chunks on, and counts and digests them meanwhile. Raises `TooLong` beyond `most` bytes."""

    def __init__(self, chunks: Iterable[bytes], most: int) -> None:
        self._chunks, self._most, self._hash = chunks, most, sha256()
        self.size = 0

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self.size += len(chunk)
            if self.size > self._most:
                raise TooLong(self._most)
            self._hash.update(chunk)
            yield chunk

    @property
    def digest(self) -> str:
        """SHA-256 in hexadecimal of what has passed."""
        return self._hash.hexdigest()


class TooLong(Exception):
    """More bytes than this installation takes."""

    def __init__(self, most: int) -> None:
        super().__init__(f"longer than {most} bytes")
        self.most = most


def place_now() -> str:
    """Where new recordings are kept."""
    place: str = settings.CONFIG.recordings
    return place


def blobs_of(recording: Recording) -> BlobStore:
    """The store that a recording lies in, also when new ones are kept elsewhere by now."""
    return store_at(recording.store, settings.CONFIG)


def blobs_at(place: str) -> BlobStore:
    """The store at a place."""
    return store_at(place, settings.CONFIG)


def is_there(recording: Recording) -> bool:
    """Read it back: whether all of it lies there, unchanged. One from before digests were kept only has to have a size.

    Raises `OSError` where the store cannot be asked.
    """
    blobs = blobs_of(recording)
    if not recording.digest:
        return bool(_size(blobs, recording.blob))
    return reads_as(blobs, recording.blob, recording.digest)


def reads_as(blobs: BlobStore, key: str, digest: str) -> bool:
    """Whether what lies under the key has this SHA-256. Raises `OSError`."""
    found = sha256()
    try:
        with blobs.open(key) as file:
            while piece := file.read(PIECE):
                found.update(piece)
    except NoSuchBlob:
        return False
    return found.hexdigest() == digest


def _size(blobs: BlobStore, key: str) -> int:
    try:
        return blobs.size(key)
    except NoSuchBlob:
        return 0
