"""Which IP addresses are on the public internet. A table of its own: `ipaddress.is_global` differs between Pythons.

Source: the IANA special-purpose address registries for IPv4 and IPv6 (RFC 6890), as of 2025.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

_NOT_PUBLIC_4 = tuple(
    IPv4Network(each)
    for each in (
        "0.0.0.0/8",  # this network; on Linux 0.0.0.0 is this machine
        "10.0.0.0/8",
        "100.64.0.0/10",  # carriers' own networks
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local: clouds hand out credentials there
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
_PUBLIC_6 = IPv6Network("2000::/3")
_NOT_PUBLIC_6 = tuple(
    IPv6Network(each)
    for each in (
        "2001::/23",  # protocols: Teredo, ORCHID, benchmarks
        "2001:db8::/32",
        "2002::/16",  # 6to4, which holds an IPv4 address of any kind
        "3fff::/20",
    )
)
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: on networks without IPv4 every site is under it


def is_ip(text: str) -> bool:
    """Whether a host is an IP address (IPv6 without brackets) and no name."""
    return _read(text) is not None


def is_public(text: str) -> bool:
    """Whether an IP address as a resolver gives it is on the public internet. What is no address is not."""
    address = _read(text)
    if address is None:
        return False
    return _is_public_4(address) if isinstance(address, IPv4Address) else _is_public_6(address)


def _read(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


def _is_public_4(address: IPv4Address) -> bool:
    return not any(address in network for network in _NOT_PUBLIC_4)


def _is_public_6(address: IPv6Address) -> bool:
    if address.scope_id:
        return False
    inside = address.ipv4_mapped or (_last_32_bits(address) if address in _NAT64 else None)
    if inside is not None:
        return _is_public_4(inside)
    return address in _PUBLIC_6 and not any(address in network for network in _NOT_PUBLIC_6)


def _last_32_bits(address: IPv6Address) -> IPv4Address:
    return IPv4Address(int(address) & 0xFFFFFFFF)
