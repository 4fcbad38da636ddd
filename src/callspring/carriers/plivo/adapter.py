"""Plivo's side of the contract; README.md here has its quirks."""

from __future__ import annotations

from callspring.carriers.contract import CarrierRequest, Endpoint, Instruction, Reply, Signal
from callspring.carriers.plivo.markup import ACKNOWLEDGEMENT, reply
from callspring.carriers.plivo.reader import read
from callspring.carriers.plivo.signature import check


class Plivo:
    """Checks, reads and answers Plivo's requests. The connection's secret is the account's auth token."""

    name = "plivo"

    def verify(self, request: CarrierRequest, secret: str, now: float) -> None:  # noqa: ARG002
        """Raise `BadSignature` unless `secret` signed this request. `now` is idle: the scheme has no time."""
        check(request, secret)

    def read(self, request: CarrierRequest, endpoint: Endpoint) -> Signal:
        """Translate one verified request that came to `endpoint`. Raises `BadRequest`."""
        return read(request, endpoint)

    def render(self, instruction: Instruction) -> Reply:
        """Put an instruction into Plivo XML."""
        return reply(instruction)

    def acknowledge(self) -> Reply:
        """The answer to a signal that asks for nothing: an empty document."""
        return ACKNOWLEDGEMENT
