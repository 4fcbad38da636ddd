"""A visitor's address, and where that is: found once and remembered, because who loads one page loads another."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from ipaddress import IPv6Network

from callspring.visits.client_ip import Proxies
from callspring.visits.location import Location, Locator

# Some 2 MB. Longer headers (chains of proxies, somebody's joke) are looked through each time.
REMEMBERED, LONGEST = 8192, 64
_PORT = re.compile(r":[0-9]{1,5}\Z")


class Whereabouts:
    """Asks proxies and location file, of which there is one each per process."""

    def __init__(self, proxies: Proxies, locator: Locator) -> None:
        self._proxies = proxies
        self._locator = locator
        self._remembered = lru_cache(maxsize=REMEMBERED)(self._find)

    def find(self, peer: str, forwarded_for: bytes) -> tuple[str, Location, str]:
        """The address behind a connection from `peer` with this `X-Forwarded-For`, its location, and its network.

        That is what one connection to the internet has: an IPv4 address, 64 bits of an IPv6 one (RFC 6177); "" where a
        trusted proxy does not say for whom it asks, for that may be everybody. Never raises.
        """
        known = self._remembered if len(forwarded_for) <= LONGEST else self._find
        return known(peer, forwarded_for)

    def host(self, peer: str, headers: Mapping[bytes, bytes]) -> str:
        """The host under which the browser called us, as far as trusted proxies tell: lower case, without port."""
        host, outside = (headers.get(name, b"").decode("latin-1") for name in (b"host", b"x-forwarded-host"))
        return _PORT.sub("", self._proxies.public_host(peer, host, outside).lower())

    def _find(self, peer: str, forwarded_for: bytes) -> tuple[str, Location, str]:
        ip, is_proxy = self._proxies.client(peer, forwarded_for.decode("latin-1"))
        return ip, self._locator.locate(ip), "" if is_proxy else _network(ip) if ":" in ip else ip


def _network(ip: str) -> str:
    try:
        return str(IPv6Network((ip, 64), strict=False))
    except ValueError:
        return ip
