"""Where a call is in its flow, carried in the signed action address: any voice process can take the next question.

Signed although the carrier signs its requests too: the carrier's signature says who asks, ours says that we sent it
there for this very call.
"""

from __future__ import annotations

from hashlib import blake2b
from hmac import compare_digest
from zlib import crc32

import msgspec

from callspring.flows.flow import Flow

NOWHERE = -1


class PositionSeal:
    """Writes and reads positions with a key derived from the installation's secret."""

    def __init__(self, secret: bytes) -> None:
        self._key = blake2b(b"callspring flow position", key=secret[:64], digest_size=32).digest()

    def write(self, call: str, flow: Flow | None, position: int) -> str:
        """`POSITION.FLOW_VERSION.MAC` for one call."""
        plain = f"{position}.{flow_version(flow)}"
        return f"{plain}.{self._mac(call, plain)}"

    def read(self, text: str, call: str) -> int:
        """The position, `NOWHERE` when we did not write it for this call."""
        plain, _, mac = text.rpartition(".")
        if not text.isascii() or not compare_digest(mac, self._mac(call, plain)):
            return NOWHERE
        return int(plain.partition(".")[0])

    def _mac(self, call: str, plain: str) -> str:
        return blake2b(f"{call}\n{plain}".encode(), key=self._key, digest_size=12).hexdigest()


def flow_version(flow: Flow | None) -> str:
    """Eight hex digits that change when the flow does."""
    return f"{crc32(msgspec.json.encode(flow)):08x}"
