"""One request to a carrier's API and its answer: time limits, bounded answers, and our words for what goes wrong.

Below `form_transport.py` (Twilio's SDK) and `rest.py` (carriers whose SDK brings a client that cannot be bounded).
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from callspring.carriers.api import (
    CONNECT_SECONDS,
    READ_SECONDS,
    WHOLE_SECONDS,
    CarrierProblem,
    Refused,
    Unreachable,
)
from callspring.carriers.outside import whole

LONGEST_ANSWER = 8 * 1024 * 1024  # a thousand numbers are about 2 MB


class NotFound(Refused):
    """The carrier has nothing under this address."""


@dataclass(frozen=True)
class Named:
    """A carrier's name, and what is said of it when it is silent or talks nonsense."""

    name: str

    @property
    def gone(self) -> str:
        """It cannot be reached."""
        return f"{self.name} cannot be reached at the moment. Try again in a minute."

    @property
    def nonsense(self) -> str:
        """It makes no sense."""
        return f"{self.name} gave an answer that makes no sense. Try again in a minute."


def http_client(*, official: bool) -> httpx.Client:
    """A client with our time limits; `official`: for the carrier's own address, not one that somebody set."""
    return httpx.Client(
        timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
        # A proxy of this machine's surroundings leads to the carrier, not to an address that somebody set.
        trust_env=official,
        # Credentials go to one host, wherever an answer points.
        follow_redirects=False,
    )


@contextmanager
def exchange(
    client: httpx.Client,
    asking: httpx.Request,
    auth: tuple[str, str] | httpx.Auth | None,
    named: Named,
    problem: Callable[[httpx.Response], CarrierProblem],
) -> Iterator[httpx.Response]:
    """The answer to a request that succeeded, its body yet to be read; errors while it is read are ours too.

    `problem` says what a status of 300 or more means where `outage` does not. Raises `CarrierProblem`.
    """
    try:
        answer = client.send(asking, auth=auth, stream=True)
        try:
            if answer.status_code >= 300:
                raise outage(answer, asking, named) or problem(answer)
            yield answer
        finally:
            answer.close()
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
        raise Unreachable(named.gone) from None
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError):
        raise Unreachable(named.gone, perhaps_done=changes(asking)) from None


def outage(answer: httpx.Response, asking: httpx.Request, named: Named) -> Unreachable | None:
    """The carrier asks for a pause, sends elsewhere or is broken; None for what is about the request."""
    status = answer.status_code
    if status == 429:
        pause = _pause(answer.headers.get("retry-after", ""))
        return Unreachable(f"{named.name} asks for a pause. Try again in a minute.", retry_after=pause)
    if status < 400 or status >= 500 or status == 408:
        return Unreachable(named.gone, perhaps_done=changes(asking) and status >= 400)
    return None


def whole_body(answer: httpx.Response, asking: httpx.Request, named: Named) -> bytes:
    """The body. An answer that trickles without end is none."""
    body, until = bytearray(), time.monotonic() + WHOLE_SECONDS
    for chunk in answer.iter_bytes():
        body += chunk
        if len(body) > LONGEST_ANSWER or time.monotonic() > until:
            raise Unreachable(named.nonsense, perhaps_done=changes(asking))
    return bytes(body)


def changes(asking: httpx.Request) -> bool:
    """Whether the request may have done something although its answer was lost."""
    return asking.method != "GET"


def parsed(body: bytes | str) -> Any:
    """The JSON of a body, None for what is none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _pause(said: str) -> float | None:
    """Seconds of a Retry-After, at most an hour; a date is not worth reading for that."""
    seconds = whole(said.strip())
    return None if seconds is None else min(float(seconds), 3600.0)
