"""Vonage's webhooks in our words, our instructions as NCCOs; README.md here has payloads and quirks."""

from __future__ import annotations

from callspring.carriers.contract import CarrierRequest, Endpoint, Instruction, Reply, Signal
from callspring.carriers.vonage import ncco, reader
from callspring.carriers.vonage.secret import signature_secret
from callspring.carriers.vonage.signature import check

# To a webhook that asks for nothing, an empty answer leaves the call as it is (NCCO reference, `notify`).
_ACKNOWLEDGEMENT = Reply(b"", "application/json")


class Vonage:
    """Checks, reads and answers Vonage's requests. The connection's secret is `API-SECRET:SIGNATURE-SECRET`."""

    name = "vonage"
    # The address in `onAnswer` is asked with GET, and it has no setting for that.
    methods = frozenset({"POST", "GET"})
    # "Currently supports a maximum of one endpoint object" (NCCO reference, `connect`).
    most_at_once = 1

    def verify(self, request: CarrierRequest, secret: str, now: float) -> None:
        """Raise `BadSignature` unless the signature secret signed this request within five minutes of `now`."""
        check(request, signature_secret(secret), now)

    def read(self, request: CarrierRequest, endpoint: Endpoint) -> Signal:
        """Translate one verified request that came to `endpoint`. Raises `BadRequest`."""
        return reader.read(request, endpoint)

    def render(self, instruction: Instruction) -> Reply:
        """Put an instruction into an NCCO."""
        return ncco.reply(instruction)

    def acknowledge(self) -> Reply:
        """The answer to a signal that asks for nothing."""
        return _ACKNOWLEDGEMENT
