"""How Twilio's SDK reaches an API: one host, time limits, bounded answers, and our words for what goes wrong.

The SDK takes any HTTP client (`twilio.http.HttpClient`); this one raises our errors itself, so that what a carrier says
of a refusal is read in one place. It also reaches APIs that have the shapes of Twilio's at another host and below
another path (SignalWire's). Sources: twilio.com/docs/usage/requests-to-twilio and /twilios-response,
twilio.com/docs/api/errors; SignalWire's compatibility API: errors, paging, base URL.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from twilio.http import HttpClient
from twilio.http.response import Response

from callspring.carriers.api import CarrierProblem, Denied, Refused, Unreachable
from callspring.carriers.exchange import Named, NotFound, changes, exchange, parsed, whole_body
from callspring.carriers.outside import clean, whole

_WRITTEN = "https://api.twilio.com"  # what the SDK writes into every address
_NOT_AUTHENTICATED = 20003


@dataclass(frozen=True)
class Wording(Named):
    """What is said of one carrier.

    `name` is the carrier's, `denied` the sentence for credentials that it does not accept. `reasons` has our sentence
    for some of its error codes; of any other its own is passed on, put with the code into `refusal`, in which stand
    `{said}` (without its period) and `{code}`. For the codes of `quoted` its own follows ours.
    """

    denied: str
    reasons: Mapping[int, str]
    refusal: str
    quoted: frozenset[int] = frozenset()


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
            text = whole_body(answer, asking, self._wording).decode("utf-8", "replace")
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
        secret = auth[1] if auth else ""
        with exchange(
            self._client, asking, auth, self._wording, lambda got: self._refusal(got, asking, secret)
        ) as answer:
            yield answer

    def _insist_on_object(self, text: str, asking: httpx.Request) -> None:
        if not isinstance(parsed(text), dict):
            raise Unreachable(self._wording.nonsense, perhaps_done=changes(asking))

    def _refusal(self, answer: httpx.Response, asking: httpx.Request, secret: str) -> CarrierProblem:
        status = answer.status_code
        code, message = _said(whole_body(answer, asking, self._wording))
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


def _said(body: bytes) -> tuple[int, str]:
    """The carrier's code and sentence, 0 and "" where it gives none; in some answers the first of a list `errors`."""
    found = parsed(body.decode("utf-8", "replace"))
    several = found.get("errors") if isinstance(found, dict) else None
    if isinstance(several, list) and several:
        found = several[0] if isinstance(several[0], dict) else {"message": several[0]}
    if not isinstance(found, dict):
        return 0, ""
    code, message = found.get("code"), found.get("message")
    number = whole(code) if isinstance(code, str) else code if type(code) is int else 0
    return number or 0, clean(message, 300).strip() if isinstance(message, str) else ""
