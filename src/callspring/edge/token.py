"""The visitor's token: what the first-party cookie holds, signed so that only this installation can have written it.

It carries everything the edge must know about a returning visitor, so that any door process, also one that has just
been started, gives the same answer without asking anybody.
"""

from __future__ import annotations

from binascii import a2b_base64
from hashlib import blake2b
from hmac import compare_digest

import msgspec

from callspring.visits.touch import Opening, Source

MAC_BYTES = 12
VERSION = b"1"


class Token(msgspec.Struct, array_like=True, gc=False):
    """Who the visitor is, what is stored about how they came (W5), their visit, and the numbers they see.

    `referrer_host` and `path` belong to the stored arrival. `seen` is the last activity known when the token was made
    (Unix seconds). `shown` has the ids of scenario and number, by the scenario's id as text; in older cookies by swap
    target.
    """

    company: int
    site: int
    visitor: str
    stored: Source
    referrer_host: str
    path: str
    visit: str
    visit_number: int
    opening: Opening
    seen: float
    shown: dict[str, tuple[int, int]]


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Token).decode


class Seal:
    """Signs and checks tokens with a key derived from the installation's secret."""

    def __init__(self, secret: bytes) -> None:
        key = blake2b(b"callspring visitor token", key=secret[:64], digest_size=32).digest()
        self._keyed = blake2b(key=key, digest_size=MAC_BYTES)

    def write(self, token: Token) -> bytes:
        """The token as bytes. JSON has them as base64, all of whose characters a cookie may have (RFC 6265, 4.1.1)."""
        payload = VERSION + _encode(token)
        return self._mac(payload) + payload

    def read(self, text: str, company: int) -> Token | None:
        """The token behind a cookie's value; None when it is not ours, damaged, or another company's."""
        if not text:
            return None
        try:
            blob = a2b_base64(text)
            mac, payload = blob[:MAC_BYTES], blob[MAC_BYTES:]
            if not compare_digest(mac, self._mac(payload)) or payload[:1] != VERSION:
                return None
            token = _decode(payload[1:])
        except (ValueError, msgspec.MsgspecError):
            return None
        return token if token.company == company else None

    def _mac(self, payload: bytes) -> bytes:
        mac = self._keyed.copy()
        mac.update(payload)
        return mac.digest()
