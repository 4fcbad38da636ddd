"""The seam to carriers' APIs: which one a connection speaks to, and the addresses that it is given.

Whatever these verbs raise is a `callspring.carriers.api.CarrierProblem` or a `NoApi`, with a sentence for people.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager

from django.conf import settings
from django.utils.translation import gettext as _

from callspring.carriers import registry
from callspring.carriers.api import CarrierApi, CarrierProblem, Credentials, SentText, Sound, Webhooks, lister
from callspring.carriers.contract import CallSignal, Endpoint
from callspring.config import Config
from callspring.numbers.models import Connection, Number

__all__ = ["CarrierProblem", "NoApi"]


class NoApi(CarrierProblem):
    """The carrier cannot be asked from here; the message says what to do instead."""


def api_named(carrier: str) -> CarrierApi:
    """The API of the carrier with this name. Raises `NoApi`."""
    try:
        return registry.api(carrier, _config())
    except registry.NoApi:
        advice = _("Manage these numbers in the console of %(carrier)s; its programs cannot be asked from here.")
        raise NoApi(advice % {"carrier": carrier}) from None


def sellers() -> Collection[str]:
    """The names of the carriers at which numbers can be ordered."""
    return [name for name in registry.CARRIERS if registry.has_api(name) and registry.description(name).sells]


def address(connection: Connection, endpoint: Endpoint) -> str:
    """The public address that the carrier calls for `endpoint`."""
    return f"{_config().doors_url}/voice/{connection.carrier}/{connection.pk}/{endpoint}"


class AtCarrier:
    """A connection with its carrier's API (`api`) and what it proves itself with (`credentials`). Raises `NoApi`."""

    def __init__(self, connection: Connection) -> None:
        self.connection, self.api = connection, api_named(connection.carrier)
        self.credentials = Credentials(connection.account, connection.secret)

    def webhooks(self, e164: str, destination: str) -> Webhooks:
        """The addresses of one number. `destination` (E.164, or "") is rung while we are silent."""
        return Webhooks(
            voice=address(self.connection, Endpoint.CALL),
            voice_fallback=self.api.fallback(e164, destination),
            events=address(self.connection, Endpoint.EVENTS),
            text=address(self.connection, Endpoint.TEXT),
        )


def send_text(number: Number, to: str, body: str) -> SentText:
    """Send a text message from one of our numbers to `to` (E.164); what becomes of it comes to the voice door."""
    at = AtCarrier(number.connection)
    events = address(number.connection, Endpoint.TEXT_EVENTS)
    return at.api.send_text(at.credentials, sender=number.e164, to=to, body=body, events=events)


def calls(connection: Connection, since: float, until: float) -> Iterator[CallSignal]:
    """The calls that came in on the account between the two (Unix seconds), as the carrier lists them.

    Raises `NotOffered` where it does not.
    """
    at = AtCarrier(connection)
    return lister(at.api).calls(at.credentials, since, until)


def fetch_recording(connection: Connection, recording: str) -> AbstractContextManager[Sound]:
    """Open a recording by the carrier's id of it."""
    at = AtCarrier(connection)
    return at.api.fetch_recording(at.credentials, recording)


def delete_recording(connection: Connection, recording: str) -> None:
    """Delete a recording at the carrier; fine when it is gone."""
    at = AtCarrier(connection)
    at.api.delete_recording(at.credentials, recording)


def _config() -> Config:
    config: Config = settings.CONFIG
    return config
