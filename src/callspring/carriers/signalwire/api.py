"""SignalWire's compatibility API behind our protocol; the shapes are those of `callspring.carriers.form_api`.

Sources: SignalWire's compatibility API reference (its OpenAPI: accounts, available and incoming phone numbers,
messages, recordings), its error codes, paging.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import phonenumbers

from callspring.carriers.api import CarrierApi, Credentials, Denied
from callspring.carriers.form_api import FormApi
from callspring.carriers.form_transport import Transport, Wording
from callspring.carriers.signalwire.secret import api_token, signing_key
from callspring.config import Config

_PREFIX = "/api/laml"
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# A space's host is a name below signalwire.com and nothing else: the API token goes there.
_ACCOUNT = re.compile(
    r"(?:https://)?([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)(?:\.signalwire\.com)?/+([0-9a-f-]{36})/*", re.IGNORECASE
)
_SECRET = re.compile(r"[!-9;-~]{1,150}")  # no colon

_WORDING = Wording(
    name="SignalWire",
    denied="SignalWire does not accept this project and API token, or the token may not do this: in your space's "
    "dashboard, API, give it the scopes Voice, Messaging, Numbers and Management.",
    reasons={
        4001: "The balance at SignalWire is too low for this. Top it up in your space's dashboard.",
        10001: "This is not switched on for your space at SignalWire. Its dashboard or its support says how.",
        20010: "SignalWire has switched this off for your space. Its dashboard or its support says why.",
        21210: "This number cannot send texts: it is not one of this project's.",
        21219: "A trial space at SignalWire reaches verified numbers only. Upgrade it in its dashboard.",
        21601: "This number cannot send texts to that one.",
        21610: "This person has asked for no more texts by answering STOP. A text from them with START lifts that.",
        21614: "This number cannot receive texts; it is probably a landline.",
        21617: "This text is too long: 1,600 characters is the most.",
        21717: "US networks take texts only from numbers in a registered campaign: your space's dashboard, Messaging.",
        22121: "SignalWire takes a number back only some days after it was bought. Try again later.",
        30002: "The balance at SignalWire is too low for this. Top it up in your space's dashboard.",
    },
    refusal="{said} (error {code}).",
)
_HOW = (
    "A SignalWire account is written as your space's address and the project ID, with a slash between them: "
    "example.signalwire.com/b3877c40-… Both stand in your space's dashboard, API."
)
_BOTH = (
    "SignalWire takes two secrets, with a colon between them: the API token (PT…), then the signing key. "
    "Both stand in your space's dashboard, API."
)


def make_api(config: Config) -> CarrierApi:
    """SignalWire as `CALLSPRING_CARRIER_APIS` and `CALLSPRING_FALLBACK_URL` say."""
    return SignalWireApi(config.carrier_apis.get("signalwire", ""), config.fallback_url)


class SignalWireApi(FormApi):
    """See `CarrierApi`. `origin` stands in for every space's own address, "" for those themselves."""

    wording = _WORDING
    page_size, most_pages = 50, 200  # 50 is the page of the documentation; no larger one is promised

    def __init__(self, origin: str, fallback_url: str) -> None:
        super().__init__(fallback_url, official=not origin)
        self._origin = origin

    def _login(self, credentials: Credentials) -> tuple[Transport, str, str]:
        found = _ACCOUNT.fullmatch(credentials.account)
        if found is None or not _UUID.fullmatch(found[2].lower()):
            raise Denied(_HOW)
        token = api_token(credentials.secret)
        if not _SECRET.fullmatch(token) or not _SECRET.fullmatch(signing_key(credentials.secret)):
            raise Denied(_BOTH)
        origin = self._origin or f"https://{found[1].lower()}.signalwire.com"
        return Transport(self.wording, origin, self._client, _PREFIX), found[2].lower(), token

    def _is_id(self, text: str, kind: str) -> bool:  # noqa: ARG002 - here ids do not say of what they are
        return bool(_UUID.fullmatch(text))

    def _search_limit(self, count: int) -> dict[str, int]:  # noqa: ARG002 - searches have no pages here
        return {}

    def _beginning(self, country: str, area_code: str) -> str:
        return f"{phonenumbers.country_code_for_region(country)}{area_code}"  # digits and letters only

    def _bought_with(self, fields: Mapping[str, str]) -> Mapping[str, str]:
        return {name: value for name, value in fields.items() if value}

    def _change(self, number: Any, fields: Mapping[str, str]) -> None:
        """Only what has a value is emptied: to "empty" an application that is not set is an unknown application."""
        now = number.fetch()
        number.update(**{name: value for name, value in fields.items() if value or getattr(now, name)})
