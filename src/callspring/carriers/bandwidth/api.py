"""Bandwidth's APIs behind our protocol: the dashboard's for numbers, and those of calls and of messages.

A number has no addresses of its own: its location has them (`locations.py`). Numbers are bought, moved and given back
by orders that Bandwidth fills later; each is looked at for some seconds, and is "perhaps done" after that.

Sources: dev.bandwidth.com/docs/numbers, /apis/{numbers,voice,messaging}. README.md here has what is not tried.
"""

from __future__ import annotations

import re
import time
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import quote
from xml.etree.ElementTree import Element

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
from callspring.carriers.bandwidth import call_list
from callspring.carriers.bandwidth.dashboard import Dashboard, element, read_xml, said_in
from callspring.carriers.bandwidth.locations import Location, Locations
from callspring.carriers.bandwidth.secret import login, webhook_pair
from callspring.carriers.contract import CallSignal, TextState
from callspring.carriers.exchange import NotFound, http_client, parsed
from callspring.carriers.outside import clean, identifier
from callspring.carriers.rest import Auth, Manner, Rest
from callspring.config import Config

DASHBOARD, VOICE, MESSAGES = (f"https://{host}.bandwidth.com" for host in ("dashboard", "voice", "messaging"))
PAUSES = (0.5, 0.5, 1.0, 1.0, 2.0, 2.0, 3.0, 4.0)  # seconds between looks at an order
_ACCOUNT = re.compile(r"([0-9]{1,12})/([0-9]{1,12})")
_NUMBER, _E164 = re.compile(r"1[2-9][0-9]{9}"), re.compile(r"\+1[2-9][0-9]{9}")
_NATIONAL = re.compile(r"[2-9][0-9]{9}")
_RECORDING = re.compile(r"(c-[0-9A-Za-z-]{8,60}):(r-[0-9A-Za-z-]{8,60})")
_MP3 = "audio/mpeg"  # as which we have everything recorded
_COUNTRIES = ("US", "CA")
_MOST_SEARCHED = 500  # digits inside of a number are ours to look for
_TWIML = "https://twimlets.com/"  # Bandwidth does not understand what stands there


def _said(body: bytes) -> tuple[str, str]:
    """A code and a sentence: in XML below the dashboard, in JSON elsewhere."""
    if body.lstrip().startswith(b"<"):
        found = read_xml(body)
        return said_in(found, "ErrorCode", "Code"), said_in(found, "Description")
    told = parsed(body)
    return str(told.get("type") or ""), str(told.get("description") or "")


_MANNER = Manner(
    name="Bandwidth",
    denied="Bandwidth does not accept this user name and password. Copy both anew from Bandwidth's dashboard.",
    said=_said,
    reasons={},
)


def make_api(config: Config) -> CarrierApi:
    """Bandwidth as `CALLSPRING_CARRIER_APIS` and `CALLSPRING_FALLBACK_URL` say."""
    return BandwidthApi(config.carrier_apis.get("bandwidth", ""), config.fallback_url)


class BandwidthApi:
    """See `CarrierApi` and `ListsCalls`. A number's id is the number in digits. `origin` is in place of all three."""

    def __init__(self, origin: str, fallback_url: str, pauses: Sequence[float] = PAUSES) -> None:
        self._fallback_url, self._pauses, client = fallback_url, pauses, http_client(official=not origin)
        self._dashboards = Rest(_MANNER, origin or DASHBOARD, client)
        self._voice = Rest(_MANNER, origin or VOICE, client)
        self._messages = Rest(_MANNER, origin or MESSAGES, client)
        weakref.finalize(self, client.close)

    def check(self, credentials: Credentials) -> str:
        """See `CarrierApi`."""
        dashboard = self._dashboard(credentials)
        try:
            name = said_in(dashboard.get(""), "CompanyName")
            dashboard.get(f"/sites/{dashboard.site}")
        except NotFound:
            raise Denied("Bandwidth knows no such account, or no such sub-account in it.") from None
        return clean(name, 80).strip() or credentials.account

    def numbers(self, credentials: Credentials) -> list[Owned]:
        """See `CarrierApi`."""
        locations, found = self._locations(credentials), []
        with self._dashboards.understood():
            for location in locations.all():
                inside = locations.numbers(location)
                if inside:
                    webhooks, before = locations.pointing(location)
                    found += [_owned(one, webhooks, before) for one in inside]
        return sorted(found, key=lambda one: one.e164)

    def search(
        self, credentials: Credentials, *, country: str, kind: str, area_code: str = "", contains: str = "", count: int
    ) -> list[Available]:
        """See `CarrierApi`. Bandwidth looks in an area; digits further in are looked for here."""
        dashboard = self._dashboard(credentials)
        if country not in _COUNTRIES:
            raise Refused("Bandwidth sells numbers of the United States and Canada here.")
        quantity = _MOST_SEARCHED if contains else max(1, min(count, _MOST_SEARCHED))
        asked: dict[str, str | int] = {"quantity": quantity, "enableTNDetail": "true"}
        if kind == "toll_free":
            asked["tollFreeWildCardPattern"] = f"{area_code[:2]}*" if area_code[:1] == "8" else "8**"
        else:
            asked |= {"areaCode": area_code} if area_code else {}
            asked |= {"localVanity": contains} if 4 <= len(contains) <= 7 else {}
        found = dashboard.get("/availableNumbers", asked)
        with self._dashboards.understood():
            offered = [one for one in _offered(found, kind) if contains in one.e164 and area_code in one.e164[2:5]]
        return [one for one in offered if one.country == country or kind == "toll_free"][:count]

    def buy(self, credentials: Credentials, e164: str, webhooks: Webhooks) -> Owned:
        """See `CarrierApi`. Its location is there before the number is."""
        national, locations = _national(e164), self._locations(credentials)
        with self._dashboards.understood(perhaps_done=True):
            location = locations.put(webhooks)
        order = element(
            "Order",
            ("Name", "Callspring"),
            ("SiteId", location.site),
            ("PeerId", location.peer),
            ("PartialAllowed", "false"),
            element("ExistingTelephoneNumberOrderType", element("TelephoneNumberList", ("TelephoneNumber", national))),
        )
        try:
            self._dashboard(credentials).order("/orders", order)
        except Unreachable:
            raise
        except CarrierProblem:
            locations.drop(location)
            raise
        try:
            return _owned(national, *locations.pointing(location))
        except (CarrierProblem, ValueError) as problem:
            raise Unreachable(str(problem), perhaps_done=True) from None

    def configure(self, credentials: Credentials, carrier_number_id: str, webhooks: Webhooks) -> None:
        """See `CarrierApi`. The number moves to the location that has these addresses."""
        national, locations = _named(carrier_number_id), self._locations(credentials)
        with self._dashboards.understood(perhaps_done=True):
            now = self._whereabouts(credentials, national)
            self._move(credentials, national, now, locations.put(webhooks), locations)

    def restore(self, credentials: Credentials, carrier_number_id: str, before: Mapping[str, str | None]) -> None:
        """See `CarrierApi`. The number moves back to the location that it was in."""
        national, locations = _named(carrier_number_id), self._locations(credentials)
        with self._dashboards.understood(perhaps_done=True):
            now = self._whereabouts(credentials, national)
            self._move(credentials, national, now, locations.put_back(before), locations)

    def release(self, credentials: Credentials, carrier_number_id: str) -> None:
        """See `CarrierApi`."""
        national, locations = _named(carrier_number_id), self._locations(credentials)
        with self._dashboards.understood(perhaps_done=True):
            try:
                now = self._whereabouts(credentials, national)
            except NotFound:
                return
            listed = element("TelephoneNumberList", ("TelephoneNumber", national))
            order = element(
                "DisconnectTelephoneNumberOrder",
                ("Name", "Callspring"),
                element("DisconnectTelephoneNumberOrderType", listed),
            )
            self._dashboard(credentials).order("/disconnects", order)
            locations.drop(now)

    def fallback(self, e164: str, destination: str) -> str:
        """See `CarrierApi`. The hosted forward that is the default speaks TwiML, so there is none then."""
        if not destination or self._fallback_url.startswith(_TWIML):
            return ""
        filled = self._fallback_url.replace("{number}", quote(e164, safe=""))
        return filled.replace("{destination}", quote(destination, safe=""))

    def send_text(self, credentials: Credentials, *, sender: str, to: str, body: str, events: str) -> SentText:  # noqa: ARG002
        """See `CarrierApi`. What becomes of it is told to the application of the number's location, not to `events`."""
        if not 0 < len(body) <= LONGEST_TEXT:
            raise Refused("A text has at least one character and at most 1,600.")
        dashboard, locations = self._dashboard(credentials), self._locations(credentials)
        with self._dashboards.understood():
            location = self._whereabouts(credentials, _national(sender))
            application = locations.texting_application(location)
        if not application:
            raise Refused("This number's location at Bandwidth has no messaging application: it cannot send texts.")
        message = {"applicationId": application, "from": sender, "to": [to], "text": body}
        path = f"/api/v2/users/{dashboard.account}/messages"
        with self._messages.understood(perhaps_done=True):
            sent = self._messages.object("POST", path, dashboard.auth, body=message)
            name = identifier(sent["id"])
            if not name:
                raise ValueError("no id")
            return SentText(name, TextState.QUEUED)

    @contextmanager
    def fetch_recording(self, credentials: Credentials, recording_id: str) -> Iterator[Sound]:
        """See `CarrierApi`."""
        path, auth = self._recording(credentials, recording_id)
        asking = self._voice.client.build_request("GET", f"{self._voice.origin}{path}/media")
        with self._voice.answer(asking, auth) as answer:
            content_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
            if content_type in ("application/octet-stream", "binary/octet-stream"):
                content_type = _MP3
            if not re.fullmatch(r"audio/[a-z0-9.+-]{1,40}", content_type):
                raise Unreachable(_MANNER.nonsense)
            yield Sound(content_type, self._voice.bounded(answer.iter_bytes()))

    def delete_recording(self, credentials: Credentials, recording_id: str) -> None:
        """See `CarrierApi`."""
        path, auth = self._recording(credentials, recording_id)
        with suppress(NotFound):
            self._voice.ask("DELETE", path, auth)

    def calls(self, credentials: Credentials, since: float, until: float) -> Iterator[CallSignal]:
        """See `ListsCalls`."""
        dashboard = self._dashboard(credentials)

        def ask(query: Mapping[str, str | int]) -> list[Any]:
            path = f"/api/v2/accounts/{dashboard.account}/calls"
            found = parsed(self._voice.ask("GET", path, dashboard.auth, query=query))
            if not isinstance(found, list):
                raise ValueError("no list")
            return found

        with self._voice.understood():
            listed = call_list.entries(ask, since, until, time.time())
            return iter([*call_list.signals(listed, since, until)])

    # --- inside

    def _dashboard(self, credentials: Credentials) -> Dashboard:
        account = _ACCOUNT.fullmatch(credentials.account)
        if account is None:
            raise Denied("A Bandwidth account is two IDs in digits: the account's, and the sub-account's.")
        try:
            auth: Auth = login(credentials.secret)
        except ValueError:
            raise Denied(_MANNER.denied) from None
        return Dashboard(self._dashboards, auth, account[1], account[2], self._pauses)

    def _locations(self, credentials: Credentials) -> Locations:
        return Locations(self._dashboard(credentials), webhook_pair(credentials.secret))

    def _whereabouts(self, credentials: Credentials, national: str) -> Location:
        """A number's location now. Raises `NotFound` for one that the account does not have."""
        dashboard = self._dashboard(credentials)
        found = dashboard.number(national)
        has = (said_in(found, "AccountId"), said_in(found, "Status").lower())
        if has != (dashboard.account, "inservice"):
            raise NotFound("This account at Bandwidth does not have this number.")
        site, peer = found.find(".//Site"), found.find(".//SipPeer")
        if site is None or peer is None:
            raise ValueError("a number that is nowhere")
        location = Location(said_in(site, "Id"), said_in(peer, "PeerId"), said_in(peer, "PeerName"))
        if not (location.site.isdigit() and location.peer.isdigit()):
            raise ValueError("a number that is nowhere")
        return location

    def _move(self, credentials: Credentials, national: str, now: Location, to: Location, known: Locations) -> None:
        if (now.site, now.peer) == (to.site, to.peer):
            return
        order = element(
            "MoveTnsOrder",
            ("SiteId", to.site),
            ("SipPeerId", to.peer),
            element("TelephoneNumbers", ("TelephoneNumber", national)),
        )
        self._dashboard(credentials).order("/moveTns", order)
        known.drop(now)

    def _recording(self, credentials: Credentials, recording_id: str) -> tuple[str, Auth]:
        dashboard, found = self._dashboard(credentials), _RECORDING.fullmatch(recording_id)
        if found is None:
            raise Refused("Bandwidth has nothing under this name.")
        return f"/api/v2/accounts/{dashboard.account}/calls/{found[1]}/recordings/{found[2]}", dashboard.auth


def _offered(found: Element, kind: str) -> Iterator[Available]:
    """Numbers with their places, or bare, as toll-free ones are."""
    detailed = list(found.iter("TelephoneNumberDetail"))
    for one in detailed:
        yield _available(said_in(one, "FullNumber"), kind, said_in(one, "City", "RateCenter"), said_in(one, "State"))
    for one in [] if detailed else found.iter("TelephoneNumber"):
        yield _available((one.text or "").strip(), kind, "", "")


def _available(national: str, kind: str, town: str, state: str) -> Available:
    e164 = _e164(national)
    where = phonenumbers.region_code_for_number(phonenumbers.parse(e164)) or "US"
    if kind == "toll_free":
        return Available(e164, kind, country="US")
    return Available(e164, kind, clean(town.title(), 80), clean(state, 80), where)


def _owned(national: str, webhooks: Webhooks, before: Mapping[str, str | None]) -> Owned:
    e164 = _e164(national)
    return Owned(e164, e164[1:], e164, can_voice=True, can_text=True, webhooks=webhooks, before=before)


def _e164(national: str) -> str:
    if not _NATIONAL.fullmatch(national):
        raise ValueError("a number that is none")
    return f"+1{national}"


def _national(e164: str) -> str:
    if not _E164.fullmatch(e164):
        raise Refused("Bandwidth has numbers of the United States and Canada here: +1 and ten digits.")
    return e164[2:]


def _named(carrier_number_id: str) -> str:
    """A number's id that we are to ask for: it becomes part of an address."""
    if not _NUMBER.fullmatch(carrier_number_id):
        raise Refused("Bandwidth has nothing under this name.")
    return carrier_number_id[1:]
