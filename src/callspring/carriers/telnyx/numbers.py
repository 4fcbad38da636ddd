"""Numbers as Telnyx lists them, in our words.

Sources: developers.telnyx.com/api-reference (list phone numbers, list phone numbers with messaging settings, list
available phone numbers); `NumbersPhoneNumberDetailed` and `PhoneNumberWithMessagingSettings` of telnyx 4.189.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from callspring.carriers.api import Available, Owned, Refused, Webhooks
from callspring.carriers.outside import clean
from callspring.carriers.outside import e164 as e164_of
from callspring.carriers.rest import text
from callspring.carriers.telnyx.applications import is_ours, voice_addresses

NUMBER_ID = re.compile(r"[0-9]{1,40}")
_Object = Mapping[str, Any]


class Reader:
    """Makes numbers of what is listed. Raises `ValueError` and the like for what is none."""

    def __init__(
        self,
        applications: Mapping[str, Mapping[str, Any]],
        profiles: Mapping[str, Mapping[str, Any]],
        texting: set[str],
    ) -> None:
        self._applications, self._profiles, self._texting = applications, profiles, texting

    def owned(self, found: _Object) -> Owned:
        """One number of the list."""
        number = e164_of(text(found["phone_number"]))
        if not number or not NUMBER_ID.fullmatch(text(found["id"])):
            raise ValueError("a number that is none")
        webhooks, before = self._pointing(found)
        return Owned(
            e164=number,
            carrier_number_id=text(found["id"]),
            label=clean(text(found.get("customer_reference")), 80) or number,
            can_voice=True,
            can_text=number in self._texting,
            webhooks=webhooks,
            before=before,
        )

    def _pointing(self, found: _Object) -> tuple[Webhooks, dict[str, str | None]]:
        connection, profile_id = text(found.get("connection_id")), text(found.get("messaging_profile_id"))
        application, profile = self._applications.get(connection), self._profiles.get(profile_id)
        voice = voice_addresses(application or {})
        texts = text((profile or {}).get("webhook_url"))
        name = text(found.get("connection_name")) or connection
        before: dict[str, str | None] = {}
        if application is not None and is_ours(application.get("friendly_name")):
            before |= voice
        elif connection:
            before["connection_id"] = connection
        if profile is not None and is_ours(profile.get("name")):
            before["webhook_url"] = texts
        elif profile_id:
            before["messaging_profile_id"] = profile_id
        webhooks = Webhooks(
            voice=voice["voice_url"],
            voice_fallback=voice["voice_fallback_url"],
            events=voice["status_callback"],
            text=texts,
            instead=f"connection {name}" if connection and application is None else "",
            text_fallback=text((profile or {}).get("webhook_failover_url")),
        )
        return webhooks, before


def can_text(found: _Object) -> bool:
    """Whether a number's messaging settings let it send and receive texts in its own country."""
    sms = (found.get("features") or {}).get("sms") or {}
    return sms.get("domestic_two_way") is True


def available(found: _Object, country: str, kind: str) -> Available:
    """One number of the shop. Raises `ValueError`."""
    number = e164_of(text(found["phone_number"]))
    if not number:
        raise ValueError("a number that is none")
    places = {one.get("region_type"): text(one.get("region_name")) for one in found.get("region_information") or []}
    town = places.get("location") or (places.get("rate_center") or "").title() if kind == "local" else ""
    return Available(number, kind, clean(town, 80), clean(places.get("state") or "", 80), country)


def country_asked(country: str) -> str:
    """A country that can be searched. Raises `Refused`."""
    if not re.fullmatch(r"[A-Z]{2}", country):
        raise Refused("Telnyx sells no such numbers in this country.")
    return country


def digits_asked(text: str) -> str:
    """Digits that can be searched for. Raises `Refused`."""
    if not re.fullmatch(r"[0-9]{2,15}", text):
        raise Refused("Only digits can be searched for, at least two.")
    return text
