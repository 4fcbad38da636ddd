"""Checking that Vonage signed a webhook: a JSON Web Token in `Authorization`, HS256 with the signature secret.

Its claims are `iss` ("Vonage"), `iat` (when it was made, Unix seconds), `jti`, `api_key`, `application_id` (where one
was used) and `payload_hash`, the SHA-256 of the body in hexadecimal. Sources:
developer.vonage.com/en/getting-started/concepts/webhooks#decoding-signed-webhooks,
developer.vonage.com/en/messages/concepts/signed-webhooks, Vonage's support article 19033783342876.

The token is read by PyJWT, on which Vonage's own `vonage_jwt.verify_signature` stands. That one compares `iat` with
this machine's clock and refuses whatever is one second ahead of it; here both ways are allowed five minutes.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Any
from urllib.parse import urlsplit

from callspring.carriers.contract import BadSignature, CarrierRequest, Endpoint

HEADER = "authorization"
TOLERANCE = 300  # seconds
_SCHEME, _LONGEST_TOKEN, _BODY_LIMIT = "Bearer ", 4_000, 65_536
# As bytes, the HMAC of a shorter secret is that of the same one filled up with zeros. Filled up here, PyJWT does not
# warn of a short one on every request.
_KEY_BYTES = 32
_LAST_OF_32_BYTES = frozenset("AEIMQUYcgkosw048")


def check(request: CarrierRequest, secret: str, now: float) -> None:
    """Raise `BadSignature` unless `secret` signed this request within five minutes of `now`."""
    claims = _claims(request, secret)
    made = claims.get("iat")
    if not isinstance(made, int | float) or abs(now - made) > TOLERANCE:
        raise BadSignature
    if not isinstance(claims.get("api_key"), str) or not claims["api_key"]:
        raise BadSignature
    if len(request.body) > _BODY_LIMIT or not _covers(claims, request):
        raise BadSignature


def application(request: CarrierRequest) -> str:
    """The application that a verified webhook came from, "" where it names none."""
    import jwt

    try:
        claims = jwt.decode(_token(request), options={"verify_signature": False})
    except (jwt.PyJWTError, ValueError):
        return ""
    named = claims.get("application_id")
    return named if isinstance(named, str) else ""


def _claims(request: CarrierRequest, secret: str) -> dict[str, Any]:
    import jwt

    token = _token(request)
    # The last of the 43 letters stands for four bits more than there are: another that says the same is not Vonage's.
    if not secret or token[-1:] not in _LAST_OF_32_BYTES:
        raise BadSignature
    # The time is compared with `now`, above; an empty subject or audience is no business of ours.
    options: Any = {"verify_iat": False, "verify_exp": False, "verify_nbf": False, "verify_aud": False}
    try:
        key = secret.encode().ljust(_KEY_BYTES, b"\0")
        claims: dict[str, Any] = jwt.decode(token, key, algorithms=["HS256"], options=options)
    except (jwt.PyJWTError, ValueError):  # and what is not UTF-8
        raise BadSignature from None
    return claims


def _token(request: CarrierRequest) -> str:
    header = request.headers.get(HEADER, "")
    if not header.startswith(_SCHEME) or len(header) > _LONGEST_TOKEN or not header.isascii():
        raise BadSignature
    return header[len(_SCHEME) :]


def _covers(claims: dict[str, Any], request: CarrierRequest) -> bool:
    """What a GET asks stands in its address, whose parameters Vonage hashes in a form that it does not document.

    Only a whisper is asked for so: elsewhere the token of one webhook would prove whatever stands in an address.
    """
    if request.method == "GET":
        return not request.body and urlsplit(request.url).path.endswith(f"/{Endpoint.WHISPER}")
    given = claims.get("payload_hash")
    made = hashlib.sha256(request.body).hexdigest()
    return isinstance(given, str) and hmac.compare_digest(made.encode(), given.encode("utf-8", "replace"))
