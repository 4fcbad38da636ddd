"""Telnyx's REST API (version 2) behind our protocol.

Sources: developers.telnyx.com/api-reference (phone numbers, available phone numbers, number orders, messages, TeXML
REST commands) and the request and answer models of telnyx 4.189, which the tests hold every request against.
"""

from __future__ import annotations

import re
import time
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from callspring.carriers.api import (
    LONGEST_TEXT,
    Available,
    CarrierApi,
    CarrierProblem,
    Credentials,
    Denied,
    Owned,
    Refused,
    SentText,
    Sound,
    Unreachable,
    Webhooks,
)
from callspring.carriers.contract import CallSignal, TextState
from callspring.carriers.exchange import NotFound, http_client
from callspring.carriers.rest import Bearer, Rest, text
from callspring.carriers.telnyx.applications import Targets, an_id, voice_addresses, wanted
from callspring.carriers.telnyx.calls import signals, span
from callspring.carriers.telnyx.manner import MANNER, UNKNOWN_ACCOUNT
from callspring.carriers.telnyx.numbers import NUMBER_ID, Reader, available, can_text, country_asked, digits_asked
from callspring.carriers.telnyx.secret import api_key
from callspring.carriers.telnyx.texts import STATES
from callspring.config import Config

OFFICIAL = "https://api.telnyx.com"
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_KEY = re.compile(r"KEY[!-9;-~]{3,150}")
_PAGE, _MOST_PAGES = 250, 200
_CALL_PAGE = 100
_ORDER_LOOKS, _ORDER_PAUSE = 6, 1.0  # how often, and after how many seconds, an order is looked at again
_GONE = frozenset({"deleted", "purchase-failed", "port-failed", "port-pending", "ported-out"})
_MISSING = "The law of this number's country asks who will use it. Order it in the Mission Control Portal, which takes "
_NOT_YET = "Telnyx has not filled this order yet. It is looked up again."
_ENDINGS = {".mp3": "audio/mpeg", ".wav": "audio/wav"}


def make_api(config: Config) -> CarrierApi:
    """Telnyx as `CALLSPRING_CARRIER_APIS` and `CALLSPRING_FALLBACK_URL` say."""
    return TelnyxApi(config.carrier_apis.get("telnyx", OFFICIAL), config.fallback_url)


@dataclass(frozen=True, slots=True)
class _Account:
    """A login: the account's id, and what is sent with each request."""

    id: str
    auth: Bearer


class TelnyxApi:
    """See `CarrierApi` and `ListsCalls`. `origin` is where the API is."""

    def __init__(self, origin: str, fallback_url: str, pause: Callable[[float], None] = time.sleep) -> None:
        self._fallback_url, self._pause, client = fallback_url, pause, http_client(official=origin == OFFICIAL)
        self._rest = Rest(MANNER, origin, client)
        weakref.finalize(self, client.close)

    def check(self, credentials: Credentials) -> str:
        """See `CarrierApi`. Telnyx does not say what an account is called."""
        account = _login(credentials)
        try:
            self._rest.object("GET", _texml(account, "Calls"), account.auth, query={"PageSize": 1})
        except Refused:  # of another account nothing is said but that it is not there
            raise Denied(UNKNOWN_ACCOUNT) from None
        return f"Telnyx {account.id[:8]}"

    def numbers(self, credentials: Credentials) -> list[Owned]:
        """See `CarrierApi`."""
        account = _login(credentials)
        targets = self._targets(account)
        with self._rest.understood():
            read = Reader(targets.applications(), targets.profiles(), self._texting(account))
            listed = self._listed(account, "/v2/phone_numbers", {})
            return [read.owned(one) for one in listed if one["status"] not in _GONE]

    def search(
        self, credentials: Credentials, *, country: str, kind: str, area_code: str = "", contains: str = "", count: int
    ) -> list[Available]:
        """See `CarrierApi`."""
        asked: dict[str, str | int] = {
            "filter[country_code]": country_asked(country),
            "filter[phone_number_type]": "toll_free" if kind == "toll_free" else "local",
            "filter[features]": "voice",
            "filter[limit]": count,
            "filter[best_effort]": "false",
        }
        if area_code:
            asked["filter[national_destination_code]"] = digits_asked(area_code)
        if contains:
            asked["filter[phone_number][contains]"] = digits_asked(contains)
        answer = self._rest.object("GET", "/v2/available_phone_numbers", _login(credentials).auth, query=asked)
        with self._rest.understood():
            return [available(one, country, kind) for one in answer["data"][:count]]

    def buy(self, credentials: Credentials, e164: str, webhooks: Webhooks) -> Owned:
        """See `CarrierApi`. An order may take a while: it is looked at for some seconds, then `Unreachable`."""
        account = _login(credentials)
        targets = self._targets(account)
        order: dict[str, Any] = {"phone_numbers": [{"phone_number": e164}]}
        with self._rest.understood():
            application, profile = targets.application(wanted(webhooks), ""), targets.profile(webhooks.text)
        order |= {"connection_id": application} if application else {}
        order |= {"messaging_profile_id": profile} if profile else {}
        try:
            self._ordered(account, order)
        except Refused:
            with suppress(CarrierProblem), self._rest.understood():
                targets.drop_unused(application, profile)
            raise
        return self._bought(credentials, e164)

    def configure(self, credentials: Credentials, carrier_number_id: str, webhooks: Webhooks) -> None:
        """See `CarrierApi`."""
        account, number = _login(credentials), _named(carrier_number_id, NUMBER_ID)
        now = self._number(account, number)
        targets = self._targets(account)
        with self._rest.understood(perhaps_done=True):
            application = targets.application(wanted(webhooks), text(now.get("country_iso_alpha2"), 2))
            self._assign(account, number, now, application, targets.profile(webhooks.text))

    def restore(self, credentials: Credentials, carrier_number_id: str, before: Mapping[str, str | None]) -> None:
        """See `CarrierApi`. What was ours is known by its addresses, anything else by its id."""
        account, number = _login(credentials), _named(carrier_number_id, NUMBER_ID)
        now = self._number(account, number)
        targets = self._targets(account)
        country = text(now.get("country_iso_alpha2"), 2)
        with self._rest.understood(perhaps_done=True):
            application = before.get("connection_id") or targets.application(voice_addresses(before), country)
            profile = before.get("messaging_profile_id") or targets.profile(before.get("webhook_url") or "")
            self._assign(account, number, now, application, profile)

    def release(self, credentials: Credentials, carrier_number_id: str) -> None:
        """See `CarrierApi`."""
        account, number = _login(credentials), _named(carrier_number_id, NUMBER_ID)
        try:
            now = self._number(account, number)
            self._rest.object("DELETE", f"/v2/phone_numbers/{number}", account.auth)
        except NotFound:
            return
        self._tidy(account, now)

    def fallback(self, e164: str, destination: str) -> str:
        """See `CarrierApi`: the document is TwiML, which TeXML is too."""
        if not destination:
            return ""
        filled = self._fallback_url.replace("{number}", quote(e164, safe=""))
        return filled.replace("{destination}", quote(destination, safe=""))

    def send_text(self, credentials: Credentials, *, sender: str, to: str, body: str, events: str) -> SentText:
        """See `CarrierApi`."""
        if not 0 < len(body) <= LONGEST_TEXT:
            raise Refused("A text has at least one character and at most 1,600.")
        said = {"from": sender, "to": to, "text": body, "type": "SMS", "use_profile_webhooks": False}
        said |= {"webhook_url": events} if events else {}
        answer = self._rest.object("POST", "/v2/messages", _login(credentials).auth, body=said)
        with self._rest.understood(perhaps_done=True):
            sent = answer["data"]
            return SentText(an_id(sent["id"]), STATES.get(sent["to"][0].get("status") or "", TextState.QUEUED))

    @contextmanager
    def fetch_recording(self, credentials: Credentials, recording_id: str) -> Iterator[Sound]:
        """See `CarrierApi`. Its address, good for minutes, is asked for first; the key is not sent there."""
        account = _login(credentials)
        answer = self._rest.object("GET", _recording(account, recording_id), account.auth)
        with self._rest.understood():
            url = text(answer["media_url"])
            if not url.startswith(("https://", self._rest.origin + "/")):
                raise ValueError("no address of a sound")
            asking = self._rest.client.build_request("GET", url)
        with self._rest.answer(asking, None) as found:
            yield Sound(self._kind(url, found.headers), self._rest.bounded(found.iter_bytes()))

    def delete_recording(self, credentials: Credentials, recording_id: str) -> None:
        """See `CarrierApi`."""
        account = _login(credentials)
        with suppress(NotFound):
            self._rest.ask("DELETE", _recording(account, recording_id), account.auth)

    def calls(self, credentials: Credentials, since: float, until: float) -> Iterator[CallSignal]:
        """See `ListsCalls`."""
        account = _login(credentials)
        with self._rest.understood():
            return iter([*signals(self._listed_calls(account, span(since, until)), since, until)])

    def _targets(self, account: _Account) -> Targets:
        return Targets(
            lambda method, path, body: self._rest.object(method, path, account.auth, body=body),
            lambda path, query: self._listed(account, path, query),
        )

    def _listed(self, account: _Account, path: str, query: Mapping[str, str | int]) -> Iterator[Mapping[str, Any]]:
        """All entries of a list. Raises `ValueError` for what is none."""
        for page in range(1, _MOST_PAGES + 1):
            asked = {**query, "page[number]": page, "page[size]": _PAGE}
            answer = self._rest.object("GET", path, account.auth, query=asked)
            yield from answer["data"]
            if page >= int(answer["meta"]["total_pages"]):
                return
        raise ValueError("pages without end")

    def _listed_calls(self, account: _Account, query: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
        asked: dict[str, str | int] = {**query, "PageSize": _CALL_PAGE}
        for _ in range(_MOST_PAGES):
            answer = self._rest.object("GET", _texml(account, "Calls"), account.auth, query=asked)
            yield from answer["calls"]
            following = text(answer.get("next_page_uri"))
            if not following:
                return
            # Only where to go on is taken from it; the address itself is ours.
            asked |= {
                name: value for name, value in parse_qsl(urlsplit(following).query) if name in ("Page", "PageToken")
            }
        raise ValueError("pages without end")

    def _texting(self, account: _Account) -> set[str]:
        """The ids of the numbers that can send and receive texts."""
        listed = self._listed(account, "/v2/phone_numbers/messaging", {})
        return {text(one["phone_number"]) for one in listed if can_text(one)}

    def _number(self, account: _Account, number: str) -> Mapping[str, Any]:
        with self._rest.understood():
            answer = self._rest.object("GET", f"/v2/phone_numbers/{number}", account.auth)
            found: Mapping[str, Any] = answer["data"]
            if text(found["id"]) != number:
                raise ValueError("another number")
            return found

    def _assign(self, account: _Account, number: str, now: Mapping[str, Any], application: str, profile: str) -> None:
        """Have the number name these; "" is none. Ours that it named before go where nothing else names them."""
        if text(now.get("connection_id")) != application:
            body = {"connection_id": application}
            self._rest.object("PATCH", f"/v2/phone_numbers/{number}", account.auth, body=body)
        if text(now.get("messaging_profile_id")) != profile:
            body = {"messaging_profile_id": profile}
            # A number that cannot text has no such settings, and none of ours to be taken off.
            with suppress(NotFound):
                self._rest.object("PATCH", f"/v2/phone_numbers/{number}/messaging", account.auth, body=body)
        if not application or not profile:
            self._tidy(account, now)

    def _tidy(self, account: _Account, before: Mapping[str, Any]) -> None:
        """What is left over does no harm, so nothing fails over it."""
        with suppress(CarrierProblem), self._rest.understood():
            named = text(before.get("connection_id")), text(before.get("messaging_profile_id"))
            self._targets(account).drop_unused(*named)

    def _ordered(self, account: _Account, order: Mapping[str, Any]) -> None:
        """Place an order and wait for it a little."""
        answer = self._rest.object("POST", "/v2/number_orders", account.auth, body=order)
        for look in range(_ORDER_LOOKS):
            with self._rest.understood(perhaps_done=True):
                placed = answer["data"]
                number, path = placed["phone_numbers"][0], f"/v2/number_orders/{an_id(placed['id'])}"
                status = number.get("status") or placed["status"]
            if status == "success":
                return
            if status == "failure":
                raise Refused("Telnyx could not get this number. Somebody else may have it now.")
            if number.get("requirements_met") is False:
                self._call_off(account, placed)
            if look + 1 < _ORDER_LOOKS:
                self._pause(_ORDER_PAUSE)
                with _ordered_already():
                    answer = self._rest.object("GET", path, account.auth)
        raise Unreachable(_NOT_YET, perhaps_done=True)

    def _call_off(self, account: _Account, order: Mapping[str, Any]) -> None:
        """An order that waits for papers would be filled when nobody knows of it any more."""
        with _ordered_already(), self._rest.understood(perhaps_done=True):
            for one in order["sub_number_orders_ids"]:
                self._rest.object("PATCH", f"/v2/sub_number_orders/{an_id(one)}/cancel", account.auth)["data"]
        raise Refused(f"{_MISSING}the papers, then bring it here.")

    def _bought(self, credentials: Credentials, e164: str) -> Owned:
        try:
            found = next((one for one in self.numbers(credentials) if one.e164 == e164), None)
        except CarrierProblem:
            found = None
        if found is None:
            raise Unreachable("Telnyx has not listed this number yet. It is looked up again.", perhaps_done=True)
        return found

    def _kind(self, url: str, headers: Mapping[str, str]) -> str:
        """Storage may not say that it is a sound; its name does."""
        said = headers.get("content-type", "").partition(";")[0].strip().lower()
        path = urlsplit(url).path.lower()
        kind = said if re.fullmatch(r"audio/[a-z0-9.+-]{1,40}", said) else _ENDINGS.get(path[-4:], "")
        if not kind or said == "text/html":
            raise Unreachable(MANNER.nonsense)
        return kind


@contextmanager
def _ordered_already() -> Iterator[None]:
    """Whatever is said now, the order was placed and may be filled."""
    try:
        yield
    except CarrierProblem:
        raise Unreachable(_NOT_YET, perhaps_done=True) from None


def _login(credentials: Credentials) -> _Account:
    """Raises `Denied` for what cannot be an account."""
    if not _UUID.fullmatch(credentials.account):
        raise Denied("A Telnyx account ID has 36 characters. The page of your account in the portal shows it.")
    key = api_key(credentials.secret)
    if not _KEY.fullmatch(key):
        raise Denied("Telnyx takes two secrets, with a colon between them: the API key (KEY…), then the public key.")
    return _Account(credentials.account.lower(), Bearer(key))


def _texml(account: _Account, path: str) -> str:
    return f"/v2/texml/Accounts/{account.id}/{path}"


def _recording(account: _Account, recording_id: str) -> str:
    return _texml(account, f"Recordings/{_named(recording_id, _UUID)}.json")


def _named(identifier: str, form: re.Pattern[str]) -> str:
    """An id that we are to ask for: it becomes part of an address."""
    if not form.fullmatch(identifier):
        raise Refused("Telnyx has nothing under this name.")
    return identifier
