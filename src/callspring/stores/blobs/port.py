"""The port: what a blob store can do. Its conformance tests are `tests/stores/blob_contract.py`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import BinaryIO, Protocol

MOST_KEY = 100
_KEY = re.compile(r"[a-z0-9-]+(?:/[a-z0-9-]+)*")


class NoSuchBlob(KeyError):
    """Nothing is stored under this key."""


class BlobStore(Protocol):
    """Blobs by key. A key has 1 to 100 characters of `a-z 0-9 -` in parts between single slashes, else `ValueError`."""

    def put(self, key: str, chunks: Iterable[bytes]) -> int:
        """Store the chunks durably, replacing what was there; readers see the old or the new, never a part.

        Returns how many bytes they were. Whatever `chunks` raises is passed on, and nothing has changed then.
        """

    def open(self, key: str) -> BinaryIO:
        """The blob, to be read from any place and closed. Raises `NoSuchBlob`."""

    def size(self, key: str) -> int:
        """How many bytes. Raises `NoSuchBlob`."""

    def delete(self, key: str) -> None:
        """Take it away; fine when it is not there."""


def checked(key: str) -> str:
    """The key itself. Raises `ValueError` where it is none, so that no key leads out of a store's folder."""
    if len(key) > MOST_KEY or not _KEY.fullmatch(key):
        raise ValueError(f"{key[:120]!r} is no blob key: parts of a-z, 0-9 and - between slashes, at most {MOST_KEY}")
    return key
