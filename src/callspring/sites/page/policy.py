"""Whether a page's Content-Security-Policy lets our script load and ask. Source: www.w3.org/TR/CSP3, section 6."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

_SCRIPT = ("script-src-elem", "script-src", "default-src")
_CONNECT = ("connect-src", "default-src")
_TRUSTED = re.compile(r"'(?:nonce|sha(?:256|384|512))-[^']+'", re.IGNORECASE)
_NAME = r"\*|(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\]"
_HOST = re.compile(rf"(?:([a-z][a-z0-9+.-]*)://)?({_NAME})(?::([0-9]{{1,5}}|\*))?(/.*)?", re.IGNORECASE)
_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
_UPGRADES = {("http", "https"), ("ws", "wss"), ("ws", "http"), ("ws", "https"), ("wss", "https")}

Policy = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Blocked:
    """A directive in force that does not let an address through. `has` is what it says now.

    `add` is the origin that it lacks; "" where origins do not count ('strict-dynamic') and the tag needs a nonce.
    """

    directive: str
    add: str
    has: str


@dataclass(frozen=True, slots=True)
class Script:
    """A script as a policy sees it: its address, and what its tag says. `by_script`: another script loads it."""

    url: str
    nonce: str = ""
    integrity: str = ""
    by_script: bool = False


def read(headers: Iterable[str]) -> list[Policy]:
    """The policies of these headers (or `meta` elements), each a directive → its sources. All of them count."""
    texts = [text for header in headers for text in header.split(",")]
    policies = [_policy(text) for text in texts]
    return [policy for policy in policies if policy]


def blocks_script(policies: Iterable[Policy], page: str, script: Script) -> Blocked | None:
    """The first policy that keeps the script from loading on `page`, None when all let it through."""
    for policy in policies:
        directive, sources = _in_force(policy, _SCRIPT)
        if sources is not None and not _lets_script(sources, page, script):
            return _blocked(directive, sources, script.url, by_origin=not _is_strict(sources))
    return None


def blocks_asking(policies: Iterable[Policy], page: str, url: str) -> Blocked | None:
    """The first policy that keeps the running script from asking `url` for numbers."""
    for policy in policies:
        directive, sources = _in_force(policy, _CONNECT)
        if sources is not None and not any(_matches(source, page, url) for source in sources):
            return _blocked(directive, sources, url)
    return None


def _policy(text: str) -> Policy:
    policy: Policy = {}
    for directive in text.split(";"):
        name, *sources = directive.split() or [""]
        if name:
            policy.setdefault(name.lower(), sources)
    return policy


def _in_force(policy: Policy, names: Iterable[str]) -> tuple[str, list[str] | None]:
    return next(((name, policy[name]) for name in names if name in policy), ("", None))


def _lets_script(sources: list[str], page: str, script: Script) -> bool:
    trusted = [source for source in sources if _TRUSTED.fullmatch(source)]
    if script.nonce and f"'nonce-{script.nonce}'" in trusted:
        return True
    hashes = [f"'{one}'" for one in script.integrity.split()]
    if hashes and all(one in trusted for one in hashes):
        return True
    if _is_strict(sources):
        return script.by_script  # then addresses do not count, and what a trusted script loads is trusted
    return any(_matches(source, page, script.url) for source in sources)


def _is_strict(sources: list[str]) -> bool:
    return any(source.lower() == "'strict-dynamic'" for source in sources)


def _matches(source: str, page: str, url: str) -> bool:
    """Whether a source expression lets `url` through on `page`."""
    at, own = urlsplit(url), urlsplit(page)
    source = source.strip()
    if source.lower() == "'self'":
        return own.hostname == at.hostname and _same_scheme(own.scheme, at.scheme) and _same_port(own, at)
    if source == "*":
        return at.scheme in {"http", "https", own.scheme}
    if re.fullmatch(r"[a-z][a-z0-9+.-]*:", source, re.IGNORECASE):
        return _same_scheme(source[:-1].lower(), at.scheme)
    found = _HOST.fullmatch(source)
    return found is not None and _host_matches(found, own.scheme, at)


def _host_matches(found: re.Match[str], own_scheme: str, at: SplitResult) -> bool:
    scheme, host, port, path = found.groups()
    if not _same_scheme((scheme or own_scheme).lower(), at.scheme) or not _named(host.lower(), at.hostname or ""):
        return False
    return _port_matches(port, _port(at)) and _below(path, at.path)


def _named(pattern: str, host: str) -> bool:
    if pattern == "*":
        return True
    return host.endswith(pattern[1:]) if pattern.startswith("*.") else host == pattern.strip("[]")


def _port_matches(port: str | None, actual: int) -> bool:
    """A source without a port stands for the usual ones."""
    return port == "*" or (int(port) if port else 80) == actual or (port in {None, "80"} and actual == 443)


def _below(pattern: str | None, path: str) -> bool:
    """A path that ends in a slash lets through all below it, another only itself."""
    if not pattern or pattern == "/":
        return True
    pattern, path = unquote(pattern.partition("?")[0]), unquote(path)
    return path.startswith(pattern) if pattern.endswith("/") else path == pattern


def _same_scheme(pattern: str, scheme: str) -> bool:
    return pattern == scheme or (pattern, scheme) in _UPGRADES


def _same_port(own: SplitResult, at: SplitResult) -> bool:
    return _port(own) == _port(at) or (own.port is None and at.port is None)


def _port(url: SplitResult) -> int:
    return url.port or _PORTS.get(url.scheme, 0)


def _blocked(directive: str, sources: list[str], url: str, *, by_origin: bool = True) -> Blocked:
    at = urlsplit(url)
    return Blocked(directive, f"{at.scheme}://{at.netloc}" if by_origin else "", " ".join(sources)[:300])
