"""Plivo's REST API behind our protocol.

A number has no addresses of its own: it names an application, and that has them. Each number that points here gets its
own application, `callspring-NUMBER`; what it named before is named again by `restore`.

Sources: plivo.com/docs/account/api/{overview,account,application}, /docs/numbers/{phone-numbers,account-phone-numbers},
/docs/messaging/api/message/send-a-message, /docs/voice/api/recordings; answers as in the fixtures of Plivo's SDK.
"""

from __future__ import annotations

import re
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import quote

import phonenumbers

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
from callspring.carriers.exchange import NotFound, http_client, parsed
from callspring.carriers.outside import clean
from callspring.carriers.outside import e164 as e164_of
from callspring.carriers.plivo.applications import Application, Applications
from callspring.carriers.plivo.call_list import finished, live, signals, span
from callspring.carriers.plivo.media import sound_of
from callspring.carriers.plivo.reader import phone
from callspring.carriers.rest import Auth, Manner, Rest, text
from callspring.config import Config

OFFICIAL = "https://api.plivo.com"
_ACCOUNT = re.compile(r"(?:MA|SA)[0-9A-Z]{18}")
_SECRET = re.compile(r"[!-~]{1,200}")
_NUMBER = re.compile(r"[1-9][0-9]{6,14}")
_RECORDING = re.compile(r"[0-9A-Za-z]{8}(-[0-9A-Za-z]{4}){3}-[0-9A-Za-z]{12}")
_PAGE, _MOST_PAGES = 20, 250  # 20 is the most that Plivo gives at once
_MOST_SEARCHED = 25  # pages: digits inside of a number are ours to look for
_MOST_LIVE = 200
_TYPES = {"local": "local", "toll_free": "tollfree"}
_ADDRESSES = {"city-address": "local", "country-address": "local"}
_TWIML = "https://twimlets.com/"  # Plivo does not understand what stands there


def _said(body: bytes) -> tuple[str, str]:
    """`{"error": "…"}`, or a list of them by field."""
    found = parsed(body).get("error")
    if isinstance(found, dict):
        found = found.get("error") or next(iter(found.values()))
    return "", found[0] if isinstance(found, list) else found


_MANNER = Manner(
    name="Plivo",
    denied="Plivo does not accept this Auth ID and auth token. Copy both anew from Plivo's console.",
    said=_said,
    reasons={},
)


def make_api(config: Config) -> CarrierApi:
    """Plivo as `CALLSPRING_CARRIER_APIS` and `CALLSPRING_FALLBACK_URL` say."""
    return PlivoApi(config.carrier_apis.get("plivo", OFFICIAL), config.fallback_url)


class PlivoApi:
    """See `CarrierApi` and `ListsCalls`. A number's id is the number in digits."""

    def __init__(self, origin: str, fallback_url: str) -> None:
        self._fallback_url, client = fallback_url, http_client(official=origin == OFFICIAL)
        self._rest = Rest(_MANNER, origin, client)
        weakref.finalize(self, client.close)

    def check(self, credentials: Credentials) -> str:
        """See `CarrierApi`."""
        account = self._get(credentials, "")
        with self._rest.understood():
            return clean(text(account["name"]), 80).strip() or credentials.account

    def numbers(self, credentials: Credentials) -> list[Owned]:
        """See `CarrierApi`."""
        with self._rest.understood():
            applications = self._applications(credentials).all()
            return [_owned(found, applications) for found in self._listed(credentials, "Number/", {})]

    def search(
        self, credentials: Credentials, *, country: str, kind: str, area_code: str = "", contains: str = "", count: int
    ) -> list[Available]:
        """See `CarrierApi`. Plivo looks for a beginning only; digits further in are looked for here."""
        asked = _asked(country, kind, area_code)
        pages = _MOST_SEARCHED if contains else max(1, -(-count // _PAGE))
        offered = self._listed(credentials, "PhoneNumber/", asked, most=pages, all_of_it=False)
        found: list[Available] = []
        with self._rest.understood():
            for one in offered:
                available = _available(one, country, kind)
                if contains in available.e164:
                    found.append(available)
                if len(found) >= count:
                    break
        return found[:count]

    def buy(self, credentials: Credentials, e164: str, webhooks: Webhooks) -> Owned:
        """See `CarrierApi`. Its application is there before the number is."""
        number, applications = _digits_of(e164), self._applications(credentials)
        ours = applications.put(number, webhooks) if _any(webhooks) else ""
        try:
            bought = self._post(credentials, f"PhoneNumber/{number}/", {"app_id": ours} if ours else {})
        except Unreachable:
            raise
        except CarrierProblem:
            with suppress(CarrierProblem):
                applications.drop(number)
            raise
        with self._rest.understood(perhaps_done=True):
            if bought["status"] != "fulfilled":  # papers are wanted first
                raise Unreachable("Plivo has not filled this order yet. It is looked up again.", perhaps_done=True)
            return self._one(credentials, number, perhaps_done=True)

    def configure(self, credentials: Credentials, carrier_number_id: str, webhooks: Webhooks) -> None:
        """See `CarrierApi`."""
        number, applications = _named(carrier_number_id), self._applications(credentials)
        self._get(credentials, f"Number/{number}/")  # before an application is made for it
        if not _any(webhooks):
            self._assign(credentials, number, "")
            applications.drop(number)
            return
        self._assign(credentials, number, applications.put(number, webhooks))

    def restore(self, credentials: Credentials, carrier_number_id: str, before: Mapping[str, str | None]) -> None:
        """See `CarrierApi`. `before` is the application that the number named; somebody else's is left as it is."""
        number, applications = _named(carrier_number_id), self._applications(credentials)
        self._get(credentials, f"Number/{number}/")
        if before.get("app_name") == applications.name(number):
            self._assign(credentials, number, applications.put_back(number, before))
            return
        self._assign(credentials, number, before.get("app_id") or "")
        applications.drop(number)

    def release(self, credentials: Credentials, carrier_number_id: str) -> None:
        """See `CarrierApi`."""
        number = _named(carrier_number_id)
        _unless_gone(lambda: self._ask(credentials, "DELETE", f"Number/{number}/"))
        with suppress(CarrierProblem):  # without a number it does nothing
            self._applications(credentials).drop(number)

    def fallback(self, e164: str, destination: str) -> str:
        """See `CarrierApi`. The hosted forward that is the default speaks TwiML, so there is none then."""
        if not destination or self._fallback_url.startswith(_TWIML):
            return ""
        filled = self._fallback_url.replace("{number}", quote(e164, safe=""))
        return filled.replace("{destination}", quote(destination, safe=""))

    def send_text(self, credentials: Credentials, *, sender: str, to: str, body: str, events: str) -> SentText:
        """See `CarrierApi`."""
        if not 0 < len(body) <= LONGEST_TEXT:
            raise Refused("A text has at least one character and at most 1,600.")
        message = {"src": _digits_of(sender), "dst": _digits_of(to), "text": body, "type": "sms"}
        told = {"url": events, "method": "POST"} if events else {}
        with self._rest.understood(perhaps_done=True):
            (sent,) = self._post(credentials, "Message/", {**message, **told})["message_uuid"]
            if not _RECORDING.fullmatch(sent):
                raise ValueError("no id")
            return SentText(sent, TextState.QUEUED)

    @contextmanager
    def fetch_recording(self, credentials: Credentials, recording_id: str) -> Iterator[Sound]:
        """See `CarrierApi`. Where it is kept, the API says now; what a webhook called it is of no account."""
        found = self._get(credentials, f"Recording/{_recording_id(recording_id)}/")
        with self._rest.understood():
            url = text(found["recording_url"])
        with sound_of(self._rest, url, self._login(credentials)) as sound:
            yield sound

    def delete_recording(self, credentials: Credentials, recording_id: str) -> None:
        """See `CarrierApi`."""
        path = f"Recording/{_recording_id(recording_id)}/"
        _unless_gone(lambda: self._ask(credentials, "DELETE", path))

    def calls(self, credentials: Credentials, since: float, until: float) -> Iterator[CallSignal]:
        """See `ListsCalls`. Legs of a call that goes on are not known."""
        with self._rest.understood():
            entries = [finished(one) for one in self._listed(credentials, "Call/", span(since, until))]
            going_on = self._get(credentials, "Call/", {"status": "live"})["calls"]
            if len(going_on) > _MOST_LIVE:
                raise ValueError("more calls than we are ready to read")
            for call in going_on:
                with suppress(NotFound):  # it has ended meanwhile
                    entries.append(live(self._get(credentials, f"Call/{_call_id(call)}/", {"status": "live"})))
            return iter([*signals(entries, since, until)])

    # --- requests

    def _login(self, credentials: Credentials) -> Auth:
        if not _ACCOUNT.fullmatch(credentials.account):
            raise Denied("A Plivo Auth ID is MA with 18 capital letters and digits. The console's first page shows it.")
        if not _SECRET.fullmatch(credentials.secret):
            raise Denied(_MANNER.denied)
        return credentials.account, credentials.secret

    def _ask(
        self,
        credentials: Credentials,
        method: str,
        path: str,
        query: Mapping[str, str | int] | None = None,
        body: Any = None,
    ) -> dict[str, Any]:
        auth = self._login(credentials)
        return self._rest.object(method, f"/v1/Account/{auth[0]}/{path}", auth, query=query, body=body)

    def _get(self, credentials: Credentials, path: str, query: Mapping[str, str | int] | None = None) -> dict[str, Any]:
        return self._ask(credentials, "GET", path, query)

    def _post(self, credentials: Credentials, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return self._ask(credentials, "POST", path, body=body)

    def _listed(
        self,
        credentials: Credentials,
        path: str,
        query: Mapping[str, str | int],
        *,
        most: int = _MOST_PAGES,
        all_of_it: bool = True,
    ) -> Iterator[Mapping[str, Any]]:
        """Every entry of a list, at most `most` pages. Raises `ValueError` where `all_of_it` would be more."""
        offset = 0
        for _ in range(most):
            page = self._get(credentials, path, {**query, "limit": _PAGE, "offset": offset})
            found = page["objects"]
            yield from found
            offset += len(found)
            if not found or not page["meta"]["next"]:
                return
        if all_of_it:
            raise ValueError("pages without end")

    def _applications(self, credentials: Credentials) -> Applications:
        def ask(method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
            return self._ask(credentials, method, path, body=body)

        def listed(path: str, query: Mapping[str, str | int]) -> Iterator[Mapping[str, Any]]:
            return self._listed(credentials, path, query)

        return Applications(self._rest, ask, listed)

    def _assign(self, credentials: Credentials, number: str, application: str) -> None:
        """Have the number name an application, or none: that is how Plivo's own libraries unlink one."""
        self._post(credentials, f"Number/{number}/", {"app_id": application})

    def _one(self, credentials: Credentials, number: str, *, perhaps_done: bool) -> Owned:
        try:
            found = self._get(credentials, f"Number/{number}/")
            return _owned(found, self._applications(credentials).all())
        except CarrierProblem as problem:
            raise Unreachable(str(problem), perhaps_done=perhaps_done) from None


def _asked(country: str, kind: str, area_code: str) -> dict[str, str | int]:
    if not re.fullmatch(r"[A-Z]{2}", country):
        raise Refused("Plivo sells no such numbers in this country.")
    asked: dict[str, str | int] = {"country_iso": country, "type": _TYPES.get(kind, "local"), "services": "voice"}
    return {**asked, "pattern": area_code} if area_code else asked


def _owned(found: Mapping[str, Any], applications: Mapping[str, Application]) -> Owned:
    number = phone(text(found["number"]))
    if not number:
        raise ValueError("a number that is none")
    named = text(found.get("application")).rstrip("/").rpartition("/")[2]
    application = applications.get(named)
    before = application.before() if application else {"app_id": named}
    webhooks = application.webhooks() if application else Webhooks(instead=f"trunk {named}" if named else "")
    return Owned(
        e164=number,
        carrier_number_id=number[1:],
        label=clean(text(found.get("alias")), 80) or number,
        can_voice=found.get("voice_enabled") is True,
        can_text=found.get("sms_enabled") is True,
        webhooks=webhooks,
        before=before,
    )


def _available(found: Mapping[str, Any], country: str, kind: str) -> Available:
    number = phone(text(found["number"]))
    if not number:
        raise ValueError("a number that is none")
    town = (text(found.get("city")) or text(found.get("rate_center"))).title() if kind == "local" else ""
    parsed_number = phonenumbers.parse(number)
    where = phonenumbers.region_code_for_number(parsed_number) or country
    wanted = _ADDRESSES.get(text(found.get("restriction")), "")
    return Available(number, kind, clean(town, 80), "", where if kind == "local" else country, wanted)


def _any(webhooks: Webhooks) -> bool:
    return bool(webhooks.voice or webhooks.events or webhooks.text)


def _digits_of(number: str) -> str:
    if not e164_of(number):
        raise Refused("This is no phone number.")
    return number[1:]


def _named(carrier_number_id: str) -> str:
    """A number's id that we are to ask for: it becomes part of an address."""
    if not _NUMBER.fullmatch(carrier_number_id):
        raise Refused("Plivo has nothing under this name.")
    return carrier_number_id


def _recording_id(name: str) -> str:
    if not _RECORDING.fullmatch(name):
        raise Refused("Plivo has nothing under this name.")
    return name


def _call_id(name: Any) -> str:
    if not isinstance(name, str) or not _RECORDING.fullmatch(name):
        raise ValueError("no id of a call")
    return name


def _unless_gone(delete: Callable[[], object]) -> None:
    try:
        delete()
    except NotFound:
        return
