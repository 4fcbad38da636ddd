"""Twilio's webhooks in our words and TwiML: shapes and markup are those of `callspring.carriers.form_carrier`."""

from __future__ import annotations

from callspring.carriers.contract import CarrierRequest
from callspring.carriers.form_carrier import FormCarrier
from callspring.carriers.twilio.signature import check


class Twilio(FormCarrier):
    """Checks, reads and answers Twilio's requests. The connection's secret is the account's auth token."""

    name = "twilio"

    def verify(self, request: CarrierRequest, secret: str, now: float) -> None:  # noqa: ARG002
        """Raise `BadSignature` unless `secret` signed this request. `now` is idle: the scheme has no time."""
        check(request, secret)
