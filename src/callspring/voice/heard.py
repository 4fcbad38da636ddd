"""What the voice door's steps hand to each other."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl

from callspring.carriers.contract import Carrier, CarrierRequest, Endpoint, Signal
from callspring.stores.snapshot.published import PublishedCompany, PublishedConnection, Route

UNROUTED = Route(number=0, flow=None)


@dataclass(frozen=True, slots=True)
class Heard:
    """One verified request of a carrier. `call` is our id of the call, "" for text messages.

    `route` is where calls to the dialled number go, `UNROUTED` when it is none of the company's.
    """

    carrier: Carrier
    connection: PublishedConnection
    company: PublishedCompany
    endpoint: Endpoint
    request: CarrierRequest
    signal: Signal
    call: str
    route: Route

    @property
    def position_text(self) -> str:
        """The signed position in the flow that the address carries, "" when it carries none."""
        return asked(self.request.url, "at")

    @property
    def is_screened(self) -> bool:
        """Whether this is about a leg whose pick-up is no talk yet: a key has to be pressed first."""
        return asked(self.request.url, "screened") == "1"


def asked(url: str, name: str) -> str:
    """What the address asks by the name, "" when it does not."""
    _, _, query = url.partition("?")
    return dict(parse_qsl(query)).get(name, "") if query else ""
