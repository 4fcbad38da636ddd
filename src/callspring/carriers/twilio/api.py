"""Twilio's REST API behind our protocol, through the official SDK.

Sources: twilio.com/docs/phone-numbers/api (IncomingPhoneNumber, AvailablePhoneNumber), twilio.com/docs/messaging/api
(Message), twilio.com/docs/voice/api/recording, and Twilio's OpenAPI (twilio-oai, api_v2010), which the tests enforce.
"""

from __future__ import annotations

import re
import time
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import phonenumbers
from twilio.base.exceptions import TwilioException
from twilio.rest import Client

from callspring.carriers.api import (
    LONGEST_TEXT,
    Available,
    CarrierApi,
    Credentials,
    Denied,
    Owned,
    Refused,
    SentText,
    Sound,
    Unreachable,
    Webhooks,
)
from callspring.carriers.contract import TextState
from callspring.carriers.outside import clean, e164
from callspring.carriers.twilio.texts import TEXT_STATES
from callspring.carriers.twilio.transport import NONSENSE, OFFICIAL, UNKNOWN_ACCOUNT, NotFound, Transport
from callspring.config import Config

_SID = re.compile(r"[A-Z]{2}[0-9a-fA-F]{32}")
_PAGE, _MOST_PAGES = 1000, 50
_LARGEST_RECORDING = 200 * 1024 * 1024  # bytes: a day of MP3
_LONGEST_FETCH = 600.0  # seconds
_AREA_CODES = frozenset({"US", "CA"})  # elsewhere a number's beginning is searched for
# What one number's configuration is: Twilio's names for it, in which it is remembered and brought back.
_ADDRESSES = ("voice_url", "voice_fallback_url", "status_callback", "sms_url", "sms_fallback_url")
_METHODS = ("voice_method", "voice_fallback_method", "status_callback_method", "sms_method", "sms_fallback_method")
_WANTED_ADDRESSES = frozenset({"any", "local", "foreign"})  # and none
_APPLICATIONS = ("voice_application_sid", "trunk_sid", "sms_application_sid")


def make_api(config: Config) -> CarrierApi:
    """Twilio as `CALLSPRING_CARRIER_APIS` and `CALLSPRING_FALLBACK_URL` say."""
    return TwilioApi(config.carrier_apis.get("twilio", OFFICIAL), config.fallback_url)


class TwilioApi:
    """See `CarrierApi`. `origin` is where the API is; `fallback_url` has `{number}` and `{destination}` in it."""

    def __init__(self, origin: str, fallback_url: str) -> None:
        self._fallback_url = fallback_url
        self._transport = Transport(origin)
        weakref.finalize(self, self._transport.close)

    def check(self, credentials: Credentials) -> str:
        """See `CarrierApi`."""
        with _understood():
            account = self._account(credentials).fetch()
            if account.status in {"suspended", "closed"}:
                raise Refused("This account is suspended or closed at Twilio. Twilio's console says why.")
            if account.status != "active":
                raise ValueError("no account")
            return clean(_text(account.friendly_name), 80) or credentials.account

    def numbers(self, credentials: Credentials) -> list[Owned]:
        """See `CarrierApi`."""
        with _understood():
            page = self._account(credentials).incoming_phone_numbers.page(page_size=_PAGE)
            return [_owned(found) for found in _records(page)]

    def search(
        self, credentials: Credentials, *, country: str, kind: str, area_code: str = "", contains: str = "", count: int
    ) -> list[Available]:
        """See `CarrierApi`."""
        wanted: dict[str, Any] = {"voice_enabled": True, "page_size": max(1, min(count, _PAGE))}
        if area_code and country in _AREA_CODES:
            wanted["area_code"] = int(_digits(area_code))
        if contains:
            wanted["contains"] = _digits(contains)
        elif area_code and country not in _AREA_CODES:
            wanted["contains"] = f"+{phonenumbers.country_code_for_region(country)}{_digits(area_code)}"
        with _understood():
            sold = self._account(credentials).available_phone_numbers(_country(country))
            try:
                page = (sold.toll_free if kind == "toll_free" else sold.local).page(**wanted)
            except NotFound:
                raise Refused("Twilio sells no such numbers in this country.") from None
            return [_available(found, kind) for found in list(page)[:count]]

    def buy(self, credentials: Credentials, e164: str, webhooks: Webhooks) -> Owned:
        """See `CarrierApi`."""
        with _understood(perhaps_done=True):
            made = self._account(credentials).incoming_phone_numbers.create(phone_number=e164, **_set(webhooks))
            owned = _owned(made)
            if owned.e164 != e164:
                raise ValueError("another number than the one that was asked for")
            return owned

    def configure(self, credentials: Credentials, carrier_number_id: str, webhooks: Webhooks) -> None:
        """See `CarrierApi`.

        With a trunk or an application Twilio ignores the number's own addresses, so these go; "" empties a field.
        """
        with _understood(perhaps_done=True):
            self._number(credentials, carrier_number_id).update(**_set(webhooks), **dict.fromkeys(_APPLICATIONS, ""))

    def restore(self, credentials: Credentials, carrier_number_id: str, before: Mapping[str, str | None]) -> None:
        """See `CarrierApi`. `before` is in Twilio's names; what it lacks is emptied."""
        fields = {name: before.get(name) or "" for name in (*_ADDRESSES, *_APPLICATIONS)}
        fields |= {name: before.get(name) or "POST" for name in _METHODS}
        # Setting either of the two deletes the other, which must not happen after it was set.
        for set_one, other in (_APPLICATIONS[:2], _APPLICATIONS[1::-1]):
            if fields.get(set_one):
                del fields[other]
        with _understood(perhaps_done=True):
            self._number(credentials, carrier_number_id).update(**fields)

    def release(self, credentials: Credentials, carrier_number_id: str) -> None:
        """See `CarrierApi`."""
        number = self._number(credentials, carrier_number_id)
        with _understood(perhaps_done=True):
            _unless_gone(number.delete)

    def fallback(self, e164: str, destination: str) -> str:
        """See `CarrierApi`."""
        if not destination:
            return ""
        filled = self._fallback_url.replace("{number}", quote(e164, safe=""))
        return filled.replace("{destination}", quote(destination, safe=""))

    def send_text(self, credentials: Credentials, *, sender: str, to: str, body: str, events: str) -> SentText:
        """See `CarrierApi`."""
        if not 0 < len(body) <= LONGEST_TEXT:
            raise Refused("A text has at least one character and at most 1,600.")
        with _understood(perhaps_done=True):
            callback = {"status_callback": events} if events else {}
            sent = self._account(credentials).messages.create(to=to, from_=sender, body=body, **callback)
            return SentText(_sid(sent.sid, "SM", "MM"), TEXT_STATES.get(sent.status, TextState.QUEUED))

    @contextmanager
    def fetch_recording(self, credentials: Credentials, recording_id: str) -> Iterator[Sound]:
        """See `CarrierApi`: as MP3. The address is made from the id; what a webhook called it is of no account."""
        account, recording = _known(credentials.account, "AC"), _named(recording_id, "RE")
        path = f"/2010-04-01/Accounts/{account}/Recordings/{recording}.mp3"
        with self._transport.stream(path, (account, _secret(credentials))) as answer:
            content_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
            if not re.fullmatch(r"audio/[a-z0-9.+-]{1,40}", content_type):
                raise Unreachable(NONSENSE)
            yield Sound(content_type, _bounded(answer.iter_bytes()))

    def delete_recording(self, credentials: Credentials, recording_id: str) -> None:
        """See `CarrierApi`."""
        recording = self._account(credentials).recordings(_named(recording_id, "RE"))
        with _understood(perhaps_done=True):
            _unless_gone(recording.delete)

    def _account(self, credentials: Credentials) -> Any:
        account = _known(credentials.account, "AC")
        # The SDK would take another region from the environment; ours stands in the settings.
        client = Client(account, _secret(credentials), http_client=self._transport, environment={"TWILIO_EDGE": ""})
        return client.api.v2010.accounts(account)

    def _number(self, credentials: Credentials, carrier_number_id: str) -> Any:
        return self._account(credentials).incoming_phone_numbers(_named(carrier_number_id, "PN"))


@contextmanager
def _understood(*, perhaps_done: bool = False) -> Iterator[None]:
    """What the SDK stumbles over in an answer is nonsense; nothing of the answer is passed on."""
    try:
        yield
    except (TwilioException, ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError):
        raise Unreachable(NONSENSE, perhaps_done=perhaps_done) from None


def _records(page: Any) -> Iterator[Any]:
    for _ in range(_MOST_PAGES):
        yield from page
        page = page.next_page()
        if page is None:
            return
    raise ValueError("pages without end")


def _unless_gone(delete: Callable[[], object]) -> None:
    try:
        delete()
    except NotFound:
        return


def _set(webhooks: Webhooks) -> dict[str, str]:
    """Twilio refuses a fallback where there is nothing to fall back from (error 21405)."""
    return {
        "voice_url": webhooks.voice,
        "voice_method": "POST",
        "voice_fallback_url": webhooks.voice_fallback if webhooks.voice else "",
        # A document that somebody just keeps somewhere is served to GET.
        "voice_fallback_method": "GET",
        "status_callback": webhooks.events,
        "status_callback_method": "POST",
        "sms_url": webhooks.text,
        "sms_method": "POST",
        "sms_fallback_url": "",
        "sms_fallback_method": "POST",
    }


def _owned(found: Any) -> Owned:
    before = {name: _text(getattr(found, name)) for name in (*_ADDRESSES, *_METHODS, *_APPLICATIONS)}
    number, can = e164(_text(found.phone_number)), found.capabilities or {}
    if not number:
        raise ValueError("a number that is none")
    return Owned(
        e164=number,
        carrier_number_id=_sid(found.sid, "PN"),
        label=clean(_text(found.friendly_name), 80),
        can_voice=can.get("voice") is True,
        can_text=can.get("sms") is True,
        webhooks=_read(before),
        before=before,
    )


def _read(before: Mapping[str, str]) -> Webhooks:
    trunk, application = before["trunk_sid"], before["voice_application_sid"]
    instead = f"trunk {trunk}" if trunk else f"application {application}" if application else ""
    return Webhooks(
        voice=before["voice_url"],
        voice_fallback=before["voice_fallback_url"],
        events=before["status_callback"],
        text=before["sms_url"],
        instead=instead,
    )


def _available(found: Any, kind: str) -> Available:
    number = e164(_text(found.phone_number))
    if not number:
        raise ValueError("a number that is none")
    town, region, country = (clean(_text(place), 80) for place in (found.locality, found.region, found.iso_country))
    wanted = _text(found.address_requirements)
    return Available(number, kind, town, region, country, wanted if wanted in _WANTED_ADDRESSES else "")


def _text(value: Any) -> str:
    """Twilio says null and "" where there is nothing."""
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > 4000:
        raise ValueError("no text")
    return value


def _sid(value: Any, *prefixes: str) -> str:
    """An id in an answer. Raises `ValueError`."""
    if not isinstance(value, str) or not _SID.fullmatch(value) or value[:2] not in prefixes:
        raise ValueError("no id")
    return value


def _known(account: str, prefix: str) -> str:
    """An account's id as somebody typed it."""
    if not _SID.fullmatch(account) or account[:2] != prefix:
        raise Denied("A Twilio account SID is AC with 32 letters and digits. The console's first page shows it.")
    return account


def _secret(credentials: Credentials) -> str:
    if not re.fullmatch(r"[!-~]{1,200}", credentials.secret):
        raise Denied(UNKNOWN_ACCOUNT)
    return credentials.secret


def _named(identifier: str, prefix: str) -> str:
    """An id that we are to ask for: it becomes part of an address."""
    if not _SID.fullmatch(identifier) or identifier[:2] != prefix:
        raise Refused("Twilio has nothing under this name.")
    return identifier


def _country(country: str) -> str:
    if not re.fullmatch(r"[A-Z]{2}", country):
        raise Refused("Twilio sells no such numbers in this country.")
    return country


def _digits(text: str) -> str:
    if not re.fullmatch(r"[0-9]{2,15}", text):
        raise Refused("Give at least two digits to search for, and digits only.")
    return text


def _bounded(chunks: Iterator[bytes]) -> Iterator[bytes]:
    size, until = 0, time.monotonic() + _LONGEST_FETCH
    for chunk in chunks:
        size += len(chunk)
        if time.monotonic() > until:
            raise Unreachable("Twilio sends this recording too slowly. Try again later.")
        if size > _LARGEST_RECORDING:
            raise Refused("This recording is too large to be fetched.")
        yield chunk
