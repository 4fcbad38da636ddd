"""The snippet's files on the wire: compressed where the browser takes it, and not sent again where it has them."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Mapping
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


class Script:
    """One file, compressed once. A validator names the bytes sent (RFC 9110, 8.8.3), so each coding has its own."""

    def __init__(self, content: bytes, headers: Headers) -> None:
        self._tag = blake2b(content, digest_size=8).hexdigest().encode()
        headers = (*headers, (b"vary", b"Accept-Encoding"))
        plain: Headers = ((b"etag", b'"%s"' % self._tag), *headers)
        packed: Headers = ((b"etag", b'"%s-gzip"' % self._tag), *headers)
        self._plain = Answer(200, plain, content)
        self._packed = Answer(200, ((b"content-encoding", b"gzip"), *packed), gzip.compress(content, 9, mtime=0))
        self._known_plain = Answer(304, plain, b"")
        self._known_packed = Answer(304, packed, b"")

    def answer(self, asked: Iterable[tuple[bytes, bytes]]) -> Answer:
        """What a request with these headers (names in small letters) is answered."""
        wanted: Mapping[bytes, bytes] = dict(asked)
        packs = takes_gzip(wanted.get(b"accept-encoding", b""))
        if self._is_known(wanted.get(b"if-none-match", b"")):
            return self._known_packed if packs else self._known_plain
        return self._packed if packs else self._plain

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
