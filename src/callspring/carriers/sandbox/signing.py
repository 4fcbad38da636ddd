"""How a sandbox request is signed: the exchange makes the signature, the adapter makes its own to compare."""

from __future__ import annotations

import hmac

TIMESTAMP_HEADER = "x-sandbox-timestamp"
SIGNATURE_HEADER = "x-sandbox-signature"
# Seconds that a request's timestamp may lie away from the receiver's clock, either way.
TOLERANCE = 300


def sign(secret: str, timestamp: int | str, url: str, body: bytes) -> str:
    """Hex HMAC-SHA256 with `secret` over `TIMESTAMP.URL.BODY`.

    `timestamp` is in whole Unix seconds, `url` the public address with its query.
    """
    message = f"{timestamp}.{url}.".encode("utf-8", "surrogatepass") + body
    return hmac.digest(secret.encode(), message, "sha256").hex()
