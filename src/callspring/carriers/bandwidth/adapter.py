"""Bandwidth's side of the contract; README.md here has its quirks."""

from __future__ import annotations

from callspring.carriers.bandwidth import markup, reader, texts
from callspring.carriers.bandwidth.secret import webhook_pair
from callspring.carriers.bandwidth.signature import check
from callspring.carriers.contract import CarrierRequest, Endpoint, Instruction, Reply, Signal


class Bandwidth:
    """Checks, reads and answers Bandwidth's requests. The connection's secret is `USERNAME:PASSWORD` of the API."""

    name = "bandwidth"
    # What a <Transfer> may ring at once.
    most_at_once = 8

    def verify(self, request: CarrierRequest, secret: str, now: float) -> None:  # noqa: ARG002
        """Raise `BadSignature` unless the request brings this connection's credentials. `now` is idle."""
        check(request, secret)

    def read(self, request: CarrierRequest, endpoint: Endpoint) -> Signal:
        """Translate one verified request that came to `endpoint`. Raises `BadRequest`."""
        if endpoint is Endpoint.TEXT:
            return texts.came_in(request)
        if endpoint is Endpoint.TEXT_EVENTS:
            return texts.became(request)
        return reader.read(request, endpoint)

    def render(self, instruction: Instruction) -> Reply:
        """Put an instruction into BXML that names no credentials: what it leads to cannot be proved."""
        return markup.reply(instruction)

    def render_with(self, instruction: Instruction, secret: str) -> Reply:
        """Put an instruction into BXML whose addresses are asked with this connection's credentials."""
        return markup.reply(instruction, webhook_pair(secret))

    def acknowledge(self) -> Reply:
        """The answer to a signal that asks for nothing: an empty document, which connects whoever picked up."""
        return markup.ACKNOWLEDGEMENT
