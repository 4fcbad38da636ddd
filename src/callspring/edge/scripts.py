"""The snippet's files on the wire: compressed where the browser takes it, and not sent again where it has them."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import NamedTuple

from callspring.doorway.http import Headers

NEWEST: Headers = ((b"cache-control", b"public, max-age=300"),)
FOR_EVER: Headers = ((b"cache-control", b"public, max-age=31536000, immutable"),)


class Answer(NamedTuple):
    """Status, headers and body of an answer to GET."""

    status: int
    headers: Headers
    body: bytes


@dataclass(frozen=True, slots=True)
class _Coded:
    """A file as it leaves, and its name in caches: a validator stands for the bytes that are sent (RFC 9110, 8.8.3)."""

    body: bytes
    headers: Headers


class Script:
    """One file, compressed once."""

    def __init__(self, content: bytes, headers: Headers) -> None:
        self._tag = blake2b(content, digest_size=8).hexdigest().encode()
        headers = (*headers, (b"vary", b"Accept-Encoding"))
        self._plain = _Coded(content, ((b"etag", b'"%s"' % self._tag), *headers))
        encoding = (b"content-encoding", b"gzip")
        packed = gzip.compress(content, 9, mtime=0)
        self._packed = _Coded(packed, ((b"etag", b'"%s-gzip"' % self._tag), encoding, *headers))

    def answer(self, asked: Iterable[tuple[bytes, bytes]]) -> Answer:
        """What a request with these headers (names in small letters) is answered."""
        wanted: Mapping[bytes, bytes] = dict(asked)
        coded = self._packed if takes_gzip(wanted.get(b"accept-encoding", b"")) else self._plain
        if self._is_known(wanted.get(b"if-none-match", b"")):
            return Answer(304, tuple(pair for pair in coded.headers if pair[0] != b"content-encoding"), b"")
        return Answer(200, coded.headers, coded.body)

    def _is_known(self, tags: bytes) -> bool:
        """Whether the browser has it, in whichever coding; proxies that compress make validators weak (`W/"…"`)."""
        known = (tag.strip().removeprefix(b"W/").strip(b'"').removesuffix(b"-gzip") for tag in tags.split(b","))
        return self._tag in known


def takes_gzip(accepted: bytes) -> bool:
    """Whether an `Accept-Encoding` takes gzip: it is named, and not with a weight of 0 (RFC 9110, section 12.5.3)."""
    for part in accepted.lower().split(b","):
        name, _, weight = part.replace(b" ", b"").partition(b";")
        if name == b"gzip":
            return not weight.startswith(b"q=0") or weight.strip(b"q=.0") != b""
    return False
