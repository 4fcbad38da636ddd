"""Vonage's REST APIs behind our protocol: Numbers, Application, Messages, Voice, Media.

Sources: Vonage's OpenAPI documents (Nexmo/api-specification: numbers, application.v2, voice, media; Messages version 1)
and developer.vonage.com/en/api/{numbers,application.v2,messages,voice}. A number's id is its country and its digits,
`US13125550100`: Vonage asks for both everywhere. A recording's is its application's and its file's, 32 letters each.
"""

from __future__ import annotations

import re
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from callspring.carriers.api import (
    Available,
    CarrierApi,
    CarrierProblem,
    Credentials,
    Denied,
    NotOffered,
    Owned,
    Refused,
    SentText,
    Sound,
    Unreachable,
    Webhooks,
)
from callspring.carriers.contract import CallSignal, TextState
from callspring.carriers.exchange import NotFound, http_client, parsed
from callspring.carriers.outside import identifier
from callspring.carriers.rest import Auth, Rest
from callspring.carriers.vonage import keys, numbers
from callspring.carriers.vonage.applications import Application, Applications
from callspring.carriers.vonage.calls import signals
from callspring.carriers.vonage.manner import MANNER
from callspring.carriers.vonage.secret import api_secret, signature_secret
from callspring.config import Config

API, REST = "https://api.nexmo.com", "https://rest.nexmo.com"
LONGEST_TEXT = 1_000  # characters (Messages API, `text` of an SMS)
_ACCOUNT, _SECRET = re.compile(r"[0-9A-Za-z]{4,32}"), re.compile(r"[!-9;-~]{1,200}")
_RECORDING = re.compile(r"([0-9a-f]{32})([0-9a-f]{32})")
_PAGE, _MOST_PAGES = 100, 100
_MOST_APPLICATIONS = 200  # whose calls are asked for one after the other
_TWIML = "twimlets.com"  # Vonage does not understand what stands there


_HOW = "A Vonage API key has eight digits and letters. It stands on the first page of Vonage's dashboard."
_BOTH = (
    "Vonage takes two secrets, with a colon between them: the API secret, then the signature secret. Both stand in "
    "Vonage's dashboard, the second under API settings."
)


def make_api(config: Config) -> CarrierApi:
    """Vonage as `CALLSPRING_CARRIER_APIS` and `CALLSPRING_FALLBACK_URL` say."""
    return VonageApi(config.carrier_apis.get("vonage", ""), config.fallback_url, config.var)


class VonageApi:
    """See `CarrierApi` and `ListsCalls`. `origin` stands in for both of Vonage's hosts, "" for those themselves."""

    def __init__(self, origin: str, fallback_url: str, var: Path) -> None:
        self._fallback_url, self._var = fallback_url, var
        client = http_client(official=not origin)
        self._api, self._rest = Rest(MANNER, origin or API, client), Rest(MANNER, origin or REST, client)
        weakref.finalize(self, client.close)

    @cached_property
    def _private(self) -> str:
        return keys.private_key(self._var)

    def check(self, credentials: Credentials) -> str:
        """See `CarrierApi`. Vonage has no name for an account but its key."""
        self._api.object("GET", "/v2/applications", _login(credentials), query={"page_size": 1, "page": 1})
        return credentials.account

    def numbers(self, credentials: Credentials) -> list[Owned]:
        """See `CarrierApi`."""
        with self._api.understood():
            applications = self._applications(credentials).all()
            return [numbers.owned(found, applications.get(numbers.linked(found))) for found in self._all(credentials)]

    def search(
        self, credentials: Credentials, *, country: str, kind: str, area_code: str = "", contains: str = "", count: int
    ) -> list[Available]:
        """See `CarrierApi`."""
        asked = numbers.asked(country, kind, area_code, contains)
        found: list[Available] = []
        with self._rest.understood():
            for one in self._pages(credentials, "/number/search", asked, pages=max(1, -(-count // _PAGE)) + 1):
                offered = numbers.available(one, kind)
                if offered is not None:
                    found.append(offered)
                if len(found) >= count:
                    break
        return found[:count]

    def buy(self, credentials: Credentials, e164: str, webhooks: Webhooks) -> Owned:
        """See `CarrierApi`: bought, then linked to an application."""
        number_id = numbers.id_of(e164)
        self._post(credentials, "/number/buy", number_id, {})
        try:
            self.configure(credentials, number_id, webhooks)
            return self._owned(credentials, number_id)
        except CarrierProblem as problem:
            raise Unreachable(f"Bought, and not set up: {problem}", perhaps_done=True) from None

    def configure(self, credentials: Credentials, carrier_number_id: str, webhooks: Webhooks) -> None:
        """See `CarrierApi`. An application of somebody else's is left as it is; the number is linked to ours."""
        with self._api.understood(perhaps_done=True):
            applications = self._applications(credentials)
            _number, linked = self._found(credentials, applications, carrier_number_id)
            own = _own(linked, carrier_number_id)
            if webhooks == Webhooks(instead=webhooks.instead):
                self._unlink(credentials, carrier_number_id, {}, applications, own)
                return
            name = applications.put(own, numbers.digits_of(carrier_number_id), webhooks)
            if own is None:
                self._link(credentials, carrier_number_id, applications, name)

    def restore(self, credentials: Credentials, carrier_number_id: str, before: Mapping[str, str | None]) -> None:
        """See `CarrierApi`."""
        was = numbers.webhooks_before(before)
        if was != Webhooks():
            self.configure(credentials, carrier_number_id, was)
            return
        with self._api.understood(perhaps_done=True):
            applications = self._applications(credentials)
            _number, linked = self._found(credentials, applications, carrier_number_id)
            fields = numbers.fields_before(before)
            self._unlink(credentials, carrier_number_id, fields, applications, _own(linked, carrier_number_id))

    def release(self, credentials: Credentials, carrier_number_id: str) -> None:
        """See `CarrierApi`."""
        with self._api.understood(perhaps_done=True):
            applications = self._applications(credentials)
            try:
                _number, linked = self._found(credentials, applications, carrier_number_id)
            except NotFound:
                return
            self._post(credentials, "/number/cancel", carrier_number_id, {})
            if own := _own(linked, carrier_number_id):
                applications.drop(own)

    def fallback(self, e164: str, destination: str) -> str:
        """See `CarrierApi`: the document that `callspring export fallback` writes; a TwiML one is of no use."""
        if not destination or urlsplit(self._fallback_url).hostname in ("", None, _TWIML):
            return ""
        filled = self._fallback_url.replace("{number}", quote(e164, safe=""))
        filled = filled.replace("{destination}", quote(destination, safe=""))
        return filled.removesuffix(".xml") + ".json" if filled.endswith(".xml") else filled

    def send_text(self, credentials: Credentials, *, sender: str, to: str, body: str, events: str) -> SentText:
        """See `CarrierApi`."""
        if not 0 < len(body) <= LONGEST_TEXT:
            raise Refused("A text has at least one character, and at Vonage at most 1,000.")
        said = {
            "channel": "sms",
            "message_type": "text",
            "to": to.lstrip("+"),
            "from": sender.lstrip("+"),
            "text": body,
        }
        told = {"webhook_url": events, "webhook_version": "v1"} if events else {}
        with self._api.understood(perhaps_done=True):
            sent = self._api.object("POST", "/v1/messages", _login(credentials), body={**said, **told})
            name = identifier(sent["message_uuid"])
            if not name:
                raise ValueError("no id of a message")
            return SentText(name, TextState.QUEUED)

    @contextmanager
    def fetch_recording(self, credentials: Credentials, recording_id: str) -> Iterator[Sound]:
        """See `CarrierApi`. The address is made from the id; what a webhook called it is of no account."""
        application, file = self._recording(credentials, recording_id)
        asking = self._signed("GET", f"/v1/files/{file}", application)
        with self._api.answer(asking, None) as answer:
            given = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
            content_type = "audio/mpeg" if given == "application/octet-stream" else given
            if not re.fullmatch(r"audio/[a-z0-9.+-]{1,40}", content_type):
                raise Unreachable(MANNER.nonsense)
            yield Sound(content_type, self._api.bounded(answer.iter_bytes()))

    def delete_recording(self, credentials: Credentials, recording_id: str) -> None:
        """See `CarrierApi`. Recordings are media items."""
        application, file = self._recording(credentials, recording_id)
        with suppress(NotFound), self._api.answer(self._signed("DELETE", f"/v3/media/{file}", application), None):
            return

    def calls(self, credentials: Credentials, since: float, until: float) -> Iterator[CallSignal]:
        """See `ListsCalls`. A token is one application's, so each of ours is asked."""
        with self._api.understood():
            applications = self._applications(credentials)
            ours = applications.ours()
            if len(ours) > _MOST_APPLICATIONS:
                raise NotOffered("Vonage lists the calls of one number at a time, and these are too many numbers.")
            entries = [entry for one in ours for entry in self._listed(applications.keyed(one), since, until)]
            return iter([*signals(entries, since, until)])

    def _listed(self, application: str, since: float, until: float) -> Iterator[Any]:
        # Legs may be rung a while after their call came in.
        last = datetime.fromtimestamp(until, UTC) + timedelta(hours=1)
        asked = {"date_start": _iso(datetime.fromtimestamp(since, UTC)), "date_end": _iso(last), "order": "asc"}
        for page in range(_MOST_PAGES):
            query = {**asked, "page_size": _PAGE, "record_index": page * _PAGE}
            with self._api.answer(self._signed("GET", "/v1/calls", application, query), None) as answer:
                found = parsed(b"".join(self._api.bounded(answer.iter_bytes())))
            yield from found["_embedded"]["calls"]
            if (page + 1) * _PAGE >= int(found["count"]):
                return
        raise ValueError("pages without end")

    def _recording(self, credentials: Credentials, recording_id: str) -> tuple[str, str]:
        """The application, which is one of this account's, and the file. `Refused` for what is no recording."""
        named = _RECORDING.fullmatch(recording_id)
        auth = _login(credentials)
        if named is None:
            raise Refused("Vonage has nothing under this name.")
        with self._api.understood():
            return Applications(self._api, auth, self._public).opened(_uuid(named[1])), _uuid(named[2])

    @cached_property
    def _public(self) -> str:
        return keys.public_key(self._private)

    def _signed(
        self, method: str, path: str, application: str, query: Mapping[str, Any] | None = None
    ) -> httpx.Request:
        headers = {"Authorization": f"Bearer {keys.token(application, self._private)}"}
        return self._api.client.build_request(method, self._api.origin + path, params=query, headers=headers)

    def _applications(self, credentials: Credentials) -> Applications:
        return Applications(self._api, _login(credentials), self._public)

    def _found(
        self, credentials: Credentials, applications: Applications, number_id: str
    ) -> tuple[Any, Application | None]:
        """A number of the account, and the application that it is linked to. Raises `NotFound`."""
        digits = numbers.digits_of(number_id)
        for one in self._pages(credentials, "/account/numbers", {"pattern": digits, "search_pattern": 0}, pages=2):
            if numbers.is_named(one, number_id):
                linked = numbers.linked(one)
                return one, applications.get(linked) if linked else None
        raise NotFound("This account at Vonage does not have this number any more.")

    def _owned(self, credentials: Credentials, number_id: str) -> Owned:
        with self._api.understood(perhaps_done=True):
            return numbers.owned(*self._found(credentials, self._applications(credentials), number_id))

    def _link(self, credentials: Credentials, number_id: str, applications: Applications, name: str) -> None:
        """To an application that was just made; where that fails, it is not left behind."""
        try:
            self._post(credentials, "/number/update", number_id, {"app_id": name})
        except Refused:
            with suppress(CarrierProblem):
                applications.drop(Application(name, "", "", Webhooks()))
            raise

    def _unlink(
        self,
        credentials: Credentials,
        number_id: str,
        fields: Mapping[str, str],
        applications: Applications,
        own: Application | None,
    ) -> None:
        """An update that names no application takes the number out of the one it was in."""
        self._post(credentials, "/number/update", number_id, fields)
        if own is not None:
            applications.drop(own)

    def _all(self, credentials: Credentials) -> Iterator[Any]:
        return self._pages(credentials, "/account/numbers", {}, pages=_MOST_PAGES)

    def _pages(self, credentials: Credentials, path: str, asked: Mapping[str, Any], *, pages: int) -> Iterator[Any]:
        """At most so many pages; an account or a country without numbers answers with nothing at all."""
        auth, seen = _login(credentials), 0
        for index in range(1, pages + 1):
            found = self._rest.object("GET", path, auth, query={**asked, "size": _PAGE, "index": index})
            listed = found.get("numbers", [])
            seen += len(listed)
            yield from listed
            if not listed or seen >= int(found.get("count", 0)):
                return
        if pages == _MOST_PAGES:
            raise ValueError("pages without end")

    def _post(self, credentials: Credentials, path: str, number_id: str, fields: Mapping[str, str]) -> None:
        """The Numbers API takes forms, and says in its answer too whether it did what was asked."""
        form = {"country": number_id[:2], "msisdn": numbers.digits_of(number_id), **fields}
        headers = {"Accept": "application/json"}
        asking = self._rest.client.build_request("POST", self._rest.origin + path, data=form, headers=headers)
        auth: Auth = _login(credentials)
        with self._rest.answer(asking, auth) as answer:
            said = parsed(b"".join(self._rest.bounded(answer.iter_bytes())))
        code = str(said.get("error-code", "")) if isinstance(said, dict) else ""
        if code == "200":
            return
        if code == "401":
            raise Denied(MANNER.denied)
        if not code:
            raise Unreachable(MANNER.nonsense, perhaps_done=True)
        raise Refused(self._rest.reason(code, str(said.get("error-code-label", ""))[:300]))


def _login(credentials: Credentials) -> Auth:
    if not _ACCOUNT.fullmatch(credentials.account):
        raise Denied(_HOW)
    secret = api_secret(credentials.secret)
    if not _SECRET.fullmatch(secret) or not _SECRET.fullmatch(signature_secret(credentials.secret)):
        raise Denied(_BOTH)
    return credentials.account, secret


def _own(linked: Application | None, number_id: str) -> Application | None:
    return linked if linked is not None and linked.is_of(numbers.digits_of(number_id)) else None


def _uuid(letters: str) -> str:
    return "-".join((letters[:8], letters[8:12], letters[12:16], letters[16:20], letters[20:]))


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
