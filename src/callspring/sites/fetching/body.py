"""Reading a body that may be endless, or grow without bound when it is unpacked."""

from __future__ import annotations

import zlib
from collections.abc import Iterable

from callspring.sites.fetching.refusal import Reason, Refused

ACCEPTED = "gzip"
_PLAIN = frozenset({"", "identity"})
_GZIP = frozenset({"gzip", "x-gzip"})


def whole(chunks: Iterable[bytes], encoding: str, most: int) -> bytes:
    """The unpacked body, `most` bytes at most, packed and unpacked. Raises `Refused`."""
    encoding = encoding.strip().lower()
    if encoding not in _PLAIN | _GZIP:
        raise Refused(Reason.ENCODING, encoding[:40])
    packed = 0
    body = bytearray()
    unpack = zlib.decompressobj(16 + zlib.MAX_WBITS) if encoding in _GZIP else None
    for chunk in chunks:
        packed += len(chunk)
        body += _unpacked(unpack, chunk, most + 1 - len(body)) if unpack else chunk
        if max(packed, len(body)) > most:
            raise Refused(Reason.TOO_BIG)
    if unpack and packed and not unpack.eof:
        raise Refused(Reason.ENCODING, "gzip")
    return bytes(body)


def _unpacked(unpack: zlib._Decompress, chunk: bytes, most: int) -> bytes:
    """No more than `most` bytes, however much the chunk would grow."""
    try:
        return b"" if unpack.eof else unpack.decompress(chunk, most)
    except zlib.error:
        raise Refused(Reason.ENCODING, "gzip") from None
