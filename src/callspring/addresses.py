"""Addresses as settings give them, checked and put into one form. Each raises `ValueError` that names its setting."""

from __future__ import annotations

import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from urllib.parse import urlsplit

Network = IPv4Network | IPv6Network


def network(text: str) -> Network:
    """A network in whose requests we believe."""
    try:
        return ip_network(text)
    except ValueError as error:
        raise ValueError(f"CALLSPRING_TRUSTED_PROXIES has {text!r}: {error}") from error


def carrier_api(text: str, setting: str = "CALLSPRING_CARRIER_APIS") -> tuple[str, str]:
    """Name and origin from `name=origin`. Credentials go there: in the clear only within this machine."""
    name, _, address = text.partition("=")
    # Not the address itself: people put passwords into them.
    wrong = f"{setting}: {name!r} must be followed by an address alone, =https://api.example.com"
    try:
        url = urlsplit(address)
        plain = url.scheme == "http" and url.hostname in {"localhost", "127.0.0.1", "::1"} and url.port is not None
    except ValueError as error:
        raise ValueError(wrong) from error
    extras = url.path.strip("/") or url.query or url.fragment or url.username or url.password
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or not url.hostname or extras:
        raise ValueError(wrong)
    if url.scheme != "https" and not plain:
        raise ValueError(f"{wrong}; http only to this machine, with the port")
    return name, f"{url.scheme}://{url.netloc}"


def fallback_url(text: str) -> str:
    """A web address with `{number}` and `{destination}` in it, or "" for "none"."""
    if text == "none":
        return ""
    bare = text.replace("{number}", "").replace("{destination}", "")
    if not re.fullmatch(r"https?://[^\s{}\"<>/]+(/[^\s{}\"<>]*)?(\?[^\s{}\"<>]*)?", bare) or len(text) > 400:
        raise ValueError(
            f"CALLSPRING_FALLBACK_URL is {text!r}; it must be an address like https://example.com/{{destination}}.xml, "
            "with no braces but {number} and {destination}, or none"
        )
    return text


def origins(text: str) -> tuple[str, ...]:
    """Scheme and host of each, with the port where it is not the usual one, as `sites.fetching` compares them."""
    return () if text == "none" else tuple(_origin(part) for part in text.split())


def _origin(text: str) -> str:
    wrong = f"CALLSPRING_TEST_ORIGINS has {text!r}; it must be an origin alone, like http://127.0.0.1:8002"
    try:
        url = urlsplit(text.lower())
        usual = {"http": 80, "https": 443}[url.scheme]
        port = url.port or usual
    except (KeyError, ValueError) as error:
        raise ValueError(wrong) from error
    if not url.hostname or "@" in url.netloc or url.path.strip("/") or url.query or url.fragment:
        raise ValueError(wrong)
    host = f"[{url.hostname}]" if ":" in url.hostname else url.hostname
    return f"{url.scheme}://{host}" if port == usual else f"{url.scheme}://{host}:{port}"
