"""How Twilio's SDK reaches an API: one host, time limits, bounded answers, and our words for what goes wrong.

The SDK takes any HTTP client (`twilio.http.HttpClient`); this one raises our errors itself, so that what a carrier says
of a refusal is read in one place. It also reaches APIs that have the shapes of Twilio's at another host and below
another path (SignalWire's). Sources: twilio.com/docs/usage/requests-to-twilio and /twilios-response,
twilio.com/docs/api/errors; SignalWire's compatibility API: errors, paging, base URL.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from twilio.http import HttpClient
from twilio.http.response import Response

from callspring.carriers.api import (
    CONNECT_SECONDS,
    READ_SECONDS,
    WHOLE_SECONDS,
    CarrierProblem,
    Denied,
    Refused,
    Unreachable,
)
from callspring.carriers.outside import clean, whole

_WRITTEN = "https://api.twilio.com"  # what the SDK writes into every address
LONGEST_ANSWER = 8 * 1024 * 1024  # a thousand numbers are about 2 MB
_NOT_AUTHENTICATED = 20003


@dataclass(frozen=True)
class Wording:
    """What is said of one carrier.

    `name` is the carrier's, `denied` the sentence for credentials that it does not accept. `reasons` has our sentence
    for some of its error codes; of any other its own is passed on, put with the code into `refusal`, in which stand
    `{said}` (without its period) and `{code}`. For the codes of `quoted` its own follows ours.
    """

    name: str
    denied: str
    reasons: Mapping[int, str]
    refusal: str
    quoted: frozenset[int] = frozenset()

    @property
    def gone(self) -> str:
        """It cannot be reached."""
        return f"{self.name} cannot be reached at the moment. Try again in a minute."

    @property
    def nonsense(self) -> str:
        """It makes no sense."""
        return f"{self.name} gave an answer that makes no sense. Try again in a minute."


class NotFound(Refused):
    """The carrier has nothing under this address."""


def http_client(*, official: bool) -> httpx.Client:
    """A client with our time limits; `official`: for the carrier's own address, not one that somebody set."""
    return httpx.Client(
        timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
        # A proxy of this machine's surroundings leads to the carrier, not to an address that somebody set.
        trust_env=official,
        # Credentials go to one host, wherever an answer points.
        follow_redirects=False,
    )


class Transport(HttpClient):  # type: ignore[misc]  # the SDK has no types
    """Sends what the SDK makes to `origin` (scheme, host, port), below the path `prefix`, by `client`."""

    def __init__(self, wording: Wording, origin: str, client: httpx.Client, prefix: str = "") -> None:
        self._wording, self._origin, self._prefix, self._client = wording, origin, prefix, client

    def request(
        self,
        method: str,
        url: str,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,  # noqa: ARG002 - the limits are ours
        allow_redirects: bool = False,  # noqa: ARG002 - never
    ) -> Response:
        """What the SDK calls. Answers only what succeeded, and is JSON or empty; raises `CarrierProblem` otherwise."""
        asking = self._client.build_request(
            method, self._here(url), params=_filled(params), data=_filled(data), headers=headers
        )
        with self._answer(asking, auth) as answer:
            text = self._whole(answer, asking).decode("utf-8", "replace")
        if text.strip():
            self._insist_on_object(text, asking)
        return Response(answer.status_code, text, answer.headers)

    @contextmanager
    def stream(self, path: str, auth: tuple[str, str]) -> Iterator[httpx.Response]:
        """GET `path` of the same host and leave the body to be read. Raises `CarrierProblem`, also while it is read."""
        asking = self._client.build_request("GET", self._origin + self._prefix + path)
        with self._answer(asking, auth) as answer:
            yield answer

    def _here(self, url: str) -> str:
        if not url.startswith(_WRITTEN + "/"):
            raise Unreachable(self._wording.nonsense)  # the address of a next page, elsewhere
        path = url.removeprefix(_WRITTEN)
        # The path of a next page, as the carrier gives it, has the prefix already.
        return self._origin + (path if self._prefix and path.startswith(self._prefix + "/") else self._prefix + path)

    @contextmanager
    def _answer(self, asking: httpx.Request, auth: tuple[str, str] | None) -> Iterator[httpx.Response]:
        try:
            answer = self._client.send(asking, auth=auth, stream=True)
            try:
                if answer.status_code >= 300:
                    raise self._problem(answer, asking, auth[1] if auth else "")
                yield answer
            finally:
                answer.close()
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            raise Unreachable(self._wording.gone) from None
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError):
            raise Unreachable(self._wording.gone, perhaps_done=_changes(asking)) from None

    def _whole(self, answer: httpx.Response, asking: httpx.Request) -> bytes:
        """The body. An answer that trickles without end is none."""
        body, until = bytearray(), time.monotonic() + WHOLE_SECONDS
        for chunk in answer.iter_bytes():
            body += chunk
            if len(body) > LONGEST_ANSWER or time.monotonic() > until:
                raise Unreachable(self._wording.nonsense, perhaps_done=_changes(asking))
        return bytes(body)

    def _insist_on_object(self, text: str, asking: httpx.Request) -> None:
        if not isinstance(_json(text), dict):
            raise Unreachable(self._wording.nonsense, perhaps_done=_changes(asking))

    def _problem(self, answer: httpx.Response, asking: httpx.Request, secret: str) -> CarrierProblem:
        """What a status of 300 or more means."""
        status = answer.status_code
        if status == 429:
            return Unreachable(
                f"{self._wording.name} asks for a pause. Try again in a minute.",
                retry_after=_pause(answer.headers.get("retry-after", "")),
            )
        if status < 400 or status >= 500 or status == 408:
            return Unreachable(self._wording.gone, perhaps_done=_changes(asking) and status >= 400)
        code, message = _said(self._whole(answer, asking))
        if status == 401 or code == _NOT_AUTHENTICATED or (status == 403 and code not in self._wording.reasons):
            return Denied(self._wording.denied)
        return (NotFound if status == 404 else Refused)(
            self._reason(code, message.replace(secret, "…") if secret else message)
        )

    def _reason(self, code: int, message: str) -> str:
        ours = self._wording.reasons.get(code, "")
        if ours and not (message and code in self._wording.quoted):
            return ours
        name = self._wording.name
        said = f"{name} says: {message.rstrip('.')}" if message else f"{name} refuses this and does not say why"
        theirs = self._wording.refusal.format(said=said, code=code) if 1_000 <= code <= 999_999 else f"{said}."
        return f"{ours} {theirs}".strip()


def _filled(values: Mapping[str, object] | None) -> dict[str, Any] | None:
    return {name: value for name, value in values.items() if value is not None} if values else None


def _changes(asking: httpx.Request) -> bool:
    return asking.method != "GET"


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _said(body: bytes) -> tuple[int, str]:
    """The carrier's code and sentence, 0 and "" where it gives none; in some answers the first of a list `errors`."""
    found = _json(body.decode("utf-8", "replace"))
    several = found.get("errors") if isinstance(found, dict) else None
    if isinstance(several, list) and several:
        found = several[0] if isinstance(several[0], dict) else {"message": several[0]}
    if not isinstance(found, dict):
        return 0, ""
    code, message = found.get("code"), found.get("message")
    number = whole(code) if isinstance(code, str) else code if type(code) is int else 0
    return number or 0, clean(message, 300).strip() if isinstance(message, str) else ""


def _pause(text: str) -> float | None:
    """Seconds of a Retry-After, at most an hour; a date is not worth reading for that."""
    seconds = whole(text.strip())
    return None if seconds is None else min(float(seconds), 3600.0)
