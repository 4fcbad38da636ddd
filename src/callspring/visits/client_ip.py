"""Who is at the other end, and under which address they called us, when proxies stand between.

A proxy's headers count only where the proxy is trusted: anybody can write them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from socket import AF_INET, inet_pton

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

HOP_LIMIT = 20  # proxies in a row that are believed; more is somebody's joke
_TEXT_LIMIT = 64  # characters of an entry; the longest address with a port has 53
_MAPPED = "::ffff:"  # how a socket for both families shows an IPv4 peer
_HOST = re.compile(r"(?:[A-Za-z0-9_.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?").fullmatch


class Networks:
    """Some networks, asked for each request whether an address is in one of them.

    What it costs grows with the number of different prefix lengths, not of networks.
    """

    def __init__(self, networks: Iterable[Network]) -> None:
        networks = tuple(networks)
        self._ipv4, self._ipv6 = _by_mask(networks, 4), _by_mask(networks, 6)

    def __contains__(self, text: str) -> bool:
        """Also for an address as proxies write it; what is no address is in no network.

        Plain IPv4, which nearly all are, is compared as an integer: `ip_address` takes ten times as long.
        """
        try:
            return self.holds_ipv4(int.from_bytes(inet_pton(AF_INET, text), "big"))
        except (OSError, ValueError):  # ValueError: a NUL
            return self.holds(_read(text))

    def holds(self, address: Address | None) -> bool:
        """The same for an address that was read already."""
        if isinstance(address, IPv6Address):
            return any(int(address) & mask in found for mask, found in self._ipv6)
        return address is not None and self.holds_ipv4(int(address))

    def holds_ipv4(self, number: int) -> bool:
        """The same for an IPv4 address as an integer."""
        for mask, found in self._ipv4:  # noqa: SIM110 - half the time that `any` takes
            if number & mask in found:
                return True
        return False


def _by_mask(networks: Iterable[Network], version: int) -> tuple[tuple[int, frozenset[int]], ...]:
    masks: dict[int, set[int]] = {}
    for network in networks:
        if network.version == version:
            masks.setdefault(int(network.netmask), set()).add(int(network.network_address))
    return tuple((mask, frozenset(found)) for mask, found in masks.items())


class Proxies:
    """The proxies whose word is taken, and what follows from it. Made once per process.

    `networks` are those from which `X-Forwarded-*` headers are believed.
    """

    def __init__(self, networks: Sequence[Network]) -> None:
        self._trusted = Networks(networks)
        self._trusts_peer = lru_cache(maxsize=1024)(self._trusted.__contains__)

    def client_ip(self, peer: str, forwarded_for: str) -> str:
        """The visitor's address: `peer`, or where that is a trusted proxy, whom it says it speaks for.

        `forwarded_for` is `X-Forwarded-For`, read from the right through trusted proxies only: what stands left
        of the first one we do not trust may be invented. An entry that is no address ends the walk at the proxy
        that wrote it. The answer is a plain address (an IPv4 one without its IPv6 wrapping), or `peer` as it
        came when that is none.
        """
        return self.client(peer, forwarded_for)[0]

    def client(self, peer: str, forwarded_for: str) -> tuple[str, bool]:
        """The same, and whether that is a trusted proxy which does not say for whom it speaks."""
        if peer.startswith(_MAPPED) and "." in peer:
            peer = peer[len(_MAPPED) :]
        if not forwarded_for or not self._trusts_peer(peer):
            return peer, self._trusts_peer(peer)
        if "," not in forwarded_for:  # one proxy, as most have
            hop, is_trusted = self._hop(forwarded_for.strip())
            return (hop, is_trusted) if hop else (peer, True)
        nearest, is_trusted = peer, True
        for entry in forwarded_for.rsplit(",", HOP_LIMIT)[: -HOP_LIMIT - 1 : -1]:
            hop, is_trusted = self._hop(entry.strip())
            if not hop:
                return nearest, True
            nearest = hop
            if not is_trusted:
                break
        return nearest, is_trusted

    def public_url(self, peer: str, scheme: str, host: str, headers: Mapping[str, str]) -> str:
        """The origin (`https://calls.example.com`, no slash at the end) under which the outside called us.

        Carriers sign that address, and not the one a proxy passes on. `X-Forwarded-Proto` and `X-Forwarded-Host`
        of `headers` (lower-case names) are believed from a trusted `peer` only, and where they are a scheme and a
        host; of a list the first counts, the outermost proxy's. That somebody outside may have written the first
        of a list is no harm where a signature covers the answer, and only there.
        """
        proto = headers.get("x-forwarded-proto", "")
        if proto and self._trusts_peer(peer):
            first = _first(proto).lower()
            scheme = first if first in {"http", "https"} else scheme
        return f"{scheme}://{self.public_host(peer, host, headers.get('x-forwarded-host', ''))}"

    def public_host(self, peer: str, host: str, forwarded_host: str) -> str:
        """`host[:port]` under which the outside called us; `host` is the header, `forwarded_host` X-Forwarded-Host.

        As in `public_url`: believed from a trusted `peer`, where it is a host, and of a list the outermost proxy's.
        """
        outside = _first(forwarded_host)
        return outside if outside and _HOST(outside) and self._trusts_peer(peer) else host

    def _hop(self, entry: str) -> tuple[str, bool]:
        """An entry's address, "" when it is none, and whether we trust it."""
        try:
            number = int.from_bytes(inet_pton(AF_INET, entry), "big")
        except (OSError, ValueError):  # ValueError: a NUL
            address = _read(entry)
            return (str(address), self._trusted.holds(address)) if address is not None else ("", False)
        return entry, self._trusted.holds_ipv4(number)


def _first(header: str) -> str:
    return header.partition(",")[0].strip()


def _read(text: str) -> Address | None:
    """An address, also as proxies write it: `1.2.3.4:5678`, `[2001:db8::1]:443`, `::ffff:1.2.3.4`."""
    text = text.strip()
    return _parse(text) if len(text) <= _TEXT_LIMIT else None


@lru_cache(maxsize=4096)
def _parse(text: str) -> Address | None:
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
