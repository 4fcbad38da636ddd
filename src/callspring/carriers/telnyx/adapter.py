"""Telnyx's webhooks in our words, and our instructions in TeXML."""

from __future__ import annotations

from collections.abc import Callable

from callspring.carriers.contract import CarrierRequest, Endpoint, Instruction, Reply, Signal
from callspring.carriers.telnyx import markup, reader, texts
from callspring.carriers.telnyx.secret import public_key
from callspring.carriers.telnyx.signature import check

_TEXTS: dict[Endpoint, Callable[[CarrierRequest], Signal]] = {
    Endpoint.TEXT: texts.came_in,
    Endpoint.TEXT_EVENTS: texts.became,
}


class Telnyx:
    """Checks, reads and answers Telnyx's requests. The connection's secret is `API-KEY:PUBLIC-KEY`."""

    name = "telnyx"

    def verify(self, request: CarrierRequest, secret: str, now: float) -> None:
        """Raise `BadSignature` unless the account's key signed this body within five minutes of `now`."""
        check(request, public_key(secret), now)

    def read(self, request: CarrierRequest, endpoint: Endpoint) -> Signal:
        """Translate one verified request that came to `endpoint`. Raises `BadRequest`."""
        read = _TEXTS.get(endpoint)
        return read(request) if read else reader.read(request, endpoint)

    def render(self, instruction: Instruction) -> Reply:
        """Put an instruction into TeXML."""
        return markup.reply(instruction)

    def acknowledge(self) -> Reply:
        """The answer to a signal that asks for nothing: an empty document."""
        return markup.ACKNOWLEDGEMENT
