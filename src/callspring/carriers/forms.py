"""Webhooks that are forms: the fields, each checked and bounded.

Names and shapes are those that Twilio introduced and that others took over (SignalWire's compatibility API).
"""

from __future__ import annotations

import re
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

from callspring.carriers.contract import BadRequest, CallSignal, CarrierRequest, Leg, Status
from callspring.carriers.outside import clean, e164, identifier

BODY_LIMIT = 65_536  # bytes; no webhook comes near
_FIELD_LIMIT = 256
# What networks say instead of a withheld number reaches the carrier as a word, or as that word spelt on a phone's
# keys, which looks like a real number. Unrecognised, all callers who withhold theirs would be one person.
_WITHHELD = frozenset(
    {
        "+266696687",  # anonymous
        "+7378742833",  # restricted
        "+17378742833",  # restricted, taken for a US number
        "+86282452253",  # unavailable
        "+8656696",  # unknown
        "+8566696",  # unknown, as it is often misspelt
        "+2562533",  # blocked
        "+7748283",  # private
    }
)
_SIP_USER = re.compile(r"sips?:(\+[1-9][0-9]{6,14})@.{1,200}")
_RAW_FIELDS, _RAW_NAME, _RAW_VALUE = 64, 64, 512


class Form(dict[str, str]):
    """The first value of each name; `getall` has all values of a repeated one, as Twilio's validator asks."""

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
    """The body has more bytes or fields than any webhook."""


# verify and read ask for the same body one after the other; kept by content, a form is a pure function of it.
@lru_cache(maxsize=16)
def parse_form(body: bytes) -> Form:
    """The fields of an `application/x-www-form-urlencoded` body, empty ones kept. Raises `BadForm`."""
    if len(body) > BODY_LIMIT:
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


def form_of(request: CarrierRequest) -> Form:
    """The form of a verified webhook. Raises `BadRequest`."""
    if is_json(request):
        raise BadRequest("webhooks are forms, this is JSON")
    try:
        return parse_form(request.body)
    except BadForm as error:
        raise BadRequest(str(error)) from None


def is_json(request: CarrierRequest) -> bool:
    """Whether the body says that it is JSON."""
    return request.headers.get("content-type", "").lower().startswith("application/json")


def required_id(form: Form, name: str) -> str:
    """The id in a field. Raises `BadRequest`."""
    found = identifier(form.get(name, ""))
    if not found:
        raise BadRequest(f"{name} is missing or no id")
    return found


def required_number(form: Form, name: str) -> str:
    """The E.164 number in a field. Raises `BadRequest`."""
    found = number(form.get(name, ""))
    if not found:
        raise BadRequest(f"{name} is no E.164 number")
    return found


def number(text: str) -> str:
    """E.164, also out of a SIP address; "" for withheld numbers and for whatever else is no number."""
    found = e164(text) or _sip_user(text)
    return "" if found in _WITHHELD else found


def unix_seconds(timestamp: str) -> float | None:
    """An RFC 2822 date in Unix seconds, None for anything else."""
    if not timestamp or len(timestamp) > 64:
        return None
    try:
        moment = parsedate_to_datetime(timestamp)
        # Without a zone, or with the one that means "unknown", it would be taken for this machine's.
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError, TypeError, IndexError):
        return None


def kept(form: Form) -> dict[str, str]:
    """What is kept of the form as it came, bounded and clean."""
    fields = list(form.items())[:_RAW_FIELDS]
    return {clean(name, _RAW_NAME): clean(value, _RAW_VALUE) for name, value in fields}


def _unquoted(text: str) -> str:
    # A telephone number, which is what nearly all escapes are for.
    if text.startswith("%2B") and text.count("%") == 1:
        return "+" + text[3:]
    return unquote(text)


def _sip_user(text: str) -> str:
    found = _SIP_USER.fullmatch(text)
    return found[1] if found else ""


def call_signal(form: Form, call_id: str, leg: Leg, leg_id: str, status: Status, **more: Any) -> CallSignal:
    """What a form says of a leg; who called whom stands in each. `more` are further fields, or better ones."""
    said = {"caller": number(form.get("From", "")), "dialled": number(form.get("To", "")), "raw": kept(form), **more}
    return CallSignal(call_id, leg, leg_id, status, **said)


def status_of(form: Form, name: str, words: dict[str, Status]) -> Status:
    """The status that a field says in these words. Raises `BadRequest`."""
    try:
        return words[form.get(name, "")]
    except KeyError:
        raise BadRequest(f"{name} is missing or unknown") from None
