"""Blobs in S3, or in what speaks like it.

What is put is written into a temporary file first: only whole blobs ever leave this machine, and nothing has to be
taken back where the source breaks off.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import BufferedReader, RawIOBase
from typing import Any, BinaryIO, cast

from callspring.config import S3Access
from callspring.stores.blobs.port import NoSuchBlob, checked

READ_AHEAD = 1_048_576  # bytes: each read of a remote file is a request
TIMEOUT = "30s"
RETRIES = 3


class ObjectBlobs:
    """The port's S3 adapter (`callspring.stores.blobs.port.BlobStore`). Every verb may raise `OSError`.

    Whoever reads a blob while another one is put in its place may be told so by an `OSError`.
    """

    def __init__(self, bucket: str, prefix: str, access: S3Access) -> None:
        # Only where recordings are kept there: the doors never come here, and loading it takes 0.1 s.
        from obstore.store import S3Store

        options: dict[str, Any] = {"region": access.region or "us-east-1"}
        if access.endpoint:
            options |= {"endpoint": access.endpoint, "virtual_hosted_style_request": False}
        if access.key:
            options |= {"access_key_id": access.key, "secret_access_key": access.secret}
        self._store = S3Store(
            bucket,
            prefix=prefix or None,
            client_options={"allow_http": access.endpoint.startswith("http:"), "timeout": TIMEOUT},
            retry_config={"max_retries": RETRIES},
            **options,
        )

    def put(self, key: str, chunks: Iterable[bytes]) -> int:
        """As the port says."""
        import obstore

        name = checked(key)
        with tempfile.TemporaryFile() as draft:
            size = sum(draft.write(chunk) for chunk in chunks)
            draft.seek(0)
            with _as_os_error(key):
                obstore.put(self._store, name, draft)
        return size

    def open(self, key: str) -> BinaryIO:
        """As the port says."""
        import obstore

        name = checked(key)
        with _as_os_error(key):
            found = obstore.open_reader(self._store, name, buffer_size=READ_AHEAD)
        return cast(BinaryIO, BufferedReader(_Remote(found, key), READ_AHEAD))

    def size(self, key: str) -> int:
        """As the port says."""
        import obstore

        name = checked(key)
        with _as_os_error(key):
            return int(obstore.head(self._store, name)["size"])

    def delete(self, key: str) -> None:
        """As the port says."""
        import obstore

        name = checked(key)
        try:
            with _as_os_error(key):
                obstore.delete(self._store, name)
        except NoSuchBlob:
            return


class _Remote(RawIOBase):
    """obstore's reader as a Python file, so that whoever reads blobs need not know where they lie."""

    def __init__(self, reader: Any, key: str) -> None:
        self._reader, self._key = reader, key

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        return int(self._reader.seek(offset, whence))

    def tell(self) -> int:
        return int(self._reader.tell())

    def readinto(self, buffer: Any, /) -> int:
        place = memoryview(buffer).cast("B")
        with _as_os_error(self._key):
            found = memoryview(self._reader.read(len(place)))
        place[: len(found)] = found
        return len(found)


@contextmanager
def _as_os_error(key: str) -> Iterator[None]:
    """What goes wrong with a remote store, in the words that files have for it."""
    from obstore.exceptions import BaseError

    try:
        yield
    except FileNotFoundError:
        raise NoSuchBlob(key) from None
    except BaseError as trouble:
        raise OSError(str(trouble).partition("\n")[0][:300]) from trouble
