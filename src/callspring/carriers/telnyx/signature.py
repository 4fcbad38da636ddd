"""Checking that Telnyx signed a request.

`Telnyx-Signature-Ed25519` is base64 of an Ed25519 signature with the account's key over `TIMESTAMP|BODY`, where the
time is that of `Telnyx-Timestamp` in Unix seconds; what is older or newer than five minutes is refused. The address is
not covered, so a proxy in between changes nothing, and what stands in the query is not proved by it.

Sources: developers.telnyx.com/docs/development/api-fundamentals/webhooks/receiving-webhooks, and `telnyx.resources.
webhooks` of telnyx 4.189, which the tests hold this against. That one cannot be called here: it takes JSON only,
reads the clock itself, and takes half a second to load. Both use PyNaCl.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from functools import lru_cache
from typing import TYPE_CHECKING

from callspring.carriers.contract import BadSignature, CarrierRequest

if TYPE_CHECKING:
    from nacl.signing import VerifyKey

SIGNATURE_HEADER, TIMESTAMP_HEADER = "telnyx-signature-ed25519", "telnyx-timestamp"
TOLERANCE = 300  # seconds either way
BODY_LIMIT = 65_536  # bytes
_TIMESTAMP = re.compile(r"[1-9][0-9]{0,11}")
_SIGNATURE = re.compile(r"[A-Za-z0-9+/]{86}==")  # 64 bytes


def check(request: CarrierRequest, key: str, now: float) -> None:
    """Raise `BadSignature` unless the private half of `key` (base64) signed the request about `now` (Unix seconds)."""
    stamp, given = request.headers.get(TIMESTAMP_HEADER, ""), request.headers.get(SIGNATURE_HEADER, "")
    if not _TIMESTAMP.fullmatch(stamp) or not _SIGNATURE.fullmatch(given) or len(request.body) > BODY_LIMIT:
        raise BadSignature
    if abs(now - int(stamp)) > TOLERANCE:
        raise BadSignature
    verifier = verify_key(key)
    if verifier is None or not _signed(verifier, stamp.encode() + b"|" + request.body, b64decode(given)):
        raise BadSignature


@lru_cache(maxsize=256)
def verify_key(key: str) -> VerifyKey | None:
    """The public key that `key` writes in base64, None where it is none."""
    from nacl.signing import VerifyKey

    try:
        return VerifyKey(b64decode(key, validate=True))
    except (ValueError, TypeError, binascii.Error):
        return None


def _signed(verifier: VerifyKey, message: bytes, signature: bytes) -> bool:
    from nacl.exceptions import BadSignatureError

    try:
        verifier.verify(message, signature)
    except BadSignatureError:
        return False
    return True
