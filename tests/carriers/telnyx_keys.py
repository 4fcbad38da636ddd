"""Key pairs that a secret always makes, to sign as Telnyx does."""

from __future__ import annotations

import hashlib
from base64 import b64encode

from nacl.signing import SigningKey


def key_of(secret: str) -> SigningKey:
    """The pair of `secret`."""
    return SigningKey(hashlib.sha256(secret.encode()).digest())


def public_half(secret: str) -> str:
    """What a connection keeps of it, behind the API key and a colon."""
    return b64encode(bytes(key_of(secret).verify_key)).decode()


def signed_headers(secret: str, body: bytes, at: float) -> dict[str, str]:
    """What proves a body that goes out `at` (Unix seconds)."""
    stamp = str(int(at))
    made = key_of(secret).sign(stamp.encode() + b"|" + body).signature
    return {"telnyx-timestamp": stamp, "telnyx-signature-ed25519": b64encode(made).decode()}
