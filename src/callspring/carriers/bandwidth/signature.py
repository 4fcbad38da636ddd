"""Checking that a webhook brings the connection's credentials. Neither its address nor its body is covered by them.

Source: dev.bandwidth.com/docs/voice/programmable-voice/webhooks and /docs/messaging/webhooks (Basic authentication).
"""

from __future__ import annotations

import hmac

from callspring.carriers.bandwidth.secret import authorization
from callspring.carriers.contract import BadSignature, CarrierRequest

HEADER = "authorization"
_LONGEST = 1_000  # characters


def check(request: CarrierRequest, secret: str) -> None:
    """Raise `BadSignature` unless the request brings the pair that is made of `secret`."""
    given = request.headers.get(HEADER, "")
    if not secret or len(given) > _LONGEST:
        raise BadSignature
    if not hmac.compare_digest(authorization(secret), given.encode("utf-8", "surrogatepass")):
        raise BadSignature
