"""Vonage's applications: a number has no addresses of its own, it is linked to an application that has them.

Each number that points here gets its own, `Callspring NUMBER`, because the fallback address differs from number to
number. Source: developer.vonage.com/en/api/application.v2.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from callspring.carriers.api import Refused, Webhooks
from callspring.carriers.exchange import NotFound
from callspring.carriers.rest import Auth, Rest, text

_PATH = "/v2/applications"
_PAGE, _MOST_PAGES = 100, 100
_OURS = "Callspring "


@dataclass(frozen=True, slots=True)
class Application:
    """One application, with the addresses that it has."""

    id: str
    name: str
    public_key: str
    webhooks: Webhooks

    def is_of(self, digits: str) -> bool:
        """Whether we made it, for this number."""
        return self.name == _OURS + digits


@dataclass(frozen=True)
class Applications:
    """The applications of one account. Every verb raises `CarrierProblem`, and `ValueError` for what makes no sense."""

    rest: Rest
    auth: Auth
    public_key: str

    def all(self) -> dict[str, Application]:
        """Every application by its id."""
        return {one.id: one for one in self._pages()}

    def ours(self) -> list[Application]:
        """Those that we made."""
        return [one for one in self._pages() if one.name.startswith(_OURS)]

    def get(self, name: str) -> Application | None:
        """The application of this id, None when there is none."""
        try:
            return _read(self.rest.object("GET", f"{_PATH}/{name}", self.auth))
        except NotFound:
            return None

    def put(self, application: Application | None, digits: str, webhooks: Webhooks) -> str:
        """Give a number's application these addresses, and make one where there is none; its id."""
        body = self._described(digits, webhooks)
        if application is None:
            return _read(self.rest.object("POST", _PATH, self.auth, body=body)).id
        return _read(self.rest.object("PUT", f"{_PATH}/{application.id}", self.auth, body=body)).id

    def drop(self, application: Application) -> None:
        """Delete an application. Does nothing when it is gone."""
        try:
            self.rest.ask("DELETE", f"{_PATH}/{application.id}", self.auth)
        except NotFound:
            return

    def opened(self, name: str) -> str:
        """The id of one of our applications, which then has our key. `Refused` for one that is not ours."""
        application = self.get(name)
        if application is None or not application.name.startswith(_OURS):
            raise Refused("Vonage has nothing under this name.")
        return self.keyed(application)

    def keyed(self, application: Application) -> str:
        """The id of one of ours, which then has our key."""
        if application.public_key.strip() != self.public_key.strip():
            self.put(application, application.name.removeprefix(_OURS), application.webhooks)
        return application.id

    def _pages(self) -> Iterator[Application]:
        for page in range(1, _MOST_PAGES + 1):
            found = self.rest.object("GET", _PATH, self.auth, query={"page_size": _PAGE, "page": page})
            yield from map(_read, found.get("_embedded", {}).get("applications", []))
            if page >= int(found.get("total_pages", 0)):
                return
        raise ValueError("pages without end")

    def _described(self, digits: str, webhooks: Webhooks) -> dict[str, Any]:
        voice = {
            "answer_url": _address(webhooks.voice, "POST"),
            # A document that somebody just keeps somewhere is served to GET.
            "fallback_answer_url": _address(webhooks.voice_fallback, "GET"),
            "event_url": _address(webhooks.events, "POST"),
        }
        capabilities: dict[str, Any] = {}
        if any((webhooks.voice, webhooks.voice_fallback, webhooks.events)):
            capabilities["voice"] = {"webhooks": _filled(voice), "signed_callbacks": True}
        if webhooks.text:
            # Vonage wants both; what becomes of a text is told to the address that was sent with it.
            texts = {"inbound_url": _address(webhooks.text, "POST"), "status_url": _address(webhooks.text, "POST")}
            capabilities["messages"] = {"webhooks": texts}
        return {"name": _OURS + digits, "keys": {"public_key": self.public_key}, "capabilities": capabilities}


def _address(url: str, method: str) -> dict[str, str]:
    return {"address": url, "http_method": method}


def _filled(webhooks: Mapping[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    return {name: said for name, said in webhooks.items() if said["address"]}


def _read(found: Any) -> Application:
    able = found.get("capabilities") or {}
    voice = (able.get("voice") or {}).get("webhooks") or {}
    texts = (able.get("messages") or {}).get("webhooks") or {}
    webhooks = Webhooks(
        voice=_said(voice, "answer_url"),
        voice_fallback=_said(voice, "fallback_answer_url"),
        events=_said(voice, "event_url"),
        text=_said(texts, "inbound_url"),
    )
    name = text(found["id"], 64)
    if not name:
        raise ValueError("an application without an id")
    return Application(name, text(found.get("name")), text((found.get("keys") or {}).get("public_key")), webhooks)


def _said(webhooks: Mapping[str, Any], name: str) -> str:
    return text((webhooks.get(name) or {}).get("address"))
