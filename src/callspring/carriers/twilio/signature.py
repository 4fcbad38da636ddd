"""Checking that Twilio signed a request, with Twilio's own validator.

What is signed: the address as called and every form parameter, name and value joined in sorted order, by
HMAC-SHA1 with the account's auth token; or by HMAC-SHA256 with a shared key where a second header says so;
JSON bodies by their SHA-256 in the address. Source: twilio.com/docs/usage/webhooks/webhooks-security.
"""

from __future__ import annotations

import hmac
from functools import lru_cache
from urllib.parse import parse_qs, unquote, urlsplit

from twilio.request_validator import (
    HMAC_SHA1,
    HMAC_SHA256,
    RequestValidator,
    get_signature_algorithm,
)

from callspring.carriers.contract import BadSignature, CarrierRequest

SIGNATURE_HEADER = "x-twilio-signature"
SETTINGS_HEADER = "x-twilio-webhooks-signature-settings"
_BODY_LIMIT = 65_536
_FIELD_LIMIT = 256


class Form(dict[str, str]):
    """The first value of each name; `getall` has all values of a repeated one, as the validator asks."""

    def __init__(self) -> None:
        super().__init__()
        self._repeated: dict[str, list[str]] = {}

    def put(self, name: str, value: str) -> None:
        """Add one field in the order of the body."""
        if name in self:
            self._repeated.setdefault(name, [self[name]]).append(value)
        else:
            self[name] = value

    def getall(self, name: str) -> list[str]:
        """Every value of `name`, in the order of the body. Raises `KeyError`."""
        return self._repeated.get(name) or [self[name]]


class BadForm(ValueError):
    """The body has more bytes or fields than any webhook of Twilio's."""


# verify and read ask for the same body one after the other; kept by content, a form is a pure function of it.
@lru_cache(maxsize=16)
def parse_form(body: bytes) -> Form:
    """The fields of an `application/x-www-form-urlencoded` body, empty ones kept. Raises `BadForm`."""
    if len(body) > _BODY_LIMIT:
        raise BadForm("the body is too long")
    pairs = body.decode("utf-8", "replace").replace("+", " ").split("&") if body else []
    if len(pairs) > _FIELD_LIMIT:
        raise BadForm("the form has too many fields")
    form = Form()
    for pair in pairs:
        name, _, value = pair.partition("=")
        if "%" in pair:
            name, value = _unquoted(name), _unquoted(value)
        form.put(name, value)
    return form


def _unquoted(text: str) -> str:
    # A telephone number, which is what nearly all escapes are for.
    if text.startswith("%2B") and text.count("%") == 1:
        return "+" + text[3:]
    return unquote(text)


def is_json(request: CarrierRequest) -> bool:
    """Whether the body says that it is JSON."""
    return request.headers.get("content-type", "").lower().startswith("application/json")


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
    if not hashed or not request.body or len(request.body) > _BODY_LIMIT:
        return False
    return bool(validator.validate(request.url, request.body.decode(), signature, algorithm))
