"""Read a web address that a person typed or a page sent us on to. Pure: nothing is looked up.

Only what every reader reads alike is let through, so that nobody checks one host and reaches another.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from urllib.parse import quote, urljoin

from callspring.sites.fetching.public import is_ip, is_public
from callspring.sites.fetching.refusal import Reason, Refused
from callspring.sites.international import to_ascii

LONGEST = 2000  # characters
USUAL_PORTS = {"http": 80, "https": 443}
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_PARTS = re.compile(r"(https?)://([^/?#]*)([^#]*)(?:#.*)?", re.IGNORECASE | re.DOTALL)
_AUTHORITY = re.compile(r"(\[[^\]]*\]|[^:\[\]]*)(?::([0-9]{0,5}))?")
_NAME = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
# The last label decides whether browsers read a host as an IPv4 address (WHATWG URL, "ends in a number").
_NUMBER = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)")
_KEPT = "!#$%&'()*+,/:;=?@[]~-._"  # of a path and query; all else is percent-encoded


@dataclass(frozen=True, slots=True)
class Address:
    """An address that may be asked for, as far as one can tell without looking up its host.

    `host` is lower case, ASCII, an IPv6 address without brackets; `rest` is path and query and begins with `/`.
    """

    scheme: str
    host: str
    port: int
    rest: str

    @property
    def authority(self) -> str:
        """Host, and port where it is not the usual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == USUAL_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """Scheme and authority, as in `CALLSPRING_TEST_ORIGINS`."""
        return f"{self.scheme}://{self.authority}"

    def __str__(self) -> str:
        return self.origin + self.rest


def typed(text: str, origins: Collection[str]) -> Address:
    """What a person typed; without a scheme it is https, or that of a listed origin. Raises `Refused`."""
    text = text.strip()
    if not text:
        raise Refused(Reason.EMPTY)
    if not _has_scheme(text):
        listed = re.split(r"[/?#]", text.lower(), maxsplit=1)[0]
        text = ("http://" if f"http://{listed}" in origins else "https://") + text.removeprefix("//")
    return read(text, origins)


def followed(base: Address, location: str, origins: Collection[str]) -> Address:
    """Where a redirect at `base` leads. Raises `Refused` that names it as the hop."""
    try:
        target = urljoin(str(base), location.strip(" \t"))
    except ValueError:
        raise Refused(Reason.UNREADABLE, location, location) from None
    try:
        return read(target, origins)
    except Refused as refusal:
        raise Refused(refusal.reason, refusal.detail, target) from None


def read(text: str, origins: Collection[str]) -> Address:
    """An absolute address. `origins` are those that the operator listed. Raises `Refused`."""
    if len(text) > LONGEST:
        raise Refused(Reason.TOO_LONG)
    scheme = _SCHEME.match(text)
    if scheme and scheme[1].lower() not in USUAL_PORTS:
        raise Refused(Reason.SCHEME, f"{scheme[1][:30]}:")
    parts = _PARTS.fullmatch(text)
    # Some readers take a backslash for a slash, and skip white space and controls.
    if not parts or not text.isprintable() or re.search(r"[\s\\]", text):
        raise Refused(Reason.UNREADABLE, text)
    if "@" in parts[2]:
        raise Refused(Reason.CREDENTIALS)
    address = _address(parts[1].lower(), parts[2], _path(parts[3]))
    if len(str(address)) > LONGEST:  # now that it is percent-encoded
        raise Refused(Reason.TOO_LONG)
    _check_by_sight(address, origins)
    return address


def _has_scheme(text: str) -> bool:
    """`example.com:8002/x` has none; `javascript:x` and `mailto:a` do."""
    scheme = _SCHEME.match(text)
    return scheme is not None and not re.match(r"[^/?#]*?:[0-9]{1,5}(?:[/?#]|$)", text)


def _path(rest: str) -> str:
    try:
        path = quote(rest, safe=_KEPT)
    except UnicodeEncodeError:
        raise Refused(Reason.UNREADABLE, rest) from None
    return path if path.startswith("/") else f"/{path}"


def _address(scheme: str, authority: str, rest: str) -> Address:
    found = _AUTHORITY.fullmatch(authority)
    if not found or not found[1]:
        raise Refused(Reason.UNREADABLE, authority)
    port = int(found[2]) if found[2] else USUAL_PORTS[scheme]
    if not 1 <= port <= 65535:
        raise Refused(Reason.PORT)
    return Address(scheme, _host(found[1]), port, rest)


def _host(text: str) -> str:
    if text.startswith("["):
        try:
            return str(IPv6Address(text[1:-1]))
        except AddressValueError:
            raise Refused(Reason.ODD_NUMBER, text) from None
    if "%" in text:
        raise Refused(Reason.ODD_NUMBER, text)
    host = _ascii(text).removesuffix(".")
    if _NUMBER.fullmatch(host):
        return _dotted(host)
    if len(host) > 253 or not _NAME.fullmatch(host):
        raise Refused(Reason.UNREADABLE, text)
    return host


def _ascii(text: str) -> str:
    """As browsers do: 例.jp becomes xn--…, and `１２７。０。０。１` 127.0.0.1, which is checked as such."""
    try:
        return to_ascii(text)
    except UnicodeError:
        raise Refused(Reason.UNREADABLE, text) from None


def _dotted(host: str) -> str:
    """Four decimal numbers. 2130706433, 0x7f.1 and 0177.0.0.1 mean one host here and another there."""
    try:
        return str(IPv4Address(host))
    except AddressValueError:
        raise Refused(Reason.ODD_NUMBER, host) from None


def _check_by_sight(address: Address, origins: Collection[str]) -> None:
    """What needs no look-up: the port, and whether the host can be one of the public internet at all."""
    if address.origin in origins:
        return
    if is_ip(address.host) and not is_public(address.host):
        raise Refused(Reason.NOT_PUBLIC, address.host)
    if address.port != USUAL_PORTS[address.scheme]:
        raise Refused(Reason.PORT)
    if "." not in address.host and not is_ip(address.host):
        raise Refused(Reason.ONE_WORD, address.host)
