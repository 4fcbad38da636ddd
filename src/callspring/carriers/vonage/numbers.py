"""Numbers as Vonage's Numbers API has them: a country, digits without a plus, and a link to an application."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import phonenumbers
from phonenumbers import geocoder

from callspring.carriers.api import Available, Owned, Refused, Webhooks
from callspring.carriers.outside import clean, e164
from callspring.carriers.rest import text
from callspring.carriers.vonage.applications import Application

_ID = re.compile(r"([A-Z]{2})([1-9][0-9]{6,14})")
_DIGITS = re.compile(r"[0-9]{2,15}")
_TOLL_FREE = "landline-toll-free"
# What one number's configuration is, in Vonage's names. The others are those of the application that we made for it.
_FIELDS = ("app_id", "voiceCallbackType", "voiceCallbackValue", "moHttpUrl")
_ADDRESSES = ("answer_url", "fallback_answer_url", "event_url", "inbound_url")
_SENT_ELSEWHERE = frozenset({"sip", "tel", "vxml"})


def id_of(number: str) -> str:
    """Our id of a number (E.164) at Vonage: its country and its digits. Raises `Refused` for what is none."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        raise Refused("This is no telephone number.") from None
    country = phonenumbers.region_code_for_number(parsed) or ""
    if not re.fullmatch(r"[A-Z]{2}", country):
        country = phonenumbers.region_code_for_country_code(parsed.country_code or 0)
    return country + number.lstrip("+")


def digits_of(number_id: str) -> str:
    """The digits in an id. Raises `Refused` for what is none."""
    found = _ID.fullmatch(number_id)
    if found is None:
        raise Refused("Vonage has nothing under this name.")
    return found[2]


def is_named(found: Any, number_id: str) -> bool:
    """Whether this is the number with this id."""
    return bool(f"{found['country']}{found['msisdn']}" == number_id)


def linked(found: Any) -> str:
    """The application that a number is linked to, "" for none."""
    return text(found.get("app_id") or found.get("messagesCallbackValue"))


def asked(country: str, kind: str, area_code: str, contains: str) -> dict[str, str | int]:
    """What is searched for. Raises `Refused`."""
    if not re.fullmatch(r"[A-Z]{2}", country):
        raise Refused("Vonage sells no such numbers in this country.")
    for given in (area_code, contains):
        if given and not _DIGITS.fullmatch(given):
            raise Refused("Give at least two digits to search for, and digits only.")
    wanted: dict[str, str | int] = {"country": country, "features": "VOICE"}
    if kind == "toll_free":
        wanted["type"] = _TOLL_FREE
    if contains:
        return {**wanted, "pattern": contains, "search_pattern": 1}
    if area_code:
        beginning = f"{phonenumbers.country_code_for_region(country)}{area_code}"
        return {**wanted, "pattern": beginning, "search_pattern": 0}
    return wanted


def available(found: Any, kind: str) -> Available | None:
    """An offer; None for one of another kind. Vonage names no town, so it is the one that the number itself names."""
    number = e164("+" + text(found["msisdn"]))
    if not number:
        raise ValueError("a number that is none")
    if (found.get("type") == _TOLL_FREE) != (kind == "toll_free"):
        return None
    country = clean(text(found["country"]), 2)
    if kind == "toll_free":
        return Available(number, kind, country=country)
    place = geocoder.description_for_valid_number(phonenumbers.parse(number), "en")
    town, _, region = place.partition(", ")
    return Available(number, kind, clean(town, 80), clean(region, 80), country)


def owned(found: Any, application: Application | None) -> Owned:
    """A number of the account, linked to this application."""
    digits = text(found["msisdn"])
    number, able = e164("+" + digits), found.get("features") or []
    if not number or not _ID.fullmatch(f"{found['country']}{digits}"):
        raise ValueError("a number that is none")
    ours = application is not None and application.is_of(digits)
    return Owned(
        e164=number,
        carrier_number_id=f"{found['country']}{digits}",
        label=clean(text(found.get("type")), 80),
        can_voice="VOICE" in able,
        can_text="SMS" in able,
        webhooks=application.webhooks if application is not None and ours else _elsewhere(found, application),
        before=_before(found, application if ours else None),
    )


def webhooks_before(before: Mapping[str, str | None]) -> Webhooks:
    """The addresses of the application that we had made for it, none where it was linked to something else."""
    voice, fallback, events, texts = (before.get(name) or "" for name in _ADDRESSES)
    return Webhooks(voice, fallback, events, texts)


def fields_before(before: Mapping[str, str | None]) -> dict[str, str]:
    """What the number itself was set to."""
    return {name: value for name in _FIELDS if (value := before.get(name))}


def _before(found: Any, ours: Application | None) -> dict[str, str]:
    if ours is None:
        own = {**found, "app_id": linked(found)}
        return {name: text(own.get(name)) for name in _FIELDS} | dict.fromkeys(_ADDRESSES, "")
    had = ours.webhooks
    addresses = (had.voice, had.voice_fallback, had.events, had.text)
    return dict.fromkeys(_FIELDS, "") | dict(zip(_ADDRESSES, addresses, strict=True))


def _elsewhere(found: Any, application: Application | None) -> Webhooks:
    """Where the number goes without us."""
    sent, texts = text(found.get("voiceCallbackType")), text(found.get("moHttpUrl"))
    if sent in _SENT_ELSEWHERE:
        return Webhooks(text=texts, instead=f"{sent} {text(found.get('voiceCallbackValue'))}".strip())
    if application is None:
        return Webhooks(text=texts)
    return Webhooks(text=texts, instead=f"application {clean(application.name, 80) or application.id}")
