"""Requests to a carrier's REST API: one host, time limits, bounded answers, and our words for what goes wrong.

For carriers whose SDK brings an HTTP client of its own that cannot be held to these; what such a client would have sent
is what the tests compare ours with. (`form_transport.py` does the same below Twilio's SDK.)
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from callspring.carriers.api import CarrierProblem, Denied, Refused, Unreachable
from callspring.carriers.exchange import Named, NotFound, exchange, parsed, whole_body
from callspring.carriers.outside import clean

_LARGEST_RECORDING = 200 * 1024 * 1024  # bytes: a day of MP3
_LONGEST_FETCH = 600.0  # seconds
_LONGEST_SAID = 300  # characters


class Bearer(httpx.Auth):
    """A key that is sent as it is, instead of a name and a password."""

    def __init__(self, key: str) -> None:
        self.key = key

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """What httpx calls."""
        request.headers["Authorization"] = f"Bearer {self.key}"
        yield request


Auth = tuple[str, str]


@dataclass(frozen=True)
class Manner(Named):
    """How one carrier talks.

    `name` is the carrier's, `denied` the sentence for credentials that it does not accept. `said` finds its code and
    its sentence in the body of a refusal, "" each where it gives none. `reasons` has our sentence for some codes; of
    any other its own is passed on.
    """

    denied: str
    said: Callable[[bytes], tuple[str, str]]
    reasons: Mapping[str, str]


@dataclass(frozen=True)
class Rest:
    """Sends requests to `origin` (scheme, host, port) by `client`. Every verb raises `CarrierProblem`."""

    manner: Manner
    origin: str
    client: httpx.Client

    def ask(
        self,
        method: str,
        path: str,
        auth: Auth | Bearer,
        *,
        query: Mapping[str, str | int] | None = None,
        body: Any = None,
        content: bytes | None = None,
        content_type: str = "",
    ) -> bytes:
        """The body of the answer to a request that succeeded. `body` is sent as JSON, `content` as it is."""
        headers = {"Accept": content_type or "application/json"}
        if content_type and content is not None:
            headers["Content-Type"] = content_type
        asking = self.client.build_request(
            method, self.origin + path, params=query, json=body, content=content, headers=headers
        )
        with self.answer(asking, auth) as answer:
            return whole_body(answer, asking, self.manner)

    def object(
        self,
        method: str,
        path: str,
        auth: Auth | Bearer,
        *,
        query: Mapping[str, str | int] | None = None,
        body: Any = None,
    ) -> dict[str, Any]:
        """The JSON object that answers; an empty answer is an empty one."""
        said = self.ask(method, path, auth, query=query, body=body)
        found = parsed(said) if said.strip() else {}
        if not isinstance(found, dict):
            raise Unreachable(self.manner.nonsense, perhaps_done=method != "GET")
        return found

    @contextmanager
    def answer(self, asking: httpx.Request, auth: Auth | Bearer | None) -> Iterator[httpx.Response]:
        """The answer to a request that succeeded, its body yet to be read; errors while it is read are ours too."""
        with exchange(self.client, asking, auth, self.manner, lambda got: self._refusal(got, asking, auth)) as answer:
            yield answer

    def bounded(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """The sound of a recording, as far as one may be."""
        size, until = 0, time.monotonic() + _LONGEST_FETCH
        for chunk in chunks:
            size += len(chunk)
            if time.monotonic() > until:
                raise Unreachable(f"{self.manner.name} sends this recording too slowly. Try again later.")
            if size > _LARGEST_RECORDING:
                raise Refused("This recording is too large to be fetched.")
            yield chunk

    @contextmanager
    def understood(self, *, perhaps_done: bool = False) -> Iterator[None]:
        """What our reading stumbles over in an answer is nonsense; nothing of the answer is passed on."""
        try:
            yield
        except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError):
            raise Unreachable(self.manner.nonsense, perhaps_done=perhaps_done) from None

    def _refusal(self, answer: httpx.Response, asking: httpx.Request, auth: Auth | Bearer | None) -> CarrierProblem:
        if answer.status_code == 401:
            return Denied(self.manner.denied)
        code, message = self._said(whole_body(answer, asking, self.manner))
        secret = "" if auth is None else auth.key if isinstance(auth, Bearer) else auth[1]
        if secret:
            message = message.replace(secret, "…")
        return (NotFound if answer.status_code == 404 else Refused)(self.reason(code, message))

    def reason(self, code: str, message: str) -> str:
        """The sentence for a refusal."""
        if code in self.manner.reasons:
            return self.manner.reasons[code]
        name = self.manner.name
        if not message:
            return f"{name} refuses this and does not say why."
        return f"{name} says: {message.rstrip('.')}{f' ({code})' if code else ''}."

    def _said(self, body: bytes) -> tuple[str, str]:
        try:
            code, message = self.manner.said(body)
            return clean(code, 40).strip(), clean(message, _LONGEST_SAID).strip()
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
            return "", ""


def text(value: Any, longest: int = 4_000) -> str:
    """A text in an answer, "" for null. Raises `ValueError` for anything else."""
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > longest:
        raise ValueError("no text")
    return value
