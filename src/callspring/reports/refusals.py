"""When refused requests of a carrier are worth an alert, and what is then most likely wrong. Pure.

A carrier signs the address that it calls. Where we believe that we were called under another one, every request looks
forged, and what is to be set right is here and not at the carrier.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from ipaddress import ip_address
from urllib.parse import urlsplit

ENOUGH = 3


class Setting(StrEnum):
    """What may be wrong."""

    DOORS_URL = "CALLSPRING_DOORS_URL"
    PROXIES = "CALLSPRING_TRUSTED_PROXIES"
    TOKEN = "auth token"  # noqa: S105 - the name of one


@dataclass(frozen=True, slots=True)
class Refusals:
    """What was refused of late at one connection: how often, when last, and the origin it seemed to be called under.

    `last_good` is when it last sent something rightly signed, None if it never did.
    """

    connection: int
    count: int
    newest: datetime
    seen: str
    last_good: datetime | None

    @property
    def are_alarming(self) -> bool:
        """Anybody can send a forged request; but not that nothing good comes in between."""
        return self.count >= ENOUGH and (self.last_good is None or self.newest > self.last_good)

    @property
    def episode(self) -> str:
        """Names this time: it ends with the next thing that is rightly signed."""
        since = int(self.last_good.timestamp()) if self.last_good else 0
        return f"refused-{self.connection}-{since}"


def suspects(seen: str, configured: str) -> list[Setting]:
    """What to check, likeliest first. `seen` and `configured` are origins such as `https://calls.example.com`."""
    if _origin(seen) == _origin(configured):
        return [Setting.TOKEN, Setting.PROXIES, Setting.DOORS_URL]
    if _is_inner(seen) or (urlsplit(seen).scheme, urlsplit(configured).scheme) == ("http", "https"):
        return [Setting.PROXIES, Setting.DOORS_URL, Setting.TOKEN]
    return [Setting.DOORS_URL, Setting.PROXIES, Setting.TOKEN]


def split_address(host: str) -> tuple[str, int] | None:
    """The origin and the connection in what the voice door counts (`https://HOST/voice/CARRIER/CONNECTION`)."""
    origin, _, rest = host.partition("/voice/")
    connection = rest.rpartition("/")[2]
    digits = connection.isascii() and connection.isdecimal() and len(connection) < 19
    return (origin, int(connection)) if digits else None


def _origin(address: str) -> tuple[str, str, int]:
    """Without the port that goes without saying, in lower case."""
    parts = urlsplit(address.lower())
    try:
        port = parts.port
    except ValueError:
        port = 0
    return parts.scheme, parts.hostname or "", port or {"http": 80, "https": 443}.get(parts.scheme, 0)


def _is_inner(address: str) -> bool:
    """Whether only machines beside us could call it so: no carrier did, a proxy has put it there."""
    host = _origin(address)[1]
    try:
        return ip_address(host).is_private
    except ValueError:
        return "." not in host or host.endswith((".local", ".internal", ".localhost"))
