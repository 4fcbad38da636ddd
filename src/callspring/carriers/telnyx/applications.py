"""Where Telnyx sends what happens: TeXML applications have the addresses for calls, messaging profiles those for texts.

A number names one of each. Ours are named after what they hold, so that numbers with the same addresses share them;
those of other people are never changed. Calls go out of an application by an outbound voice profile, without which
nobody could be rung.

Sources: developers.telnyx.com/api-reference (TeXML applications, messaging profiles, outbound voice profiles) and the
models of telnyx 4.189, which the tests hold each request against.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from callspring.carriers.api import Unreachable, Webhooks
from callspring.carriers.exchange import NotFound
from callspring.carriers.rest import text
from callspring.carriers.telnyx.manner import MANNER

_NAME = "Callspring"
_OURS = re.compile(r"Callspring [0-9a-f]{16}")
_VOICE = ("voice_url", "voice_fallback_url", "status_callback")
_APPLICATIONS, _PROFILES, _OUTBOUND = "/v2/texml_applications", "/v2/messaging_profiles", "/v2/outbound_voice_profiles"
_ID = re.compile(r"[0-9A-Za-z-]{1,64}")

Ask = Callable[[str, str, Mapping[str, Any] | None], dict[str, Any]]  # method, path, body → the object that answers
Listed = Callable[[str, Mapping[str, str | int]], Iterator[Mapping[str, Any]]]  # path, query → all entries


class Targets:
    """An account's applications and profiles."""

    def __init__(self, ask: Ask, listed: Listed) -> None:
        self._ask, self._listed = ask, listed

    def applications(self) -> dict[str, Mapping[str, Any]]:
        """All TeXML applications, by their ids."""
        return {an_id(one["id"]): one for one in self._listed(_APPLICATIONS, {})}

    def profiles(self) -> dict[str, Mapping[str, Any]]:
        """All messaging profiles, by their ids."""
        return {an_id(one["id"]): one for one in self._listed(_PROFILES, {})}

    def application(self, addresses: Mapping[str, str], country: str) -> str:
        """The id of ours with these addresses (`voice_addresses`), made where there is none, "" for no addresses."""
        if not addresses["voice_url"]:
            return ""
        name = _named(*(addresses[field] for field in _VOICE))
        for one in self._listed(_APPLICATIONS, {"filter[friendly_name]": name}):
            if one["friendly_name"] == name:
                return self._as_named(one, addresses)
        settings = {
            "friendly_name": name,
            "active": True,
            "voice_method": "post",
            "status_callback_method": "post",
            "inbound": {"shaken_stir_enabled": True},
            "outbound": {"outbound_voice_profile_id": self._outbound(country)},
            **_filled(addresses),
        }
        return self._made(_APPLICATIONS, settings)

    def profile(self, address: str) -> str:
        """The id of our messaging profile with this address, made where there is none, "" for no address."""
        if not address:
            return ""
        name = _named(address)
        for one in self._listed(_PROFILES, {"filter[name][eq]": name}):
            if one["name"] == name:
                if one.get("webhook_url") != address:
                    self._ask("PATCH", f"{_PROFILES}/{an_id(one['id'])}", {"webhook_url": address})
                return an_id(one["id"])
        settings = {
            "name": name,
            "enabled": True,
            "whitelisted_destinations": ["*"],
            "webhook_url": address,
            "webhook_api_version": "2",
        }
        return self._made(_PROFILES, settings)

    def drop_unused(self, application: str, profile: str) -> None:
        """Delete ours that no number names any more."""
        if application and self._is_ours(f"{_APPLICATIONS}/{application}", "friendly_name"):
            numbers = self._listed("/v2/phone_numbers", {"filter[connection_id]": application})
            self._drop(f"{_APPLICATIONS}/{application}", numbers)
        if profile and self._is_ours(f"{_PROFILES}/{profile}", "name"):
            self._drop(f"{_PROFILES}/{profile}", self._listed(f"{_PROFILES}/{profile}/phone_numbers", {}))

    def _as_named(self, one: Mapping[str, Any], addresses: Mapping[str, str]) -> str:
        found = an_id(one["id"])
        if voice_addresses(one) != addresses:
            body = {"friendly_name": one["friendly_name"], **_filled(addresses)}
            self._ask("PATCH", f"{_APPLICATIONS}/{found}", body)
        return found

    def _outbound(self, country: str) -> str:
        """The account's first outbound voice profile, or one that rings where its numbers are."""
        for one in self._listed(_OUTBOUND, {}):
            if one.get("enabled", True):
                return an_id(one["id"])
        destinations = sorted({"US", "CA", *([country] if country else [])})
        return self._made(_OUTBOUND, {"name": _NAME, "whitelisted_destinations": destinations})

    def _made(self, path: str, settings: Mapping[str, Any]) -> str:
        made = self._ask("POST", path, settings)
        try:
            return an_id(made["data"]["id"])
        except (LookupError, TypeError, ValueError):
            raise Unreachable(MANNER.nonsense, perhaps_done=True) from None

    def _is_ours(self, path: str, name: str) -> bool:
        try:
            return bool(_OURS.fullmatch(text(self._ask("GET", path, None)["data"][name])))
        except NotFound:
            return False

    def _drop(self, path: str, numbers: Iterator[object]) -> None:
        if next(numbers, None) is not None:
            return
        try:
            self._ask("DELETE", path, None)
        except NotFound:
            return


def voice_addresses(application: Mapping[str, Any]) -> dict[str, str]:
    """The addresses of an application, in Telnyx's words; "" for none."""
    return {field: text(application.get(field)) for field in _VOICE}


def wanted(webhooks: Webhooks) -> dict[str, str]:
    """The addresses that a number is to have, in Telnyx's words."""
    fallback = webhooks.voice_fallback if webhooks.voice else ""
    return {"voice_url": webhooks.voice, "voice_fallback_url": fallback, "status_callback": webhooks.events}


def is_ours(name: Any) -> bool:
    """Whether an application or a profile of this name is one that we made."""
    return isinstance(name, str) and _OURS.fullmatch(name) is not None


def an_id(value: Any) -> str:
    """An id in an answer: a long number or a UUID. Raises `ValueError`."""
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise ValueError("no id")
    return value


def _named(*addresses: str) -> str:
    return f"{_NAME} {hashlib.sha256(chr(10).join(addresses).encode()).hexdigest()[:16]}"


def _filled(addresses: Mapping[str, str]) -> dict[str, str]:
    return {field: address for field, address in addresses.items() if address}
