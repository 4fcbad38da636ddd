"""A visitor's address, and where that is: found once and remembered, because who loads one page loads another."""

from __future__ import annotations

from functools import lru_cache

from callspring.visits.client_ip import Proxies
from callspring.visits.location import Location, Locator

# Some 2 MB. Longer headers (chains of proxies, somebody's joke) are looked through each time.
REMEMBERED, LONGEST = 8192, 64


class Whereabouts:
    """Asks proxies and location file, of which there is one each per process."""

    def __init__(self, proxies: Proxies, locator: Locator) -> None:
        self._proxies = proxies
        self._locator = locator
        self._remembered = lru_cache(maxsize=REMEMBERED)(self._find)

    def find(self, peer: str, forwarded_for: bytes) -> tuple[str, Location]:
        """The address behind a connection from `peer` with this `X-Forwarded-For`, and its location. Never raises."""
        known = self._remembered if len(forwarded_for) <= LONGEST else self._find
        return known(peer, forwarded_for)

    def _find(self, peer: str, forwarded_for: bytes) -> tuple[str, Location]:
        ip = self._proxies.client_ip(peer, forwarded_for.decode("latin-1"))
        return ip, self._locator.locate(ip)
