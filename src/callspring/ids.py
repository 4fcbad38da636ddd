"""How things are named (docs/decisions/0002-ids.md).

What a person sets up has a small integer from the database; what happens at a door has a UUIDv7 minted there, so that
replaying a spool writes it once; what a carrier names has an id derived from the carrier's own name for it, so that
every voice process gives the same call the same id without asking anybody.
"""

from __future__ import annotations

from hashlib import blake2b

from uuid_utils import uuid7

# Version 8 in the 13th hex digit, the variant 10 in the two highest bits of the 17th; all other bits are free.
_VERSION_8 = 0x8 << 76 | 0b10 << 62
_FREE_BITS = (1 << 128) - 1 - (0xF << 76 | 0b11 << 62)


def new_id() -> str:
    """A fresh UUIDv7 as text: sorts by the time it was made."""
    return str(uuid7())


def derived_id(*names: str) -> str:
    """The same UUID (version 8, RFC 9562) for the same names, on every machine."""
    digest = blake2b("\x1f".join(names).encode("utf-8", "replace"), digest_size=16)
    number = int.from_bytes(digest.digest(), "big") & _FREE_BITS | _VERSION_8
    text = f"{number:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def call_id(carrier: str, connection: int, carrier_call_id: str) -> str:
    """Our id of a call that a connection's carrier names so."""
    return derived_id("call", carrier, str(connection), carrier_call_id)


def said_id(call: str, endpoint: str, leg_id: str, status: str, sequence: int, position: str = "") -> str:
    """The id of one thing that a carrier said about a call: by what it says, not by how often or how it reached us."""
    return derived_id("said", call, endpoint, leg_id, status, str(sequence), position)
