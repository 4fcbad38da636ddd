"""Where a call is in its flow, carried in the signed action address: any voice process can take the next question.

Signed although the carrier signs its requests too: the carrier's signature says who asks, ours says that we sent it
there for this very call.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b
from hmac import compare_digest
from zlib import crc32

import msgspec

from callspring.flows.evaluation import Position
from callspring.flows.flow import AnyFlow


class PositionSeal:
    """Writes and reads positions with a key derived from the installation's secret."""

    def __init__(self, secret: bytes) -> None:
        self._key = blake2b(b"callspring flow position", key=secret[:64], digest_size=32).digest()

    def write(self, call: str, flow: AnyFlow | None, position: Position) -> str:
        """`STEP.ATTEMPT.FIRST.FLOW_VERSION.MAC` for one call."""
        plain = f"{position.step}.{position.attempt}.{position.first + 1}.{flow_version(flow)}"
        return f"{plain}.{self._mac(call, plain)}"

    def read(self, text: str, call: str) -> Position | None:
        """The position, None when we did not write it for this call."""
        plain, _, mac = text.rpartition(".")
        if not text.isascii() or not compare_digest(mac, self._mac(call, plain)):
            return None
        step, attempt, first, _ = plain.split(".")
        return Position(int(step), int(attempt), int(first) - 1)

    def _mac(self, call: str, plain: str) -> str:
        return blake2b(f"{call}\n{plain}".encode(), key=self._key, digest_size=12).hexdigest()


@lru_cache(maxsize=10_000)
def flow_version(flow: AnyFlow | None) -> str:
    """Eight hex digits that change when the flow does."""
    return f"{crc32(msgspec.json.encode(flow)):08x}"
