"""Checking that Twilio signed a request, with Twilio's own validator.

What is signed: the address as called and every form parameter, name and value joined in sorted order, by
HMAC-SHA1 with the account's auth token; or by HMAC-SHA256 with a shared key where a second header says so;
JSON bodies by their SHA-256 in the address. Source: twilio.com/docs/usage/webhooks/webhooks-security.
"""

from __future__ import annotations

import hmac
from urllib.parse import parse_qs, urlsplit

from twilio.request_validator import (
    HMAC_SHA1,
    HMAC_SHA256,
    RequestValidator,
    get_signature_algorithm,
)

from callspring.carriers.contract import BadSignature, CarrierRequest
from callspring.carriers.forms import BODY_LIMIT, is_json, parse_form

SIGNATURE_HEADER = "x-twilio-signature"
SETTINGS_HEADER = "x-twilio-webhooks-signature-settings"


def check(request: CarrierRequest, secret: str) -> None:
    """Raise `BadSignature` unless `secret` signed the request."""
    signature = request.headers.get(SIGNATURE_HEADER, "")
    algorithm = get_signature_algorithm(request.headers.get(SETTINGS_HEADER, "")).upper()
    # An unknown algorithm is refused here because the validator would log a header that anybody can send.
    if not secret or not signature or algorithm not in (HMAC_SHA1, HMAC_SHA256):
        raise BadSignature
    try:
        signed = _is_signed(request, RequestValidator(secret), signature, algorithm)
    except ValueError:  # an address that is none, a body too long, text that is not UTF-8
        raise BadSignature from None
    if not signed:
        raise BadSignature


def _is_signed(request: CarrierRequest, validator: RequestValidator, signature: str, algorithm: str) -> bool:
    if is_json(request):
        return _json_is_signed(request, validator, signature, algorithm)
    form = parse_form(request.body)
    # The address as called is right nearly always and costs half of `validate`, which tries it with and
    # without its port.
    expected: str = validator.compute_signature(request.url, form, algorithm)
    if hmac.compare_digest(expected.encode(), signature.encode()):
        return True
    return bool(validator.validate(request.url, form, signature, algorithm))


def _json_is_signed(request: CarrierRequest, validator: RequestValidator, signature: str, algorithm: str) -> bool:
    # Without its hash in the address nothing would cover the body, and the validator would stumble.
    hashed = "bodySHA256" in parse_qs(urlsplit(request.url).query)
    if not hashed or not request.body or len(request.body) > BODY_LIMIT:
        return False
    return bool(validator.validate(request.url, request.body.decode(), signature, algorithm))
