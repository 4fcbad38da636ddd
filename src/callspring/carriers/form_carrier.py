"""A carrier whose webhooks are forms and whose markup is TwiML: all of the contract but its name and its signature."""

from __future__ import annotations

from callspring.carriers.contract import CarrierRequest, Endpoint, Instruction, Reply, Signal
from callspring.carriers.form_reader import FormReader
from callspring.carriers.markup import ACKNOWLEDGEMENT, reply


class FormCarrier:
    """A subclass has a `name` and `verify`; see `callspring.carriers.contract.Carrier`."""

    name: str

    def __init__(self) -> None:
        self._reader = FormReader(self.name)

    def read(self, request: CarrierRequest, endpoint: Endpoint) -> Signal:
        """Translate one verified request that came to `endpoint`. Raises `BadRequest`."""
        return self._reader.read(request, endpoint)

    def render(self, instruction: Instruction) -> Reply:
        """Put an instruction into the markup."""
        return reply(instruction)

    def acknowledge(self) -> Reply:
        """The answer to a signal that asks for nothing: an empty document."""
        return ACKNOWLEDGEMENT
