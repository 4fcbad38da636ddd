"""What the account at Bandwidth in the tests remembers, and how it words it; and its APIs of calls and of messages."""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from xml.etree.ElementTree import Element

from bandwidth.models import MessageRequest  # type: ignore[import-untyped]

from tests.carriers.loopback import Answer


@dataclass
class Peer:
    """A location."""

    name: str
    voice: Element | None = None  # origination settings
    texts: str = ""  # the messaging application
    features: dict[str, Element] = field(default_factory=dict)


@dataclass
class Order:
    """What was ordered; `left` is how often it is looked at before it is filled."""

    kind: str
    body: Element
    left: int
    status: str = "RECEIVED"
    error: str = ""


class Refusal(Exception):
    """Bandwidth's no."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code


def text(name: str, said: str) -> Element:
    """An element with a text."""
    made = Element(name)
    made.text = said
    return made


def texts(element_name: str, **each: str) -> Element:
    """An element of texts by their names."""
    return within(element_name, *(text(name, said) for name, said in each.items()))


def within(name: str, *parts: Element) -> Element:
    """An element of others."""
    made = Element(name)
    made.extend(parts)
    return made


class Telephony:
    """The APIs of calls and of messages: JSON, each at a host of its own."""

    id: str
    numbers: dict[str, str]
    applications: dict[str, Element]
    texts: list[dict[str, Any]]
    recordings: dict[str, tuple[bytes, str]]
    calls: list[dict[str, Any]]

    def answer_json(self, method: str, path: str, query: dict[str, str], body: bytes) -> Answer:
        """What one request gets."""
        if method == "POST" and path == f"/api/v2/users/{self.id}/messages":
            return self._message(json.loads(body))
        if method == "GET" and path == f"/api/v2/accounts/{self.id}/calls":
            return Answer(200, json.dumps(self._listed(query)).encode(), {"Content-Type": "application/json"})
        found = re.fullmatch(rf"/api/v2/accounts/{self.id}/calls/(.+)/recordings/([^/]+)(/media)?", path)
        if found is None or f"{found[1]}:{found[2]}" not in self.recordings:
            raise Refusal(404, "not-found", "There is no such recording.")
        if method == "DELETE":
            del self.recordings[f"{found[1]}:{found[2]}"]
            return Answer(204, b"", {})
        sound, content_type = self.recordings[f"{found[1]}:{found[2]}"]
        return Answer(200, sound, {"Content-Type": content_type})

    def _message(self, given: dict[str, Any]) -> Answer:
        assert MessageRequest.from_json(json.dumps(given)) is not None
        if given["from"][2:] not in self.numbers or given["applicationId"] not in self.applications:
            raise Refusal(400, "request-validation", "'from' is not a number of yours")
        self.texts.append(given)
        sent = {"id": f"1{secrets.token_hex(12)}", "owner": given["from"], "direction": "out", "segmentCount": 1}
        return Answer(202, json.dumps(sent).encode(), {"Content-Type": "application/json"})

    def _listed(self, query: dict[str, str]) -> list[dict[str, Any]]:
        assert set(query) == {"minStartTime", "maxStartTime", "pageSize"}
        first, last = (datetime.fromisoformat(query[name]) for name in ("minStartTime", "maxStartTime"))
        found = [one for one in self.calls if first <= datetime.fromisoformat(one["startTime"]) <= last]
        return found[: int(query["pageSize"])]
