"""SignalWire's webhooks in our words and cXML: shapes and markup are Twilio's, the signature is its own."""

from __future__ import annotations

from callspring.carriers.contract import CarrierRequest
from callspring.carriers.form_carrier import FormCarrier
from callspring.carriers.signalwire.secret import signing_key
from callspring.carriers.signalwire.signature import check


class SignalWire(FormCarrier):
    """Checks, reads and answers SignalWire's requests. The connection's secret is `API-TOKEN:SIGNING-KEY`."""

    name = "signalwire"

    def verify(self, request: CarrierRequest, secret: str, now: float) -> None:  # noqa: ARG002
        """Raise `BadSignature` unless the signing key signed this request. `now` is idle: the scheme has no time."""
        check(request, signing_key(secret))
