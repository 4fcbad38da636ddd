"""A REST API in the shapes of Twilio's (accounts, forms, pages) behind our protocol, through Twilio's SDK.

Twilio's API and SignalWire's compatibility API are this class, each with its own login, ids and words. Sources:
twilio.com/docs/phone-numbers/api (IncomingPhoneNumber, AvailablePhoneNumber), twilio.com/docs/messaging/api (Message),
twilio.com/docs/voice/api/recording; SignalWire's compatibility API reference.
"""

from __future__ import annotations

import re
import time
import weakref
from abc import ABC, abstractmethod
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
    Credentials,
    Owned,
    Refused,
    SentText,
    Sound,
    Unreachable,
    Webhooks,
)
from callspring.carriers.contract import CallSignal, TextState
from callspring.carriers.exchange import NotFound, http_client
from callspring.carriers.form_calls import days_of, signals
from callspring.carriers.form_reader import TEXT_STATES
from callspring.carriers.form_transport import Transport, Wording
from callspring.carriers.outside import clean, e164

_LARGEST_RECORDING = 200 * 1024 * 1024  # bytes: a day of MP3
_LONGEST_FETCH = 600.0  # seconds
_AREA_CODES = frozenset({"US", "CA"})  # elsewhere a number's beginning is searched for
# What one number's configuration is: the carrier's names for it, in which it is remembered and brought back.
_ADDRESSES = ("voice_url", "voice_fallback_url", "status_callback", "sms_url", "sms_fallback_url")
_METHODS = ("voice_method", "voice_fallback_method", "status_callback_method", "sms_method", "sms_fallback_method")
_WANTED_ADDRESSES = frozenset({"any", "local", "foreign"})  # and none
_APPLICATIONS = ("voice_application_sid", "trunk_sid", "sms_application_sid")


class FormApi(ABC):
    """See `CarrierApi` and `ListsCalls`.

    `fallback_url` has `{number}` and `{destination}` in it; `official`: at the carrier's own host.
    Subclasses say who logs in where, what an id looks like, and how many numbers make a page.
    """

    wording: Wording
    page_size, most_pages = 1000, 50

    def __init__(self, fallback_url: str, *, official: bool) -> None:
        self._fallback_url, self._client = fallback_url, http_client(official=official)
        weakref.finalize(self, self._client.close)

    @abstractmethod
    def _login(self, credentials: Credentials) -> tuple[Transport, str, str]:
        """How to reach the account, its id and its secret. Raises `Denied` for what cannot be an account."""

    @abstractmethod
    def _is_id(self, text: str, kind: str) -> bool:
        """Whether `text` can be the id of a `kind`: PN a number, RE a recording, SM or MM a message."""

    def check(self, credentials: Credentials) -> str:
        """See `CarrierApi`."""
        with self._understood():
            account = self._account(credentials).fetch()
            if account.status in {"suspended", "closed"}:
                name = self.wording.name
                raise Refused(f"This account is suspended or closed at {name}. {name}'s console says why.")
            if account.status != "active":
                raise ValueError("no account")
            return clean(_text(account.friendly_name), 80) or credentials.account

    def numbers(self, credentials: Credentials) -> list[Owned]:
        """See `CarrierApi`."""
        with self._understood():
            page = self._account(credentials).incoming_phone_numbers.page(page_size=self.page_size)
            return [self._owned(found) for found in self._records(page)]

    def search(
        self, credentials: Credentials, *, country: str, kind: str, area_code: str = "", contains: str = "", count: int
    ) -> list[Available]:
        """See `CarrierApi`."""
        wanted: dict[str, Any] = {"voice_enabled": True, **self._search_limit(count)}
        if area_code and country in _AREA_CODES:
            wanted["area_code"] = int(_digits(area_code))
        if contains:
            wanted["contains"] = _digits(contains)
        elif area_code and country not in _AREA_CODES:
            wanted["contains"] = self._beginning(country, _digits(area_code))
        with self._understood():
            sold = self._account(credentials).available_phone_numbers(self._country(country))
            try:
                page = (sold.toll_free if kind == "toll_free" else sold.local).page(**wanted)
            except NotFound:
                raise Refused(f"{self.wording.name} sells no such numbers in this country.") from None
            return [_available(found, kind) for found in list(page)[:count]]

    def buy(self, credentials: Credentials, e164: str, webhooks: Webhooks) -> Owned:
        """See `CarrierApi`."""
        with self._understood(perhaps_done=True):
            fields = self._bought_with(_set(webhooks))
            owned = self._owned(self._account(credentials).incoming_phone_numbers.create(phone_number=e164, **fields))
            if owned.e164 != e164:
                raise ValueError("another number than the one that was asked for")
            return owned

    def configure(self, credentials: Credentials, carrier_number_id: str, webhooks: Webhooks) -> None:
        """See `CarrierApi`.

        With a trunk or an application the carrier ignores the number's own addresses, so these go; "" empties a field.
        """
        with self._understood(perhaps_done=True):
            fields = {**_set(webhooks), **dict.fromkeys(_APPLICATIONS, "")}
            self._change(self._number(credentials, carrier_number_id), fields)

    def restore(self, credentials: Credentials, carrier_number_id: str, before: Mapping[str, str | None]) -> None:
        """See `CarrierApi`. `before` is in the carrier's names; what it lacks is emptied."""
        fields = {name: before.get(name) or "" for name in (*_ADDRESSES, *_APPLICATIONS)}
        fields |= {name: before.get(name) or "POST" for name in _METHODS}
        # Setting either of the two deletes the other, which must not happen after it was set.
        for set_one, other in (_APPLICATIONS[:2], _APPLICATIONS[1::-1]):
            if fields.get(set_one):
                del fields[other]
        with self._understood(perhaps_done=True):
            self._change(self._number(credentials, carrier_number_id), fields)

    def release(self, credentials: Credentials, carrier_number_id: str) -> None:
        """See `CarrierApi`."""
        number = self._number(credentials, carrier_number_id)
        with self._understood(perhaps_done=True):
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
        with self._understood(perhaps_done=True):
            callback = {"status_callback": events} if events else {}
            sent = self._account(credentials).messages.create(to=to, from_=sender, body=body, **callback)
            return SentText(self._given(sent.sid, "SM", "MM"), TEXT_STATES.get(sent.status, TextState.QUEUED))

    @contextmanager
    def fetch_recording(self, credentials: Credentials, recording_id: str) -> Iterator[Sound]:
        """See `CarrierApi`: as MP3. The address is made from the id; what a webhook called it is of no account."""
        transport, account, secret = self._login(credentials)
        path = f"/2010-04-01/Accounts/{account}/Recordings/{self._named(recording_id, 'RE')}.mp3"
        with transport.stream(path, (account, secret)) as answer:
            content_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
            if not re.fullmatch(r"audio/[a-z0-9.+-]{1,40}", content_type):
                raise Unreachable(self.wording.nonsense)
            yield Sound(content_type, self._bounded(answer.iter_bytes()))

    def delete_recording(self, credentials: Credentials, recording_id: str) -> None:
        """See `CarrierApi`."""
        recording = self._account(credentials).recordings(self._named(recording_id, "RE"))
        with self._understood(perhaps_done=True):
            _unless_gone(recording.delete)

    def calls(self, credentials: Credentials, since: float, until: float) -> Iterator[CallSignal]:
        """See `ListsCalls`."""
        with self._understood():
            page = self._account(credentials).calls.page(**days_of(since, until), page_size=self.page_size)
            return iter([*signals(self._records(page), since, until)])

    def _account(self, credentials: Credentials) -> Any:
        transport, account, secret = self._login(credentials)
        # The SDK would take another region from the environment; ours stands in the settings.
        client = Client(account, secret, http_client=transport, environment={"TWILIO_EDGE": ""})
        return client.api.v2010.accounts(account)

    def _number(self, credentials: Credentials, carrier_number_id: str) -> Any:
        return self._account(credentials).incoming_phone_numbers(self._named(carrier_number_id, "PN"))

    def _search_limit(self, count: int) -> dict[str, int]:
        """What asks for no more than `count` offers."""
        return {"page_size": max(1, min(count, self.page_size))}

    def _beginning(self, country: str, area_code: str) -> str:
        """What finds numbers of an area where the carrier knows no area codes."""
        return f"+{phonenumbers.country_code_for_region(country)}{area_code}"

    def _bought_with(self, fields: Mapping[str, str]) -> Mapping[str, str]:
        """The configuration that goes with an order."""
        return fields

    def _change(self, number: Any, fields: Mapping[str, str]) -> None:
        """Set fields of a number; "" empties one."""
        number.update(**fields)

    @contextmanager
    def _understood(self, *, perhaps_done: bool = False) -> Iterator[None]:
        """What the SDK stumbles over in an answer is nonsense; nothing of the answer is passed on."""
        try:
            yield
        except (TwilioException, ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError):
            raise Unreachable(self.wording.nonsense, perhaps_done=perhaps_done) from None

    def _records(self, page: Any) -> Iterator[Any]:
        for _ in range(self.most_pages):
            yield from page
            page = page.next_page()
            if page is None:
                return
        raise ValueError("pages without end")

    def _owned(self, found: Any) -> Owned:
        before = {name: _text(getattr(found, name)) for name in (*_ADDRESSES, *_METHODS, *_APPLICATIONS)}
        number, can = e164(_text(found.phone_number)), found.capabilities or {}
        if not number:
            raise ValueError("a number that is none")
        return Owned(
            e164=number,
            carrier_number_id=self._given(found.sid, "PN"),
            label=clean(_text(found.friendly_name), 80),
            can_voice=can.get("voice") is True,
            can_text=can.get("sms") is True,
            webhooks=_read(before),
            before=before,
        )

    def _given(self, value: Any, *kinds: str) -> str:
        """An id in an answer. Raises `ValueError`."""
        if not isinstance(value, str) or not any(self._is_id(value, kind) for kind in kinds):
            raise ValueError("no id")
        return value

    def _named(self, identifier: str, kind: str) -> str:
        """An id that we are to ask for: it becomes part of an address."""
        if not self._is_id(identifier, kind):
            raise Refused(f"{self.wording.name} has nothing under this name.")
        return identifier

    def _country(self, country: str) -> str:
        if not re.fullmatch(r"[A-Z]{2}", country):
            raise Refused(f"{self.wording.name} sells no such numbers in this country.")
        return country

    def _bounded(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        size, until = 0, time.monotonic() + _LONGEST_FETCH
        for chunk in chunks:
            size += len(chunk)
            if time.monotonic() > until:
                raise Unreachable(f"{self.wording.name} sends this recording too slowly. Try again later.")
            if size > _LARGEST_RECORDING:
                raise Refused("This recording is too large to be fetched.")
            yield chunk


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


def _read(before: Mapping[str, str]) -> Webhooks:
    trunk, application = before["trunk_sid"], before["voice_application_sid"]
    instead = f"trunk {trunk}" if trunk else f"application {application}" if application else ""
    return Webhooks(
        voice=before["voice_url"],
        voice_fallback=before["voice_fallback_url"],
        events=before["status_callback"],
        text=before["sms_url"],
        instead=instead,
        text_fallback=before["sms_fallback_url"],
        text_instead=before["sms_application_sid"],
    )


def _available(found: Any, kind: str) -> Available:
    number = e164(_text(found.phone_number))
    if not number:
        raise ValueError("a number that is none")
    # SignalWire names a local number's rate center only, in capitals.
    town = _text(found.locality) or (_text(found.rate_center).title() if kind == "local" else "")
    town, region, country = (clean(place, 80) for place in (town, _text(found.region), _text(found.iso_country)))
    wanted = _text(found.address_requirements)
    return Available(number, kind, town, region, country, wanted if wanted in _WANTED_ADDRESSES else "")


def _text(value: Any) -> str:
    """An answer has null or "" where there is nothing."""
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > 4000:
        raise ValueError("no text")
    return value


def _digits(text: str) -> str:
    if not re.fullmatch(r"[0-9]{2,15}", text):
        raise Refused("Give at least two digits to search for, and digits only.")
    return text
