"""Whether carriers can reach the address that this installation has them call."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

PRIVATE_ENDINGS = (".localhost", ".local", ".internal", ".lan", ".home", ".corp", ".home.arpa", ".localdomain")


@dataclass(frozen=True, slots=True)
class PublicAddress:
    """`url` is what carriers call; `host` is its host.

    `hidden`: nobody outside of this machine or network can reach it. `plain`: what is said to it can be read and
    changed on the way.
    """

    url: str
    host: str
    hidden: bool
    plain: bool


def public_address(url: str) -> PublicAddress:
    """Look at an address without asking the network."""
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    return PublicAddress(url, host, hidden=_hidden(host), plain=parts.scheme != "https")


def _hidden(host: str) -> bool:
    try:
        return not ip_address(host).is_global
    except ValueError:
        return "." not in host or f".{host}".endswith(PRIVATE_ENDINGS)
