"""The locations ("SIP peers") of an account: at Bandwidth they have the addresses, by naming two applications.

Numbers with the same addresses share a location of ours, whose name is made of these addresses; it and its applications
are made when they are first wanted, and deleted when the last number has left.

Sources: dev.bandwidth.com/docs/account (setup: applications, sub-accounts, locations), /apis/numbers.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from callspring.carriers.api import CarrierProblem, Refused, Webhooks
from callspring.carriers.bandwidth.dashboard import Dashboard, element, said_in
from callspring.carriers.exchange import NotFound

_OURS = "callspring-"
_TEXT, _TEXT_EVENTS = "/text", "/text-events"
_ZONES = tuple((f"Zone{zone}", "true" if zone == 1 else "false") for zone in range(1, 6))


@dataclass(frozen=True, slots=True)
class Location:
    """Where numbers are: a location of a sub-account, by their ids."""

    site: str
    peer: str
    name: str = ""

    @property
    def path(self) -> str:
        """Below the account."""
        return f"/sites/{self.site}/sippeers/{self.peer}"

    @property
    def is_ours(self) -> bool:
        """Whether we made it."""
        return self.name.startswith(_OURS)


class Locations:
    """An account's locations and applications. `pair` is what our applications' webhooks bring."""

    def __init__(self, dashboard: Dashboard, pair: tuple[str, str]) -> None:
        self._ask, self._pair = dashboard, pair
        self._applications: dict[str, Element] | None = None

    def all(self) -> Iterator[Location]:
        """Every location of every sub-account."""
        for site in self._ask.get("/sites").iter("Site"):
            yield from self._of(_id(site, "Id"))

    def numbers(self, location: Location) -> list[str]:
        """The numbers in a location, ten digits each."""
        try:
            found = self._ask.get(f"{location.path}/tns")
        except NotFound:
            return []
        return [(one.text or "").strip() for one in found.iter("FullNumber")]

    def pointing(self, location: Location) -> tuple[Webhooks, dict[str, str | None]]:
        """Where a location's numbers turn to, and what `put_back` brings them back to."""
        voice, texts = self._voice(location), self._texting(location)
        webhooks = self._webhooks(location, voice, texts)
        if location.is_ours:
            return webhooks, {
                "voice": webhooks.voice,
                "voice_fallback": webhooks.voice_fallback,
                "events": webhooks.events,
                "text": webhooks.text,
            }
        return webhooks, {"site_id": location.site, "peer_id": location.peer}

    def texting_application(self, location: Location) -> str:
        """The application that texts from a location are sent with, by its id; "" for none."""
        return self._named(f"{location.path}/products/messaging/applicationSettings", "HttpMessagingV2AppId")

    def put(self, webhooks: Webhooks) -> Location:
        """Ours for these addresses; made where there is none."""
        name = self._name(webhooks)
        location = self._find(name)
        if location is None:
            peer = element("SipPeer", ("PeerName", name), ("IsDefaultPeer", "false"))
            self._ask.send("POST", f"/sites/{self._ask.site}/sippeers", peer)
            location = self._find(name)
        if location is None:
            raise Refused("Bandwidth has not made a location for these numbers. Try again in a minute.")
        if self.pointing(location)[0] != webhooks:
            self._equip(location, webhooks)
        return location

    def put_back(self, before: Mapping[str, str | None]) -> Location:
        """Where a number was before."""
        site, peer = before.get("site_id") or "", before.get("peer_id") or ""
        if site.isdigit() and peer.isdigit():
            return Location(site, peer)
        names = ("voice", "voice_fallback", "events", "text")
        return self.put(Webhooks(**{name: before.get(name) or "" for name in names}))

    def drop(self, location: Location) -> None:
        """Delete ours where it is empty, and its applications; leave it where that does not work."""
        if not location.is_ours:
            return
        with suppress(CarrierProblem):
            if self.numbers(location):
                return
            self._ask.send("DELETE", location.path)
            for application in self._applications_now().values():
                if said_in(application, "AppName") == location.name:
                    self._ask.send("DELETE", f"/applications/{_id(application, 'ApplicationId')}")

    # --- locations

    def _of(self, site: str) -> Iterator[Location]:
        for peer in self._ask.get(f"/sites/{site}/sippeers").iter("SipPeer"):
            yield Location(site, _id(peer, "PeerId"), said_in(peer, "PeerName"))

    def _find(self, name: str) -> Location | None:
        return next((one for one in self._of(self._ask.site) if one.name == name), None)

    def _name(self, webhooks: Webhooks) -> str:
        told = [webhooks.voice, webhooks.voice_fallback, webhooks.events, webhooks.text, self._pair[0]]
        return _OURS + hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]

    def _equip(self, location: Location, webhooks: Webhooks) -> None:
        if webhooks.voice or webhooks.events:
            application = self._application(location.name, "Voice-V2", self._voice_addresses(webhooks))
            settings = element(
                "SipPeerOriginationSettings",
                ("VoiceProtocol", "HTTP"),
                element("HttpSettings", ("HttpVoiceV2AppId", application)),
            )
            path = f"{location.path}/products/origination/settings"
            self._ask.send("PUT" if self._named(path, "VoiceProtocol") else "POST", path, settings)
        if webhooks.text:
            with suppress(Refused):  # an account without texts takes calls all the same
                self._equip_for_texts(location, webhooks)

    def _equip_for_texts(self, location: Location, webhooks: Webhooks) -> None:
        features = f"{location.path}/products/messaging/features"
        settings = element(
            "SipPeerSmsFeatureSettings",
            ("TollFree", "true"),
            ("ShortCode", "false"),
            ("Protocol", "HTTP"),
            *_ZONES,
        )
        if not self._named(f"{features}/sms", "Protocol"):
            self._ask.send("POST", f"{features}/sms", element("SipPeerSmsFeature", settings, element("HttpSettings")))
        if not self._named(f"{features}/mms", "Protocol"):
            protocols = element("Protocols", element("HTTP", element("HttpSettings")))
            mms = element("MmsFeature", element("MmsSettings", ("Protocol", "HTTP")), protocols)
            self._ask.send("POST", f"{features}/mms", mms)
        application = self._application(location.name, "Messaging-V2", self._text_addresses(webhooks))
        named = element("ApplicationsSettings", ("HttpMessagingV2AppId", application))
        self._ask.send("PUT", f"{location.path}/products/messaging/applicationSettings", named)

    def _named(self, path: str, name: str) -> str:
        try:
            return said_in(self._ask.get(path), name)
        except NotFound:
            return ""

    # --- applications

    def _applications_now(self) -> dict[str, Element]:
        if self._applications is None:
            found = self._ask.get("/applications").iter("Application")
            self._applications = {_id(one, "ApplicationId"): one for one in found}
        return self._applications

    def _application(self, name: str, kind: str, addresses: list[Element | tuple[str, str]]) -> str:
        """Ours of this name; it is made once, for another address makes another name."""
        for known, one in self._applications_now().items():
            if (said_in(one, "AppName"), said_in(one, "ServiceType")) == (name, kind):
                return known
        made = self._ask.send(
            "POST", "/applications", element("Application", ("ServiceType", kind), ("AppName", name), *addresses)
        )
        self._applications = None
        with self._ask.rest.understood(perhaps_done=True):
            if made is None:
                raise ValueError("an application without a name")
            return _id(made, "ApplicationId")

    def _creds(self, name: str) -> Element:
        return element(name, ("UserId", self._pair[0]), ("Password", self._pair[1]))

    def _voice_addresses(self, webhooks: Webhooks) -> list[Element | tuple[str, str]]:
        fallback: list[Element | tuple[str, str]] = [
            ("CallInitiatedFallbackUrl", webhooks.voice_fallback),
            # A document that somebody just keeps somewhere is served to GET.
            ("CallInitiatedFallbackMethod", "GET"),
        ]
        return [
            ("CallInitiatedCallbackUrl", webhooks.voice),
            ("CallInitiatedMethod", "POST"),
            ("CallStatusCallbackUrl", webhooks.events),
            ("CallStatusMethod", "POST"),
            self._creds("CallbackCreds"),
            *(fallback if webhooks.voice_fallback else []),
        ]

    def _text_addresses(self, webhooks: Webhooks) -> list[Element | tuple[str, str]]:
        """What becomes of our texts is told to an address beside the one for texts that come in."""
        base = webhooks.text.removesuffix(_TEXT) if webhooks.text.endswith(_TEXT) else ""
        outbound = base + _TEXT_EVENTS if base else webhooks.text
        wanted = ("message-sending", "message-sent", "message-delivered", "message-failed")
        return [
            ("InboundCallbackUrl", webhooks.text),
            self._creds("InboundCallbackCreds"),
            ("OutboundCallbackUrl", outbound),
            self._creds("OutboundCallbackCreds"),
            element("RequestedCallbackTypes", *(("CallbackType", one) for one in wanted)),
        ]

    # --- reading

    def _voice(self, location: Location) -> Element | None:
        name = self._named(f"{location.path}/products/origination/settings", "HttpVoiceV2AppId")
        return self._applications_now().get(name)

    def _texting(self, location: Location) -> Element | None:
        return self._applications_now().get(self.texting_application(location))

    def _webhooks(self, location: Location, voice: Element | None, texts: Element | None) -> Webhooks:
        instead = "" if voice is not None or location.is_ours else f"location {location.name or location.peer}"
        if voice is not None and location.is_ours and said_in(voice, "UserId") != self._pair[0]:
            instead = f"location {location.name}, whose password is an old one"
        read = voice if voice is not None else Element("Application")
        text = texts if texts is not None else Element("Application")
        return Webhooks(
            voice=said_in(read, "CallInitiatedCallbackUrl"),
            voice_fallback=said_in(read, "CallInitiatedFallbackUrl"),
            events=said_in(read, "CallStatusCallbackUrl"),
            text=said_in(text, "InboundCallbackUrl", "MsgCallbackUrl", "CallbackUrl"),
            instead=instead[:200],
        )


def _id(found: Element, name: str) -> str:
    text = said_in(found, name)
    if not text or not text.replace("-", "").isalnum() or len(text) > 60:
        raise ValueError(f"no {name}")
    return text
