"""How things are named (docs/decisions/0002-ids.md).

What a person sets up has a small integer from the database; what happens at a door has a UUIDv7 minted there, so that
replaying a spool writes it once; what a carrier names has an id derived from the carrier's own name for it, so that
every voice process gives the same call the same id without asking anybody.
"""

from __future__ import annotations

from hashlib import blake2b
from uuid import UUID

import uuid_utils


def new_id() -> str:
    """A fresh UUIDv7 as text: sorts by the time it was made."""
    return str(uuid_utils.uuid7())


def derived_id(*names: str) -> str:
    """The same UUID (version 8, RFC 9562) for the same names, on every machine."""
    digest = bytearray(blake2b("\x1f".join(names).encode("utf-8", "replace"), digest_size=16).digest())
    digest[6] = digest[6] & 0x0F | 0x80
    digest[8] = digest[8] & 0x3F | 0x80
    return str(UUID(bytes=bytes(digest)))
