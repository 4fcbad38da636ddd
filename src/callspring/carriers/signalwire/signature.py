"""Checking that SignalWire signed a request.

`X-SignalWire-Signature` is base64 of HMAC-SHA1 with the project's signing key over the address as called and every form
parameter, name and value joined, sorted by name, repeated ones in the order of the body. The platform may have had the
scheme's own port in the address, or not, so both are tried.

Sources: SignalWire's "Webhook security" guide and `signalwire.core.security.webhook_validator` of signalwire-sdk 3.7.5,
which the tests hold this against. Stricter than that one: it also accepts a form whose address alone was signed, under
which anybody could put another body.
"""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

from callspring.carriers.contract import BadSignature, CarrierRequest
from callspring.carriers.forms import Form, is_json, parse_form

SIGNATURE_HEADER = "x-signalwire-signature"
_PORTS = {"https": 443, "http": 80}


def check(request: CarrierRequest, key: str) -> None:
    """Raise `BadSignature` unless `key` signed the request."""
    given = request.headers.get(SIGNATURE_HEADER, "").encode("utf-8", "replace")
    # Voice and messaging webhooks are forms. JSON, which other products send, is signed in another way.
    if not key or not given or is_json(request):
        raise BadSignature
    try:
        fields = _joined(parse_form(request.body)).encode()
        signed = any(
            hmac.compare_digest(_signature(key, address, fields), given) for address in _addresses(request.url)
        )
    except ValueError:  # an address that is none, a body too long, text that is not UTF-8
        raise BadSignature from None
    if not signed:
        raise BadSignature


def _signature(key: str, address: str, fields: bytes) -> bytes:
    return b64encode(hmac.digest(key.encode(), address.encode() + fields, "sha1"))


def _joined(form: Form) -> str:
    return "".join(name + value for name in sorted(form) for value in form.getall(name))


def _addresses(url: str) -> Iterator[str]:
    """The address as called, which is right nearly always, then with its scheme's port or without it."""
    yield url
    split = urlsplit(url)
    usual = _PORTS.get(split.scheme)
    if split.hostname is None or usual is None:
        return
    if split.port is None:
        yield urlunsplit(split._replace(netloc=f"{split.netloc}:{usual}"))
    elif split.port == usual:
        yield urlunsplit(split._replace(netloc=split.netloc.rpartition(":")[0]))
