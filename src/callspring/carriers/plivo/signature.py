"""Checking that Plivo signed a request.

Version 3 (all of a call): base64 of HMAC-SHA256 with the auth token over
`SCHEME://HOST/PATH?QUERY.FIELDS.NONCE`: the query's values decoded and sorted by name, the fields joined name to value
in the same order, a dot between the two where there are both. Version 2 (text messages): over `SCHEME://HOST/PATH` and
the nonce, neither query nor body.

Sources: plivo.com/docs/voice/xml/request/validation and /docs/messaging/concepts/signature-validation; `plivo.utils`
and `plivo.utils.signature_v3` of plivo 4.63, which the tests hold this against. Written out here because those compare
in a time that tells how much was right, and take a fifth of a second to load.
"""

from __future__ import annotations

import hmac
from base64 import b64encode
from urllib.parse import SplitResult, parse_qsl, urlsplit

from callspring.carriers.contract import BadSignature, CarrierRequest, Endpoint
from callspring.carriers.forms import Form, is_json, parse_form

# Of a number that belongs to a subaccount the second one is made with the main account's token.
HEADERS, NONCE = ("x-plivo-signature-v3", "x-plivo-signature-ma-v3"), "x-plivo-signature-v3-nonce"
TEXT_HEADERS, TEXT_NONCE = ("x-plivo-signature-v2", "x-plivo-signature-ma-v2"), "x-plivo-signature-v2-nonce"
_TEXTS = frozenset({Endpoint.TEXT.value, Endpoint.TEXT_EVENTS.value})
_LONGEST = 1_000  # characters of a header


def check(request: CarrierRequest, token: str) -> None:
    """Raise `BadSignature` unless `token` signed the request."""
    if not token or is_json(request):
        raise BadSignature
    try:
        signed = _is_signed(request, token)
    except ValueError:  # an address that is none, a body too long, text that is not UTF-8
        raise BadSignature from None
    if not signed:
        raise BadSignature


def _is_signed(request: CarrierRequest, token: str) -> bool:
    split, form = urlsplit(request.url), parse_form(request.body)
    nonce = _header(request, NONCE)
    if any(_header(request, name) for name in HEADERS):
        return bool(nonce) and _matches(request, HEADERS, _made(token, f"{covered(split, form)}.{nonce}"))
    nonce = _header(request, TEXT_NONCE)
    # Nothing but what a text message says rests on a signature that does not cover what it says.
    if not nonce or split.path.rpartition("/")[2] not in _TEXTS:
        return False
    return _matches(request, TEXT_HEADERS, _made(token, _address(split) + nonce))


def covered(split: SplitResult, form: Form) -> str:
    """What version 3 signs of an address and a form, without the nonce. Raises `ValueError`."""
    query = sorted(parse_qsl(split.query, keep_blank_values=True))
    asked = "&".join(f"{name}={value}" for name, value in query)
    fields = "".join(name + value for name in sorted(form) for value in sorted(form.getall(name)))
    if not asked and not form:
        return _address(split)
    return f"{_address(split)}?{asked}{'.' if asked and form else ''}{fields}"


def _address(split: SplitResult) -> str:
    if not (split.scheme and split.netloc and split.geturl().isascii()):
        raise ValueError("no address")
    return f"{split.scheme}://{split.netloc}{split.path}"


def _made(token: str, message: str) -> bytes:
    return b64encode(hmac.digest(token.encode(), message.encode(), "sha256"))


def _matches(request: CarrierRequest, names: tuple[str, ...], expected: bytes) -> bool:
    """A header may have several signatures, as while a token is being replaced."""
    given = [one.encode() for name in names for one in _header(request, name).split(",")]
    return any([hmac.compare_digest(expected, one) for one in given])  # noqa: C419 - each is compared


def _header(request: CarrierRequest, name: str) -> str:
    found = request.headers.get(name, "")
    return found if len(found) <= _LONGEST else ""
