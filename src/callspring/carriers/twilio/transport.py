"""How the official SDK reaches Twilio's API: one host, time limits, bounded answers, and our words for what goes wrong.

The SDK takes any HTTP client (`twilio.http.HttpClient`); this one raises our errors itself, so that what Twilio says of
a refusal is read in one place. Sources: twilio.com/docs/usage/requests-to-twilio and /twilios-response,
twilio.com/docs/api/errors.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
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

OFFICIAL = "https://api.twilio.com"  # what the SDK writes into every address
LONGEST_ANSWER = 8 * 1024 * 1024  # a thousand numbers are about 2 MB

GONE = "Twilio cannot be reached at the moment. Try again in a minute."
NONSENSE = "Twilio gave an answer that makes no sense. Try again in a minute."
UNKNOWN_ACCOUNT = "Twilio does not accept this account SID and auth token. Copy both anew from Twilio's console."

# Twilio's error codes that people meet here; of any other its own sentence is passed on.
_REASONS = {
    10002: "Twilio's trial accounts cannot do this. Upgrade the account in Twilio's console.",
    20005: "This account is suspended or closed at Twilio. Twilio's console says why.",
    21408: "Texts to this country are not switched on: Twilio's console, Messaging, Geo permissions.",
    21422: "Somebody else has this number now.",
    21606: "This number cannot send texts to that one.",
    21608: "A trial account at Twilio sends texts to verified numbers only. Upgrade the account in Twilio's console.",
    21610: "This person has asked for no more texts by answering STOP. A text from them with START lifts that.",
    21612: "Twilio cannot deliver texts from this number to that one.",
    21614: "This number cannot receive texts; it is probably a landline.",
    21617: "This text is too long: 1,600 characters is the most.",
    **dict.fromkeys(
        (21613, 21615, 21631, 21649, 21651),
        "The law of this number's country asks who will use it. Give Twilio an address in its console, then try again.",
    ),
}
_NOT_AUTHENTICATED = 20003


class NotFound(Refused):
    """Twilio has nothing under this address."""


class Transport(HttpClient):  # type: ignore[misc]  # the SDK has no types
    """Sends what the SDK makes to `origin` (scheme, host, port) instead of Twilio's own."""

    def __init__(self, origin: str) -> None:
        self._origin = origin
        self._client = httpx.Client(
            timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
            # A proxy of this machine's surroundings leads to Twilio, not to an address that somebody set.
            trust_env=origin == OFFICIAL,
            # Credentials go to this one host, wherever an answer points.
            follow_redirects=False,
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

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
            text = _whole(answer, asking).decode("utf-8", "replace")
        if text.strip():
            _insist_on_object(text, asking)
        return Response(answer.status_code, text, answer.headers)

    @contextmanager
    def stream(self, path: str, auth: tuple[str, str]) -> Iterator[httpx.Response]:
        """GET `path` of the same host and leave the body to be read. Raises `CarrierProblem`, also while it is read."""
        asking = self._client.build_request("GET", self._origin + path)
        with self._answer(asking, auth) as answer:
            yield answer

    def _here(self, url: str) -> str:
        if not url.startswith(OFFICIAL + "/"):
            raise Unreachable(NONSENSE)  # the address of a next page, elsewhere
        return self._origin + url.removeprefix(OFFICIAL)

    @contextmanager
    def _answer(self, asking: httpx.Request, auth: tuple[str, str] | None) -> Iterator[httpx.Response]:
        try:
            answer = self._client.send(asking, auth=auth, stream=True)
            try:
                if answer.status_code >= 300:
                    raise _problem(answer, asking, auth[1] if auth else "")
                yield answer
            finally:
                answer.close()
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            raise Unreachable(GONE) from None
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError):
            raise Unreachable(GONE, perhaps_done=_changes(asking)) from None


def _filled(values: Mapping[str, object] | None) -> dict[str, Any] | None:
    return {name: value for name, value in values.items() if value is not None} if values else None


def _changes(asking: httpx.Request) -> bool:
    return asking.method != "GET"


def _whole(answer: httpx.Response, asking: httpx.Request) -> bytes:
    """The body. An answer that trickles without end is none."""
    body, until = bytearray(), time.monotonic() + WHOLE_SECONDS
    for chunk in answer.iter_bytes():
        body += chunk
        if len(body) > LONGEST_ANSWER or time.monotonic() > until:
            raise Unreachable(NONSENSE, perhaps_done=_changes(asking))
    return bytes(body)


def _insist_on_object(text: str, asking: httpx.Request) -> None:
    if not isinstance(_json(text), dict):
        raise Unreachable(NONSENSE, perhaps_done=_changes(asking))


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _problem(answer: httpx.Response, asking: httpx.Request, secret: str) -> CarrierProblem:
    """What a status of 300 or more means."""
    status = answer.status_code
    if status == 429:
        return Unreachable(
            "Twilio asks for a pause. Try again in a minute.", retry_after=_pause(answer.headers.get("retry-after", ""))
        )
    if status < 400 or status >= 500 or status == 408:
        return Unreachable(GONE, perhaps_done=_changes(asking) and status >= 400)
    code, message = _said(_whole(answer, asking))
    if status == 401 or code == _NOT_AUTHENTICATED or (status == 403 and code not in _REASONS):
        return Denied(UNKNOWN_ACCOUNT)
    return (NotFound if status == 404 else Refused)(_reason(code, message.replace(secret, "…") if secret else message))


def _said(body: bytes) -> tuple[int, str]:
    """Twilio's code and sentence, 0 and "" where it gives none."""
    found = _json(body.decode("utf-8", "replace"))
    if not isinstance(found, dict):
        return 0, ""
    code, message = found.get("code"), found.get("message")
    return code if type(code) is int else 0, clean(message, 300).strip() if isinstance(message, str) else ""


def _reason(code: int, message: str) -> str:
    if code in _REASONS:
        return _REASONS[code]
    said = f"Twilio says: {message.rstrip('.')}." if message else "Twilio refuses this and does not say why."
    return f"{said} (twilio.com/docs/errors/{code})" if 10_000 <= code <= 999_999 else said


def _pause(text: str) -> float | None:
    """Seconds of a Retry-After, at most an hour; a date is not worth reading for that."""
    seconds = whole(text.strip())
    return None if seconds is None else min(float(seconds), 3600.0)
