"""The applications of an account: at Plivo they have the addresses, and a number names one of them.

Source: plivo.com/docs/account/api/application.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from callspring.carriers.api import Webhooks
from callspring.carriers.exchange import NotFound
from callspring.carriers.rest import Rest, text

_ADDRESSES = ("answer_url", "fallback_answer_url", "hangup_url", "message_url")
_METHODS = ("answer_method", "fallback_method", "hangup_method", "message_method")
_ID = re.compile(r"[0-9]{1,40}")


@dataclass(frozen=True, slots=True)
class Application:
    """One application: its id, its name, its addresses and their methods in Plivo's words."""

    id: str
    name: str
    configuration: Mapping[str, str]

    def before(self) -> dict[str, str | None]:
        """What `Applications.put_back` brings back."""
        return {"app_id": self.id, "app_name": self.name, **self.configuration}

    def webhooks(self) -> Webhooks:
        """Where it sends what happens."""
        voice, fallback, events, texts = (self.configuration[name] for name in _ADDRESSES)
        return Webhooks(voice, fallback, events, texts)


class Ask(Protocol):
    """A request below the account."""

    def __call__(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The object that answers."""


class List(Protocol):
    """All entries of a list below the account."""

    def __call__(self, path: str, query: Mapping[str, str | int]) -> Iterator[Mapping[str, Any]]:
        """Them."""


class Applications:
    """An account's applications; those of ours are named after the one number that each is for."""

    def __init__(self, rest: Rest, ask: Ask, listed: List) -> None:
        self._rest, self._ask, self._listed = rest, ask, listed

    @staticmethod
    def name(number: str) -> str:
        """What ours for a number (digits) is called; letters, digits, hyphens and underscores are allowed."""
        return f"callspring-{number}"

    def all(self) -> dict[str, Application]:
        """Every application by its id. Raises `ValueError` for what is none."""
        return {one.id: one for one in map(_read, self._listed("Application/", {}))}

    def put(self, number: str, webhooks: Webhooks) -> str:
        """Give ours for a number these addresses, and make it where there is none; its id."""
        return self._write(number, _set(webhooks))

    def put_back(self, number: str, before: Mapping[str, str | None]) -> str:
        """Give ours for a number the addresses that it had; its id."""
        addresses = {name: before.get(name) or "" for name in _ADDRESSES}
        return self._write(number, {**addresses, **{name: before.get(name) or "POST" for name in _METHODS}})

    def drop(self, number: str) -> None:
        """Delete ours for a number, where there is one."""
        ours = self._ours(number)
        if ours is not None:
            try:
                self._ask("DELETE", f"Application/{ours.id}/")
            except NotFound:
                return

    def _write(self, number: str, configuration: Mapping[str, str]) -> str:
        ours = self._ours(number)
        if ours is not None:
            if ours.configuration != configuration:
                self._ask("POST", f"Application/{ours.id}/", configuration)
            return ours.id
        given = {name: value for name, value in configuration.items() if value}
        made = self._ask("POST", "Application/", {"app_name": self.name(number), **given})
        with self._rest.understood(perhaps_done=True):
            return _id(made["app_id"])

    def _ours(self, number: str) -> Application | None:
        """The list finds by how a name begins."""
        with self._rest.understood():
            found = map(_read, self._listed("Application/", {"app_name": self.name(number)}))
            return next((one for one in found if one.name == self.name(number)), None)


def _read(found: Mapping[str, Any]) -> Application:
    addresses = {name: text(found.get(name)) for name in _ADDRESSES}
    methods = {name: text(found.get(name)) or "POST" for name in _METHODS}
    return Application(_id(found["app_id"]), text(found["app_name"]), {**addresses, **methods})


def _id(value: Any) -> str:
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise ValueError("no id of an application")
    return value


def _set(webhooks: Webhooks) -> dict[str, str]:
    return {
        "answer_url": webhooks.voice,
        "answer_method": "POST",
        "fallback_answer_url": webhooks.voice_fallback if webhooks.voice else "",
        # A document that somebody just keeps somewhere is served to GET.
        "fallback_method": "GET",
        "hangup_url": webhooks.events,
        "hangup_method": "POST",
        "message_url": webhooks.text,
        "message_method": "POST",
    }
