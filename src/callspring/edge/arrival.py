"""One page load on its way through the edge: what the browser said, and what each step found out."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from callspring.edge.protocol import VisitRequest
from callspring.edge.site import ReadySite
from callspring.edge.token import Token
from callspring.records import Began, Granted
from callspring.visits.device import Device
from callspring.visits.drops import Drop
from callspring.visits.location import Location
from callspring.visits.touch import Touch


class Dropped(Exception):
    """The request goes no further, for a reason from the closed list. `company` and `host` say whose it was."""

    def __init__(self, reason: Drop, company: int = 0, host: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.company = company
        self.host = host


class Arrival:
    """The request and, as the steps fill it in, everything known about this page load.

    Attributes without a default are set by the step named after them; a step may rely on those before it.
    """

    __slots__ = (
        "began", "body", "company", "cookie", "device", "granted", "headers", "host", "ip", "is_first", "is_near",
        "is_refused", "location", "network", "new_visit", "now", "own_domain", "own_numbers", "page", "peer",
        "request", "shown", "site", "swaps", "token", "touch",
    )  # fmt: skip

    company: int
    device: Device
    host: str
    ip: str
    is_first: bool  # the visitor has no token yet
    location: Location
    network: str  # one connection to the internet, "" when nobody says whose
    new_visit: bool
    page: str
    request: VisitRequest
    site: ReadySite
    token: Token
    touch: Touch

    def __init__(self, body: bytes, headers: Mapping[bytes, bytes], peer: str, now: float) -> None:
        self.body = body
        self.headers = headers
        self.peer = peer
        self.now = now
        self.began: Began | None = None
        self.cookie = ""  # the token, where the answer itself sets it
        self.is_near = False  # page and edge may share a domain, so the browser may have sent cookies
        self.is_refused = False  # the visitor may not be known, and a cookie of ours is to go
        self.own_domain = ""  # the site's, where the browser called us under it
        self.own_numbers: Mapping[int, int] = {}  # by scenario: what the token showed, where that decides no more
        self.granted: list[Granted] = []
        self.shown: dict[str, tuple[int, int]] = {}
        self.swaps: list[msgspec.Raw] = []

    def header(self, name: bytes) -> str:
        """A header's value, "" when it is not there. `name` in lower case."""
        return self.headers.get(name, b"").decode("latin-1")

    def drop(self, reason: Drop) -> Dropped:
        """The exception that ends this request on behalf of its site."""
        return Dropped(reason, self.company, self.host)
