"""Twilio's REST API behind our protocol; the shapes are those of `callspring.carriers.form_api`.

The tests hold it against Twilio's OpenAPI (twilio-oai, api_v2010).
"""

from __future__ import annotations

import re

from callspring.carriers.api import CarrierApi, Credentials, Denied
from callspring.carriers.form_api import FormApi
from callspring.carriers.form_transport import Transport, Wording
from callspring.config import Config

OFFICIAL = "https://api.twilio.com"
_SID = re.compile(r"[A-Z]{2}[0-9a-fA-F]{32}")
_SECRET = re.compile(r"[!-~]{1,200}")

_OF_THE_LAW = (21613, 21615, 21631, 21649, 21650, 21651)

_WORDING = Wording(
    name="Twilio",
    denied="Twilio does not accept this account SID and auth token. Copy both anew from Twilio's console.",
    # Twilio's error codes that people meet here; of any other its own sentence is passed on.
    reasons={
        10002: "Twilio's trial accounts cannot do this. Upgrade the account in Twilio's console.",
        20005: "This account is suspended or closed at Twilio. Twilio's console says why.",
        21408: "Texts to this country are not switched on: Twilio's console, Messaging, Geo permissions.",
        21422: "Somebody else has this number now.",
        21606: "This number cannot send texts to that one.",
        21608: "A trial account at Twilio sends texts to verified numbers only. Upgrade the account in its console.",
        21610: "This person has asked for no more texts by answering STOP. A text from them with START lifts that.",
        21612: "Twilio cannot deliver texts from this number to that one.",
        21614: "This number cannot receive texts; it is probably a landline.",
        21617: "This text is too long: 1,600 characters is the most.",
        **dict.fromkeys(
            _OF_THE_LAW,
            "The law of this number's country asks who will use it. Give Twilio an address in its console, then try "
            "again.",
        ),
    },
    refusal="{said}. (twilio.com/docs/errors/{code})",
    quoted=frozenset(_OF_THE_LAW),
)


def make_api(config: Config) -> CarrierApi:
    """Twilio as `CALLSPRING_CARRIER_APIS` and `CALLSPRING_FALLBACK_URL` say."""
    return TwilioApi(config.carrier_apis.get("twilio", OFFICIAL), config.fallback_url)


class TwilioApi(FormApi):
    """See `CarrierApi`. `origin` is where the API is; `fallback_url` has `{number}` and `{destination}` in it."""

    wording = _WORDING

    def __init__(self, origin: str, fallback_url: str) -> None:
        super().__init__(fallback_url, official=origin == OFFICIAL)
        self._transport = Transport(self.wording, origin, self._client)

    def _login(self, credentials: Credentials) -> tuple[Transport, str, str]:
        account, secret = credentials.account, credentials.secret
        if not self._is_id(account, "AC"):
            raise Denied("A Twilio account SID is AC with 32 letters and digits. The console's first page shows it.")
        if not _SECRET.fullmatch(secret):
            raise Denied(self.wording.denied)
        return self._transport, account, secret

    def _is_id(self, text: str, kind: str) -> bool:
        return bool(_SID.fullmatch(text)) and text.startswith(kind)
